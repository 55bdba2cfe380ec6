package decide_test

import (
	"math"
	"testing"
	"time"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
)

// sampled sets samples of the CPU and of the number of its tasks. The newest one is one
// minute old.
func sampled(cpu, running []float64) change {
	return func(in *decide.Input) {
		in.Trigger = fleet.Trigger{Kind: fleet.Tick}
		at := func(values []float64, i int) time.Time { return ago(time.Duration(len(values)-i) * time.Minute) }
		in.Snapshot.Load = fleet.Load{}
		for i, v := range cpu {
			in.Snapshot.Load.CPU = append(in.Snapshot.Load.CPU, fleet.Sample{At: at(cpu, i), Period: time.Minute, Value: v})
		}
		for i, v := range running {
			in.Snapshot.Load.Running = append(in.Snapshot.Load.Running, fleet.Sample{At: at(running, i), Period: time.Minute, Value: v})
		}
		in.Snapshot.CPU = fleet.Unknown("CloudWatch has no datapoint of the last minutes")
		if last, ok := fleet.Newest(in.Snapshot.Load.CPU); ok {
			in.Snapshot.CPU = fleet.Known(last.Value, last.At, "test")
		}
	}
}

func TestBadMetricsChangeNothing(t *testing.T) {
	for name, c := range map[string]struct {
		given  []change
		kind   fleet.DecisionKind
		reason string
		to     int
	}{
		"missing":  {[]change{sampled(nil, nil)}, fleet.DoNothing, "metric-unknown", -1},
		"NaN":      {[]change{sampled([]float64{50, math.NaN()}, []float64{3, 3})}, fleet.DoNothing, "metric-unknown", -1},
		"infinite": {[]change{sampled([]float64{50, math.Inf(1)}, []float64{3, 3})}, fleet.DoNothing, "metric-unknown", -1},
		"negative": {[]change{sampled([]float64{50, -4}, []float64{3, 3})}, fleet.DoNothing, "metric-unknown", -1},
		"a count of CPU units instead of percent": {[]change{sampled([]float64{50, 51_200}, []float64{3, 3})}, fleet.DoNothing, "metric-unknown", -1},
		"stale": {[]change{sampled([]float64{95}, []float64{3}), func(in *decide.Input) {
			in.Now = fixture.Noon().Add(10 * time.Minute)
		}}, fleet.DoNothing, "metric-stale", -1},
		"the number of tasks is zero": {[]change{sampled([]float64{95}, []float64{0})}, fleet.DoNothing, "metric-unknown", -1},
		"the number of tasks is NaN":  {[]change{sampled([]float64{90}, []float64{math.NaN()})}, fleet.ScaleOut, "demand-above-count", 5},
		"late, with fewer tasks than now": {[]change{sampled([]float64{90}, []float64{2}), func(in *decide.Input) {
			in.Snapshot.Running, in.Snapshot.Desired, in.Policy.Max = 6, 6, 9
		}}, fleet.DoNothing, "at-need", -1},
		"a sample twice": {[]change{sampled([]float64{90, 90}, []float64{3, 3}), func(in *decide.Input) {
			in.Snapshot.Load.CPU[0].At = in.Snapshot.Load.CPU[1].At
		}}, fleet.ScaleOut, "demand-above-count", 5},
		"zero after a redeployment": {[]change{learned(60, 3), sampled([]float64{60, 0}, []float64{3, 3}), deploying}, fleet.DoNothing, "at-need", -1},
		"zero without a deployment": {[]change{learned(0, 3), sampled([]float64{0, 0}, []float64{3, 3})}, fleet.ScaleIn, "demand-below-count", 1},
	} {
		t.Run(name, func(t *testing.T) {
			kind, reason, to := scaling(t, c.given...)
			assert.Equal(t, c.kind, kind)
			assert.Equal(t, c.reason, reason)
			assert.Equal(t, c.to, to)
		})
	}
}

func TestBadSettingsNeverScaleToZero(t *testing.T) {
	for name, given := range map[string]change{
		"a price of zero":             func(in *decide.Input) { in.Policy.ViolationPrice = 0 },
		"an infinite price":           func(in *decide.Input) { in.Policy.ViolationPrice = math.Inf(1) },
		"a price of NaN":              func(in *decide.Input) { in.Policy.ViolationPrice = math.NaN() },
		"a minimum of zero":           func(in *decide.Input) { in.Policy.Min = 0 },
		"a minimum above the maximum": func(in *decide.Input) { in.Policy.Min, in.Policy.Max = 9, 2 },
	} {
		t.Run(name, func(t *testing.T) {
			in := input()
			sampled([]float64{20, 20}, []float64{3, 3})(&in)
			given(&in)
			d := followed(t, in)
			assert.NotEmpty(t, d.Reasons)
			if d.Action != nil {
				assert.Positive(t, d.Action.To, "never to zero")
			}
		})
	}
}
