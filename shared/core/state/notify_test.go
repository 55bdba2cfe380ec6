package state_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/state"
	"homeostat/shared/sim/simtest/fixture"
)

func TestDoneActionsAreAlwaysReportedAndOthersAfterAPause(t *testing.T) {
	notified := func(name string, age time.Duration) fleet.Memory {
		return fleet.Memory{Notifications: fleet.Notifications{LastNotified: map[string]time.Time{name: ago(age)}}}
	}
	at := func(e fleet.Episode, running int) fleet.Episode {
		e.Snapshot.Desired, e.Snapshot.Running = 3, running
		return e
	}
	silent := rollback()
	silent.Notify = ""
	for name, c := range map[string]struct {
		memory  fleet.Memory
		episode fleet.Episode
		want    bool
	}{
		"an action that was done":                   {fleet.Memory{}, episode(rollback(), fleet.Act, fleet.Done), true},
		"an action that was done, again":            {notified("bad-revision", 0), episode(rollback(), fleet.Act, fleet.Done), true},
		"an action that failed":                     {fleet.Memory{}, episode(rollback(), fleet.Act, fleet.Failed), true},
		"an action that was not required":           {fleet.Memory{}, episode(rollback(), fleet.Act, fleet.Skipped), false},
		"a proposed action":                         {fleet.Memory{}, episode(rollback(), fleet.Propose, ""), true},
		"a suppressed action":                       {fleet.Memory{}, episode(rollback(), fleet.Hold, ""), false},
		"a proposed action within the hour":         {notified("bad-revision", time.Hour-time.Second), episode(rollback(), fleet.Propose, ""), false},
		"a proposed action an hour later":           {notified("bad-revision", time.Hour), episode(rollback(), fleet.Propose, ""), true},
		"an observed action":                        {fleet.Memory{}, at(episode(rollback(), fleet.Observe, ""), 2), true},
		"an observed action within the day":         {notified("bad-revision", 24*time.Hour-time.Second), at(episode(rollback(), fleet.Observe, ""), 2), false},
		"an observed action a day later":            {notified("bad-revision", 24*time.Hour), at(episode(rollback(), fleet.Observe, ""), 2), true},
		"an observed action while no task runs":     {notified("bad-revision", time.Hour), at(episode(rollback(), fleet.Observe, ""), 0), true},
		"an action without an alert":                {fleet.Memory{}, episode(silent, fleet.Act, fleet.Done), false},
		"an alert":                                  {fleet.Memory{}, episode(alert(), fleet.Idle, ""), true},
		"the same alert within the hour":            {notified("common-cause", time.Hour-time.Second), episode(alert(), fleet.Idle, ""), false},
		"the same alert an hour later":              {notified("common-cause", time.Hour), episode(alert(), fleet.Idle, ""), true},
		"the same warning within the day":           {notified("no-way-back", 24*time.Hour-time.Second), episode(warning(), fleet.Idle, ""), false},
		"the same warning a day later":              {notified("no-way-back", 24*time.Hour), episode(warning(), fleet.Idle, ""), true},
		"a no-op":                                   {fleet.Memory{}, episode(fleet.Decision{Kind: fleet.DoNothing, Reasons: []fleet.Reason{{Name: "healthy"}}}, fleet.Idle, ""), false},
		"an alert without a reason is not reported": {fleet.Memory{}, episode(fleet.Decision{Kind: fleet.Notify, Notify: "Tasks fail."}, fleet.Idle, ""), false},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, state.ShouldNotify(c.memory, c.episode))
		})
	}
}

// warning is an alert while nothing fails.
func warning() fleet.Decision {
	d := alert()
	d.Reasons = []fleet.Reason{{Name: "no-way-back"}}
	return d
}

func TestTheNextEvaluationIsScheduledOnce(t *testing.T) {
	after := func(d time.Duration) fleet.Episode {
		return fleet.Episode{At: fixture.Noon(), Decision: fleet.Decision{RequeueAfter: d}}
	}
	suppressed := func(until time.Time, d time.Duration) fleet.Episode {
		e := after(d)
		e.Verdict = fleet.Verdict{Outcome: fleet.Hold, Until: until}
		return e
	}
	for name, c := range map[string]struct {
		episode   fleet.Episode
		set, want time.Time
	}{
		"no evaluation is required":                      {after(0), time.Time{}, time.Time{}},
		"the decision requires an evaluation":            {after(time.Minute), time.Time{}, fixture.Noon().Add(time.Minute)},
		"an earlier timer is enough":                     {after(time.Minute), fixture.Noon().Add(30 * time.Second), time.Time{}},
		"a timer of the same time is enough":             {after(time.Minute), fixture.Noon().Add(time.Minute), time.Time{}},
		"a later timer is not":                           {after(time.Minute), fixture.Noon().Add(2 * time.Minute), fixture.Noon().Add(time.Minute)},
		"a past timer is not":                            {after(time.Minute), ago(time.Second), fixture.Noon().Add(time.Minute)},
		"a timer that ends now is not":                   {after(time.Minute), fixture.Noon(), fixture.Noon().Add(time.Minute)},
		"a suppressed action is evaluated at its end":    {suppressed(fixture.Noon().Add(3*time.Minute), time.Minute), time.Time{}, fixture.Noon().Add(3 * time.Minute)},
		"without an end the time of the decision counts": {suppressed(time.Time{}, time.Minute), time.Time{}, fixture.Noon().Add(time.Minute)},
		"after its end the time of the decision counts":  {suppressed(ago(time.Second), time.Minute), time.Time{}, fixture.Noon().Add(time.Minute)},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, state.RequeueAt(c.episode, c.set))
		})
	}
}
