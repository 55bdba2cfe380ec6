package decide_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/fleet"
)

// Evidence of another time than now is kept and recorded, and is no reason to act.
func TestAClockThatJumpsCausesNoAction(t *testing.T) {
	for name, c := range map[string]struct {
		shift time.Duration
		want  fleet.DecisionKind
	}{
		"two days back":             {-48 * time.Hour, fleet.DoNothing},
		"two hours back":            {-2 * time.Hour, fleet.DoNothing},
		"two minutes back":          {-2 * time.Minute, fleet.DoNothing},
		"no jump":                   {0, fleet.RollBack},
		"two hours ahead":           {2 * time.Hour, fleet.DoNothing},
		"two days ahead":            {48 * time.Hour, fleet.DoNothing},
		"a year ahead, and a month": {400 * 24 * time.Hour, fleet.DoNothing},
	} {
		t.Run(name, func(t *testing.T) {
			in := inputAfter(failing)
			in.Now = in.Now.Add(c.shift)
			got := planned(t, in)
			assert.Equal(t, c.want, got.Kind)
			assert.NotEmpty(t, got.Reasons)
		})
	}
}
