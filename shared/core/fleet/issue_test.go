package fleet_test

import (
	"fmt"
	"testing"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
)

func issueEvent(id string, at time.Duration, i fleet.Issue) fleet.Evidence {
	i.ID = "issue"
	return fleet.Evidence{Trigger: fleet.Trigger{Kind: fleet.HealthIssue, ID: id, At: fixture.Noon().Add(at), Issue: &i}}
}

func TestTheLatestEventOfAnIssueCounts(t *testing.T) {
	open, closed := issueEvent("1", 0, fleet.Issue{Service: "ECS"}), issueEvent("2", time.Hour, fleet.Issue{Service: "ECS", Closed: true})
	for name, order := range map[string][]fleet.Evidence{"in order": {open, closed}, "the other way round": {closed, open}} {
		var m fleet.Memory
		for _, e := range order {
			assert.True(t, m.Fold(e, fixture.Noon()), name)
		}
		assert.True(t, m.Issues["issue"].Closed, name)
		assert.NotEmpty(t, m.OpenIssues(fixture.Noon().Add(70*time.Minute)), "%s: failures are reported late", name)
		assert.Empty(t, m.OpenIssues(fixture.Noon().Add(2*time.Hour)), name)
		m.Forget(fixture.Noon().Add(96 * time.Hour))
		assert.Empty(t, m.Issues, name)
	}
}

func TestAnIssueCountsForALimitedTime(t *testing.T) {
	for name, c := range map[string]struct {
		issue fleet.Issue
		after time.Duration
		open  bool
	}{
		"an open issue":                              {fleet.Issue{Service: "ECS"}, 11 * time.Hour, true},
		"an issue without news for half a day":       {fleet.Issue{Service: "ECS"}, 12 * time.Hour, false},
		"a daemon that fails on a host":              {fleet.Issue{Service: fleet.DaemonService, Host: "a"}, 59 * time.Minute, true},
		"a daemon that failed on a host an hour ago": {fleet.Issue{Service: fleet.DaemonService, Host: "a"}, time.Hour, false},
	} {
		var m fleet.Memory
		m.Fold(issueEvent("1", 0, c.issue), fixture.Noon())
		assert.Equal(t, c.open, len(m.OpenIssues(fixture.Noon().Add(c.after))) > 0, name)
	}
}

func TestAnIssueExplainsOnlyWhatItCanBringAbout(t *testing.T) {
	ecs := fleet.Issue{Service: "ECS"}
	assert.True(t, ecs.Explains(fleet.RoleUnusable))
	for _, c := range []fleet.Cause{fleet.AppExit, fleet.OutOfMemory, fleet.ImageMissing, fleet.PlatformMismatch, fleet.ConfigInvalid, fleet.ELBHealth, ""} {
		assert.False(t, ecs.Explains(c), c)
	}
	assert.True(t, fleet.Issue{Service: "ELASTICLOADBALANCING"}.Explains(fleet.ELBHealth))
	assert.False(t, fleet.Issue{Service: fleet.DaemonService}.Explains(fleet.RoleUnusable))
	assert.Contains(t, fleet.IssueServices(), "ECS")
}

func TestAFailureInTheTimeOfAnIssueStaysTolerated(t *testing.T) {
	failed := func(after time.Duration, c fleet.Cause, host string) fleet.TaskLife {
		return fleet.TaskLife{StoppedAt: fixture.Noon().Add(after), Cause: c, Host: host}
	}
	var m fleet.Memory
	m.Fold(issueEvent("1", 30*time.Minute, fleet.Issue{Service: "ECS", Since: fixture.Noon()}), fixture.Noon())
	m.Fold(issueEvent("2", 2*time.Hour, fleet.Issue{Service: "ECS", Since: fixture.Noon(), Closed: true}), fixture.Noon())
	daemon := fleet.Issue{ID: "daemon", Service: fleet.DaemonService, Host: "a"}
	m.Fold(fleet.Evidence{Trigger: fleet.Trigger{Kind: fleet.DaemonChanged, ID: "3", At: fixture.Noon(), Issue: &daemon}}, fixture.Noon())
	for name, c := range map[string]struct {
		life      fleet.TaskLife
		tolerated bool
	}{
		"between the start and the first event": {failed(time.Minute, fleet.RoleUnusable, ""), true},
		"in the issue":                          {failed(time.Hour, fleet.RoleUnusable, ""), true},
		"shortly after its end":                 {failed(2*time.Hour+10*time.Minute, fleet.RoleUnusable, ""), true},
		"before its start":                      {failed(-time.Minute, fleet.RoleUnusable, ""), false},
		"long after its end":                    {failed(3*time.Hour, fleet.RoleUnusable, ""), false},
		"of another cause":                      {failed(time.Hour, fleet.OutOfMemory, ""), false},
		"on the host of a failing daemon":       {failed(time.Minute, fleet.AppExit, "a"), true},
		"on another host":                       {failed(time.Minute, fleet.AppExit, "b"), false},
		"on that host, long after the event":    {failed(2*time.Hour, fleet.AppExit, "a"), false},
		"a task that runs on that host":         {fleet.TaskLife{Host: "a", StartedAt: fixture.Noon()}, false},
	} {
		assert.Equal(t, c.tolerated, m.Tolerated(c.life), name)
	}
}

func TestTheNumberOfIssuesIsBounded(t *testing.T) {
	var m fleet.Memory
	for i := range 40 {
		e := issueEvent(fmt.Sprint(i), time.Duration(i)*time.Minute, fleet.Issue{Service: "ECS"})
		e.Trigger.Issue.ID = fmt.Sprint("issue-", i)
		m.Fold(e, fixture.Noon())
	}
	assert.Len(t, m.Issues, 16)
	assert.Contains(t, m.Issues, "issue-39", "the latest stay")
	m.Fold(fleet.Evidence{Trigger: fleet.Trigger{Kind: fleet.DaemonChanged, ID: "x"}}, fixture.Noon())
	assert.Len(t, m.Issues, 16, "an event without an issue adds none")
}
