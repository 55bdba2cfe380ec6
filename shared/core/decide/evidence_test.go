package decide_test

import (
	"fmt"
	"testing"
	"time"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
)

// unhealthy makes the tasks of the running revision fail their health checks.
func unhealthy(cpu float64) change {
	return func(in *decide.Input) {
		failing(in)
		fail(in, "ecs-svc/7", 3, fleet.ELBHealth)
		longerAgo(in)
		in.Snapshot.CPU = fleet.Known(cpu, ago(time.Minute), "test")
		in.Snapshot.CPUPeak = in.Snapshot.CPU
	}
}

// longerAgo makes the failures older than the wait for peers.
func longerAgo(in *decide.Input) {
	in.Snapshot.Deployments[0].CreatedAt = ago(15 * time.Minute)
	tasks := in.Memory.Cohorts["ecs-svc/7"].Tasks
	for id, life := range tasks {
		life.StartedAt, life.StoppedAt = life.StartedAt.Add(-3*time.Minute), life.StoppedAt.Add(-3*time.Minute)
		tasks[id] = life
	}
}

func TestAnOverloadAddsTasksFirst(t *testing.T) {
	d := planOf(t, unhealthy(95))
	assert.Equal(t, fleet.ScaleOut, d.Kind)
	assert.Equal(t, []string{"overload"}, fixture.ReasonNames(d.Reasons))
	assert.Equal(t, 5, d.Action.To, "at least half as many again: 3 → 5")
	assert.Equal(t, "overload at 95 % CPU: 3 → 5 tasks before a rollback of web:7", d.Reasons[0].Text)
	assert.Equal(t, map[string]string{"revision": "web:7", "cpu_percent": "95", "desired": "3", "to": "5"}, fieldsOf(d.Reasons[0]))

	scaled := func(in *decide.Input) {
		in.Memory.Actions = []fleet.PastAction{{Kind: fleet.ScaleOut, At: ago(3 * time.Minute), Status: fleet.Done}}
	}
	d = planOf(t, unhealthy(60), scaled)
	assert.Equal(t, fleet.DoNothing, d.Kind, "the scale-out needs time to take effect")
	assert.Equal(t, time.Minute, d.RequeueAfter)

	d = planOf(t, unhealthy(95), func(in *decide.Input) { in.Policy.Max = 3 })
	assert.Equal(t, fleet.Notify, d.Kind)
	assert.Contains(t, d.Notify, "Overload at 95 % CPU: a rollback would not help, and no task is added, because the maximum is 3 tasks.")

	d = planOf(t, unhealthy(95), func(in *decide.Input) {
		in.Snapshot.Scaling = fleet.Scaling{Registered: true, Max: 9, Policies: []string{"cpu"}}
	})
	assert.Equal(t, fleet.Notify, d.Kind, "Application Auto Scaling sets the count")
}

func TestAnAlarmWaitsForTheCPUOfItsTime(t *testing.T) {
	fires := func(takes, since, read time.Duration) change {
		return func(in *decide.Input) {
			failing(in)
			in.Memory.Cohorts["ecs-svc/7"].Tasks = nil
			in.Snapshot.Deployments[0].CreatedAt = ago(time.Hour)
			in.Policy.RollbackAlarms = []string{"5xx"}
			in.Snapshot.Alarms = []fleet.WatchedAlarm{{Name: "5xx", State: "ALARM", Since: ago(since), Takes: takes}}
			in.Snapshot.CPU = fleet.Known(40, ago(read), "test")
			in.Snapshot.CPUPeak = in.Snapshot.CPU
		}
	}
	for _, c := range []struct {
		name               string
		takes, since, read time.Duration
		want               fleet.DecisionKind
	}{
		{"the newest CPU is older than the alarm's condition", 0, 10 * time.Second, 3 * time.Minute, fleet.DoNothing},
		{"the CPU of that time is low", 0, 10 * time.Second, 2 * time.Minute, fleet.RollBack},
		{"the CPU of the first of two periods is low", 2 * time.Minute, 10 * time.Second, 3 * time.Minute, fleet.RollBack},
		{"the newest CPU is older than the first of two periods", 2 * time.Minute, 10 * time.Second, 4 * time.Minute, fleet.DoNothing},
		{"the CPU stays unknown", 0, 6 * time.Minute, 9 * time.Minute, fleet.RollBack},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := planOf(t, fires(c.takes, c.since, c.read))
			assert.Equal(t, c.want, d.Kind)
			if c.want == fleet.DoNothing {
				assert.Equal(t, []string{"overload"}, fixture.ReasonNames(d.Reasons))
				assert.Equal(t, 20*time.Second, d.RequeueAfter)
			}
		})
	}
}

