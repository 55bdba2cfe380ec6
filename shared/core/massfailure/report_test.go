package massfailure_test

import (
	"testing"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/massfailure"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func stopped(cause fleet.Cause, ago time.Duration, zone string) fleet.TaskLife {
	return fleet.TaskLife{Cause: cause, StoppedAt: fixture.Noon().Add(-ago), Zone: zone, Provider: "FARGATE"}
}

func memory(old, current map[string]fleet.TaskLife) fleet.Memory {
	return fleet.Memory{Health: fleet.Health{Cohorts: map[string]*fleet.TaskCohort{"ecs-svc/1": {Tasks: old}, "ecs-svc/2": {Tasks: current}}}}
}

func TestAReportHoldsTheRecentFailures(t *testing.T) {
	s := fleet.Snapshot{
		Ref: service("shop", "web"), Running: 4,
		Deployments: []fleet.Deployment{{ID: "ecs-svc/2", Status: "PRIMARY", CreatedAt: fixture.Noon().Add(-time.Hour)}},
	}
	own, ok := massfailure.Own(memory(
		map[string]fleet.TaskLife{
			"long ago":   stopped(fleet.AppExit, 3*time.Hour, "c"),
			"before":     stopped(fleet.AppExit, 20*time.Minute, "c"),
			"scaled in":  stopped(fleet.ScalingActivity, time.Minute, "c"),
			"spot":       stopped(fleet.SpotInterruption, time.Minute, "c"),
			"no network": stopped(fleet.PullNetwork, time.Minute, "c"),
			"old":        stopped(fleet.AppExit, 10*time.Minute, "b"),
		},
		map[string]fleet.TaskLife{
			"lives":  {StartedAt: fixture.Noon()},
			"health": stopped(fleet.ELBHealth, time.Minute, "a"),
			"image":  stopped(fleet.ImageMissing, -time.Second, "a"),
			"2099":   stopped(fleet.AppExit, -24*time.Hour, "d"),
		},
	), s, []string{"database"}, fixture.Noon())
	require.True(t, ok)
	assert.Equal(t, fleet.FailureReport{
		Ref: service("shop", "web"), First: fixture.Noon().Add(-20 * time.Minute), Last: fixture.Noon(), Failures: 3, Tasks: 7,
		Zones: []string{"a", "b"}, Providers: []string{"FARGATE"}, DependsOn: []string{"database"}, RolledOut: fixture.Noon().Add(-time.Hour),
	}, own, "the run goes back to the last pause, the counts do not")

	for name, m := range map[string]fleet.Memory{
		"a service that was never seen":            {},
		"failures of long ago":                     memory(map[string]fleet.TaskLife{"x": stopped(fleet.AppExit, 15*time.Minute, "a")}, nil),
		"failures that are no fault of a revision": memory(map[string]fleet.TaskLife{"x": stopped(fleet.HostLost, time.Minute, "a")}, nil),
		"tasks that live":                          memory(map[string]fleet.TaskLife{"x": {Cause: fleet.AppExit}}, nil),
	} {
		t.Run(name, func(t *testing.T) {
			_, ok := massfailure.Own(m, s, nil, fixture.Noon())
			assert.False(t, ok)
		})
	}
}

func TestAZoneUnknownForOneFailureIsLeftOut(t *testing.T) {
	own, ok := massfailure.Own(memory(map[string]fleet.TaskLife{
		"x": stopped(fleet.AppExit, time.Minute, "a"), "y": stopped(fleet.AppExit, time.Minute, ""),
	}, nil), fleet.Snapshot{}, nil, fixture.Noon())
	require.True(t, ok)
	assert.Empty(t, own.Zones)
	assert.Equal(t, []string{"FARGATE"}, own.Providers)
}

