package polling_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/polling"
	"homeostat/shared/sim/simtest/fixture"
)

func ago(d time.Duration) time.Time { return fixture.Noon().Add(-d) }

func TestTheFirstSweepOfAnHourReadsTheMemoryOfAYoungDeployment(t *testing.T) {
	p := policy.Effective{Healing: policy.Healing{SuspectFor: 24 * time.Hour}}
	got := polling.Needs(fleet.Trigger{Kind: fleet.Tick, At: fixture.Noon()}, p, fleet.Memory{}, fixture.Noon())
	assert.Equal(t, fleet.Needs{WhileDeploying: true, MemoryTrend: true, Young: 24 * time.Hour}, got)

	service := func(age time.Duration, state string) fleet.Snapshot {
		return fleet.Snapshot{Desired: 1, Running: 1, Deployments: []fleet.Deployment{{Status: "PRIMARY", RolloutState: state, CreatedAt: ago(age)}}}
	}
	at := func(minute int) fleet.Trigger {
		return fleet.Trigger{Kind: fleet.Tick, At: fixture.Noon().Add(time.Duration(minute) * time.Minute)}
	}
	assert.True(t, polling.NeedsReconcile(service(time.Hour, "COMPLETED"), p, at(0)))
	assert.False(t, polling.NeedsReconcile(service(time.Hour, "COMPLETED"), p, at(1)), "once an hour")
	assert.False(t, polling.NeedsReconcile(service(25*time.Hour, "COMPLETED"), p, at(0)), "the deployment is old")
	none := service(time.Hour, "COMPLETED")
	none.Desired, none.Running = 0, 0
	assert.False(t, polling.NeedsReconcile(none, p, at(0)), "no task has memory")
}