func TestWithoutAnOverloadTheRevisionIsRolledBack(t *testing.T) {
	for name, given := range map[string][]change{
		"the CPU is low":     {unhealthy(40)},
		"the CPU is unknown": {unhealthy(95), func(in *decide.Input) { in.Snapshot.CPUPeak = fleet.Unknown("throttled") }},
		"the CPU is old":     {unhealthy(95), func(in *decide.Input) { in.Snapshot.CPUPeak.At = ago(time.Hour) }},
		"tasks also exit":    {unhealthy(95), func(in *decide.Input) { fail(in, "ecs-svc/7", 3, fleet.AppExit) }},
		"an older revision runs under the same load": {unhealthy(95), func(in *decide.Input) {
			in.Snapshot.Deployments = append(in.Snapshot.Deployments, fleet.Deployment{ID: "ecs-svc/6", Status: "ACTIVE", Running: 3})
			in.Snapshot.History[0].Status = "IN_PROGRESS"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			d := planOf(t, given...)
			assert.Equal(t, fleet.RollBack, d.Kind, "%+v", d.Reasons)
		})
	}
}

func TestARevisionInServiceForLongIsNotRolledBack(t *testing.T) {
	old := func(in *decide.Input) {
		fail(in, "ecs-svc/7", 12, fleet.AppExit)
		in.Snapshot.Deployments[0].Running = 0
		in.Snapshot.Deployments[0].CreatedAt = ago(72 * time.Hour)
	}
	d := planOf(t, old)
	assert.Equal(t, fleet.Notify, d.Kind)
	assert.Equal(t, []string{"long-lived"}, fixture.ReasonNames(d.Reasons))
	assert.Equal(t, "no rollback of web:7: in service for 72h, something else changed", d.Reasons[0].Text)
	assert.Contains(t, d.Notify, ". No rollback: it was in service for 72h, so something else changed.")

	capRestarts := func(in *decide.Input) { in.Policy.CapRestarts = true }
	d = planOf(t, old, capRestarts)
	assert.Equal(t, fleet.ScaleIn, d.Kind)
	assert.Equal(t, []string{"long-lived", "restart-cap"}, fixture.ReasonNames(d.Reasons))
	assert.Equal(t, 1, d.Action.To)
	assert.Equal(t, "12 task failures within 1h, no stable task: cap restarts to 1 at a time", d.Reasons[1].Text)
	assert.Contains(t, d.Notify, " Desired count 3 → 1 until a task runs for 5m.")

	few := func(in *decide.Input) { in.Policy.FalseRollback = 0.5; fail(in, "ecs-svc/7", 9, fleet.AppExit) }
	assert.Equal(t, fleet.Notify, planOf(t, old, capRestarts, few).Kind, "nine failures are no crash loop")
}

func TestARestartCapEndsWithAStableTask(t *testing.T) {
	capped := func(in *decide.Input) {
		in.Trigger = fleet.Trigger{Kind: fleet.Tick, ID: "tick", At: fixture.Noon()}
		in.Snapshot.Desired, in.Snapshot.Running = 1, 1
		in.Memory.RestartCap = &fleet.RestartCap{At: ago(time.Hour), Was: 4}
	}
	stable := func(in *decide.Input) {
		in.Memory.Cohorts = map[string]*fleet.TaskCohort{"ecs-svc/7": {Tasks: map[string]fleet.TaskLife{"a": {StartedAt: ago(6 * time.Minute)}}}}
	}
	d := planOf(t, capped, stable)
	assert.Equal(t, fleet.ScaleOut, d.Kind)
	assert.Equal(t, 4, d.Action.To)
	assert.Equal(t, []string{"restart-cap-lifted"}, fixture.ReasonNames(d.Reasons))
	assert.Contains(t, fixture.ReasonNames(planOf(t, capped).Reasons), "restart-cap", "no task is stable yet")
}

