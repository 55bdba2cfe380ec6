package decide_test

import (
	"testing"
	"time"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
)

// reads gives the revisions 6 and 7 a definition whose container reads these sources.
// Their images differ.
func reads(sources ...string) change {
	return func(in *decide.Input) {
		secrets := map[string]string{}
		for _, s := range sources {
			secrets["VALUE_OF_"+s] = s
		}
		for i := range in.Snapshot.History {
			r := &in.Snapshot.History[i]
			r.Target.Definition = &fleet.Definition{Containers: []fleet.ContainerDefinition{{Name: "app", Image: r.Target.Containers[0].Image.String(), Secrets: secrets}}}
		}
	}
}

// changedAgo sets the last change of a source.
func changedAgo(source string, d time.Duration) change {
	return func(in *decide.Input) {
		if in.Snapshot.SourceChanges == nil {
			in.Snapshot.SourceChanges = map[string]time.Time{}
		}
		in.Snapshot.SourceChanges[source] = ago(d)
	}
}

// rollingOut makes the running revision a rollout whose starts fail, while three tasks of
// the earlier revision run.
func rollingOut(in *decide.Input) {
	failing(in)
	in.Snapshot.Deployments[0].RolloutState = "IN_PROGRESS"
	in.Snapshot.Deployments[0].CreatedAt = ago(5 * time.Minute)
	in.Snapshot.Deployments = append(in.Snapshot.Deployments, fleet.Deployment{ID: "ecs-svc/6", Status: "ACTIVE", TaskDefinition: "web:6", Running: 3, CreatedAt: ago(6 * time.Hour)})
	in.Snapshot.History[0].Status, in.Snapshot.History[0].CreatedAt = "IN_PROGRESS", ago(5*time.Minute)
}

func TestASecretThatChangedInARolloutStopsTheRollback(t *testing.T) {
	d := planOf(t, rollingOut, reads("shop/db"), changedAgo("shop/db", 3*time.Minute))
	assert.Equal(t, fleet.Notify, d.Kind)
	assert.Equal(t, []string{"environment-changed"}, fixture.ReasonNames(d.Reasons))
	assert.Nil(t, d.Action)
	assert.True(t, d.CommonCause, "later failures without a pause do not count")
	assert.Equal(t, "web:7: new starts fail (3), shop/db changed in the rollout. shop/db changed at 2026-01-05T11:57:00Z, and the earlier revision reads it too, "+
		"so a rollback would not help. Tasks of the earlier revision run (3).", d.Notify)
	assert.Equal(t, "shop/db", d.Reasons[0].Fields.Get("source"))

	for name, given := range map[string][]change{
		"only the new revision reads it": {rollingOut, reads("shop/db"), changedAgo("shop/db", 3*time.Minute), func(in *decide.Input) {
			in.Snapshot.History[1].Target.Definition.Containers[0].Secrets = nil
			in.Snapshot.History[2].Target.Definition.Containers[0].Secrets = nil
		}},
		"the change is unknown": {rollingOut, reads("shop/db")},
		"the earlier definition was not read": {rollingOut, reads("shop/db"), changedAgo("shop/db", 3*time.Minute), func(in *decide.Input) {
			in.Snapshot.History[1].Target.Definition = nil
			in.Snapshot.History[2].Target.Definition = nil
		}},
		"another secret changed that no revision reads": {rollingOut, reads("shop/db"), changedAgo("shop/mail", 3*time.Minute)},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, fleet.RollBack, planOf(t, given...).Kind)
		})
	}
}

func TestAnUnknownChangeIsPartOfTheRecord(t *testing.T) {
	given := after(failing, reads("shop/db"), func(in *decide.Input) {
		in.Snapshot.Deployments[0].CreatedAt = ago(9 * time.Hour)
		for _, id := range []string{"a", "b"} {
			in.Memory.Cohorts["ecs-svc/7"].Tasks[id] = fleet.TaskLife{StartedAt: ago(9 * time.Hour)}
		}
		in.Snapshot.Unread = map[string]string{"sources": "not permitted: shop/db"}
	})
	d := planOf(t, given...)
	assert.Equal(t, []string{"environment-changed"}, fixture.ReasonNames(d.Reasons))
	assert.Contains(t, d.Reasons[0].Detail, "; changes of parameters and secrets are unknown: not permitted: shop/db")
	d = planOf(t, append(given, changedAgo("shop/db", time.Hour))...)
	assert.NotContains(t, d.Reasons[0].Detail, "unknown", "the other source explains the failures")
	assert.Equal(t, "shop/db", d.Reasons[0].Fields.Get("source"))
}

