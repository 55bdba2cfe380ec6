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

// overload decides before a rollback whether the tasks may be too busy to answer. Then
// it adds tasks first. The signs are failed health checks only, a high CPU, and no
// older revision that runs under the same load. A CPU above the policy's target is
// high, because new tasks without load lower the average. The result ok is false if an
// overload does not explain the failures, or added tasks did not help.
func overload(in Input, s subject, found judge.Finding, verdict draft) (fleet.Decision, []fleet.Reason, bool) {
	primary := s.primary
	healthOnly := found.Alarm == "" && s.olderRunning == 0 && onlyHealthFailures(s.cohort, found.FirstFailure)
	// An alarm covers old and new tasks alike, so running older tasks mean nothing.
	if !healthOnly && found.Alarm == "" {
		return fleet.Decision{}, nil, false
	}
	cpu, load := busiest(in), compareLoad(in, s)
	if healthOnly && load.slower() {
		return fleet.Decision{}, nil, false // added tasks need not be awaited
	}
	if d, why, waits := awaitEffect(in, primary, found, verdict, healthOnly); waits {
		return d, why, true
	}
	if isRegression(in, s, found, false) {
		return fleet.Decision{}, nil, false // the revision is slower, so tasks do not help
	}
	if !cpu.Known || in.Now.Sub(cpu.At) > polling.MetricStaleAfter || cpu.Value < in.Policy.CPU {
		return fleet.Decision{}, nil, false
	}
	if obstacle := scaleOutObstacle(in); obstacle != "" {
		if isRegression(in, s, found, in.Snapshot.Desired >= in.Policy.BoundsAt(in.Now).Max) {
			return fleet.Decision{}, nil, false
		}
		d, why := because(reason.Overload, "overload at %.0f %% CPU, no task added: %s", cpu.Value, obstacle).
			detail(load.text()).detail(verdict.full()).with(str("revision", primary.TaskDefinition), str("cpu_percent", percent(cpu)), num("desired", in.Snapshot.Desired)).
			alert(fmt.Sprintf("%s Overload at %.0f %% CPU: a rollback would not help, and no task is added, because %s.", verdict.sentence(), cpu.Value, obstacle))
		return d, why, true
	}
	desired := in.Snapshot.Desired
	to := desired + max(1, int(math.Ceil(overloadStep*float64(desired))))
	if need, ok := demand.FromCPU(in.Snapshot.CPU, float64(in.Snapshot.Running), in.Policy.CPU); ok {
		to = max(to, need.Tasks)
	}
	return setDesired(in, fleet.ScaleOut, to, because(reason.Overload, "overload at %.0f %% CPU: %d → %d tasks before a rollback of %s", cpu.Value, desired, to, primary.TaskDefinition).
		detail("the tasks may be too busy to answer").detail(load.text()).detail(verdict.full()).
		with(str("revision", primary.TaskDefinition), str("cpu_percent", percent(cpu)), num("desired", desired), num("to", to))), nil, true
}

// awaitEffect lets a rollback wait for added tasks to take effect, or for the CPU of the
// time of an alarm.
func awaitEffect(in Input, primary fleet.Deployment, found judge.Finding, verdict draft, healthOnly bool) (fleet.Decision, []fleet.Reason, bool) {
	if scaleOutPending(in, found, healthOnly) {
		d, why := because(reason.Overload, "rollback of %s waits: added tasks need %s to take effect", primary.TaskDefinition, fleet.DurationText(effectTime(in, found))).
			detail(verdict.full()).with(str("revision", primary.TaskDefinition)).noOpFor(followUpIn)
		return d, why, true
	}
	if cpuLags(in, found) {
		d, why := because(reason.Overload, "rollback of %s waits: the CPU metric lags behind the alarm", primary.TaskDefinition).
			detail(verdict.full()).with(str("revision", primary.TaskDefinition), str("alarm", found.Alarm), at("cpu_at", in.Snapshot.CPU.At)).noOpFor(unreadCPURetry)
		return d, why, true
	}
	return fleet.Decision{}, nil, false
}

