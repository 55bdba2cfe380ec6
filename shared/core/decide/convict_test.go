package decide_test

import (
	"fmt"
	"testing"
	"time"

	"homeostat/shared/core/decide"
	"homeostat/shared/core/fleet"

	"github.com/stretchr/testify/assert"
)

// planOf is what is decided of input() after the changes.
func planOf(given ...change) fleet.Decision {
	in := input()
	for _, f := range given {
		f(&in)
	}
	return decide.Plan(in)
}

// killed makes the running revision's tasks die of their health check.
func killed(cpu float64) change {
	return func(in *decide.Input) {
		convicted(in)
		dying(in, "ecs-svc/7", 3, fleet.ELBHealth)
		longerAgo(in)
		in.Snapshot.CPU = fleet.Known(cpu, ago(time.Minute), "test")
		in.Snapshot.CPUPeak = in.Snapshot.CPU
	}
}

// longerAgo makes the deaths older than others are listened to for.
func longerAgo(in *decide.Input) {
	in.Snapshot.Deployments[0].CreatedAt = ago(15 * time.Minute)
	tasks := in.Memory.Cohorts["ecs-svc/7"].Tasks
	for id, life := range tasks {
		life.StartedAt, life.StoppedAt = life.StartedAt.Add(-3*time.Minute), life.StoppedAt.Add(-3*time.Minute)
		tasks[id] = life
	}
}

func TestAnOverloadIsScaledOutFirst(t *testing.T) {
	d := planOf(killed(95))
	assert.Equal(t, fleet.ScaleOut, d.Kind)
	assert.Equal(t, []string{"overload"}, names(d.Reasons))
	assert.Equal(t, 5, d.Action.To, "half as many again at least: 3 → 5")
	assert.Contains(t, d.Reasons[0].Text, "at 95 % CPU tasks may be too busy to answer, so some are added first")

	scaled := func(in *decide.Input) {
		in.Memory.Actions = []fleet.PastAction{{Kind: fleet.ScaleOut, At: ago(3 * time.Minute), Status: fleet.Done}}
	}
	d = planOf(killed(60), scaled)
	assert.Equal(t, fleet.DoNothing, d.Kind, "the scale-out must show first")
	assert.Equal(t, time.Minute, d.RequeueAfter)

	d = planOf(killed(95), func(in *decide.Input) { in.Policy.Max = 3 })
	assert.Equal(t, fleet.Notify, d.Kind)
	assert.Contains(t, d.Notify, "an overload, a rollback would not help")

	d = planOf(killed(95), func(in *decide.Input) {
		in.Snapshot.Scaling = fleet.Scaling{Registered: true, Max: 9, Policies: []string{"cpu"}}
	})
	assert.Equal(t, fleet.Notify, d.Kind, "AWS's own policy steers the count")
}

func TestAnAlarmAheadOfTheCPUWaitsForIt(t *testing.T) {
	fires := func(takes, since, read time.Duration) change {
		return func(in *decide.Input) {
			convicted(in)
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
		{"the newest CPU is of before what it fires for", 0, 10 * time.Second, 3 * time.Minute, fleet.DoNothing},
		{"the CPU of that time is known, and low", 0, 10 * time.Second, 2 * time.Minute, fleet.RollBack},
		{"the CPU of the first of its two periods is known, and low", 2 * time.Minute, 10 * time.Second, 3 * time.Minute, fleet.RollBack},
		{"the newest CPU is of before the first of its two periods", 2 * time.Minute, 10 * time.Second, 4 * time.Minute, fleet.DoNothing},
		{"the CPU never comes", 0, 6 * time.Minute, 9 * time.Minute, fleet.RollBack},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := planOf(fires(c.takes, c.since, c.read))
			assert.Equal(t, c.want, d.Kind)
			if c.want == fleet.DoNothing {
				assert.Equal(t, []string{"overload"}, names(d.Reasons))
				assert.Equal(t, 20*time.Second, d.RequeueAfter)
			}
		})
	}
}

func TestWhatIsNoOverloadIsRolledBack(t *testing.T) {
	for name, given := range map[string][]change{
		"the CPU is low":               {killed(40)},
		"the CPU is unknown":           {killed(95), func(in *decide.Input) { in.Snapshot.CPUPeak = fleet.Unknown("throttled") }},
		"the CPU is old":               {killed(95), func(in *decide.Input) { in.Snapshot.CPUPeak.At = ago(time.Hour) }},
		"tasks exit by themselves too": {killed(95), func(in *decide.Input) { dying(in, "ecs-svc/7", 3, fleet.AppExit) }},
		"an older revision lives under the same load": {killed(95), func(in *decide.Input) {
			in.Snapshot.Deployments = append(in.Snapshot.Deployments, fleet.Deployment{ID: "ecs-svc/6", Status: "ACTIVE", Running: 3})
			in.Snapshot.History[0].Status = "IN_PROGRESS"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			d := planOf(given...)
			assert.Equal(t, fleet.RollBack, d.Kind, "%+v", d.Reasons)
		})
	}
}

