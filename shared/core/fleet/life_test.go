package fleet_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"
)

func ofWeb(definition, digest string) fleet.Revision {
	return fleet.Revision{
		ARN: definition + digest, TaskDefinition: definition,
		Containers: []fleet.ContainerImage{{Name: "app", Image: fleet.Image{Repository: "web", Digest: digest}}},
	}
}

// lost returns a task that ran for a time and failed n minutes before noon.
func lost(ran time.Duration, minutes int, cause fleet.Cause) fleet.TaskLife {
	at := fixture.Noon().Add(-time.Duration(minutes) * time.Minute)
	return fleet.TaskLife{StartedAt: at.Add(-ran), EndedAt: at, StoppedAt: at, SeenAt: at, Cause: cause}
}

func TestTheLifeOfARevisionIsThatOfItsTasks(t *testing.T) {
	alive := fleet.TaskLife{StartedAt: fixture.Noon().Add(-time.Hour), SeenAt: fixture.Noon().Add(-time.Hour)}
	tasks := func(all ...fleet.TaskLife) map[string]fleet.TaskLife {
		out := map[string]fleet.TaskLife{}
		for i, one := range all {
			out[fmt.Sprint(i)] = one
		}
		return out
	}
	cohort := func(definition string, digests []string, all ...fleet.TaskLife) *fleet.TaskCohort {
		return &fleet.TaskCohort{TaskDefinition: definition, Digests: digests, Tasks: tasks(all...)}
	}
	for name, c := range map[string]struct {
		cohort    *fleet.TaskCohort
		explained time.Time
		want      fleet.RevisionLife
		failed    bool
	}{
		"a task that runs lives until now":         {cohort("web:7", nil, alive), time.Time{}, fleet.RevisionLife{Tasks: 1, Longest: time.Hour}, false},
		"two tasks that failed":                    {cohort("web:7", nil, lost(time.Minute, 5, fleet.AppExit), lost(2*time.Minute, 5, fleet.AppExit)), time.Time{}, fleet.RevisionLife{Tasks: 2, Failed: 2, Longest: 2 * time.Minute}, true},
		"one failure can be chance":                {cohort("web:7", nil, lost(time.Minute, 5, fleet.AppExit)), time.Time{}, fleet.RevisionLife{Tasks: 1, Failed: 1, Longest: time.Minute}, false},
		"a scale-in is no failure":                 {cohort("web:7", nil, lost(time.Minute, 5, fleet.ScalingActivity), lost(time.Minute, 5, fleet.AppExit)), time.Time{}, fleet.RevisionLife{Tasks: 2, Failed: 1, Longest: time.Minute}, false},
		"a common cause explains failures":         {cohort("web:7", nil, lost(time.Minute, 5, fleet.AppExit), lost(time.Minute, 5, fleet.AppExit)), fixture.Noon(), fleet.RevisionLife{Tasks: 2, Longest: time.Minute}, false},
		"a task that never started":                {cohort("web:7", nil, fleet.TaskLife{StoppedAt: fixture.Noon(), Cause: fleet.ImageMissing}), time.Time{}, fleet.RevisionLife{Tasks: 1, Failed: 1}, false},
		"the same definition with other images":    {cohort("web:7", []string{"sha256:8"}, alive), time.Time{}, fleet.RevisionLife{}, false},
		"the same definition with the same images": {cohort("web:7", []string{"sha256:7"}, alive), time.Time{}, fleet.RevisionLife{Tasks: 1, Longest: time.Hour}, false},
		"another definition":                       {cohort("web:8", nil, alive), time.Time{}, fleet.RevisionLife{}, false},
		"a cohort without a definition":            {cohort("", nil, alive), time.Time{}, fleet.RevisionLife{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			m := fleet.Memory{Health: fleet.Health{Cohorts: map[string]*fleet.TaskCohort{"d": c.cohort}, Explained: c.explained}}
			got := m.LifeOf(ofWeb("web:7", "sha256:7"), fixture.Noon())
			c.want.TaskDefinition = "web:7"
			assert.Equal(t, c.want, got)
			assert.Equal(t, c.failed, got.AllFailed())
		})
	}
}

