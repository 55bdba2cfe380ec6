package cause_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"homeostat/shared/core/cause"
	"homeostat/shared/core/fleet"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// said returns a container; code -1 is no exit code.
func said(name string, code int, reason string) fleet.ContainerExit {
	c := fleet.ContainerExit{Name: name, Reason: reason}
	if code >= 0 {
		c.ExitCode = &code
	}
	return c
}

// lasting returns the stop with a duration from its order to its end.
func lasting(t fleet.Trigger, d time.Duration) fleet.Trigger {
	t.Stop.StoppingAt = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	t.Stop.ExecutionStoppedAt = t.Stop.StoppingAt.Add(d)
	t.Stop.StoppedAt = t.Stop.ExecutionStoppedAt.Add(20 * time.Second)
	return t
}

const (
	oomKilled  = "OutOfMemoryError: Container killed due to memory usage"
	unpullable = "CannotPullContainerError: The task can’t pull the image. Check your network configuration"
)

func TestContainersOfAgentsAreNotesOfAnEvent(t *testing.T) {
	checkStops(t, []stopCase{
		{"a security agent that cannot be pulled", stop(exited, essential, said("shop", 2, ""), said("aws-guardduty-agent-9Zk", -1, unpullable)), fleet.AppExit},
		{"a proxy of Service Connect that failed", stop(exited, essential, said("shop", 0, ""), said("ecs-service-connect-Q1", 1, "")), fleet.AppExitZero},
		{"a collector that was killed", stop(exited, essential, said("jobs", 0, ""), said("adot-collector", 137, "")), fleet.AppExitZero},
		{"a monitoring agent that is out of memory", stop(exited, essential, said("shop", 1, ""), said("datadog-agent", 137, oomKilled)), fleet.AppExit},
		{"a log router that failed", stop(exited, essential, said("shop", 137, ""), said("log_router", 2, "")), fleet.Killed},
		{"an agent by its image", stop(exited, essential, said("shop", 0, ""), fleet.ContainerExit{Name: "helper", Image: "public.ecr.aws/datadog/agent:7", Reason: oomKilled}), fleet.AppExitZero},
		{"a hotel is no collector", stop(exited, essential, said("hotel-search", 3, ""), said("web", 0, "")), fleet.AppExit},
		{"a task of agents only decides by them", stop(exited, essential, said("envoy", 1, ""), said("xray-daemon", 0, "")), fleet.AppExit},
		{"a single agent decides", stop(exited, essential, said("fluent-bit", 137, oomKilled)), fleet.OutOfMemory},
		{"a container without a name decides", stop(exited, essential, said("", 4, ""), said("otel", 0, "")), fleet.AppExit},
	})
}

func TestTheOrderOfSeveralContainersInAnEvent(t *testing.T) {
	checkStops(t, []stopCase{
		{"out of memory before a failure", stop(exited, essential, said("a", 1, ""), said("b", 137, oomKilled)), fleet.OutOfMemory},
		{"a failure before a kill", stop(exited, essential, said("a", 137, ""), said("b", 9, "")), fleet.AppExit},
		{"a kill before success", stop(exited, essential, said("a", 0, ""), said("b", 137, "")), fleet.Killed},
		{"a kill at once, before success", lasting(stop(exited, essential, said("a", 0, ""), said("b", 137, "")), 2*time.Second), fleet.Killed},
		{"success before a kill at the end of the stop timeout", lasting(stop(exited, essential, said("a", 0, ""), said("b", 137, "")), 30*time.Second), fleet.AppExitZero},
		{"SIGTERM before a kill at the end of the stop timeout", lasting(stop(exited, essential, said("a", 143, ""), said("b", 137, "")), 31*time.Second), fleet.AppExit},
		{"a kill alone stays a kill", lasting(stop(exited, essential, said("a", 137, "")), 31*time.Second), fleet.Killed},
		{"success before SIGTERM", stop(exited, essential, said("a", 143, ""), said("b", 0, "")), fleet.AppExitZero},
		{"a container that never ran ended nothing", stop(exited, essential, said("a", 0, ""), said("b", -1, unpullable)), fleet.AppExitZero},
		{"a container that never ran is the cause of a failed start", stop(start, "Task failed to start", said("a", -1, ""), said("b", -1, unpullable)), fleet.PullNetwork},
	})
}