func TestAStormOfFailuresIsAHandfulOfReports(t *testing.T) {
	var known []fleet.FailureReport
	written := 0
	for second := range 60 {
		own := fleet.FailureReport{Ref: service("shop", "web"), Last: fixture.Noon().Add(time.Duration(second) * time.Second), Failures: 10 * (second + 1), Zones: []string{"a"}}
		if massfailure.ReportChanged(known, own) {
			known = []fleet.FailureReport{own}
			written++
		}
	}
	assert.Equal(t, 7, written, "the first, five times twice as many, then one each 20 s")

	first := fleet.FailureReport{Ref: service("shop", "web"), Last: fixture.Noon(), Failures: 5, Zones: []string{"a"}}
	wider := fleet.FailureReport{Ref: service("shop", "web"), Last: fixture.Noon().Add(time.Second), Failures: 6, Zones: []string{"a", "b"}}
	assert.True(t, massfailure.ReportChanged([]fleet.FailureReport{first}, wider), "a second zone is a considerable change")
	other := first
	other.Ref = service("shop", "api")
	assert.True(t, massfailure.ReportChanged([]fleet.FailureReport{other}, first), "the report of another service does not count")
	assert.False(t, massfailure.ReportChanged([]fleet.FailureReport{other, first}, first))
}

func TestOthersAreTheRecentReportsOfOtherServices(t *testing.T) {
	reports := append(failing("a", 3), failing("b", 1, lastAt(15*time.Minute))...)
	others := massfailure.Others(reports, service("a", "s1"), fixture.Noon())
	require.Len(t, others, 2)
	assert.Equal(t, []fleet.ServiceRef{service("a", "s0"), service("a", "s2")}, []fleet.ServiceRef{others[0].Ref, others[1].Ref})
}

func TestScopesBesideAServicesOwn(t *testing.T) {
	assert.Empty(t, massfailure.Scopes(fleet.FailureReport{}, nil))
	assert.Equal(t, []string{"zone:a", "zone:b", "dependency:database"}, massfailure.Scopes(fleet.FailureReport{Zones: []string{"a", "b"}}, []string{"database"}))
}

func TestTheImagesOfAReportAreThoseThatTheFailingRevisionBrought(t *testing.T) {
	rollout := func(definition string, ago time.Duration, digests ...string) fleet.Rollout {
		r := fleet.Rollout{CreatedAt: fixture.Noon().Add(-ago), Target: fleet.Revision{TaskDefinition: definition}}
		for _, d := range digests {
			r.Target.Containers = append(r.Target.Containers, fleet.ContainerImage{Image: fleet.Image{Digest: d}})
		}
		return r
	}
	m := memory(nil, map[string]fleet.TaskLife{"a": stopped(fleet.AppExit, time.Minute, "a"), "b": stopped(fleet.AppExit, 2*time.Minute, "b")})
	m.Cohorts["ecs-svc/2"].TaskDefinition = "web:2"
	for name, c := range map[string]struct {
		history []fleet.Rollout
		want    []string
	}{
		"a new image":                        {[]fleet.Rollout{rollout("web:2", 4*time.Minute, "sha256:new"), rollout("web:1", 90*time.Hour, "sha256:old")}, []string{"sha256:new"}},
		"after its rollback":                 {[]fleet.Rollout{rollout("web:3", time.Minute, "sha256:old"), rollout("web:2", 4*time.Minute, "sha256:new"), rollout("web:1", 90*time.Hour, "sha256:old")}, []string{"sha256:new"}},
		"the same agent as before is not":    {[]fleet.Rollout{rollout("web:2", 4*time.Minute, "sha256:new", "sha256:agent"), rollout("web:1", 90*time.Hour, "sha256:old", "sha256:agent")}, []string{"sha256:new"}},
		"a rollout of yesterday is not":      {[]fleet.Rollout{rollout("web:2", 24*time.Hour, "sha256:new"), rollout("web:1", 90*time.Hour, "sha256:old")}, nil},
		"a rollout after the failures":       {[]fleet.Rollout{rollout("web:2", time.Second, "sha256:new"), rollout("web:1", 90*time.Hour, "sha256:old")}, nil},
		"a changed variable is no new image": {[]fleet.Rollout{rollout("web:2", 4*time.Minute, "sha256:old"), rollout("web:1", 90*time.Hour, "sha256:old")}, nil},
		"the first rollout":                  {[]fleet.Rollout{rollout("web:2", 4*time.Minute, "sha256:new")}, nil},
		"an unknown history":                 {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			own, ok := massfailure.Own(m, fleet.Snapshot{Ref: service("shop", "web"), History: c.history}, nil, fixture.Noon())
			require.True(t, ok)
			assert.Equal(t, c.want, own.Digests)
		})
	}
}
