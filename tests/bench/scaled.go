package bench

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	scaler "homeostat/shared/core/demand"
	"homeostat/shared/lab/bench/scaling"
	"homeostat/shared/sim/traffic"
)

// The targets of scaling. docs/benchmarks/scaling.md describes the complete
// benchmark.
const (
	targetGain     = 0.75 // of a baseline's cost score
	targetFrontier = 1.15 // of the rate oracle's cost
	targetReaction = 70   // seconds: a start-up of 40 s and half a minute
	targetDecision = 50   // µs
	targetState    = 20   // kB
	scaledPeak     = 20   // tasks
	scaledSeeds    = 2
	scaledDays     = 2
)

// Scaled plays a small part of the scaling benchmark on the generated traces,
// without tuning and without the peers' program.
func Scaled(ctx context.Context) (*scaling.Report, error) {
	baselines := scaling.Documented()
	m := scaling.Suite{
		Service: scaling.ServiceFor(scaledPeak), Table: scaling.Table(scaling.PriceMid), Untuned: true, Steps: true,
		Policies: slices.Concat([]string{scaling.Own, scaling.Oracle, scaling.RateOracle}, baselines),
	}
	for seed := range uint64(scaledSeeds) {
		m.Seeds = append(m.Seeds, seed+1)
	}
	var err error
	if m.Traces, err = scaling.Scaled(traffic.Generated(), m.Service, scaledPeak, scaledDays); err != nil {
		return nil, err
	}
	r := &scaling.Report{}
	m.Extra = func(e scaling.Extra) error {
		r.Add(e)
		return nil
	}
	m.Done = func(lines []scaling.Result) error {
		for _, l := range lines {
			r.AddResult(l)
		}
		return nil
	}
	return r, m.Play(ctx)
}

// Scalings returns the figures of the scaling controller.
func Scalings(ctx context.Context) ([]Figure, error) {
	r, err := Scaled(ctx)
	if err != nil {
		return nil, err
	}
	all := r.ByTrace()
	played := fmt.Sprintf("%d generated traces, %d seeds", len(all), scaledSeeds)
	var out []Figure
	for _, baseline := range scaling.Documented() {
		v := scaling.Compare(all, scaling.Own, baseline)
		out = append(out, Figure{
			Name: "scaling: cost score by that of " + baseline, Value: 1 - v.Gain[1]/100, Unit: "×", Target: targetGain,
			Note: fmt.Sprintf("median of %s; lower on %d", played, v.Lower[1]),
		})
	}
	for _, a := range r.Aims() {
		if a.Limit == targetFrontier {
			out = append(out, Figure{Name: "scaling: cost by that of rate-oracle", Value: a.Value, Unit: "×", Target: a.Limit, Note: "with as many violations; " + a.Of})
		}
		if a.Limit == targetReaction {
			out = append(out, Figure{Name: "scaling: tenfold step served after", Value: a.Value, Unit: "s", Target: a.Limit, Note: a.Of})
		}
	}
	decision, err := decisions()
	return append(out, decision...), err
}

// decisions returns the time of one decision and the size of its state after a day.
func decisions() ([]Figure, error) {
	var state scaler.State
	controller := scaler.NewController(scaler.Usual())
	settings := scaler.Settings{Min: 1, Max: 100, Tick: 10 * time.Second}
	second, decided := 0, 0
	decide := func() {
		second += 10
		now := time.Unix(int64(second), 0).UTC()
		point := func(value float64) []scaler.Point {
			return []scaler.Point{{At: now.Add(-settings.Tick), Period: settings.Tick, Value: value}}
		}
		// Ten tasks with 20 requests/s each are about half busy.
		busy := 0.5 + 0.3*math.Sin(float64(second)/3000)
		_, ok := controller.Step(&state, scaler.Observation{
			Now: now, Desired: 10, Ready: 10, Requests: point(2000 * busy), CPU: point(100 * busy), Running: point(10),
		}, settings)
		if ok {
			decided++
		}
	}
	for second < int(day/time.Second) {
		decide()
	}
	if most := second / 10; decided < most*9/10 {
		return nil, fmt.Errorf("only %d of %d ticks have a decision", decided, most)
	}
	raw, err := state.MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("measuring the state: %w", err)
	}
	var took []float64
	for range benchmarkRuns {
		took = append(took, float64(testing.Benchmark(func(b *testing.B) {
			for b.Loop() {
				decide()
			}
		}).NsPerOp())/1000)
	}
	return []Figure{
		{Name: "scaling: one decision", Value: median(took), Unit: "µs", Target: targetDecision, Note: fmt.Sprintf(medianOf+" benchmarks", len(took))},
		{Name: "scaling: state of a service", Value: float64(len(raw)) / 1000, Unit: "kB", Target: targetState, Note: "after a day"},
	}, nil
}