func TestARevisionOfLongStandingIsNotBlamed(t *testing.T) {
	old := func(in *decide.Input) {
		dying(in, "ecs-svc/7", 12, fleet.AppExit)
		in.Snapshot.Deployments[0].Running = 0
		in.Snapshot.Deployments[0].CreatedAt = ago(72 * time.Hour)
	}
	d := planOf(old)
	assert.Equal(t, fleet.Notify, d.Kind)
	assert.Equal(t, []string{"long-lived"}, names(d.Reasons))
	assert.Contains(t, d.Notify, "but it ran well for 72h0m0s, so something else changed: no rollback")

	cap := func(in *decide.Input) { in.Policy.CapRestarts = true }
	d = planOf(old, cap)
	assert.Equal(t, fleet.ScaleIn, d.Kind)
	assert.Equal(t, []string{"long-lived", "restart-cap"}, names(d.Reasons))
	assert.Equal(t, 1, d.Action.To)

	few := func(in *decide.Input) { in.Policy.FalseRollback = 0.5; dying(in, "ecs-svc/7", 9, fleet.AppExit) }
	assert.Equal(t, fleet.Notify, planOf(old, cap, few).Kind, "nine deaths are no loop yet")
}

func TestACappedCountIsGivenBackOnceTasksLive(t *testing.T) {
	capped := func(in *decide.Input) {
		in.Trigger = fleet.Trigger{Kind: fleet.Tick, ID: "tick", At: noon()}
		in.Snapshot.Desired, in.Snapshot.Running = 1, 1
		in.Memory.RestartCap = &fleet.RestartCap{At: ago(time.Hour), Was: 4}
	}
	lives := func(in *decide.Input) {
		in.Memory.Cohorts = map[string]*fleet.TaskCohort{"ecs-svc/7": {Tasks: map[string]fleet.TaskLife{"a": {StartedAt: ago(6 * time.Minute)}}}}
	}
	d := planOf(capped, lives)
	assert.Equal(t, fleet.ScaleOut, d.Kind)
	assert.Equal(t, 4, d.Action.To)
	assert.Equal(t, []string{"restart-cap-lifted"}, names(d.Reasons))
	assert.Contains(t, names(planOf(capped).Reasons), "restart-cap", "nothing has lived yet")
}

func TestWhereNothingOldIsLeftAProbeIsAskedFirst(t *testing.T) {
	asks := func(in *decide.Input) { in.Policy.Probe = true }
	d := planOf(convicted, asks)
	assert.Equal(t, fleet.Probe, d.Kind)
	assert.Equal(t, []string{"bad-revision", "probe"}, names(d.Reasons))
	assert.Equal(t, fleet.RunProbe, d.Action.Kind)
	assert.Equal(t, "web:6", d.Action.TaskDefinition)
	assert.Equal(t, digest(6), d.Action.Images[0].Image.Digest)

	runs := func(since time.Duration, seen *fleet.Stop) change {
		return func(in *decide.Input) {
			in.Memory.Probe = &fleet.ProbeRun{Task: "p", Definition: "web:6", For: "ecs-svc/7", At: ago(since)}
			in.Snapshot.Probe = seen
		}
	}
	exit := 1
	dead := &fleet.Stop{
		LastStatus: "STOPPED", Code: "EssentialContainerExited", Reason: "Essential container in task exited",
		StoppedAt: ago(time.Second), Containers: []fleet.ContainerExit{{Name: "app", ExitCode: &exit}},
	}
	for name, c := range map[string]struct {
		given  []change
		want   fleet.DecisionKind
		reason string
	}{
		"a probe that lives convicts":                {after(runs(4*time.Minute, &fleet.Stop{LastStatus: "RUNNING", StartedAt: ago(3 * time.Minute)})), fleet.RollBack, "bad-revision"},
		"a probe that dies too is a common cause":    {after(runs(time.Minute, dead)), fleet.Notify, "common-cause"},
		"a young probe is waited for":                {after(runs(time.Minute, &fleet.Stop{LastStatus: "RUNNING", StartedAt: ago(time.Minute)})), fleet.DoNothing, "probing"},
		"a probe that tells nothing calls a person":  {after(runs(11*time.Minute, nil)), fleet.Notify, "probe-inconclusive"},
		"a probe for another deployment is no probe": {after(runs(4*time.Minute, nil), func(in *decide.Input) { in.Memory.Probe.For = "ecs-svc/5" }), fleet.Probe, "probe"},
		"a probe that could not be run is done without": {after(func(in *decide.Input) {
			in.Memory.Actions = []fleet.PastAction{{Kind: fleet.Probe, Intent: "probe web:6 for ecs-svc/7", Status: fleet.Failed, At: ago(time.Minute)}}
		}), fleet.RollBack, "bad-revision"},
		"with something to compare with none is needed": {after(func(in *decide.Input) {
			in.Memory.Cohorts["ecs-svc/6"] = &fleet.TaskCohort{Tasks: map[string]fleet.TaskLife{"old": {StartedAt: ago(5 * time.Minute)}}}
		}), fleet.RollBack, "bad-revision"},
		"old tasks that were not started lately say nothing of starts": {after(func(in *decide.Input) {
			in.Memory.Cohorts["ecs-svc/6"] = &fleet.TaskCohort{Tasks: map[string]fleet.TaskLife{"old": {StartedAt: ago(9 * time.Hour)}}}
		}), fleet.Probe, "probe"},
	} {
		t.Run(name, func(t *testing.T) {
			d := planOf(append([]change{convicted, asks}, c.given...)...)
			assert.Equal(t, c.want, d.Kind, "%+v", d.Reasons)
			assert.Contains(t, names(d.Reasons), c.reason)
		})
	}
}

