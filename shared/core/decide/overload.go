package decide

import (
	"fmt"
	"math"
	"slices"
	"time"

	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/judge"
	"homeostat/shared/core/polling"
	"homeostat/shared/core/reason"
)

const (
	// overloadShows is how long a scale-out is given to end the deaths: one
	// start, its health check and the load balancer's.
	overloadShows = 5 * time.Minute
	// overloadStep is the least growth in an overload, as a share: kills take
	// capacity away while they last.
	overloadStep = 0.5
	// alarmLeast is how long what an alarm fires for lasts at least where the alarm
	// does not say, and alarmReads how long its metric takes until it can be read.
	alarmLeast, alarmReads = time.Minute, time.Minute
	// unseenAgain is how soon a CPU is asked for again that was not there.
	unseenAgain = 20 * time.Second
)

// overload is asked before a rollback: where tasks die of health checks alone,
// under high CPU and with no older revision that lives under the same, they may
// be too busy to answer. Then tasks are added first. High is above the policy's
// target: tasks that have just started, and idle, lower the average of the few
// that carry it all. ok is false where that does not explain it, or did not help.
func overload(in Input, primary fleet.Deployment, found judge.Finding, verdict string) (fleet.Decision, []fleet.Reason, bool) {
	kills := found.Alarm == "" && olderRunning(in.Snapshot) == 0 && onlyHealthKills(in.Memory.Cohorts[primary.ID], found.FirstFailure)
	// An alarm speaks of old and new tasks alike, so that older ones live says nothing.
	if !kills && found.Alarm == "" {
		return fleet.Decision{}, nil, false
	}
	cpu := in.Snapshot.CPUPeak
	if overloadFades(in, found, kills) {
		d, why := nothing(reason.Overload, verdict+"; tasks were added against an overload, and it must show first")
		d.RequeueAfter = time.Minute
		return d, why, true
	}
	if unseen(in, found) {
		d, why := nothing(reason.Overload, verdict+"; the CPU of the time before it began cannot be read yet")
		d.RequeueAfter = unseenAgain
		return d, why, true
	}
	if !cpu.Known || in.Now.Sub(cpu.At) > polling.MetricStaleAfter || cpu.Value < in.Policy.CPU {
		return fleet.Decision{}, nil, false
	}
	if only := operatorOnly(in); only != "" {
		d, why := notify(reason.Overload, fmt.Sprintf("%s, at %.0f %% CPU: an overload, a rollback would not help, and %s", verdict, cpu.Value, only))
		return d, why, true
	}
	desired := in.Snapshot.Desired
	to := desired + max(1, int(math.Ceil(overloadStep*float64(desired))))
	if need, ok := demand.FromCPU(in.Snapshot.CPU, float64(in.Snapshot.Running), in.Policy.CPU); ok {
		to = max(to, need.Tasks)
	}
	return setDesired(in, fleet.ScaleOut, to, fleet.Reason{
		Name: reason.Overload, Text: fmt.Sprintf("%s; at %.0f %% CPU tasks may be too busy to answer, so some are added first", verdict, cpu.Value),
	}), nil, true
}

// unseen reports whether an alarm is ahead of the CPU: no part of what it fires
// for is in the newest reading. A load balancer's metrics are read sooner than
// ECS's, and an overload must not be missed for that. What it fires for began
// before the alarm by as many periods as must breach. The next look reads the
// alarms of the policy again, not those of a deployment.
func unseen(in Input, found judge.Finding) bool {
	cpu, since := in.Snapshot.CPU, found.AlarmSince
	if !slices.Contains(in.Policy.RollbackAlarms, found.Alarm) || !cpu.Known || in.Now.Sub(since) >= polling.MetricStaleAfter {
		return false
	}
	lasted := alarmLeast
	for _, a := range in.Snapshot.Alarms {
		if a.Name == found.Alarm {
			lasted = max(lasted, a.Takes)
		}
	}
	return cpu.At.Before(since.Add(-lasted - alarmReads))
}

// overloadFades reports whether tasks were added since it began, and had no time to
// show: deaths until then say nothing of the revision.
func overloadFades(in Input, found judge.Finding, kills bool) bool {
	began := found.FirstFailure
	if found.Alarm != "" {
		began = found.AlarmSince
	}
	last, scaled := in.Memory.Last(fleet.ScaleOut)
	return scaled && !last.At.Before(began) &&
		(in.Now.Sub(last.At) < overloadShows || kills && found.LastFailure.Before(last.At.Add(overloadShows)))
}

// operatorOnly is why tasks cannot be added against an overload; empty where
// they can.
func operatorOnly(in Input) string {
	switch {
	case !in.Policy.ScaleEnabled:
		return "the policy turns scaling off"
	case in.Snapshot.Scaling.Steered():
		return "AWS's own policy steers the count"
	case in.Snapshot.Desired >= in.Policy.BoundsAt(in.Now).Max:
		return fmt.Sprintf("the maximum of %d tasks is reached", in.Policy.BoundsAt(in.Now).Max)
	}
	return ""
}

// onlyHealthKills reports whether all deaths since the first were by health checks.
func onlyHealthKills(arm *fleet.TaskCohort, since time.Time) bool {
	kills := 0
	for _, life := range cohortTasks(arm) {
		if life.StoppedAt.Before(since) || !life.Cause.BlamesRevision() {
			continue
		}
		if life.Cause != fleet.ELBHealth && life.Cause != fleet.ContainerHealth {
			return false
		}
		kills++
	}
	return kills > 0
}

func cohortTasks(arm *fleet.TaskCohort) map[string]fleet.TaskLife {
	if arm == nil {
		return nil
	}
	return arm.Tasks
}