func TestAProbeDecidesAboutASecretThatChangedInARollout(t *testing.T) {
	given := after(rollingOut, reads("shop/db"), changedAgo("shop/db", 3*time.Minute), func(in *decide.Input) { in.Policy.Probe = true })
	d := planOf(t, given...)
	assert.Equal(t, fleet.Probe, d.Kind)
	assert.Equal(t, "web:6", d.Action.TaskDefinition)

	run := func(stop fleet.Stop) change {
		return func(in *decide.Input) {
			in.Memory.Probe = &fleet.ProbeRun{Task: "probe", For: "ecs-svc/7", At: ago(3 * time.Minute)}
			in.Snapshot.Probe = &stop
		}
	}
	d = planOf(t, append(given, run(fleet.Stop{LastStatus: "RUNNING", StartedAt: ago(150 * time.Second)}))...)
	assert.Equal(t, fleet.RollBack, d.Kind, "the earlier revision starts with the new value")
}

// startsOf gives the running revision tasks that started such times ago and run.
func startsOf(ages ...time.Duration) change {
	return func(in *decide.Input) {
		in.Trigger.Kind, in.Cause = fleet.Tick, ""
		cohort := &fleet.TaskCohort{Tasks: map[string]fleet.TaskLife{}}
		for i, age := range ages {
			cohort.Tasks[string(rune('a'+i))] = fleet.TaskLife{StartedAt: ago(age)}
		}
		in.Memory.Cohorts = map[string]*fleet.TaskCohort{"ecs-svc/7": cohort}
		in.Snapshot.Deployments[0].CreatedAt = ago(30 * time.Hour)
	}
}

func TestAForcedDeploymentIsProposedForTasksWithAnEarlierValue(t *testing.T) {
	permitted := func(in *decide.Input) { in.Policy.RefreshSecrets = true }
	old, rotated := 9*time.Hour, changedAgo("shop/db", 20*time.Minute)
	proposed := after(permitted, startsOf(old, old, 6*time.Minute), reads("shop/db"), rotated)
	d := planOf(t, proposed...)
	assert.Equal(t, fleet.Notify, d.Kind)
	assert.Contains(t, fixture.ReasonNames(d.Reasons), "value-outdated")
	assert.Nil(t, d.Action)
	assert.Equal(t, "Running tasks of web:7 hold the value of shop/db from before 2026-01-05T11:40:00Z (2). New tasks start well. "+
		"A forced deployment replaces the older ones (aws ecs update-service --region eu-central-1 --cluster shop --service web --force-new-deployment).", d.Notify)

	probe := func(in *decide.Input) {
		in.Snapshot.Probe = &fleet.Stop{LastStatus: "RUNNING", StartedAt: ago(3 * time.Minute)}
	}
	d = planOf(t, permitted, startsOf(old, old), reads("shop/db"), rotated, probe)
	assert.Contains(t, fixture.ReasonNames(d.Reasons), "value-outdated", "a probe with the new value passes")

	for name, given := range map[string][]change{
		"the policy does not permit it":      {startsOf(old, old, 6*time.Minute), rotated},
		"all tasks are newer":                {permitted, startsOf(6*time.Minute, 7*time.Minute), rotated},
		"no later task runs":                 {permitted, startsOf(old, old), rotated},
		"the later task has just started":    {permitted, startsOf(old, old, time.Minute), rotated},
		"no change is known":                 {permitted, startsOf(old, old, 6*time.Minute)},
		"the change is in the future":        {permitted, startsOf(old, old, 6*time.Minute), changedAgo("shop/db", -time.Hour)},
		"a deployment replaces them already": {permitted, startsOf(old, old, 6*time.Minute), rotated, func(in *decide.Input) { in.Snapshot.Deployments[0].RolloutState = "IN_PROGRESS" }},
		"a later start failed": {permitted, startsOf(old, old, 6*time.Minute), rotated, func(in *decide.Input) {
			in.Memory.Cohorts["ecs-svc/7"].Tasks["x"] = fleet.TaskLife{StartedAt: ago(10 * time.Minute), StoppedAt: ago(9 * time.Minute), Cause: fleet.AppExit}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.NotContains(t, fixture.ReasonNames(planOf(t, given...).Reasons), "value-outdated")
		})
	}
}