func TestTheLifeOfARevisionOutlastsItsCohort(t *testing.T) {
	m := fleet.Memory{Health: fleet.Health{Cohorts: map[string]*fleet.TaskCohort{"d": {
		TaskDefinition: "web:7", Digests: []string{"sha256:7"}, FirstSeen: fixture.Noon().Add(-26 * time.Hour),
		Tasks: map[string]fleet.TaskLife{
			"old":    {StartedAt: fixture.Noon().Add(-26 * time.Hour), SeenAt: fixture.Noon().Add(-26 * time.Hour)},
			"failed": lost(time.Minute, 5, fleet.AppExit),
		},
	}}}}
	before := m.LifeOf(ofWeb("web:7", "sha256:7"), fixture.Noon())
	m.Forget(fixture.Noon())
	assert.Len(t, m.Cohorts["d"].Tasks, 1)
	assert.Equal(t, before, m.LifeOf(ofWeb("web:7", "sha256:7"), fixture.Noon()), "no fact is lost, and none counts twice")
	m.Forget(fixture.Noon().Add(96 * time.Hour))
	assert.Empty(t, m.Cohorts)
	assert.Equal(t, before, m.LifeOf(ofWeb("web:7", "sha256:7"), fixture.Noon().Add(96*time.Hour)))
	assert.Zero(t, m.LifeOf(ofWeb("web:7", "sha256:8"), fixture.Noon()).Tasks)
}

func TestTheRecordsOfLivesAreBounded(t *testing.T) {
	var m fleet.Memory
	for i := range 60 {
		m.MarkFailed(fmt.Sprint("d", i), ofWeb(fmt.Sprint("web:", i), "sha256:1"), fixture.Noon().Add(time.Duration(i)*time.Minute))
	}
	assert.Len(t, m.Lives, 20)
	assert.Contains(t, m.Lives, "d59", "the newest stay")
	assert.NotContains(t, m.Lives, "d39")
}

func TestAMarkIsKeptUntilItIsCleared(t *testing.T) {
	var m fleet.Memory
	m.MarkFailed("d", ofWeb("web:7", "sha256:7"), fixture.Noon())
	m.MarkFailed("d", ofWeb("web:7", "sha256:7"), fixture.Noon().Add(time.Hour))
	marked := func() time.Time { return m.LifeOf(ofWeb("web:7", "sha256:7"), fixture.Noon()).MarkedFailed }
	assert.Equal(t, fixture.Noon(), marked(), "the first mark counts")
	m.Clear("other")
	assert.Len(t, m.Lives, 1)
	m.Clear("d")
	assert.Zero(t, marked())
}

func TestACohortKnowsTheDigestsOfItsTasks(t *testing.T) {
	e := taskEvent("d", "t", 1, "")
	e.Trigger.Stop.Containers = []fleet.ContainerExit{{Name: "b", Digest: "sha256:2"}, {Name: "a", Digest: "sha256:1"}, {Name: "c"}, {Name: "b2", Digest: "sha256:2"}}
	var m fleet.Memory
	m.Fold(e, fixture.Noon())
	assert.Equal(t, []string{"sha256:1", "sha256:2"}, m.Cohorts["d"].Digests)
	both := ofWeb("web:7", "sha256:1")
	assert.False(t, m.Cohorts["d"].Runs(both), "one of its images is another")
	both.Containers = append(both.Containers, fleet.ContainerImage{Name: "b", Image: fleet.Image{Digest: "sha256:2"}})
	assert.True(t, m.Cohorts["d"].Runs(both))
}

func TestARolledBackRevisionIsKnownByItsImages(t *testing.T) {
	m := fleet.Memory{ImageLog: fleet.ImageLog{Rollbacks: []fleet.Rollback{{FromDefinition: "web:1", FromDigests: []string{"sha256:2"}}}}}
	assert.True(t, m.RolledBackFrom(ofWeb("web:1", "sha256:2")))
	assert.False(t, m.RolledBackFrom(ofWeb("web:1", "sha256:1")), "the tag pointed to another image before")
	assert.False(t, m.RolledBackFrom(ofWeb("web:2", "sha256:2")))
}