func TestOnlyWhatTheRevisionChangedIsHeldAgainstIt(t *testing.T) {
	defined := func(secret, value string) *fleet.Definition {
		return &fleet.Definition{CPU: 256, Memory: 512, Containers: []fleet.ContainerDefinition{{
			Name: "app", Image: "web:live", Values: map[string]string{"MODE": value}, Secrets: map[string]string{"DB": secret},
		}}}
	}
	with := func(older, newer *fleet.Definition, cause fleet.Cause) change {
		return func(in *decide.Input) {
			convicted(in)
			dying(in, "ecs-svc/7", 5, cause)
			in.Snapshot.History[0].Target.Definition = newer
			in.Snapshot.History[1].Target.Definition = older
		}
	}
	d := planOf(with(defined("arn:1", "a"), defined("arn:1", "a"), fleet.SecretMissing))
	assert.Equal(t, fleet.Notify, d.Kind, "the secrets are the same: %+v", d.Reasons)
	assert.Equal(t, "secret-missing: the revision changed no secret and no container, so a rollback would not help", d.Notify)

	d = planOf(with(defined("arn:1", "a"), defined("arn:2", "a"), fleet.SecretMissing))
	assert.Equal(t, fleet.RollBack, d.Kind, "the secret is new: %+v", d.Reasons)

	same := func(in *decide.Input) {
		in.Snapshot.History[0].Target.Containers = in.Snapshot.History[1].Target.Containers
	}
	d = planOf(with(defined("arn:1", "a"), defined("arn:1", "a"), fleet.AppExit), same)
	assert.Equal(t, fleet.Notify, d.Kind, "nothing differs at all")
	assert.Contains(t, d.Notify, "nothing differs from the revision before")

	d = planOf(with(defined("arn:1", "a"), defined("arn:1", "b"), fleet.AppExit), same)
	assert.Equal(t, fleet.RollBack, d.Kind, "a changed variable can make it exit")

	d = planOf(with(nil, defined("arn:1", "a"), fleet.SecretMissing))
	assert.Equal(t, fleet.RollBack, d.Kind, "what it changed is not known, and no older revision shows the cause")
}

