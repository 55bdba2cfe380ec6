package decide_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/state"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
)

func ago(d time.Duration) time.Time { return fixture.Noon().Add(-d) }

const registry = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"

// digest returns the digest of image n.
func digest(n int) string { return fmt.Sprintf("sha256:%064d", n) }

// shortDigest is the part of each digest in a text.
const shortDigest = "000000000000"

func image(n int) fleet.Image {
	return fleet.Image{Registry: registry, Repository: "web", Tag: "live", Digest: digest(n)}
}

// revision returns revision n of the service: task definition web:n with image n.
func revision(n int) fleet.Revision {
	return fleet.Revision{
		ARN: fmt.Sprint("revision/", n), TaskDefinition: fmt.Sprint("web:", n), Status: "ACTIVE",
		Containers: []fleet.ContainerImage{{Name: "app", Image: image(n)}},
	}
}

// rollout returns the rollout of revision n, created n hours after midnight.
func rollout(n int, status string) fleet.Rollout {
	return fleet.Rollout{
		ARN: fmt.Sprint("rollout/", n), Status: status, CreatedAt: ago(time.Duration(12-n) * time.Hour),
		Target: revision(n), Source: fmt.Sprint("revision/", n-1),
	}
}

// input returns an event of a stopped task of a stable service. The service runs three
// tasks of three, on its seventh revision, at 50 % CPU.
func input() decide.Input {
	return decide.Input{
		Trigger: fleet.Trigger{Kind: fleet.TaskStopped, ID: "event-1", At: ago(5 * time.Second), Deployment: "ecs-svc/7", Task: "t"},
		Policy:  policy.Default().For(fixture.Web(), map[string]string{contract.TagMode: "act"}, ""),
		Snapshot: fleet.Snapshot{
			Ref: fixture.Web(), At: fixture.Noon(), Found: true, Status: "ACTIVE", Controller: "ECS",
			Desired: 3, Running: 3, TaskDefinition: "web:7",
			Deployments: []fleet.Deployment{{ID: "ecs-svc/7", Status: "PRIMARY", TaskDefinition: "web:7", RolloutState: "COMPLETED", Desired: 3, Running: 3}},
			History:     []fleet.Rollout{rollout(7, "SUCCESSFUL"), rollout(6, "SUCCESSFUL"), rollout(5, "SUCCESSFUL")},
			CPU:         fleet.Known(50, ago(time.Minute), "test"),
		},
		Now: fixture.Noon(),
	}
}

// change changes an input.
type change = func(*decide.Input)

// after returns the changes as a slice.
func after(given ...change) []change { return given }

// inputAfter returns input() with the changes.
func inputAfter(given ...change) decide.Input {
	in := input()
	for _, f := range given {
		f(&in)
	}
	return in
}

// planOf returns the decision about input() with the changes. It checks the form of
// all reasons.
func planOf(t assert.TestingT, given ...change) fleet.Decision {
	return planned(t, inputAfter(given...))
}

// planned returns the decision about the input. It checks the form of all reasons.
func planned(t assert.TestingT, in decide.Input) fleet.Decision {
	d := decide.Plan(in)
	checkReasons(t, in, d)
	return d
}

// followed returns the decision of the load alone. It checks the form of all reasons.
func followed(t assert.TestingT, in decide.Input) fleet.Decision {
	d := decide.Follow(in)
	checkForm(t, d)
	return d
}

// fail gives the deployment n recent task failures of a cause.
func fail(in *decide.Input, deployment string, n int, cause fleet.Cause) {
	if in.Memory.Cohorts == nil {
		in.Memory.Cohorts = map[string]*fleet.TaskCohort{}
	}
	cohort := &fleet.TaskCohort{TaskDefinition: "web:" + strings.TrimPrefix(deployment, "ecs-svc/"), Tasks: map[string]fleet.TaskLife{}}
	for i := range n {
		at := ago(time.Duration(n-i) * 20 * time.Second)
		cohort.Tasks[fmt.Sprint(deployment, "-", i)] = fleet.TaskLife{StartedAt: at.Add(-3 * time.Second), StoppedAt: at, Cause: cause}
	}
	in.Memory.Cohorts[deployment] = cohort
	in.Cause = cause
}