// shop is a task definition: web is essential and waits for migrate, which is not.
func shop() *fleet.Definition {
	return &fleet.Definition{Containers: []fleet.ContainerDefinition{
		{Name: "migrate", NonEssential: true},
		{Name: "web", HealthCheck: true, DependsOn: []fleet.Dependency{{Container: "migrate", Condition: "SUCCESS"}}},
		{Name: "metrics", NonEssential: true},
		{Name: "log_router"},
	}}
}

func TestEssentialContainersDecideWithADefinition(t *testing.T) {
	const order = "dependency graph: failed to resolve the container ordering dependency [migrate(shop/web:1) (STOPPED->STOPPED)] for target [web(shop/web:1) (PULLED->RUNNING)] as dependency did not exit successfully."
	cases := []struct {
		name      string
		trigger   fleet.Trigger
		want      fleet.Cause
		container string
	}{
		{"a helper that failed beside success", stop(exited, essential, said("web", 0, ""), said("metrics", 1, "")), fleet.AppExitZero, "web"},
		{"a helper out of memory beside a failure", stop(exited, essential, said("web", 1, ""), said("metrics", 137, oomKilled)), fleet.AppExit, "web"},
		{"an essential log router that failed", stop(exited, essential, said("web", 143, ""), said("log_router", 1, "")), fleet.AppExit, "log_router"},
		{"an essential log router out of memory", stop(exited, essential, said("web", 143, ""), said("log_router", 137, oomKilled)), fleet.OutOfMemory, "log_router"},
		{"an injected agent", stop(exited, essential, said("web", 1, ""), said("aws-guardduty-agent-x", -1, unpullable)), fleet.AppExit, "web"},
		{"a container that the definition does not name decides", stop(exited, essential, said("web", 143, ""), said("added", 5, "")), fleet.AppExit, "added"},
		{"only a helper said something", stop(exited, essential, said("web", -1, ""), said("metrics", 1, oomKilled)), fleet.UnknownCause, ""},
		{"a dependency that failed, in the words of the agent", stop(start, "Task failed to start", said("web", -1, order), said("migrate", 3, "")), fleet.AppExit, "migrate"},
		{"a dependency that failed without a word", stop(start, "Task failed to start", said("web", -1, ""), said("migrate", 3, "")), fleet.AppExit, "migrate"},
		{"a dependency that cannot be pulled", stop(start, "Task failed to start", said("web", -1, ""), said("migrate", -1, unpullable)), fleet.PullNetwork, "migrate"},
		{"a failed health check", stop(scheduler, "Task failed container health checks", said("web", 143, ""), said("log_router", 1, "")), fleet.ContainerHealth, "web"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := cause.Within(c.trigger, shop())
			assert.Equal(t, c.want, got.Cause, "row %s", got.Row)
			assert.Equal(t, c.container, got.Container)
		})
	}
}

func TestAFindingNamesTheContainersThatMatter(t *testing.T) {
	for name, c := range map[string]struct {
		trigger fleet.Trigger
		why     string
		notes   []string
	}{
		"a note": {
			stop(exited, essential, said("web", 2, ""), said("metrics", 1, "panic"), said("aws-guardduty-agent-x", -1, unpullable)),
			`container "web" exited with 2: it failed`,
			[]string{`container "metrics" (not essential) exited with 1: panic`, `container "aws-guardduty-agent-x" (security agent that GuardDuty injects): ` + unpullable},
		},
		"a dependency that was not ready in time": {
			stop(start, "Task failed to start", said("web", -1, "CannotStartContainerError: dependency graph: container ordering dependency [Cache] for target [web] has timed out.")),
			`a container waited for another one, and that one was never ready in time: "web" waits for "Cache"`, nil,
		},
		"a dependency": {
			stop(start, "Task failed to start", said("web", -1, ""), said("migrate", 3, "")),
			`container "web" waits for "migrate": container "migrate" exited with 3: it failed`,
			[]string{`container "migrate" (not essential) exited with 3`},
		},
		"a health check": {
			stop(scheduler, "Task failed container health checks", said("web", 143, "")),
			`a container's own health check failed: container "web"`, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := cause.Within(c.trigger, shop())
			assert.Equal(t, c.why, got.Why)
			assert.Equal(t, c.notes, got.Notes)
		})
	}
}

