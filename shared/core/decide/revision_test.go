package decide_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"
)

// forced puts n forced deployments of web:7 after its first one, the latest 10
// minutes ago and one every five minutes before it.
func forced(n int) change {
	return func(in *decide.Input) {
		first := in.Snapshot.History[0]
		rest := in.Snapshot.History[1:]
		first.CreatedAt = ago(10*time.Minute + time.Duration(n)*5*time.Minute)
		list := []fleet.Rollout{first}
		for i := range n {
			again := first
			again.ARN, again.Target.ARN = "rollout/again", "revision/again"+string(rune('a'+i))
			again.CreatedAt = first.CreatedAt.Add(time.Duration(i+1) * 5 * time.Minute)
			list = append([]fleet.Rollout{again}, list...)
		}
		in.Snapshot.History = append(list, rest...)
	}
}

// cohort adds a cohort of web:7 with failures from before a forced deployment.
func cohortBefore(in *decide.Input) {
	at := ago(14 * time.Minute)
	in.Memory.Cohorts["ecs-svc/before"] = &fleet.TaskCohort{TaskDefinition: "web:7", FirstSeen: at, Tasks: map[string]fleet.TaskLife{}}
	for _, id := range []string{"x", "y", "z"} {
		in.Memory.Cohorts["ecs-svc/before"].Tasks[id] = fleet.TaskLife{
			StartedAt: at, StoppedAt: at.Add(time.Second), SeenAt: at, Cause: fleet.AppExit,
		}
	}
}

func TestAForcedDeploymentContinuesTheRevision(t *testing.T) {
	d := planOf(t, failing, forced(1))
	require.NotNil(t, d.Action, "%+v", d.Reasons)
	assert.Equal(t, "web:6", d.Action.TaskDefinition, "the way back leads to other content")

	d = planOf(t, failing, forced(1), cohortBefore)
	require.NotNil(t, d.Action, "the failures of the first deployment are no control: %+v", d.Reasons)
	assert.Contains(t, d.Reasons[0].Text, "6 of 6 tasks failed", "they are evidence against the same revision")

	old := func(in *decide.Input) {
		for i := range in.Snapshot.History[1:] {
			in.Snapshot.History[i+1].CreatedAt = ago(time.Duration(i+30) * time.Hour)
		}
	}
	more := func(in *decide.Input) { fail(in, "ecs-svc/7", 12, fleet.AppExit) }
	d = planOf(t, failing, more, forced(1), old)
	assert.Equal(t, "long-lived", string(d.Reasons[0].Name), "the revision is 30 hours old: %+v", d.Reasons)
}

func TestATimeWithoutTasksDoesNotCountAsService(t *testing.T) {
	old := func(in *decide.Input) { in.Snapshot.Deployments[0].CreatedAt = ago(60 * time.Hour) }
	more := func(in *decide.Input) { fail(in, "ecs-svc/7", 12, fleet.AppExit) }
	d := planOf(t, failing, more, old)
	assert.Equal(t, []string{"long-lived"}, fixture.ReasonNames(d.Reasons)[:1], "it ran for 60 hours")

	weekend := func(in *decide.Input) {
		in.Memory.Pauses = []fleet.Pause{{From: ago(59 * time.Hour), To: ago(10 * time.Minute)}}
	}
	d = planOf(t, failing, more, old, weekend)
	assert.Equal(t, fleet.RollBack, d.Kind, "it ran for an hour: %+v", d.Reasons)

	d = planOf(t, failing, old, weekend)
	assert.Equal(t, fleet.RollBack, d.Kind, "its first tasks fail, as after a deployment: %+v", d.Reasons)
	d = planOf(t, failing, old, func(in *decide.Input) {
		in.Memory.Pauses = []fleet.Pause{{From: ago(59 * time.Hour), To: ago(50 * time.Hour)}}
	})
	assert.NotEqual(t, fleet.RollBack, d.Kind, "it ran for 50 hours: %+v", d.Reasons)
}

func TestAPartWithoutAWordExcusesNothing(t *testing.T) {
	defined := func(parts map[fleet.Part]string) *fleet.Definition {
		return &fleet.Definition{Parts: parts, Containers: []fleet.ContainerDefinition{{Name: "app", Image: "web:live"}}}
	}
	given := func(part fleet.Part) change {
		return func(in *decide.Input) {
			failing(in)
			fail(in, "ecs-svc/7", 5, fleet.SecretMissing)
			in.Snapshot.History[0].Target.Containers = in.Snapshot.History[1].Target.Containers
			in.Snapshot.History[0].Target.Definition = defined(map[fleet.Part]string{part: "1"})
			in.Snapshot.History[1].Target.Definition = defined(nil)
		}
	}
	d := planOf(t, given(fleet.Part{What: fleet.ChangedOther, Name: "app/Links"}))
	assert.Equal(t, fleet.RollBack, d.Kind, "%+v", d.Reasons)
	d = planOf(t, given(fleet.Part{What: fleet.ChangedStopTimeout, Name: "app"}))
	assert.Equal(t, "not-caused-by-change", string(d.Reasons[0].Name), "a stop timeout hides no secret: %+v", d.Reasons)
}
