package scaling

import (
	"fmt"
	"math"
)

// board are the runs of one trace.
type traceRuns struct {
	trace  string
	limits []limits // of each seed
	// defaults are the contestants in the order in which they were played.
	defaults []Entry
	// frontier are the settings of the rate's oracle.
	frontier []Entry
	runs     map[Entry][]Run
	// ready are the tasks of each default, as they were watched.
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

// lines are everybody's: at the default, at the chosen setting, and last the
// rate's oracle at the setting with the least CostScore.
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
	if len(runs) != len(b.limits) {
		return Result{}, fmt.Errorf("%s at %q was played %d times, expected %d: build what plays it anew, with make peers", e.Policy, e.Setting, len(runs), len(b.limits))
	}
	hours, bounds := make([]float64, len(runs)), [3]float64{}
	for i, l := range b.limits {
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

// rateOracle is a line for each of its settings.
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

// compare holds lines against what the rate's oracle can have with as many
// violations.
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
