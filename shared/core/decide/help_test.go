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

	"github.com/stretchr/testify/assert"
)

func noon() time.Time { return time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC) }

func ago(d time.Duration) time.Time { return noon().Add(-d) }

func web() fleet.ServiceRef {
	return fleet.ServiceRef{Account: "123456789012", Region: "eu-central-1", Cluster: "shop", Service: "web"}
}

const registry = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"

// digest is the n-th image's: its first twelve places are what people see.
func digest(n int) string { return fmt.Sprintf("sha256:%064d", n) }

// short is digest(n) as people see it.
func short(int) string { return "000000000000" }

func image(n int) fleet.Image {
	return fleet.Image{Registry: registry, Repository: "web", Tag: "live", Digest: digest(n)}
}

// revision n of the service: task definition web:n with image n.
func revision(n int) fleet.Revision {
	return fleet.Revision{
		ARN: fmt.Sprint("revision/", n), TaskDefinition: fmt.Sprint("web:", n), Status: "ACTIVE",
		Containers: []fleet.ContainerImage{{Name: "app", Image: image(n)}},
	}
}

// rollout n took revision n out, n hours after midnight.
func rollout(n int, status string) fleet.Rollout {
	return fleet.Rollout{
		ARN: fmt.Sprint("rollout/", n), Status: status, CreatedAt: ago(time.Duration(12-n) * time.Hour),
		Target: revision(n), Source: fmt.Sprint("revision/", n-1),
	}
}

// input is a service at rest on its seventh revision, whose task has just
// stopped: three tasks of three run at half their CPU.
func input() decide.Input {
	return decide.Input{
		Trigger: fleet.Trigger{Kind: fleet.TaskStopped, ID: "event-1", At: ago(5 * time.Second), Deployment: "ecs-svc/7", Task: "t"},
		Policy:  policy.Default().For(web(), map[string]string{contract.TagMode: "act"}, ""),
		Snapshot: fleet.Snapshot{
			Ref: web(), At: noon(), Found: true, Status: "ACTIVE", Controller: "ECS",
			Desired: 3, Running: 3, TaskDefinition: "web:7",
			Deployments: []fleet.Deployment{{ID: "ecs-svc/7", Status: "PRIMARY", TaskDefinition: "web:7", RolloutState: "COMPLETED", Desired: 3, Running: 3}},
			History:     []fleet.Rollout{rollout(7, "SUCCESSFUL"), rollout(6, "SUCCESSFUL"), rollout(5, "SUCCESSFUL")},
			CPU:         fleet.Known(50, ago(time.Minute), "test"),
		},
		Now: noon(),
	}
}

// dying gives the deployment n fresh deaths of a cause.
func dying(in *decide.Input, deployment string, n int, cause fleet.Cause) {
	if in.Memory.Cohorts == nil {
		in.Memory.Cohorts = map[string]*fleet.TaskCohort{}
	}
	arm := &fleet.TaskCohort{Tasks: map[string]fleet.TaskLife{}}
	for i := range n {
		at := ago(time.Duration(n-i) * 20 * time.Second)
		arm.Tasks[fmt.Sprint(deployment, "-", i)] = fleet.TaskLife{StartedAt: at.Add(-3 * time.Second), StoppedAt: at, Cause: cause}
	}
	in.Memory.Cohorts[deployment] = arm
	in.Cause = cause
}

// convicted makes the running revision a bad one.
func convicted(in *decide.Input) {
	dying(in, "ecs-svc/7", 3, fleet.AppExit)
	in.Snapshot.Deployments[0].Running = 0
	in.Snapshot.Deployments[0].CreatedAt = ago(10 * time.Minute)
}

// pushed makes the image n the newest of the watched tag.
func pushed(n int) func(*decide.Input) {
	return func(in *decide.Input) {
		in.Trigger = fleet.Trigger{Kind: fleet.ImagePush, ID: "push-1", At: ago(5 * time.Second), Image: image(n)}
		in.Policy.Tag = "live"
		in.Memory.Pushes = []fleet.Push{{Image: image(n), At: ago(5 * time.Second), Event: "push-1"}}
		watched := image(n)
		in.Snapshot.Watched = &watched
	}
}

// alarmed makes the trigger an alarm, with the CPU at a percentage.
func alarmed(cpu float64) func(*decide.Input) {
	return func(in *decide.Input) {
		in.Trigger = fleet.Trigger{Kind: fleet.AlarmChanged, ID: "alarm-1", At: ago(5 * time.Second), Alarm: fleet.Alarm{Name: "hot", State: "ALARM"}}
		in.Snapshot.CPU.Value = cpu
	}
}

type change = func(*decide.Input)

// watched is what six minutes of a CPU on so many tasks have taught, until a
// minute before the newest value.
func watched(cpu float64, running int) change { return watchedFor(6, cpu, running) }

func watchedFor(minutes int, cpu float64, running int) change {
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

// planned is what Plan is to say of input() after the changes, in full.
type planned struct {
	given      []change
	kind       fleet.DecisionKind
	reasons    []string
	text       string // of the last reason
	begins     string // the same, where only its beginning is of interest
	action     *fleet.Action
	notify     string
	again      time.Duration
	quarantine []fleet.Image
}

func check(t *testing.T, cases map[string]planned) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			in := input()
			for _, f := range c.given {
				f(&in)
			}
			got := decide.Plan(in)
			assert.Equal(t, c.kind, got.Kind)
			assert.Equal(t, c.reasons, names(got.Reasons))
			if assert.NotEmpty(t, got.Reasons) && c.begins != "" {
				assert.True(t, strings.HasPrefix(got.Reasons[len(got.Reasons)-1].Text, c.begins), got.Reasons[len(got.Reasons)-1].Text)
			} else if len(got.Reasons) > 0 {
				assert.Equal(t, c.text, got.Reasons[len(got.Reasons)-1].Text)
			}
			assert.Equal(t, c.action, got.Action)
			assert.Equal(t, c.notify, got.Notify)
			assert.Equal(t, c.again, got.RequeueAfter)
			assert.Equal(t, c.quarantine, got.Quarantine)
		})
	}
}

func names(reasons []fleet.Reason) []string {
	var out []string
	for _, r := range reasons {
		out = append(out, string(r.Name))
	}
	return out
}

// at is the episode with a time.
func at(e fleet.Episode, now time.Time) fleet.Episode {
	e.At = now
	return e
}

// applied is the memory after an episode about the input.
func applied(m fleet.Memory, in decide.Input, e fleet.Episode) fleet.Memory {
	e.Snapshot = in.Snapshot
	return state.Apply(m, at(e, in.Now), in.Policy.Tag)
}
