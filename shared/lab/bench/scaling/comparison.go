package scaling

import (
	"math"
	"slices"
)

// Comparison compares a policy with a baseline over the traces of both.
type Comparison struct {
	Policy, Baseline string
	Traces           int
	// These count the traces with fewer violating requests, fewer task-hours, both
	// or neither. Zero violations on both sides count as fewer.
	FewerViolations, FewerHours, Both, BothWorse int
	// Lower counts the traces with a lower cost score at the three prices. Gain is
	// the median of the difference in percent of the baseline's score.
	Lower [3]int
	Gain  [3]float64
	// Losses lists the traces with a higher cost score than the baseline, at the
	// middle price.
	Losses []Loss
}

// Loss is a trace with a lower cost score of the baseline at the middle price.
type Loss struct {
	Trace         string
	Own, Baseline Result
}

// ExcessPercent returns the difference of the cost scores, in percent of the
// baseline's.
func (l Loss) ExcessPercent() float64 {
	return 100 * (l.Own.ScoreMid - l.Baseline.ScoreMid) / l.Baseline.ScoreMid
}

// Compare compares two policies over the traces of both.
func Compare(all []TraceResults, ours, baseline string) Comparison {
	v := Comparison{Policy: ours, Baseline: baseline}
	var gains [3][]float64
	for _, t := range all {
		us, played := t.Of(ours)
		them, there := t.Of(baseline)
		if !played || !there {
			continue
		}
		v.Traces++
		v.count(us, them)
		for k, pair := range [3][2]float64{{us.ScoreLow, them.ScoreLow}, {us.ScoreMid, them.ScoreMid}, {us.ScoreHigh, them.ScoreHigh}} {
			gains[k] = append(gains[k], 100*(pair[1]-pair[0])/pair[1])
			if pair[0] < pair[1] {
				v.Lower[k]++
			}
		}
		if us.ScoreMid > them.ScoreMid {
			v.Losses = append(v.Losses, Loss{t.Trace, us, them})
		}
	}
	for k := range gains {
		v.Gain[k] = medianOf(gains[k])
	}
	return v
}

func (v *Comparison) count(us, them Result) {
	violations := us.Violating < them.Violating || us.Violating == 0 && them.Violating == 0
	hours := us.TaskHours < them.TaskHours
	if violations {
		v.FewerViolations++
	}
	if hours {
		v.FewerHours++
	}
	if violations && hours {
		v.Both++
	}
	if us.Violating > them.Violating && us.TaskHours > them.TaskHours {
		v.BothWorse++
	}
}

// medianOf returns the median, or NaN of no values.
func medianOf(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// ComparisonGroup is a group of comparisons under one heading.
type ComparisonGroup struct {
	Title, About string
	Comparisons  []Comparison
}

// ComparisonGroups returns all comparisons with results of both policies.
func (r *Report) ComparisonGroups() (out []ComparisonGroup) {
	all := r.ByTrace()
	group := func(title, about string, pairs ...[2]string) {
		p := ComparisonGroup{Title: title, About: about}
		for _, pair := range pairs {
			if v := Compare(all, pair[0], pair[1]); v.Traces > 0 {
				p.Comparisons = append(p.Comparisons, v)
			}
		}
		if len(p.Comparisons) > 0 {
			out = append(out, p)
		}
	}
	baselines := slices.Concat(AWS(), Kubernetes())
	group("Baselines at their defaults", "Each policy at its default setting, on its own signal.", against(Own, baselines, "")...)
	group("Baselines at their best single setting", "The setting with the lowest mean cost score over the first halves of all traces. Homeostat has one setting.", against(Own, baselines, Tuned)...)
	fed := []string{"target-tracking" + Same, "step" + Same, "predictive" + Same}
	for _, k := range Kubernetes() {
		fed = append(fed, k+Same)
	}
	group("Baselines on Homeostat's signal", "Requests counted every 10 s and read 10 s later. The remaining difference comes from the policy, not from the signal.",
		slices.Concat(against(Own, fed, ""), against(Own, fed, Tuned))...)
	group("Homeostat on the baselines' signals", "ECS's CPU metric alone, with a period of 20 s or 60 s.", slices.Concat(
		against(Own20, []string{"target-tracking-20", "target-tracking-20" + Tuned, HPA, HPA + Tuned}, ""),
		against(Own60, []string{"target-tracking-60", "target-tracking-60" + Tuned, HPA, HPA + Tuned}, ""))...)
	group("Lower bounds by oracles", "The oracles take the place of Homeostat, against AWS's policies at their defaults. A policy that lets most requests wait costs less than the smallest fleet that serves them.",
		slices.Concat(against(Oracle, AWS(), ""), against(RateOracle, AWS(), ""))...)
	return out
}

func against(ours string, baselines []string, suffix string) (out [][2]string) {
	for _, baseline := range baselines {
		out = append(out, [2]string{ours, baseline + suffix})
	}
	return out
}