func TestAProbeRunsFirstWithoutAnOlderTask(t *testing.T) {
	allowed := func(in *decide.Input) { in.Policy.Probe = true }
	d := planOf(t, failing, allowed)
	assert.Equal(t, fleet.Probe, d.Kind)
	assert.Equal(t, []string{"bad-revision", "probe"}, fixture.ReasonNames(d.Reasons))
	assert.Equal(t, fleet.RunProbe, d.Action.Kind)
	assert.Equal(t, "web:6", d.Action.TaskDefinition)
	assert.Equal(t, digest(6), d.Action.Images[0].Image.Digest)

	runs := func(since time.Duration, stop *fleet.Stop) change {
		return func(in *decide.Input) {
			in.Memory.Probe = &fleet.ProbeRun{Task: "p", Definition: "web:6", For: "ecs-svc/7", At: ago(since)}
			in.Snapshot.Probe = stop
		}
	}
	exit := 1
	stopped := &fleet.Stop{
		LastStatus: "STOPPED", Code: "EssentialContainerExited", Reason: "Essential container in task exited",
		StoppedAt: ago(time.Second), Containers: []fleet.ContainerExit{{Name: "app", ExitCode: &exit}},
	}
	for name, c := range map[string]struct {
		given  []change
		want   fleet.DecisionKind
		reason string
	}{
		"a passed probe leads to a rollback":        {after(runs(4*time.Minute, &fleet.Stop{LastStatus: "RUNNING", StartedAt: ago(3 * time.Minute)})), fleet.RollBack, "bad-revision"},
		"a failed probe is a common cause":          {after(runs(time.Minute, stopped)), fleet.Notify, "common-cause"},
		"a young probe is awaited":                  {after(runs(time.Minute, &fleet.Stop{LastStatus: "RUNNING", StartedAt: ago(time.Minute)})), fleet.DoNothing, "probing"},
		"a probe without a result notifies":         {after(runs(11*time.Minute, nil)), fleet.Notify, "probe-inconclusive"},
		"a probe for another deployment is ignored": {after(runs(4*time.Minute, nil), func(in *decide.Input) { in.Memory.Probe.For = "ecs-svc/5" }), fleet.Probe, "probe"},
		"without a probe after a failed start": {after(func(in *decide.Input) {
			in.Memory.Actions = []fleet.PastAction{{Kind: fleet.Probe, Intent: "probe web:6 for ecs-svc/7", Status: fleet.Failed, At: ago(time.Minute)}}
		}), fleet.RollBack, "bad-revision"},
		"without a probe, if older tasks run": {after(func(in *decide.Input) {
			in.Memory.Cohorts["ecs-svc/6"] = &fleet.TaskCohort{Tasks: map[string]fleet.TaskLife{"old": {StartedAt: ago(5 * time.Minute)}}}
		}), fleet.RollBack, "bad-revision"},
		"older tasks without a recent start do not count": {after(func(in *decide.Input) {
			in.Memory.Cohorts["ecs-svc/6"] = &fleet.TaskCohort{Tasks: map[string]fleet.TaskLife{"old": {StartedAt: ago(9 * time.Hour)}}}
		}), fleet.Probe, "probe"},
	} {
		t.Run(name, func(t *testing.T) {
			d := planOf(t, append([]change{failing, allowed}, c.given...)...)
			assert.Equal(t, c.want, d.Kind, "%+v", d.Reasons)
			assert.Contains(t, fixture.ReasonNames(d.Reasons), c.reason)
		})
	}
}