func TestADecisionReadsOnlyTheNeededParts(t *testing.T) {
	failure := func(cause fleet.Cause, age time.Duration) fleet.Memory {
		return fleet.Memory{Health: fleet.Health{Cohorts: map[string]*fleet.TaskCohort{"ecs-svc/7": {Tasks: map[string]fleet.TaskLife{"a": {StoppedAt: ago(age), Cause: cause}}}}}}
	}
	push := fleet.Memory{ImageLog: fleet.ImageLog{Pushes: []fleet.Push{{Image: fleet.Image{Repository: "web", Tag: "live"}}}}}
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
		"an alarm needs the load and the deployment's alarms": {fleet.AlarmChanged, on, fleet.Memory{}, fleet.Needs{CPU: true, DeploymentAlarms: true}},
		"an alarm of a service without scaling":               {fleet.AlarmChanged, off, fleet.Memory{}, fleet.Needs{DeploymentAlarms: true}},
		"AWS at its maximum needs the load":                   {fleet.ScaledToMax, on, fleet.Memory{}, fleet.Needs{CPU: true}},
		"a push needs the revisions":                          {fleet.ImagePush, on, fleet.Memory{}, fleet.Needs{Revisions: true}},
		"a replicated image needs the revisions":              {fleet.ImageReplicated, on, fleet.Memory{}, fleet.Needs{Revisions: true}},
		"a push of the watched tag needs its image":           {fleet.ImagePush, watching, push, fleet.Needs{Revisions: true, Tag: "live", Repository: "web"}},
		"an alarm with a pending push needs both": {
			fleet.AlarmChanged, watching, push,
			fleet.Needs{Revisions: true, CPU: true, Tag: "live", Repository: "web", DeploymentAlarms: true},
		},
		"a push without a watched tag needs no tag":    {fleet.ImagePush, on, push, fleet.Needs{Revisions: true}},
		"a stopped task needs the revisions":           {fleet.TaskStopped, on, fleet.Memory{}, fleet.Needs{Revisions: true, DeploymentAlarms: true}},
		"a tick of a stable service needs the load":    {fleet.Tick, on, fleet.Memory{}, fleet.Needs{CPU: true, WhileDeploying: true}},
		"a tick after a normal stop needs no more":     {fleet.Tick, on, failure(fleet.ScalingActivity, time.Minute), fleet.Needs{CPU: true, WhileDeploying: true}},
		"a tick an hour after a failure needs no more": {fleet.Tick, on, failure(fleet.AppExit, time.Hour), fleet.Needs{CPU: true, WhileDeploying: true}},
		"a tick of a service without scaling":          {fleet.Tick, off, fleet.Memory{}, fleet.Needs{WhileDeploying: true}},
		"a tick at a quarter of the hour reads the age of the tasks": {
			fleet.Tick, policy.Effective{Healing: policy.Healing{MaxTaskAge: time.Hour}}, fleet.Memory{}, fleet.Needs{WhileDeploying: true, Tasks: true},
		},
		"a tick after a failure needs the evidence": {
			fleet.Tick, on, failure(fleet.AppExit, time.Minute),
			fleet.Needs{Revisions: true, CPU: true, Definitions: true, DeploymentAlarms: true, WhileDeploying: true},
		},
		"a missing image needs the running images": {
			fleet.TaskStopped, watching, failure(fleet.ImageMissing, time.Minute),
			fleet.Needs{Revisions: true, Definitions: true, DeploymentAlarms: true, CurrentImages: true, Tag: "live"},
		},
		"a failed health check needs the CPU": {
			fleet.TaskStopped, off, failure(fleet.ELBHealth, time.Minute), fleet.Needs{Revisions: true, Definitions: true, DeploymentAlarms: true, CPU: true, Before: true},
		},
		"an out-of-memory kill needs the memory if it may grow": {
			fleet.TaskStopped,
			policy.Effective{Healing: policy.Healing{MemoryStep: 25}},
			failure(fleet.OutOfMemory, time.Minute),
			fleet.Needs{Revisions: true, Definitions: true, DeploymentAlarms: true, Memory: true},
		},
		"the answer of a hook needs the alarms": {
			fleet.Tick, off, fleet.Memory{Health: fleet.Health{Waiting: &fleet.Hook{ID: "h"}}}, fleet.Needs{Revisions: true, WhileDeploying: true, DeploymentAlarms: true},
		},
		"the alarms of the policy are read": {
			fleet.TaskStopped,
			policy.Effective{Healing: policy.Healing{RollbackAlarms: []string{"5xx"}}},
			fleet.Memory{},
			fleet.Needs{Revisions: true, DeploymentAlarms: true, Alarms: []string{"5xx"}, CPU: true},
		},
		"a running probe is read": {
			fleet.Tick, off, probing(failure(fleet.AppExit, time.Minute)),
			fleet.Needs{Revisions: true, Definitions: true, DeploymentAlarms: true, WhileDeploying: true, Probe: "p"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, polling.Needs(fleet.Trigger{Kind: c.kind, At: fixture.Noon().Add(15 * time.Minute)}, c.policy, c.memory, fixture.Noon()))
		})
	}
}

func TestEachServiceChecksItsWayBackOnceADay(t *testing.T) {
	for name, every := range map[string]time.Duration{"each minute": time.Minute, "each quarter of an hour": 15 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			for _, ref := range []fleet.ServiceRef{fixture.Web(), {Cluster: "shop", Service: "checkout"}} {
				checks := 0
				for at := fixture.Noon(); at.Before(fixture.Noon().Add(24 * time.Hour)); at = at.Add(every) {
					if polling.ChecksWayBack(ref, at, every) {
						checks++
					}
				}
				assert.Equal(t, 1, checks, ref)
			}
		})
	}
	n := polling.Needs(fleet.Trigger{Kind: fleet.Tick, Timer: contract.TimerWayBack}, policy.Effective{}, fleet.Memory{}, fixture.Noon())
	assert.True(t, n.Revisions && n.CurrentImages)
}
