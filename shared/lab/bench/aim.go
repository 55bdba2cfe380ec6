package bench

import (
	"fmt"
	"math"
	"strings"
)

// Aim is a figure that Homeostat must reach, and what it came to.
type Aim struct {
	Name  string  `json:"aim"`
	Limit float64 `json:"limit"`
	Unit  string  `json:"unit"`
	// Value is NaN where nothing of it was played; then it does not hold.
	Value float64 `json:"value"`
	// Of says what it was measured on.
	Of string `json:"of"`
}

// Met reports whether the aim was reached.
func (a Aim) Met() bool { return a.Value <= a.Limit }

// String is the aim as a line for people.
func (a Aim) String() string {
	verdict := "held"
	if !a.Met() {
		verdict = "NOT HELD"
	}
	return fmt.Sprintf("%-8s  %s: %.3g%s, at most %g%s (%s)", verdict, a.Name, a.Value, a.Unit, a.Limit, a.Unit, a.Of)
}

// Aims compares Homeostat's lines with what it must reach. Aims whose scenarios
// were not played are left out.
func Aims(results []Result) []Aim {
	own := map[string]Result{}
	for _, l := range results {
		if l.Policy == Homeostat {
			own[l.Scenario] = l
		}
	}
	var aims []Aim
	for _, x := range []struct {
		name, scenario string
		most           float64
	}{
		{"all starts die: mean of deaths known at the decision", "bad-start-all", maxFailuresAll},
		{"half of the starts die: mean of deaths known at the decision", "bad-start-half", maxFailuresHalf},
		{"three starts in ten die: mean of deaths known at the decision", "bad-start-three-in-ten", maxFailuresThirty},
		{"all die half an hour after the rollout: the same mean", "bad-late-all", maxFailuresAll},
		{"half die half an hour after: the same mean", "bad-late-half", maxFailuresHalf},
		{"three in ten die half an hour after: the same mean", "bad-late-three-in-ten", maxFailuresThirty},
	} {
		if l, ok := own[x.scenario]; ok {
			aims = append(aims, failedTasksAim(x.name, x.most, l))
		}
	}
	aims = append(aims, rollbackAims("a good revision: rolled back", maxFalseGood, own, "good-")...)
	for _, word := range []string{"dependency", "zone", "host", "spot", "no-capacity", "secret", "overload", "registry", "control-plane", "balancer"} {
		aims = append(aims, rollbackAims("incident, "+word+": rolled back", maxFalseIncident, own, "incident-"+word+"-")...)
	}
	return append(aims, reactionAims(own)...)
}

func failedTasksAim(name string, most float64, l Result) Aim {
	a := Aim{Name: name, Limit: most, Value: l.KnownTasks, Of: fmt.Sprintf("%d runs, detected in %g %%", l.Runs, *l.Detected)}
	if *l.Detected < minDetected {
		a.Value = math.NaN()
	}
	return a
}

// shareOf is the share of runs with a false rollback, over the scenarios whose
// names begin so.
func rollbackAims(name string, most float64, own map[string]Result, prefix string) []Aim {
	runs, falseRollback := 0, 0
	for scenario, l := range own {
		if strings.HasPrefix(scenario, prefix) {
			runs += l.Runs
			falseRollback += int(math.Round(l.FalseRollback * float64(l.Runs) / 100))
		}
	}
	if runs == 0 {
		return nil
	}
	i := Wilson(falseRollback, runs)
	return []Aim{{
		Name: name, Limit: most, Unit: " %", Value: 100 * float64(falseRollback) / float64(runs),
		Of: fmt.Sprintf("%d of %d runs, 95 %% interval %.2f to %.2f %%", falseRollback, runs, 100*i[0], 100*i[1]),
	}}
}

func reactionAims(own map[string]Result) []Aim {
	longest, seen := 0.0, false
	for _, l := range own {
		if l.Reaction != nil {
			longest, seen = max(longest, *l.Reaction), true
		}
	}
	if !seen {
		return nil
	}
	return []Aim{{
		Name: "from the event to the call of the rollback, longest", Limit: maxReaction, Unit: " s", Value: longest,
		Of: "virtual time from ECS's emission, EventBridge's half second in it",
	}}
}