func TestOnlyChangedPartsCountAgainstARevision(t *testing.T) {
	defined := func(secret, value string) *fleet.Definition {
		return &fleet.Definition{CPU: 256, Memory: 512, Containers: []fleet.ContainerDefinition{{
			Name: "app", Image: "web:live", Values: map[string]string{"MODE": value}, Secrets: map[string]string{"DB": secret},
		}}}
	}
	with := func(older, newer *fleet.Definition, cause fleet.Cause) change {
		return func(in *decide.Input) {
			failing(in)
			fail(in, "ecs-svc/7", 5, cause)
			in.Snapshot.History[0].Target.Definition = newer
			in.Snapshot.History[1].Target.Definition = older
		}
	}
	d := planOf(t, with(defined("arn:1", "a"), defined("arn:1", "a"), fleet.SecretMissing))
	assert.Equal(t, fleet.Notify, d.Kind, "the secret did not change: %+v", d.Reasons)
	assert.Equal(t, "secret-missing: revision changed no secret or container", d.Reasons[0].Text)
	assert.Equal(t, "Tasks of web:7 fail with secret-missing: the revision changed no secret or container. A rollback would not help.", d.Notify)

	d = planOf(t, with(defined("arn:1", "a"), defined("arn:2", "a"), fleet.SecretMissing))
	assert.Equal(t, fleet.RollBack, d.Kind, "the secret is new: %+v", d.Reasons)

	same := func(in *decide.Input) {
		in.Snapshot.History[0].Target.Containers = in.Snapshot.History[1].Target.Containers
	}
	d = planOf(t, with(defined("arn:1", "a"), defined("arn:1", "a"), fleet.AppExit), same)
	assert.Equal(t, fleet.RollBack, d.Kind, "%+v", d.Reasons)
	assert.Equal(t, "web:5", d.Action.TaskDefinition, "web:6 has the content of web:7, so it is no target")

	d = planOf(t, with(defined("arn:1", "a"), defined("arn:1", "b"), fleet.AppExit), same)
	assert.Equal(t, fleet.RollBack, d.Kind, "a changed variable can be the cause")

	d = planOf(t, with(nil, defined("arn:1", "a"), fleet.SecretMissing))
	assert.Equal(t, fleet.RollBack, d.Kind, "the changes are unknown, and no older revision shows the cause")
}

func TestServicesThatFailTogetherHaveACommonCause(t *testing.T) {
	report := func(n int, f func(*fleet.FailureReport)) fleet.FailureReport {
		ref := fixture.Ref(fmt.Sprint("other-", n))
		p := fleet.FailureReport{Ref: ref, First: ago(2 * time.Minute), Last: ago(time.Minute), Failures: 4, Tasks: 4, RolledOut: ago(48 * time.Hour)}
		f(&p)
		return p
	}
	inZone := func(p *fleet.FailureReport) { p.Zones = []string{"a"} }
	dependent := func(p *fleet.FailureReport) { p.DependsOn = []string{"payments-db"} }
	recent := func(p *fleet.FailureReport) { p.Zones, p.RolledOut = []string{"a"}, ago(10*time.Minute) }
	zoned := func(in *decide.Input) {
		in.Policy.DependsOn = []string{"payments-db"}
		for id, life := range in.Memory.Cohorts["ecs-svc/7"].Tasks {
			life.Zone = "a"
			in.Memory.Cohorts["ecs-svc/7"].Tasks[id] = life
		}
	}
	for name, c := range map[string]struct {
		reports []fleet.FailureReport
		want    fleet.DecisionKind
	}{
		"one peer with a declared dependency":      {[]fleet.FailureReport{report(1, dependent)}, fleet.Notify},
		"two peers in the same zone":               {[]fleet.FailureReport{report(1, inZone), report(2, inZone)}, fleet.Notify},
		"one peer in the same zone is chance":      {[]fleet.FailureReport{report(1, inZone)}, fleet.RollBack},
		"not two peers after their own rollout":    {[]fleet.FailureReport{report(1, recent), report(2, recent)}, fleet.RollBack},
		"not two peers that failed an hour before": {[]fleet.FailureReport{report(1, func(p *fleet.FailureReport) { inZone(p); p.Last = ago(time.Hour) }), report(2, func(p *fleet.FailureReport) { inZone(p); p.Last = ago(time.Hour) })}, fleet.RollBack},
		"not two peers without a shared place":     {[]fleet.FailureReport{report(1, func(*fleet.FailureReport) {}), report(2, func(*fleet.FailureReport) {})}, fleet.RollBack},
		"no other service fails":                   {nil, fleet.RollBack},
		"not the service itself":                   {[]fleet.FailureReport{report(1, func(p *fleet.FailureReport) { dependent(p); p.Ref = fixture.Web() })}, fleet.RollBack},
	} {
		t.Run(name, func(t *testing.T) {
			d := planOf(t, failing, longerAgo, zoned, func(in *decide.Input) { in.PeerReports = c.reports })
			assert.Equal(t, c.want, d.Kind, "%+v", d.Reasons)
		})
	}
}

