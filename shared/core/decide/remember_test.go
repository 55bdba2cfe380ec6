package decide_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/reason"
	"homeostat/shared/core/state"
)

// look is what became of a decision about input().
func look(d fleet.Decision, outcome fleet.Outcome, status string) fleet.Episode {
	return fleet.Episode{
		ID: "episode-1", Decision: d, Verdict: fleet.Verdict{Outcome: outcome, Action: d.Action},
		Result: fleet.Result{Status: status},
	}
}

func bad() fleet.Decision {
	in := input()
	convicted(&in)
	return decide.Plan(in)
}

func news() fleet.Decision {
	return fleet.Decision{Kind: fleet.Notify, Notify: "look", Reasons: []fleet.Reason{{Name: "common-cause"}}, Effects: fleet.Effects{CommonCause: true}}
}

func TestAPersonIsToldOfActionsAndOnceAnHourOfNews(t *testing.T) {
	told := func(age time.Duration) fleet.Memory {
		return fleet.Memory{Notifications: fleet.Notifications{LastNotified: map[string]time.Time{"common-cause": ago(age)}}}
	}
	silent := bad()
	silent.Notify = ""
	for name, c := range map[string]struct {
		memory  fleet.Memory
		episode fleet.Episode
		want    bool
	}{
		"an action that was done is told":             {fleet.Memory{}, look(bad(), fleet.Act, fleet.Done), true},
		"an action that was done is told every time":  {fleet.Memory{Notifications: fleet.Notifications{LastNotified: map[string]time.Time{"bad-revision": noon()}}}, look(bad(), fleet.Act, fleet.Done), true},
		"an action that failed is told":               {fleet.Memory{}, look(bad(), fleet.Act, fleet.Failed), true},
		"an action that was not needed is not":        {fleet.Memory{}, look(bad(), fleet.Act, fleet.Skipped), false},
		"an action that a person must approve is":     {fleet.Memory{}, look(bad(), fleet.Propose, ""), true},
		"an action that was held back is not":         {fleet.Memory{}, look(bad(), fleet.Hold, ""), false},
		"an action that was only observed is not":     {fleet.Memory{}, look(bad(), fleet.Observe, ""), false},
		"an action with nothing to tell is not":       {fleet.Memory{}, look(silent, fleet.Act, fleet.Done), false},
		"news are told":                               {fleet.Memory{}, look(news(), fleet.Idle, ""), true},
		"the same news within the hour are not":       {told(time.Hour - time.Second), look(news(), fleet.Idle, ""), false},
		"the same news an hour later are":             {told(time.Hour), look(news(), fleet.Idle, ""), true},
		"a decision without a word for people is not": {fleet.Memory{}, look(fleet.Decision{Kind: fleet.DoNothing, Reasons: []fleet.Reason{{Name: "healthy"}}}, fleet.Idle, ""), false},
		"a word without a reason is not":              {fleet.Memory{}, look(fleet.Decision{Kind: fleet.Notify, Notify: "look"}, fleet.Idle, ""), false},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, state.ShouldNotify(c.memory, at(c.episode, noon())))
		})
	}
}

func TestARollbackThatWasMadeIsRemembered(t *testing.T) {
	var m fleet.Memory
	e := look(bad(), fleet.Act, fleet.Done)
	e.Result.TaskDefinition = "web:9"
	m = applied(m, input(), e)
	assert.Equal(t, []fleet.PastAction{{Kind: fleet.RollBack, Intent: "rollback ecs-svc/7", At: noon(), Status: fleet.Done}}, m.Actions)
	assert.Equal(t, []fleet.Rollback{{From: "ecs-svc/7", FromDefinition: "web:7", ToDefinition: "web:9", At: noon()}}, m.Rollbacks)
	assert.Equal(t, []fleet.Quarantined{{Image: image(7), At: noon(), Why: guilty, Episode: "episode-1"}}, m.Quarantine)
	assert.Equal(t, map[string]time.Time{"bad-revision": noon()}, m.LastNotified)
	assert.Equal(t, e.DecisionKey(), m.LastDecisionKey)

	m = applied(m, input(), e)
	assert.Len(t, m.Quarantine, 1, "an image is in quarantine once")
}

func TestAResultWithoutARevisionIsRememberedByTheDecisions(t *testing.T) {
	var m fleet.Memory
	m = applied(m, input(), look(bad(), fleet.Act, fleet.Done))
	assert.Equal(t, "web:6", m.Rollbacks[0].ToDefinition)
}