// failing makes the running revision a bad one.
func failing(in *decide.Input) {
	fail(in, "ecs-svc/7", 3, fleet.AppExit)
	in.Snapshot.Deployments[0].Running = 0
	in.Snapshot.Deployments[0].CreatedAt = ago(10 * time.Minute)
}

// verdict returns the headline of the finding about failing().
func verdict(t assert.TestingT) string { return planOf(t, failing).Reasons[0].Text }

// rollbackTo returns the alert of a rollback after failing().
func rollbackTo(t assert.TestingT, definition string) string {
	return verdict(t) + ". Rollback to " + definition + "."
}

func history(rollouts ...fleet.Rollout) change {
	return func(in *decide.Input) { in.Snapshot.History = rollouts }
}

// pushed makes image n the newest image of the watched tag.
func pushed(n int) change {
	return func(in *decide.Input) {
		in.Trigger = fleet.Trigger{Kind: fleet.ImagePush, ID: "push-1", At: ago(5 * time.Second), Image: image(n)}
		in.Policy.Tag = "live"
		in.Memory.Pushes = []fleet.Push{{Image: image(n), At: ago(5 * time.Second), Event: "push-1"}}
		watched := image(n)
		in.Snapshot.Watched = &watched
	}
}

// inAlarm makes the trigger an alarm, and sets the CPU in percent.
func inAlarm(cpu float64) change {
	return func(in *decide.Input) {
		in.Trigger = fleet.Trigger{Kind: fleet.AlarmChanged, ID: "alarm-1", At: ago(5 * time.Second), Alarm: fleet.Alarm{Name: "hot", State: "ALARM"}}
		in.Snapshot.CPU.Value = cpu
	}
}

// learned gives the controller the state after six minutes at a CPU, until one minute
// before the newest value.
func learned(cpu float64, running int) change { return learnedFor(6, cpu, running) }

func learnedFor(minutes int, cpu float64, running int) change {
	return func(in *decide.Input) {
		past := input()
		past.Policy = in.Policy
		past.Snapshot.Desired, past.Snapshot.Running = running, running
		for minute := minutes + 1; minute >= 1; minute-- {
			past.Now = ago(time.Duration(minute) * time.Minute)
			past.Snapshot.CPU = fleet.Known(cpu, past.Now.Add(-time.Minute), "test")
			_, past.Demand = decide.Need(past, past.Demand)
		}
		in.Demand.State = past.Demand.State
	}
}

// plan is an expected decision about input() after the changes.
type plan struct {
	given      []change
	kind       fleet.DecisionKind
	reasons    []string
	text       string            // the headline of the last reason; empty checks none
	detail     string            // the detail of the last reason; empty checks none
	fields     map[string]string // fields of the last reason; nil checks none
	action     *fleet.Action
	notify     string
	again      time.Duration
	quarantine []fleet.Image
	handled    bool // the pending push needs no further evaluation
}

func check(t *testing.T, cases map[string]plan) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := planOf(t, c.given...)
			assert.Equal(t, c.kind, got.Kind)
			assert.Equal(t, c.reasons, fixture.ReasonNames(got.Reasons))
			if last := got.Reasons[len(got.Reasons)-1]; assert.NotEmpty(t, got.Reasons) {
				assert.True(t, c.text == "" || c.text == last.Text, last.Text)
				assert.True(t, c.detail == "" || c.detail == last.Detail, last.Detail)
				for key, value := range c.fields {
					assert.Equal(t, value, last.Fields.Get(key), key)
				}
			}
			assert.Equal(t, c.action, got.Action)
			assert.Equal(t, c.notify, got.Notify)
			assert.Equal(t, c.again, got.RequeueAfter)
			assert.Equal(t, c.quarantine, got.Quarantine)
			assert.Equal(t, c.handled, got.PushHandled)
		})
	}
}

// applied returns the memory after an episode about the input.
func applied(m fleet.Memory, in decide.Input, e fleet.Episode) fleet.Memory {
	e.Snapshot, e.At = in.Snapshot, in.Now
	return state.Apply(m, e, in.Policy.Tag)
}

func fieldsOf(r fleet.Reason) map[string]string {
	out := map[string]string{}
	for _, f := range r.Fields {
		out[f.Key] = f.Value
	}
	return out
}
