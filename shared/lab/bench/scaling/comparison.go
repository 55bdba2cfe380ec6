package scaling

import (
	"math"
	"slices"
)

// Comparison is one policy of ours against a rival, over the traces that both were
// played on.
type Comparison struct {
	Policy, Baseline string
	Traces           int
	// On so many traces ours had fewer violating requests, or none where the rival
	// had none either, fewer task-hours, both, or neither.
	FewerViolations, FewerHours, Both, BothWorse int
	// Lower is on how many traces CostScore was lower at the three prices, and Gain the
	// median of how much lower, in percent of the rival's.
	Lower [3]int
	Gain  [3]float64
	// Losses are the traces on which ours had the higher CostScore at the middle price.
	Losses []Loss
}

// Loss is a trace on which a rival had the lower CostScore at the middle price.
type Loss struct {
	Trace         string
	Own, Baseline Result
}

// ExcessPercent is how much higher our CostScore is, in percent of the rival's.
func (l Loss) ExcessPercent() float64 {
	return 100 * (l.Own.ScoreMid - l.Baseline.ScoreMid) / l.Baseline.ScoreMid
}

// Compare compares two policies. It has no traces where one of them was not
// played.
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

// medianOf is NaN of nothing.
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

// ComparisonGroups are all comparisons that can be made.
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
	group("Rivals as they come", "Everybody at the default, each on the signal that it has.", against(Own, baselines, "")...)
	group("Rivals at their best single setting", "The setting with the least mean J over the first halves of all traces. Ours has one setting.", against(Own, baselines, Tuned)...)
	fed := []string{"target-tracking" + Same, "step" + Same, "predictive" + Same}
	for _, k := range Kubernetes() {
		fed = append(fed, k+Same)
	}
	group("Rivals fed with our signal", "Requests counted every ten seconds and seen ten seconds later. What remains is the policy's, not the signal's.",
		slices.Concat(against(Own, fed, ""), against(Own, fed, Tuned))...)
	group("Ours fed with a signal like theirs", "ECS's CPU metric alone, of 20 s or of 60 s.", slices.Concat(
		against(Own20, []string{"target-tracking-20", "target-tracking-20" + Tuned, HPA, HPA + Tuned}, ""),
		against(Own60, []string{"target-tracking-60", "target-tracking-60" + Tuned, HPA, HPA + Tuned}, ""))...)
	group("What is possible", "In the place of ours who knows every arrival, and who knows the rate, against AWS's policies as they come: a policy that lets most requests wait is cheaper than the least that serves them.",
		slices.Concat(against(Oracle, AWS(), ""), against(RateOracle, AWS(), ""))...)
	return out
}

func against(ours string, baselines []string, suffix string) (out [][2]string) {
	for _, baseline := range baselines {
		out = append(out, [2]string{ours, baseline + suffix})
	}
	return out
}