func TestTasksMoveAwayFromAFailingPlace(t *testing.T) {
	placed := func(set func(*fleet.TaskLife, string)) change {
		return func(in *decide.Input) {
			failing(in)
			fail(in, "ecs-svc/7", 5, fleet.AppExit)
			in.Snapshot.Deployments[0].Running = 4
			cohort := in.Memory.Cohorts["ecs-svc/7"]
			for id, life := range cohort.Tasks {
				set(&life, "bad")
				cohort.Tasks[id] = life
			}
			for i := range 4 {
				life := fleet.TaskLife{StartedAt: ago(9 * time.Minute)}
				set(&life, "good")
				cohort.Tasks[fmt.Sprint("runs-", i)] = life
			}
		}
	}
	zone := placed(func(l *fleet.TaskLife, at string) { l.Zone = at })
	host := placed(func(l *fleet.TaskLife, at string) { l.Host = at })

	d := planOf(t, zone, func(in *decide.Input) { in.Snapshot.Rebalancing = "DISABLED" })
	assert.Equal(t, fleet.Move, d.Kind, "%+v", d.Reasons)
	assert.Equal(t, fleet.Rebalance, d.Action.Kind)
	assert.Contains(t, d.Notify, ". Rebalancing away from the zone bad.")

	d = planOf(t, zone, func(in *decide.Input) { in.Snapshot.Rebalancing = "ENABLED" })
	assert.Equal(t, fleet.Notify, d.Kind, "ECS already moves tasks by itself")
	assert.Contains(t, d.Notify, ". Only the zone bad fails: a rollback would not help.")

	d = planOf(t, host, func(in *decide.Input) { in.Policy.DrainHosts = true })
	assert.Equal(t, fleet.Move, d.Kind, "%+v", d.Reasons)
	assert.Equal(t, &fleet.Action{Kind: fleet.DrainHost, Intent: "drain bad", Host: "bad"}, d.Action)

	d = planOf(t, host)
	assert.Equal(t, fleet.Notify, d.Kind, "other services may run on the host, so the policy must permit it")
}

