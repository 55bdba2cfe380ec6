package scaling

import (
	"fmt"
	"math"
)

// traceRuns collects the runs of one trace.
type traceRuns struct {
	trace       string
	lowerBounds []lowerBounds // one for each seed
	// defaults lists the default settings in the order of their runs.
	defaults []Entry
	// frontier lists the settings of the rate oracle.
	frontier []Entry
	runs     map[Entry][]Run
	// ready holds the ready tasks of each default setting.
	ready map[string][]float64
}

func (b *traceRuns) add(s Sample) error {
	if len(b.runs[s.Entry]) == 0 {
		if s.Policy == RateOracle {
			b.frontier = append(b.frontier, s.Entry)
		} else if s.Default {
			b.defaults = append(b.defaults, s.Entry)
		}
	}
	if len(s.Tasks) > 0 && s.Default {
		b.ready[s.Policy] = s.Tasks
	}
	b.runs[s.Entry] = append(b.runs[s.Entry], s.Run)
	return nil
}

// results returns one result for each default and each chosen setting. The last one
// is the rate oracle with its lowest cost score.
func (b *traceRuns) results(chosen choices) ([]Result, error) {
	var out []Result
	upsert := func(policy string, e Entry) error {
		result, err := b.result(policy, e)
		out = append(out, result)
		return err
	}
	for _, e := range b.defaults {
		if err := upsert(e.Policy, e); err != nil {
			return nil, err
		}
		best, tuned := chosen.of(e.Policy)
		if !tuned {
			continue
		}
		if err := upsert(e.Policy+Tuned, Entry{e.Policy, best.Best}); err != nil {
			return nil, err
		}
	}
	known, err := b.rateOracle()
	if err != nil {
		return nil, err
	}
	if len(known) > 0 {
		setRateOracleRatios(out, known)
		least := known[0]
		for _, l := range known {
			if l.ScoreMid < least.ScoreMid {
				least = l
			}
		}
		out = append(out, least)
		setRateOracleRatios(out[len(out)-1:], known)
	}
	return out, nil
}

func (b *traceRuns) result(policy string, e Entry) (Result, error) {
	runs := b.runs[e]
	if len(runs) != len(b.lowerBounds) {
		return Result{}, fmt.Errorf("%s at %q was played %d times, expected %d: build the peers' program again with make peers", e.Policy, e.Setting, len(runs), len(b.lowerBounds))
	}
	hours, bounds := make([]float64, len(runs)), [3]float64{}
	for i, l := range b.lowerBounds {
		hours[i] = l.hours
		for k := range bounds {
			bounds[k] += l.bounds[k] / float64(len(runs))
		}
	}
	result := Sum(b.trace, policy, e.Setting, runs, hours)
	for k, to := range []**float64{&result.BoundLow, &result.BoundMid, &result.BoundHigh} {
		rounded := round(bounds[k])
		*to = &rounded
	}
	return result, nil
}

// rateOracle returns one result for each setting of the rate oracle.
func (b *traceRuns) rateOracle() ([]Result, error) {
	var out []Result
	for _, e := range b.frontier {
		result, err := b.result(RateOracle, e)
		if err != nil {
			return nil, err
		}
		out = append(out, result)
	}
	return out, nil
}

// setRateOracleRatios divides the cost of each result by the frontier's cost with
// as many violations.
func setRateOracleRatios(results, known []Result) {
	frontier := frontierOf(known)
	for i := range results {
		if cost := costAt(frontier, results[i].Violating); cost > 0 && !math.IsInf(cost, 1) {
			ratio := round(results[i].CostRatio / cost)
			results[i].RateOracleRatio = &ratio
		}
	}
}

func frontierOf(known []Result) []Point {
	var points []Point
	for _, l := range known {
		points = append(points, Point{l.Violating, l.CostRatio})
	}
	return Frontier(points)
}