func TestServicesThatFailTogetherHaveACommonCause(t *testing.T) {
	pulse := func(n int, f func(*fleet.FailureReport)) fleet.FailureReport {
		ref := web()
		ref.Service = fmt.Sprint("other-", n)
		p := fleet.FailureReport{Ref: ref, First: ago(2 * time.Minute), Last: ago(time.Minute), Failures: 4, Tasks: 4, RolledOut: ago(48 * time.Hour)}
		f(&p)
		return p
	}
	inZone := func(p *fleet.FailureReport) { p.Zones = []string{"a"} }
	needing := func(p *fleet.FailureReport) { p.DependsOn = []string{"payments-db"} }
	fresh := func(p *fleet.FailureReport) { p.Zones, p.RolledOut = []string{"a"}, ago(10*time.Minute) }
	zoned := func(in *decide.Input) {
		in.Policy.DependsOn = []string{"payments-db"}
		for id, life := range in.Memory.Cohorts["ecs-svc/7"].Tasks {
			life.Zone = "a"
			in.Memory.Cohorts["ecs-svc/7"].Tasks[id] = life
		}
	}
	for name, c := range map[string]struct {
		pulses []fleet.FailureReport
		want   fleet.DecisionKind
	}{
		"one that shares a declared dependency":        {[]fleet.FailureReport{pulse(1, needing)}, fleet.Notify},
		"two in the same zone":                         {[]fleet.FailureReport{pulse(1, inZone), pulse(2, inZone)}, fleet.Notify},
		"one in the same zone is chance":               {[]fleet.FailureReport{pulse(1, inZone)}, fleet.RollBack},
		"two that have just been rolled out are not":   {[]fleet.FailureReport{pulse(1, fresh), pulse(2, fresh)}, fleet.RollBack},
		"two that failed an hour before are not":       {[]fleet.FailureReport{pulse(1, func(p *fleet.FailureReport) { inZone(p); p.Last = ago(time.Hour) }), pulse(2, func(p *fleet.FailureReport) { inZone(p); p.Last = ago(time.Hour) })}, fleet.RollBack},
		"two that share nothing are not":               {[]fleet.FailureReport{pulse(1, func(*fleet.FailureReport) {}), pulse(2, func(*fleet.FailureReport) {})}, fleet.RollBack},
		"nobody else fails":                            {nil, fleet.RollBack},
		"the service's own failures are no neighbours": {[]fleet.FailureReport{pulse(1, func(p *fleet.FailureReport) { needing(p); p.Ref = web() })}, fleet.RollBack},
	} {
		t.Run(name, func(t *testing.T) {
			d := planOf(convicted, longerAgo, zoned, func(in *decide.Input) { in.PeerReports = c.pulses })
			assert.Equal(t, c.want, d.Kind, "%+v", d.Reasons)
		})
	}
}

func TestAPlaceThatFailsIsLeftAndNotRolledBack(t *testing.T) {
	placed := func(set func(*fleet.TaskLife, string)) change {
		return func(in *decide.Input) {
			convicted(in)
			dying(in, "ecs-svc/7", 5, fleet.AppExit)
			in.Snapshot.Deployments[0].Running = 4
			arm := in.Memory.Cohorts["ecs-svc/7"]
			for id, life := range arm.Tasks {
				set(&life, "bad")
				arm.Tasks[id] = life
			}
			for i := range 4 {
				life := fleet.TaskLife{StartedAt: ago(9 * time.Minute)}
				set(&life, "good")
				arm.Tasks[fmt.Sprint("lives-", i)] = life
			}
		}
	}
	zone := placed(func(l *fleet.TaskLife, at string) { l.Zone = at })
	host := placed(func(l *fleet.TaskLife, at string) { l.Host = at })

	d := planOf(zone, func(in *decide.Input) { in.Snapshot.Rebalancing = "DISABLED" })
	assert.Equal(t, fleet.Move, d.Kind, "%+v", d.Reasons)
	assert.Equal(t, fleet.Rebalance, d.Action.Kind)
	assert.Contains(t, d.Notify, "none failed outside of the zone bad, so the place fails and not the revision")

	d = planOf(zone, func(in *decide.Input) { in.Snapshot.Rebalancing = "ENABLED" })
	assert.Equal(t, fleet.Notify, d.Kind, "ECS moves tasks by itself already")

	d = planOf(host, func(in *decide.Input) { in.Policy.DrainHosts = true })
	assert.Equal(t, fleet.Move, d.Kind, "%+v", d.Reasons)
	assert.Equal(t, &fleet.Action{Kind: fleet.DrainHost, Intent: "drain bad", Host: "bad"}, d.Action)

	d = planOf(host)
	assert.Equal(t, fleet.Notify, d.Kind, "others may run on the host: only where the policy says so")
}