func TestAnAlarmFromBeforeTheRevisionDoesNotCount(t *testing.T) {
	fires := func(name string, since time.Duration, ofDeployment bool) change {
		return func(in *decide.Input) {
			failing(in)
			in.Memory.Cohorts["ecs-svc/7"] = &fleet.TaskCohort{Tasks: map[string]fleet.TaskLife{"a": {StartedAt: ago(9 * time.Minute)}}}
			in.Trigger = fleet.Trigger{Kind: fleet.AlarmChanged, ID: "alarm", At: ago(time.Second), Alarm: fleet.Alarm{Name: name, State: "ALARM"}}
			in.Cause = ""
			in.Policy.RollbackAlarms = []string{"5xx"}
			in.Policy.ScaleEnabled = false
			in.Snapshot.Alarms = []fleet.WatchedAlarm{{Name: name, State: "ALARM", Since: ago(since), OfDeployment: ofDeployment}}
		}
	}
	d := planOf(t, fires("5xx", 3*time.Minute, false))
	assert.Equal(t, fleet.RollBack, d.Kind, "%+v", d.Reasons)
	assert.Contains(t, d.Reasons[0].Text, "web:7: alarm 5xx")
	assert.Equal(t, map[string]string{"revision": "web:7", "alarm": "5xx", "since": "2026-01-05T11:57:00Z"}, fieldsOf(d.Reasons[0]))
	assert.Equal(t, fleet.RollBack, planOf(t, fires("slow", 3*time.Minute, true)).Kind, "an alarm of the service's deployments")
	assert.Equal(t, fleet.DoNothing, planOf(t, fires("slow", 3*time.Minute, false)).Kind, "an alarm without a meaning for the service")
	assert.Equal(t, fleet.DoNothing, planOf(t, fires("5xx", time.Hour, false)).Kind, "it fired before the deployment")
	quiet := func(in *decide.Input) { in.Snapshot.Alarms[0].State = "OK" }
	assert.Equal(t, fleet.DoNothing, planOf(t, fires("5xx", 3*time.Minute, false), quiet).Kind, "it is OK again")
	unread := func(in *decide.Input) { in.Snapshot.Alarms = nil }
	assert.Equal(t, fleet.DoNothing, planOf(t, fires("5xx", 3*time.Minute, false), unread).Kind, "it could not be read")
}

func TestARollbackWaitsForFailuresOfPeers(t *testing.T) {
	since := func(d time.Duration, cause fleet.Cause) change {
		return func(in *decide.Input) {
			failing(in)
			cohort := &fleet.TaskCohort{Tasks: map[string]fleet.TaskLife{}}
			for i := range 4 {
				at := ago(d - time.Duration(i)*time.Second)
				cohort.Tasks[fmt.Sprint(i)] = fleet.TaskLife{StartedAt: at.Add(-3 * time.Second), StoppedAt: at, Cause: cause}
			}
			in.Memory.Cohorts["ecs-svc/7"] = cohort
		}
	}
	shares := func(in *decide.Input) { in.Policy.DependsOn = []string{"db"} }
	d := planOf(t, since(20*time.Second, fleet.AppExit), shares)
	assert.Equal(t, fleet.DoNothing, d.Kind)
	assert.Equal(t, []string{"observing-peers"}, fixture.ReasonNames(d.Reasons))
	assert.Equal(t, "rollback of web:7 waits 1m10s for failures of other services", d.Reasons[0].Text)
	assert.Equal(t, 70*time.Second, d.RequeueAfter)
	assert.Equal(t, fleet.RollBack, planOf(t, since(91*time.Second, fleet.AppExit), shares).Kind, "no peer failed")
	assert.Equal(t, fleet.RollBack, planOf(t, since(20*time.Second, fleet.AppExit)).Kind, "nothing is shared")
	assert.EqualValues(t, "observing-peers", planOf(t, since(20*time.Second, fleet.ELBHealth)).Reasons[0].Name, "load balancers are shared")
	older := func(in *decide.Input) {
		in.Snapshot.Deployments = append(in.Snapshot.Deployments, fleet.Deployment{ID: "ecs-svc/6", Status: "ACTIVE", Running: 3})
	}
	assert.Equal(t, fleet.RollBack, planOf(t, since(20*time.Second, fleet.AppExit), shares, older).Kind, "older tasks run")
}

