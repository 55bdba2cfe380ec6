package judge_test

import (
	"testing"
	"time"

	"homeostat/shared/core/judge"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestTheTrafficOfBothRevisionsIsCompared(t *testing.T) {
	arm := func(requests, errors float64, erring int) judge.Arm {
		return judge.Arm{Requests: requests, Errors: errors, Erring: erring, Latency: 0.1, Share: 20}
	}
	for name, c := range map[string]struct {
		traffic judge.Traffic
		alarm   bool
		want    judge.Outcome
		text    string
	}{
		"the new revision alone fails requests":          {judge.Traffic{New: arm(600, 120, 3), Old: arm(2400, 2, 1)}, false, judge.BadRevision, "5xx in 20.0 % of its requests, 0.1 % of older revisions"},
		"an alarm of requests that both fail":            {judge.Traffic{New: arm(600, 120, 3), Old: arm(2400, 400, 3)}, true, judge.CommonCause, "5xx in 20.0 % of its requests, 16.7 % of older revisions"},
		"an alarm of requests that the new one fails":    {judge.Traffic{New: arm(600, 120, 3), Old: arm(2400, 2, 1)}, true, judge.BadRevision, "alarm web-5xx fires"},
		"an alarm without traffic to compare":            {judge.Traffic{}, true, judge.BadRevision, "alarm web-5xx fires"},
		"both fail requests and no alarm fires":          {judge.Traffic{New: arm(600, 120, 3), Old: arm(2400, 400, 3)}, false, judge.NotEnoughEvidence, ""},
		"errors in one minute are a burst":               {judge.Traffic{New: arm(600, 120, 1), Old: arm(2400, 2, 1)}, false, judge.NotEnoughEvidence, ""},
		"few requests prove nothing":                     {judge.Traffic{New: arm(40, 30, 3), Old: arm(2400, 2, 1)}, false, judge.NotEnoughEvidence, ""},
		"an older revision without requests is unknown":  {judge.Traffic{New: arm(600, 120, 3)}, false, judge.NotEnoughEvidence, ""},
		"a few percent of errors are left to the alarms": {judge.Traffic{New: arm(600, 20, 3), Old: arm(2400, 2, 1)}, false, judge.NotEnoughEvidence, ""},
		"an older revision that fails nearly as often":   {judge.Traffic{New: arm(600, 120, 3), Old: arm(2400, 200, 3)}, false, judge.NotEnoughEvidence, ""},
	} {
		t.Run(name, func(t *testing.T) {
			given := judge.Case{Since: ago(10 * time.Minute), Now: fixture.Noon(), FalseAlarm: alpha, Traffic: c.traffic}
			if c.alarm {
				given.Alarms = []judge.Alarm{{Name: "web-5xx", Firing: true, Since: ago(time.Minute)}}
			}
			found := judge.Evaluate(given)
			assert.Equal(t, c.want, found.Outcome, found.Full())
			assert.Contains(t, found.Text, c.text)
			assert.LessOrEqual(t, len([]rune(found.Text)), 80)
		})
	}
}

func TestAnAlarmFromBeforeACommonCauseIsExplained(t *testing.T) {
	given := judge.Case{Since: ago(20 * time.Minute), Now: fixture.Noon(), FalseAlarm: alpha, Explained: ago(5 * time.Minute)}
	given.Alarms = []judge.Alarm{{Name: "web-5xx", Firing: true, Since: ago(10 * time.Minute)}}
	assert.Equal(t, judge.NotEnoughEvidence, judge.Evaluate(given).Outcome)
	given.Alarms[0].Since = ago(2 * time.Minute)
	assert.Equal(t, judge.BadRevision, judge.Evaluate(given).Outcome, "it fires anew")
}

func TestASlowRevisionIsComparedInTheSameMinutes(t *testing.T) {
	arm := func(latency float64) judge.Arm { return judge.Arm{Requests: 600, Latency: latency} }
	assert.True(t, judge.Traffic{New: arm(0.5), Old: arm(0.2)}.NewIsSlower())
	assert.False(t, judge.Traffic{New: arm(0.3), Old: arm(0.2)}.NewIsSlower())
	assert.False(t, judge.Traffic{New: arm(0.5), Old: arm(0)}.NewIsSlower(), "an unknown latency is not zero")
}

// A revision that fails as many requests as the older one is never marked failed by the
// traffic.
func TestEqualTrafficBlamesNoRevision(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		requests := rapid.Float64Range(0, 1e6).Draw(t, "requests")
		rate := rapid.Float64Range(0, 1).Draw(t, "rate")
		ratio := rapid.Float64Range(0, 100).Draw(t, "ratio")
		erring := rapid.IntRange(0, 6).Draw(t, "erring")
		traffic := judge.Traffic{
			New: judge.Arm{Requests: requests, Errors: rate * requests, Erring: erring},
			Old: judge.Arm{Requests: ratio * requests, Errors: rate * ratio * requests, Erring: erring},
		}
		assert.False(t, traffic.NewFails())
	})
}
