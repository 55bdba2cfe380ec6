package bench

import (
	"fmt"
	"math"
	"strings"
)

// Aim is a figure with a limit that Homeostat must reach.
type Aim struct {
	Name  string  `json:"aim"`
	Limit float64 `json:"limit"`
	Unit  string  `json:"unit"`
	// Value is NaN without a measurement. The aim is then missed.
	Value float64 `json:"value"`
	// Of describes the sample, such as the number of runs.
	Of string `json:"of"`
}

// Met reports whether the figure reaches the limit.
func (a Aim) Met() bool { return a.Value <= a.Limit }

// String returns the aim as one line for people.
func (a Aim) String() string {
	verdict := "met"
	if !a.Met() {
		verdict = "MISSED"
	}
	return fmt.Sprintf("%-6s  %s: %.3g%s, at most %g%s (%s)", verdict, a.Name, a.Value, a.Unit, a.Limit, a.Unit, a.Of)
}

// Aims compares the results of Homeostat with their limits. It omits the aims of
// scenarios without results.
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
		most, detected float64
	}{
		{"all starts fail: mean known failures at the decision", "bad-start-all", maxFailuresAll, minDetected},
		{"half of the starts fail: mean known failures at the decision", "bad-start-half", maxFailuresHalf, minDetected},
		{"three in ten starts fail: mean known failures at the decision", "bad-start-three-in-ten", maxFailuresThirty, minDetected},
		{"all tasks fail 30 min after the rollout: the same mean", "bad-late-all", maxFailuresAll, minDetected},
		{"half of the tasks fail 30 min after: the same mean", "bad-late-half", maxFailuresHalf, minDetected},
		{"three in ten tasks fail 30 min after: the same mean", "bad-late-three-in-ten", maxFailuresThirty, minDetected},
		{"a bad command: the same mean", "bad-command", maxFailuresOther, minDetectedOther},
		{"a bad health check: the same mean", "bad-health-check", maxFailuresOther, minDetectedOther},
		{"a bad network: the same mean", "bad-network", maxFailuresOther, minDetectedOther},
		{"a bad network, 30 min after: the same mean", "bad-network-late", maxFailuresOther, minDetectedOther},
		{"forced deployments of a bad revision: the same mean", "bad-forced-twice", maxFailuresOther, minDetectedOther},
		{"an inactive last good definition: the same mean", "bad-deregistered", maxFailuresOther, minDetectedOther},
		{"noisy containers beside the bad one: the same mean", "bad-sidecar-noise", maxFailuresOther, minDetectedOther},
		{"deployed at zero tasks: the same mean", "bad-at-zero-on-friday", maxFailuresOther, minDetectedOther},
		{"early success: the same mean", "bad-early-success", maxFailuresOther, minDetectedOther},
		{"a crash every two hours: the same mean", "bad-crash-2h", maxFailuresOther, minDetectedOther},
		{"a slower revision: the same mean", "bad-slower", maxFailuresOther, minDetectedOther},
		{"a leak of ten hours: the same mean", "bad-leak-10h", maxFailuresLeak, minDetectedOther},
	} {
		if l, ok := own[x.scenario]; ok {
			aims = append(aims, failedTasksAim(x.name, x.most, x.detected, l))
		}
	}
	aims = append(aims, rollbackAims("a good revision: rolled back", maxFalseGood, own, "good-")...)
	for _, word := range []string{"dependency", "zone", "host", "spot", "no-capacity", "secret", "overload", "registry", "control-plane", "balancer", "parameter", "sidecar", "forged"} {
		aims = append(aims, rollbackAims("incident, "+word+": rolled back", maxFalseIncident, own, "incident-"+word+"-")...)
	}
	return append(aims, reactionAims(own)...)
}

func failedTasksAim(name string, most, detected float64, l Result) Aim {
	a := Aim{Name: name, Limit: most, Value: l.KnownTasks, Of: fmt.Sprintf("%d runs, detected in %g %%", l.Runs, *l.Detected)}
	if *l.Detected < detected {
		a.Value = math.NaN()
	}
	return a
}

// rollbackAims returns the aim for the share of false rollbacks, over the scenarios
// with a prefix.
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
		Name: "longest time from the event to the rollback call", Limit: maxReaction, Unit: " s", Value: longest,
		Of: "virtual time, with 0.5 s of EventBridge",
	}}
}
