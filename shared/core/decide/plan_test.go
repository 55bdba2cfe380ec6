package decide_test

import (
	"testing"
	"time"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/state"

	"github.com/stretchr/testify/assert"
)

func TestWithoutDataThereIsNoAction(t *testing.T) {
	check(t, map[string]planned{
		"a service that could not be read": {
			given: after(convicted, func(in *decide.Input) { in.Snapshot.Unread = map[string]string{"service": "throttled"} }),
			kind:  fleet.DoNothing, reasons: []string{"unread"}, text: "the service could not be read: throttled",
		},
		"a service that ECS does not know": {
			given: after(convicted, func(in *decide.Input) { in.Snapshot.Found = false }),
			kind:  fleet.DoNothing, reasons: []string{"not-found"}, text: "ECS does not know the service, or it is no longer active",
		},
	})
}

func TestAnOldEventIsEvidenceOnly(t *testing.T) {
	aged := func(age time.Duration) change { return func(in *decide.Input) { in.Trigger.At = ago(age) } }
	rolledBack := planned{
		kind: fleet.RollBack, reasons: []string{"bad-revision", "last-good", "quarantine"},
		text: "web@" + short(7) + " must not come back until a person lifts it",
		action: &fleet.Action{
			Kind: fleet.RunRevision, Intent: "rollback ecs-svc/7", TaskDefinition: "web:6",
			Images: []fleet.ContainerImage{{Name: "app", Image: image(6).Pinned()}}, Expect: fleet.Expect{Deployment: "ecs-svc/7"},
		},
		notify: guilty + ": rolled back to web:6", again: 5 * time.Minute, quarantine: []fleet.Image{image(7)},
	}
	hourOld, undated := rolledBack, rolledBack
	hourOld.given = after(convicted, aged(time.Hour))
	undated.given = after(convicted, func(in *decide.Input) { in.Trigger.At = time.Time{} })
	check(t, map[string]planned{
		"older than an hour it is never acted on": {
			given: after(convicted, aged(time.Hour+time.Second)), kind: fleet.DoNothing, reasons: []string{"stale-event"},
			text: "the event is 1h0m1s old: it is kept as evidence, nothing is done on it",
		},
		"of an hour it still is":                 hourOld,
		"without a time it is as good as of now": undated,
	})
}

func TestAnEventThatAsksForNothingGetsAReason(t *testing.T) {
	for _, kind := range []fleet.TriggerKind{fleet.ImageScan, fleet.ImagePush, fleet.Ignored, ""} {
		t.Run("after "+string(kind), func(t *testing.T) {
			in := input()
			in.Trigger.Kind = kind
			assert.Equal(t, fleet.Decision{Kind: fleet.DoNothing, Reasons: []fleet.Reason{
				{Name: "no-op", Text: "the event asks for no change of this service"},
			}}, decide.Plan(in))
		})
	}
}