func TestAnAlarmInAnOverloadAddsTasksFirst(t *testing.T) {
	fires := func(cpu float64) change {
		return func(in *decide.Input) {
			failing(in)
			in.Memory.Cohorts = nil
			in.Trigger = fleet.Trigger{Kind: fleet.AlarmChanged, ID: "alarm", At: ago(time.Second), Alarm: fleet.Alarm{Name: "5xx", State: "ALARM"}}
			in.Cause = ""
			in.Policy.RollbackAlarms = []string{"5xx"}
			in.Snapshot.Alarms = []fleet.WatchedAlarm{{Name: "5xx", State: "ALARM", Since: ago(3 * time.Minute)}}
			in.Snapshot.CPU = fleet.Known(cpu, ago(time.Minute), "test")
			in.Snapshot.CPUPeak = in.Snapshot.CPU
		}
	}
	assert.Equal(t, fleet.ScaleOut, planOf(t, fires(95)).Kind)
	assert.Equal(t, fleet.RollBack, planOf(t, fires(40)).Kind)
	scaled := func(in *decide.Input) {
		in.Memory.Actions = []fleet.PastAction{{Kind: fleet.ScaleOut, At: ago(time.Minute), Status: fleet.Done}}
	}
	assert.NotEqual(t, fleet.RollBack, planOf(t, fires(40), scaled).Kind, "the scale-out needs time to take effect")
}

func TestTasksThatHaveJustBegunDoNotHideAnOverload(t *testing.T) {
	fires := func(value float64, young int, started time.Duration) change {
		return func(in *decide.Input) {
			failing(in)
			in.Policy.RollbackAlarms = []string{"5xx"}
			in.Snapshot.Alarms = []fleet.WatchedAlarm{{Name: "5xx", State: "ALARM", Since: ago(3 * time.Minute)}}
			in.Snapshot.CPU = fleet.Known(value, ago(time.Minute), "test")
			in.Snapshot.CPUPeak = in.Snapshot.CPU
			in.Snapshot.Running, in.Snapshot.Desired = 4, 4
			tasks := map[string]fleet.TaskLife{}
			for i := range young {
				tasks[string(rune('a'+i))] = fleet.TaskLife{StartedAt: ago(started)}
			}
			in.Memory.Cohorts = map[string]*fleet.TaskCohort{"ecs-svc/7": {Tasks: tasks}}
		}
	}
	for _, c := range []struct {
		name    string
		value   float64
		young   int
		started time.Duration
		want    fleet.DecisionKind
	}{
		{"two of four tasks are new: the others are at 90 %", 45, 2, 2 * time.Minute, fleet.ScaleOut},
		{"the same average of tasks that all ran before", 45, 2, time.Hour, fleet.RollBack},
		{"the new tasks began after the period of the value", 45, 2, 30 * time.Second, fleet.RollBack},
		{"all tasks are new, so nothing is known of others", 45, 4, 2 * time.Minute, fleet.RollBack},
		{"the others are below the target too", 30, 2, 2 * time.Minute, fleet.RollBack},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := planOf(t, fires(c.value, c.young, c.started))
			assert.Equal(t, c.want, d.Kind, "%+v", d.Reasons)
		})
	}
}

func TestAnAlarmReportsTheEffectOfAddedTasksLater(t *testing.T) {
	after := func(scaled time.Duration) change {
		return func(in *decide.Input) {
			failing(in)
			in.Memory.Cohorts, in.Cause = nil, ""
			in.Trigger = fleet.Trigger{Kind: fleet.AlarmChanged, ID: "alarm", At: ago(time.Second), Alarm: fleet.Alarm{Name: "5xx", State: "ALARM"}}
			in.Policy.RollbackAlarms = []string{"5xx"}
			in.Snapshot.Deployments[0].CreatedAt = ago(time.Hour)
			in.Snapshot.Alarms = []fleet.WatchedAlarm{{Name: "5xx", State: "ALARM", Since: ago(20 * time.Minute), Takes: 2 * time.Minute}}
			in.Snapshot.CPU = fleet.Known(40, ago(time.Minute), "test")
			in.Snapshot.CPUPeak = in.Snapshot.CPU
			in.Memory.Actions = []fleet.PastAction{{Kind: fleet.ScaleOut, At: ago(scaled), Status: fleet.Done}}
		}
	}
	d := planOf(t, after(10*time.Minute))
	assert.Equal(t, fleet.DoNothing, d.Kind)
	assert.Equal(t, "rollback of web:7 waits: added tasks need 11m to take effect", d.Reasons[0].Text)
	assert.Equal(t, fleet.RollBack, planOf(t, after(12*time.Minute)).Kind, "the alarm still fires")
}