func TestTheContainerWithTheFailedCheckIsNamed(t *testing.T) {
	two := &fleet.Definition{Containers: []fleet.ContainerDefinition{
		{Name: "web", HealthCheck: true}, {Name: "proxy", HealthCheck: true}, {Name: "metrics", HealthCheck: true, NonEssential: true},
	}}
	for name, c := range map[string]struct {
		definition *fleet.Definition
		unhealthy  []string
		why        string
		container  string
	}{
		"ECS describes one as unhealthy":                  {two, []string{"proxy"}, `: container "proxy"`, "proxy"},
		"ECS describes both as unhealthy":                 {two, []string{"web", "proxy"}, `: container "web" or "proxy"`, ""},
		"the health is unknown":                           {two, nil, `: container "web" or "proxy"`, ""},
		"a container that is not essential is a note":     {two, []string{"metrics", "web"}, `: container "web"`, "web"},
		"the definition is unknown, and ECS describes it": {nil, []string{"web"}, `: container "web"`, "web"},
		"both are unknown":                                {nil, nil, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var containers []fleet.ContainerExit
			for _, id := range []string{"web", "proxy", "metrics"} {
				one := said(id, 143, "")
				if slices.Contains(c.unhealthy, id) {
					one.Health = "UNHEALTHY"
				}
				containers = append(containers, one)
			}
			got := cause.Within(stop(scheduler, "Task failed container health checks", containers...), c.definition)
			assert.Equal(t, fleet.ContainerHealth, got.Cause)
			assert.Equal(t, "a container's own health check failed"+c.why, got.Why)
			assert.Equal(t, c.container, got.Container)
		})
	}
}

func TestANonEssentialContainerChangesNoCause(t *testing.T) {
	words := []string{"", oomKilled, unpullable, "CannotStartContainerError: x", "Task failed ELB health checks", "DockerTimeoutError", "RESOURCE:CPU", "no space left on device"}
	codes := []int{-1, 0, 1, 137, 143, 255}
	draw := func(t *rapid.T, name string) fleet.ContainerExit {
		c := said(name, rapid.SampledFrom(codes).Draw(t, "code of "+name), rapid.SampledFrom(words).Draw(t, "reason of "+name))
		c.Health = rapid.SampledFrom([]string{"", "HEALTHY", "UNHEALTHY"}).Draw(t, "health of "+name)
		return c
	}
	rapid.Check(t, func(t *rapid.T) {
		d := &fleet.Definition{}
		var containers, silent []fleet.ContainerExit
		for i := range rapid.IntRange(1, 40).Draw(t, "containers") {
			name := fmt.Sprint("c", i)
			optional := i > 0 && rapid.Bool().Draw(t, "not essential")
			d.Containers = append(d.Containers, fleet.ContainerDefinition{Name: name, NonEssential: optional})
			c := draw(t, name)
			containers = append(containers, c)
			if optional {
				c = fleet.ContainerExit{Name: name}
			}
			silent = append(silent, c)
		}
		code := rapid.SampledFrom([]string{"", start, exited, scheduler}).Draw(t, "stop code")
		reason := rapid.SampledFrom(append(words, essential, "Task failed container health checks")).Draw(t, "reason")
		got, want := cause.Within(stop(code, reason, containers...), d), cause.Within(stop(code, reason, silent...), d)
		got.Notes, want.Notes = nil, nil
		require.Equal(t, want, got)
	})
}

func TestEveryAgentIsComplete(t *testing.T) {
	ids := map[string]bool{}
	for _, a := range cause.Agents() {
		assert.False(t, ids[a.ID], "the id %s occurs twice", a.ID)
		ids[a.ID] = true
		assert.NotEmpty(t, a.Names, a.ID)
		assert.NotEmpty(t, a.Note, a.ID)
		assert.Contains(t, a.Source, "https://", a.ID)
	}
}