// cpuLags reports whether the newest CPU value is older than the condition of the
// alarm. The metrics of a load balancer are available before those of ECS, so the CPU
// of an overload may follow. The condition began before the alarm by its periods. Only
// alarms of the policy count, because the next evaluation reads them again.
func cpuLags(in Input, found judge.Finding) bool {
	cpu, since := in.Snapshot.CPU, found.AlarmSince
	if !slices.Contains(in.Policy.RollbackAlarms, found.Alarm) || !cpu.Known || in.Now.Sub(since) >= polling.MetricStaleAfter {
		return false
	}
	return cpu.At.Before(since.Add(-alarmTakes(in, found) - alarmMetricDelay))
}

// alarmTakes returns the least time for which the condition of the alarm lasts before the
// alarm fires.
func alarmTakes(in Input, found judge.Finding) time.Duration {
	takes := alarmDuration
	for _, a := range in.Snapshot.Alarms {
		if a.Name == found.Alarm {
			takes = max(takes, a.Takes)
		}
	}
	return takes
}

// effectTime returns the time after a scale-out from which on failures are evidence again.
// An alarm reports an effect later: its metric comes late, and it looks at past periods.
func effectTime(in Input, found judge.Finding) time.Duration {
	if found.Alarm == "" {
		return overloadEffect
	}
	return overloadEffect + alarmMetricDelay + alarmTakes(in, found) + alarmMemory
}

// busiest returns the highest CPU of the last minutes, of the tasks that carried their
// share of the load for a whole period. A new task lowers the average without it.
func busiest(in Input) fleet.Reading {
	best := in.Snapshot.CPUPeak
	if !best.Known {
		return best
	}
	best.Value = loadedCPU(in, best.At, best.Value)
	for _, p := range in.Snapshot.Load.CPU {
		if in.Now.Sub(p.At) > polling.MetricStaleAfter || !demand.Percentage(p.Value) {
			continue
		}
		if v := loadedCPU(in, p.At, p.Value); v > best.Value {
			best.At, best.Value = p.At, v
		}
	}
	return best
}

// loadedCPU relates a CPU value to the tasks that ran for loadTime before its period.
// Without such tasks, or without younger ones, it is the value itself.
func loadedCPU(in Input, end time.Time, value float64) float64 {
	begin := end.Add(-metricPeriod)
	all := demand.RunningDuring(in.Snapshot.Running, in.Memory, begin, end)
	young := demand.StartedDuring(in.Memory, begin.Add(-loadTime), begin, end)
	if young <= 0 || all-young < 1 {
		return value
	}
	return min(value*all/(all-young), maxPercent)
}

// scaleOutPending reports whether tasks were added after the failures began, too
// recently to show an effect. Failures until then are no evidence.
func scaleOutPending(in Input, found judge.Finding, healthOnly bool) bool {
	began := found.FirstFailure
	if found.Alarm != "" {
		began = found.AlarmSince
	}
	last, scaled := in.Memory.Last(fleet.ScaleOut)
	return scaled && !last.At.Before(began) &&
		(in.Now.Sub(last.At) < effectTime(in, found) || healthOnly && found.LastFailure.Before(last.At.Add(overloadEffect)))
}

// scaleOutObstacle returns the reason against adding tasks; empty for none.
func scaleOutObstacle(in Input) string {
	switch {
	case !in.Policy.ScaleEnabled:
		return "scale.enabled is off"
	case in.Snapshot.Scaling.Steered():
		return "Application Auto Scaling sets the count"
	case in.Snapshot.Desired >= in.Policy.BoundsAt(in.Now).Max:
		return fmt.Sprintf("the maximum is %d tasks", in.Policy.BoundsAt(in.Now).Max)
	}
	return ""
}

// onlyHealthFailures reports whether all task failures since a time are failed health
// checks.
func onlyHealthFailures(cohort *fleet.TaskCohort, since time.Time) bool {
	n := 0
	for _, life := range cohortTasks(cohort) {
		if life.StoppedAt.Before(since) || !life.Cause.BlamesRevision() {
			continue
		}
		if life.Cause != fleet.ELBHealth && life.Cause != fleet.ContainerHealth {
			return false
		}
		n++
	}
	return n > 0
}

// cohortTasks returns the tasks of a cohort; nil for none.
func cohortTasks(cohort *fleet.TaskCohort) map[string]fleet.TaskLife {
	if cohort == nil {
		return nil
	}
	return cohort.Tasks
}