func TestAlarmsCountOnlyWhereTheyBeganAfterTheRevision(t *testing.T) {
	fires := func(name string, since time.Duration, ofDeployment bool) change {
		return func(in *decide.Input) {
			convicted(in)
			in.Memory.Cohorts["ecs-svc/7"] = &fleet.TaskCohort{Tasks: map[string]fleet.TaskLife{"a": {StartedAt: ago(9 * time.Minute)}}}
			in.Trigger = fleet.Trigger{Kind: fleet.AlarmChanged, ID: "alarm", At: ago(time.Second), Alarm: fleet.Alarm{Name: name, State: "ALARM"}}
			in.Cause = ""
			in.Policy.RollbackAlarms = []string{"5xx"}
			in.Policy.ScaleEnabled = false
			in.Snapshot.Alarms = []fleet.WatchedAlarm{{Name: name, State: "ALARM", Since: ago(since), OfDeployment: ofDeployment}}
		}
	}
	d := planOf(fires("5xx", 3*time.Minute, false))
	assert.Equal(t, fleet.RollBack, d.Kind, "%+v", d.Reasons)
	assert.Contains(t, d.Reasons[0].Text, "alarm 5xx fires since 2026-01-05T11:57:00Z; the alarm 5xx was quiet before this revision took traffic")
	assert.Equal(t, fleet.RollBack, planOf(fires("slow", 3*time.Minute, true)).Kind, "the service's own deployment alarm")
	assert.Equal(t, fleet.DoNothing, planOf(fires("slow", 3*time.Minute, false)).Kind, "an alarm that nobody names")
	assert.Equal(t, fleet.DoNothing, planOf(fires("5xx", time.Hour, false)).Kind, "it fired before")
	quiet := func(in *decide.Input) { in.Snapshot.Alarms[0].State = "OK" }
	assert.Equal(t, fleet.DoNothing, planOf(fires("5xx", 3*time.Minute, false), quiet).Kind, "it is quiet again")
	unread := func(in *decide.Input) { in.Snapshot.Alarms = nil }
	assert.Equal(t, fleet.DoNothing, planOf(fires("5xx", 3*time.Minute, false), unread).Kind, "it could not be read")
}

func TestOthersThatMayFailOfTheSameAreListenedTo(t *testing.T) {
	since := func(d time.Duration, cause fleet.Cause) change {
		return func(in *decide.Input) {
			convicted(in)
			arm := &fleet.TaskCohort{Tasks: map[string]fleet.TaskLife{}}
			for i := range 4 {
				at := ago(d - time.Duration(i)*time.Second)
				arm.Tasks[fmt.Sprint(i)] = fleet.TaskLife{StartedAt: at.Add(-3 * time.Second), StoppedAt: at, Cause: cause}
			}
			in.Memory.Cohorts["ecs-svc/7"] = arm
		}
	}
	shares := func(in *decide.Input) { in.Policy.DependsOn = []string{"db"} }
	d := planOf(since(20*time.Second, fleet.AppExit), shares)
	assert.Equal(t, fleet.DoNothing, d.Kind)
	assert.Equal(t, []string{"observing-peers"}, names(d.Reasons))
	assert.Equal(t, 70*time.Second, d.RequeueAfter)
	assert.Equal(t, fleet.RollBack, planOf(since(91*time.Second, fleet.AppExit), shares).Kind, "nobody else has failed")
	assert.Equal(t, fleet.RollBack, planOf(since(20*time.Second, fleet.AppExit)).Kind, "nothing is known to be shared")
	assert.EqualValues(t, "observing-peers", planOf(since(20*time.Second, fleet.ELBHealth)).Reasons[0].Name, "load balancers are shared")
	older := func(in *decide.Input) {
		in.Snapshot.Deployments = append(in.Snapshot.Deployments, fleet.Deployment{ID: "ecs-svc/6", Status: "ACTIVE", Running: 3})
	}
	assert.Equal(t, fleet.RollBack, planOf(since(20*time.Second, fleet.AppExit), shares, older).Kind, "older tasks live beside it")
}

func TestAnAlarmInAnOverloadIsScaledOutFirst(t *testing.T) {
	fires := func(cpu float64) change {
		return func(in *decide.Input) {
			convicted(in)
			in.Memory.Cohorts = nil
			in.Trigger = fleet.Trigger{Kind: fleet.AlarmChanged, ID: "alarm", At: ago(time.Second), Alarm: fleet.Alarm{Name: "5xx", State: "ALARM"}}
			in.Cause = ""
			in.Policy.RollbackAlarms = []string{"5xx"}
			in.Snapshot.Alarms = []fleet.WatchedAlarm{{Name: "5xx", State: "ALARM", Since: ago(3 * time.Minute)}}
			in.Snapshot.CPU = fleet.Known(cpu, ago(time.Minute), "test")
			in.Snapshot.CPUPeak = in.Snapshot.CPU
		}
	}
	assert.Equal(t, fleet.ScaleOut, planOf(fires(95)).Kind)
	assert.Equal(t, fleet.RollBack, planOf(fires(40)).Kind)
	scaled := func(in *decide.Input) {
		in.Memory.Actions = []fleet.PastAction{{Kind: fleet.ScaleOut, At: ago(time.Minute), Status: fleet.Done}}
	}
	assert.NotEqual(t, fleet.RollBack, planOf(fires(40), scaled).Kind, "it must show first")
}
