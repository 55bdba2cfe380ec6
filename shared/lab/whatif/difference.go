package whatif

import (
	"fmt"
	"math"

	"homeostat/shared/lab/bench/scaling"
)

// Difference describes a plan in comparison with another one.
type Difference struct {
	Plan    string   `json:"plan"`
	Against string   `json:"against"`
	Verdict string   `json:"verdict"`
	Words   []string `json:"words"`
}

// The verdicts.
const (
	CheaperAndBetter       = "cheaper and better served"
	CheaperAndWorse        = "cheaper and worse served"
	Cheaper                = "cheaper, served alike"
	MoreExpensiveAndBetter = "more expensive and better served"
	MoreExpensiveAndWorse  = "more expensive and worse served"
	MoreExpensive          = "more expensive, served alike"
	Better                 = "as expensive, better served"
	Worse                  = "as expensive, worse served"
	Alike                  = "alike"
)

// Compare describes the difference between two plans.
func Compare(ours, theirs Outcome) Difference {
	cost := compareMean(ours, theirs, func(r scaling.Run) float64 { return r.TaskHours })
	violations := compareMean(ours, theirs, func(r scaling.Run) float64 { return r.Violating })
	verdicts := [3][3]string{
		{CheaperAndBetter, Cheaper, CheaperAndWorse},
		{Better, Alike, Worse},
		{MoreExpensiveAndBetter, MoreExpensive, MoreExpensiveAndWorse},
	}
	d := Difference{Plan: ours.Plan, Against: theirs.Plan, Verdict: verdicts[cost+1][violations+1]}
	d.Words = []string{
		fmt.Sprintf("it would have cost %s instead of %s USD, %s: %s task-hours instead of %s",
			money(ours.CostUSD), money(theirs.CostUSD), change(ours.TaskHours, theirs.TaskHours), figure(ours.TaskHours), figure(theirs.TaskHours)),
		fmt.Sprintf("%s %% of the requests would have violated the objective instead of %s %%, %s; in %s minutes instead of %s",
			figure(ours.Violating), figure(theirs.Violating), change(ours.Violating, theirs.Violating), figure(ours.ViolationMinutes), figure(theirs.ViolationMinutes)),
		fmt.Sprintf("the desired count would have changed %s times a day instead of %s", figure(ours.ActionsPerDay), figure(theirs.ActionsPerDay)),
	}
	return d
}

// compareMean returns -1 if ours is less, 1 if it is more, and 0 if the seeds show
// no difference. The seeds are paired: both plans met the same arrivals and
// start-up times.
func compareMean(ours, theirs Outcome, of func(scaling.Run) float64) int {
	differences, mean := make([]float64, len(ours.runs)), 0.0
	for i := range ours.runs {
		differences[i] = of(ours.runs[i]) - of(theirs.runs[i])
		mean += of(theirs.runs[i]) / float64(len(ours.runs))
	}
	difference, interval := scaling.Bootstrap(differences)
	switch {
	case math.Abs(difference) <= negligible*max(1, mean), interval[0] <= 0 && interval[1] >= 0:
		return 0
	case difference < 0:
		return -1
	}
	return 1
}

// change describes the change of a figure.
func change(to, from float64) string {
	switch {
	case math.Abs(to-from) <= max(1e-9, from/2000):
		return "as much"
	case from == 0:
		return "where there was none"
	case to == 0:
		return "none at all"
	case to > 3*from:
		return fmt.Sprintf("%.1f times as much", to/from)
	case to > from:
		return fmt.Sprintf("%.1f %% more", 100*(to/from-1))
	}
	return fmt.Sprintf("%.1f %% less", 100*(1-to/from))
}

// figure formats a number with two to three significant digits.
func figure(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v >= 1:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.2g", v)
}

func money(v float64) string { return fmt.Sprintf("%.2f", v) }