func TestWhatWasNotDoneIsNotRememberedAsDone(t *testing.T) {
	for name, c := range map[string]struct {
		outcome fleet.Outcome
		status  string
		actions []fleet.PastAction
	}{
		"held back":     {fleet.Hold, "", nil},
		"only observed": {fleet.Observe, "", nil},
		"proposed":      {fleet.Propose, "", nil},
		"failed":        {fleet.Act, fleet.Failed, []fleet.PastAction{{Kind: fleet.RollBack, Intent: "rollback ecs-svc/7", At: noon(), Status: fleet.Failed}}},
		"not needed":    {fleet.Act, fleet.Skipped, []fleet.PastAction{{Kind: fleet.RollBack, Intent: "rollback ecs-svc/7", At: noon(), Status: fleet.Skipped}}},
	} {
		t.Run(name, func(t *testing.T) {
			var m fleet.Memory
			m = applied(m, input(), look(bad(), c.outcome, c.status))
			assert.Equal(t, c.actions, m.Actions)
			assert.Empty(t, m.Rollbacks)
			assert.Empty(t, m.Quarantine)
		})
	}
}

func TestWhatECSTookBackIsQuarantinedWithoutAnAction(t *testing.T) {
	in := input()
	history(rollout(7, "ROLLBACK_SUCCESSFUL"), rollout(6, "SUCCESSFUL"))(&in)
	var m fleet.Memory
	d := decide.Plan(in)
	m = applied(m, in, look(d, fleet.Idle, ""))
	assert.Equal(t, []fleet.Quarantined{{
		Image: image(7), At: noon(), Why: "ECS itself takes web:7 back; its image is quarantined", Episode: "episode-1",
	}}, m.Quarantine)
	assert.Empty(t, m.Rollbacks)

	in.Memory = m
	assert.Empty(t, decide.Plan(in).Quarantine, "once")
}

func TestAPushIsForgottenWhereItIsSettled(t *testing.T) {
	because := func(name reason.Name) fleet.Decision {
		return fleet.Decision{Kind: fleet.DoNothing, Reasons: []fleet.Reason{{Name: reason.Healthy}, {Name: name}}}
	}
	handled := func(name reason.Name) fleet.Decision {
		d := because(name)
		d.PushHandled = true
		return d
	}
	in := input()
	pushed(8)(&in)
	out := decide.Plan(in)
	for name, c := range map[string]struct {
		episode fleet.Episode
		settled bool
	}{
		"rolled out":                    {look(out, fleet.Act, fleet.Done), true},
		"a roll-out that failed":        {look(out, fleet.Act, fleet.Failed), false},
		"a roll-out that was held back": {look(out, fleet.Hold, ""), false},
		"only observed":                 {look(out, fleet.Observe, ""), false},
		"not this image":                {look(handled(reason.NotThisImage), fleet.Idle, ""), true},
		"already running":               {look(handled(reason.AlreadyRunning), fleet.Idle, ""), true},
		"in quarantine":                 {look(handled(reason.Quarantined), fleet.Idle, ""), true},
		"a deployment in progress":      {look(because(reason.Deploying), fleet.Idle, ""), false},
		"unread":                        {look(because(reason.Unread), fleet.Idle, ""), false},
		"something else was done first": {look(bad(), fleet.Act, fleet.Done), false},
	} {
		t.Run(name, func(t *testing.T) {
			m := fleet.Memory{ImageLog: fleet.ImageLog{Pushes: []fleet.Push{{Image: image(8)}}}}
			m = applied(m, in, c.episode)
			assert.Equal(t, c.settled, len(m.Pushes) == 0)
		})
	}
	m := fleet.Memory{ImageLog: fleet.ImageLog{Pushes: []fleet.Push{{Image: image(8)}}}}
	in.Policy.Tag = "nightly"
	m = applied(m, in, look(because(reason.TagNotWatched), fleet.Idle, ""))
	assert.Empty(t, m.Pushes, "a push of a tag that nobody watches waits for nothing")
}

func TestRememberingForgetsWhatIsOld(t *testing.T) {
	m := fleet.Memory{Notifications: fleet.Notifications{ProcessedEvents: []fleet.ProcessedEvent{{ID: "old", At: ago(25 * time.Hour)}, {ID: "new", At: noon()}}}}
	m = applied(m, input(), look(news(), fleet.Idle, ""))
	assert.Equal(t, []fleet.ProcessedEvent{{ID: "new", At: noon()}}, m.ProcessedEvents)
	assert.Equal(t, map[string]time.Time{"common-cause": noon()}, m.LastNotified)
}
