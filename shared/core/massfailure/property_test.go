package massfailure_test

import (
	"testing"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/massfailure"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// anyCase draws any number of services in any state, with any freezes.
func anyCase(t *rapid.T) massfailure.Case {
	minutes := func(name string, from, to int) time.Time {
		return fixture.Noon().Add(time.Duration(rapid.IntRange(from, to).Draw(t, name)) * time.Minute)
	}
	c := massfailure.Case{Limit: rapid.Float64Range(0.01, 1).Draw(t, "limit"), Now: fixture.Noon()}
	clusters, names := []string{"a", "b"}, []string{"database", "queue"}
	c.Counts = fleet.ServiceCounts{
		At: minutes("counted", -90, 0), Services: rapid.IntRange(0, 20).Draw(t, "services"),
		Clusters:     map[string]int{"a": rapid.IntRange(0, 10).Draw(t, "in a"), "b": rapid.IntRange(0, 10).Draw(t, "in b")},
		Dependencies: map[string]int{"database": rapid.IntRange(0, 8).Draw(t, "on database")},
	}
	for i := range rapid.IntRange(0, 15).Draw(t, "reports") {
		failures := rapid.IntRange(1, 6).Draw(t, "failures")
		c.Reports = append(c.Reports, fleet.FailureReport{
			Ref: service(rapid.SampledFrom(clusters).Draw(t, "cluster"), string(rune('A'+i))), Last: minutes("last", -20, 0),
			Failures: failures, Tasks: failures + rapid.IntRange(0, 40).Draw(t, "alive"),
			Zones:     rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"x", "y", "z"}), 0, 3, rapid.ID[string]).Draw(t, "zones"),
			DependsOn: rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 2, rapid.ID[string]).Draw(t, "needs"),
		})
	}
	for _, scope := range []string{"account", "cluster:a", "cluster:b", "zone:x", "dependency:database"} {
		if rapid.Bool().Draw(t, "changed") {
			c.Freezes = append(c.Freezes, fleet.Freeze{
				Scope: scope, Frozen: rapid.Bool().Draw(t, "frozen"), Who: rapid.SampledFrom([]string{massfailure.Homeostat, "ann", ""}).Draw(t, "who"),
				Until: rapid.SampledFrom([]time.Time{{}, minutes("until", -30, 30)}).Draw(t, "end"), At: minutes("changed at", -90, 0),
			})
		}
	}
	return c
}

func TestAnyCase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCase(t)
		changes, _ := massfailure.Evaluate(c)
		again, _ := massfailure.Evaluate(c)
		assert.Equal(t, changes, again, "the same case gives the same changes")

		known := map[string]bool{}
		unknown := c.Now.Sub(c.Counts.At) > time.Hour || c.Counts.Services == 0
		for _, change := range changes {
			assert.False(t, known[change.Is.Scope], "%s is changed twice", change.Is.Scope)
			known[change.Is.Scope] = true
			was, is := change.Was, change.Is
			assert.Equal(t, massfailure.Homeostat, is.Who)
			if was.Who != massfailure.Homeostat {
				assert.False(t, was.Active(c.Now), "an operator's freeze stays")
			}
			if is.Frozen {
				assert.False(t, unknown, "what is not known freezes nothing")
				assert.Equal(t, c.Now.Add(15*time.Minute), is.Until, "each freeze of Homeostat expires")
			}
			if unknown {
				assert.False(t, was.Active(c.Now), "nor ends a freeze")
			}
			assert.NotEmpty(t, change.Reason.Text)
		}
	})
}