func TestADecisionReadsOnlyWhatItLeansOn(t *testing.T) {
	death := func(cause fleet.Cause, age time.Duration) fleet.Memory {
		return fleet.Memory{Health: fleet.Health{Cohorts: map[string]*fleet.TaskCohort{"ecs-svc/7": {Tasks: map[string]fleet.TaskLife{"a": {StoppedAt: ago(age), Cause: cause}}}}}}
	}
	push := fleet.Memory{ImageLog: fleet.ImageLog{Pushes: []fleet.Push{{Image: image(8)}}}}
	probing := func(m fleet.Memory) fleet.Memory {
		m.Probe = &fleet.ProbeRun{Task: "p"}
		return m
	}
	on, off := policy.Effective{ScaleEnabled: true}, policy.Effective{}
	watching := policy.Effective{ScaleEnabled: true, Tag: "live"}
	for name, c := range map[string]struct {
		kind   fleet.TriggerKind
		policy policy.Effective
		memory fleet.Memory
		want   fleet.Needs
	}{
		"an alarm needs the load, and the deployment's alarms": {fleet.AlarmChanged, on, fleet.Memory{}, fleet.Needs{CPU: true, DeploymentAlarms: true}},
		"an alarm of a service that is not scaled":             {fleet.AlarmChanged, off, fleet.Memory{}, fleet.Needs{DeploymentAlarms: true}},
		"AWS at its maximum needs the load":                    {fleet.ScaledToMax, on, fleet.Memory{}, fleet.Needs{CPU: true}},
		"a push needs the revisions":                           {fleet.ImagePush, on, fleet.Memory{}, fleet.Needs{Revisions: true}},
		"a replicated image needs the revisions":               {fleet.ImageReplicated, on, fleet.Memory{}, fleet.Needs{Revisions: true}},
		"a push of a watched tag needs what it points to":      {fleet.ImagePush, watching, push, fleet.Needs{Revisions: true, Tag: "live", Repository: "web"}},
		"an alarm with a push in wait needs both": {
			fleet.AlarmChanged, watching, push,
			fleet.Needs{Revisions: true, CPU: true, Tag: "live", Repository: "web", DeploymentAlarms: true},
		},
		"a push that nobody watches needs no tag":  {fleet.ImagePush, on, push, fleet.Needs{Revisions: true}},
		"a task that stopped needs the revisions":  {fleet.TaskStopped, on, fleet.Memory{}, fleet.Needs{Revisions: true, DeploymentAlarms: true}},
		"a tick of a calm service needs the load":  {fleet.Tick, on, fleet.Memory{}, fleet.Needs{CPU: true, WhileDeploying: true}},
		"a tick after a normal stop needs no more": {fleet.Tick, on, death(fleet.ScalingActivity, time.Minute), fleet.Needs{CPU: true, WhileDeploying: true}},
		"a tick an hour after a death neither":     {fleet.Tick, on, death(fleet.AppExit, time.Hour), fleet.Needs{CPU: true, WhileDeploying: true}},
		"a tick of a service that is not scaled":   {fleet.Tick, off, fleet.Memory{}, fleet.Needs{WhileDeploying: true}},
		"a tick at a quarter, where tasks may not grow old": {
			fleet.Tick, policy.Effective{Healing: policy.Healing{MaxTaskAge: time.Hour}}, fleet.Memory{}, fleet.Needs{WhileDeploying: true, Tasks: true},
		},
		"a tick after a death needs all that a judgement leans on": {
			fleet.Tick, on, death(fleet.AppExit, time.Minute),
			fleet.Needs{Revisions: true, CPU: true, Definitions: true, DeploymentAlarms: true, WhileDeploying: true},
		},
		"an image that is missing asks whether what runs still exists": {
			fleet.TaskStopped, watching, death(fleet.ImageMissing, time.Minute),
			fleet.Needs{Revisions: true, Definitions: true, DeploymentAlarms: true, CurrentImages: true, Tag: "live"},
		},
		"a kill by a health check asks for the CPU": {
			fleet.TaskStopped, off, death(fleet.ELBHealth, time.Minute), fleet.Needs{Revisions: true, Definitions: true, DeploymentAlarms: true, CPU: true},
		},
		"a kill for memory asks for the memory where it may grow": {
			fleet.TaskStopped,
			policy.Effective{Healing: policy.Healing{MemoryStep: 25}},
			death(fleet.OutOfMemory, time.Minute),
			fleet.Needs{Revisions: true, Definitions: true, DeploymentAlarms: true, Memory: true},
		},
		"alarms that the policy names are read": {
			fleet.TaskStopped,
			policy.Effective{Healing: policy.Healing{RollbackAlarms: []string{"5xx"}}},
			fleet.Memory{},
			fleet.Needs{Revisions: true, DeploymentAlarms: true, Alarms: []string{"5xx"}, CPU: true},
		},
		"a probe that runs is looked at": {
			fleet.Tick, off, probing(death(fleet.AppExit, time.Minute)),
			fleet.Needs{Revisions: true, Definitions: true, DeploymentAlarms: true, WhileDeploying: true, Probe: "p"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, polling.Needs(fleet.Trigger{Kind: c.kind}, c.policy, c.memory, noon()))
		})
	}
}

func TestTheNextLookIsOneAndNoLooksBreedLooks(t *testing.T) {
	in := func(d time.Duration) fleet.Episode { return fleet.Episode{Decision: fleet.Decision{RequeueAfter: d}} }
	held := func(until time.Time, d time.Duration) fleet.Episode {
		e := in(d)
		e.Verdict = fleet.Verdict{Outcome: fleet.Hold, Until: until}
		return e
	}
	for name, c := range map[string]struct {
		episode   fleet.Episode
		set, want time.Time
	}{
		"nothing asks for one":                            {in(0), time.Time{}, time.Time{}},
		"the decision asks for one":                       {in(time.Minute), time.Time{}, noon().Add(time.Minute)},
		"a timer that is sooner is enough":                {in(time.Minute), noon().Add(30 * time.Second), time.Time{}},
		"a timer of the same time is enough":              {in(time.Minute), noon().Add(time.Minute), time.Time{}},
		"a timer that is later is not":                    {in(time.Minute), noon().Add(2 * time.Minute), noon().Add(time.Minute)},
		"a timer that is over is not":                     {in(time.Minute), ago(time.Second), noon().Add(time.Minute)},
		"a timer that is due now is not":                  {in(time.Minute), noon(), noon().Add(time.Minute)},
		"a hold asks for one at its end":                  {held(noon().Add(3*time.Minute), time.Minute), time.Time{}, noon().Add(3 * time.Minute)},
		"a hold without an end leaves it to the decision": {held(time.Time{}, time.Minute), time.Time{}, noon().Add(time.Minute)},
		"a hold that is over leaves it to the decision":   {held(ago(time.Second), time.Minute), time.Time{}, noon().Add(time.Minute)},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, state.RequeueAt(at(c.episode, noon()), c.set))
		})
	}
}
