package fleet_test

import (
	"testing"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
)

// minutes returns one sample a minute, the last one at noon. A negative value stands for
// a minute without a sample.
func minutes(values ...float64) (out []fleet.Sample) {
	for i, v := range values {
		if v >= 0 {
			out = append(out, fleet.Sample{At: fixture.Noon().Add(time.Duration(i-len(values)+1) * time.Minute), Period: time.Minute, Value: v})
		}
	}
	return out
}

func TestTheRequestsOfAllGroupsAreSummed(t *testing.T) {
	for name, c := range map[string]struct{ first, second, want []fleet.Sample }{
		"both have requests":                      {minutes(60, 50, 40), minutes(0, 10, 20), minutes(60, 60, 60)},
		"a group without requests has no samples": {minutes(60, 60, 60), nil, minutes(60, 60, 60)},
		"the traffic moved":                       {minutes(60, -1, -1), minutes(-1, 60, 60), minutes(60, 60, 60)},
		"a late value leaves the newest sum out":  {minutes(30, 30, -1), minutes(30, 30, 30), minutes(60, 60)[:0]},
		"no group has samples":                    {nil, nil, []fleet.Sample{}},
	} {
		t.Run(name, func(t *testing.T) {
			got := fleet.TogetherOf([]fleet.GroupLoad{{Requests: c.first}, {Requests: c.second}})
			if name == "a late value leaves the newest sum out" {
				assert.Len(t, got, 2)
				assert.InDelta(t, 60, got[1].Value, 0)
				return
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func TestTheArmsAreComparedInTheSameMinutes(t *testing.T) {
	groups := []fleet.GroupLoad{
		{Group: "blue", Requests: minutes(100, 80, 80), Errors: minutes(50, -1, -1), Latency: minutes(0.1, 0.1, 0.1)},
		{Group: "green", Requests: minutes(-1, 20, 20), Errors: minutes(-1, 5, 3), Latency: minutes(-1, 0.2, 0.4)},
	}
	arms := fleet.ArmsOf(groups, map[string]string{"blue": "r1", "green": "r2"}, fixture.Noon().Add(-10*time.Minute))
	blue, green := arms[0], arms[1]
	assert.Equal(t, []string{"r1", "r2"}, []string{blue.Revision, green.Revision})
	assert.InDelta(t, 160, blue.Requests.Value, 0, "the minute before the shift does not count")
	assert.True(t, blue.Errors.Known)
	assert.InDelta(t, 0, blue.Errors.Value, 0, "no value is published for a minute without an error")
	assert.InDelta(t, 40, green.Requests.Value, 0)
	assert.InDelta(t, 8, green.Errors.Value, 0)
	assert.Equal(t, 2, green.Erring)
	assert.InDelta(t, 0.3, green.Latency.Value, 1e-9, "weighted by the requests")
	assert.InDelta(t, 100.0*40/300, green.Share.Value, 1e-9)

	alone := fleet.ArmsOf([]fleet.GroupLoad{groups[0], {Group: "green"}}, nil, fixture.Noon().Add(-10*time.Minute))
	assert.False(t, alone[1].Errors.Known, "a group without requests is unknown, not good")
	assert.False(t, alone[0].Requests.Known)
	assert.InDelta(t, 100, alone[0].Share.Value, 0)
	assert.False(t, fleet.ArmsOf([]fleet.GroupLoad{{}, {}}, nil, fixture.Noon())[0].Share.Known)
}
