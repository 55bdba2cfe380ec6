package polling

import (
	"hash/fnv"
	"slices"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/route"
)

// Needs returns the parts of the snapshot that the decision after a trigger needs.
func Needs(t fleet.Trigger, p policy.Effective, m fleet.Memory, now time.Time) fleet.Needs {
	var n fleet.Needs
	//exhaustive:enforce
	switch route.Of(t.Kind).Reads {
	case route.ReadsNothing:
	case route.ReadsLoad:
		n.CPU = p.ScaleEnabled
	case route.ReadsAlarm:
		// The CPU shows whether an alarm comes from an overload.
		n.CPU = p.ScaleEnabled || len(p.RollbackAlarms) > 0
		n.Revisions = slices.Contains(p.RollbackAlarms, t.Alarm.Name)
		n.Alarms, n.DeploymentAlarms = p.RollbackAlarms, true
	case route.ReadsRevisions:
		n.Revisions = true
	case route.ReadsSweep:
		n = sweepParts(t, p, m, now)
	case route.ReadsDeployment:
		n.Revisions, n.Alarms, n.DeploymentAlarms = true, p.RollbackAlarms, true
		n.CPU = len(p.RollbackAlarms) > 0
	}
	if m.PendingAction != nil || m.Waiting != nil {
		n.Revisions = true
	}
	if m.Waiting != nil { // an answer needs the alarms
		n.Alarms, n.DeploymentAlarms = p.RollbackAlarms, true
	}
	if push, ok := m.PushOf(p.Tag); ok && p.Tag != "" {
		n.Revisions, n.Tag, n.Repository = true, p.Tag, push.Image.Repository
	}
	addFailureParts(&n, p, m, now)
	addAlarmParts(&n, p, m, now)
	if n.CPU {
		n.Load = Sources(fleet.ServiceRef{}, p)
	}
	return n
}

// sweepParts returns the parts for a sweep. Revisions need many calls, so a sweep
// reads them only after recent task failures and during a deployment.
func sweepParts(t fleet.Trigger, p policy.Effective, m fleet.Memory, now time.Time) fleet.Needs {
	n := fleet.Needs{Revisions: RecentFailure(m, now), CPU: p.ScaleEnabled, WhileDeploying: true}
	if readsWayBack(t) {
		n.Revisions, n.CurrentImages = true, true
	}
	if readsMemoryTrend(t) {
		n.MemoryTrend, n.Young = true, p.SuspectFor
	}
	if ReconcilesImages(t) {
		n.Tasks = p.MaxTaskAge > 0
		if p.Tag != "" {
			n.Revisions, n.Tag = true, p.Tag
		}
	}
	return n
}

// addAlarmParts adds the parts for a recent alarm of the policy, because its evaluation
// may still wait for the CPU.
func addAlarmParts(n *fleet.Needs, p policy.Effective, m fleet.Memory, now time.Time) {
	for _, name := range p.RollbackAlarms {
		if known := m.Alarms[name]; known.State == "ALARM" && now.Sub(known.At) < MetricStaleAfter {
			n.Revisions, n.CPU, n.Alarms, n.DeploymentAlarms = true, true, p.RollbackAlarms, true
		}
	}
}

// addFailureParts adds the parts for recent task failures.
func addFailureParts(n *fleet.Needs, p policy.Effective, m fleet.Memory, now time.Time) {
	if !n.Revisions || !RecentFailure(m, now) {
		return
	}
	n.Definitions, n.Alarms, n.DeploymentAlarms = true, p.RollbackAlarms, true
	if m.Probe != nil {
		n.Probe = m.Probe.Task
	}
	for _, cohort := range m.Cohorts {
		for _, life := range cohort.Tasks {
			if now.Sub(life.StoppedAt) > EventStaleAfter {
				continue
			}
			switch life.Cause {
			case fleet.ELBHealth, fleet.ContainerHealth:
				n.CPU, n.Before, n.Young = true, true, p.SuspectFor
			case fleet.OutOfMemory:
				n.Memory = p.MemoryStep > 0
			case fleet.ImageMissing:
				n.CurrentImages = true
				if p.Tag != "" {
					n.Tag = p.Tag
				}
			}
		}
	}
}

// ReconcilesImages reports whether a sweep compares the watched tags with the running
// images, because ECR does not guarantee its events. The sweep of each 15th minute
// does, and the first evaluation of a new service.
func ReconcilesImages(t fleet.Trigger) bool {
	schedule := t.Timer == "" || t.Timer == contract.TimerWayBack || t.Timer == contract.TimerShard && len(t.Only) == 0
	return route.Of(t.Kind).Scheduled && (t.Timer == contract.TimerNew || schedule && t.At.Minute()%imageMinutes == 0)
}

// readsWayBack reports whether a sweep reads the revisions to go back to: at the first
// evaluation of a service, and once a day.
func readsWayBack(t fleet.Trigger) bool {
	return t.Timer == contract.TimerNew || t.Timer == contract.TimerWayBack
}

// ChecksWayBack reports whether a service is evaluated at any load for its way back. Each
// service has its minute of the day. every is the interval of the sweeps.
func ChecksWayBack(ref fleet.ServiceRef, now time.Time, every time.Duration) bool {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(ref.Key()))
	const day = 24 * 60
	return (now.Unix()/60+int64(sum.Sum32()))%day < max(1, int64(every/time.Minute))
}

// readsMemoryTrend reports whether a sweep reads the memory of young deployments. The
// first sweep of each hour does.
func readsMemoryTrend(t fleet.Trigger) bool {
	return route.Of(t.Kind).Scheduled && t.Timer != contract.TimerNew && t.At.Minute() == 0
}

// young reports whether the running deployment is complete and younger than the limit.
func young(s fleet.Snapshot, limit time.Duration, now time.Time) bool {
	p, ok := s.Primary()
	return ok && p.RolloutState == "COMPLETED" && now.Sub(p.CreatedAt) <= limit
}

// RecentFailure reports whether a task failed within the last hour.
func RecentFailure(m fleet.Memory, now time.Time) bool {
	for _, cohort := range m.Cohorts {
		for _, life := range cohort.Tasks {
			if life.Cause.BlamesRevision() && now.Sub(life.StoppedAt) < EventStaleAfter {
				return true
			}
		}
	}
	return false
}

// NeedsReconcile reports whether a sweep evaluates the service at any load. A stable
// service does not need it.
func NeedsReconcile(s fleet.Snapshot, p policy.Effective, t fleet.Trigger) bool {
	reconciles := ReconcilesImages(t) && (p.Tag != "" || p.MaxTaskAge > 0)
	return reconciles || s.Moving() || readsMemoryTrend(t) && s.Desired > 0 && young(s, p.SuspectFor, t.At)
}

// Idle reports whether the load of the service may be read at longer intervals: it
// runs fully, at its minimum, and without a deployment.
func Idle(s fleet.Snapshot, p policy.Effective, now time.Time) bool {
	if s.Moving() || p.ToZero > 0 {
		return false
	}
	floor, _ := Floor(p, fleet.Memory{}, now)
	return s.Desired <= p.BoundsAt(now).Min && s.Desired >= floor
}

// ManagesScaling reports whether Homeostat scales the service, by its policy and its
// counts in the inventory.
func ManagesScaling(s fleet.Snapshot, p policy.Effective) bool {
	ours := p.Enrolled && p.Mode != policy.Off && p.ScaleEnabled
	return ours && (s.Desired > 0 && s.Running > 0 || s.Desired == 0 && p.ToZero > 0)
}

// Watches reports whether the alarm is evidence: it is an alarm of the policy, or of
// the service's deployments.
func Watches(s fleet.Snapshot, p policy.Effective, alarm string) bool {
	return slices.Contains(p.RollbackAlarms, alarm) ||
		slices.ContainsFunc(s.Alarms, func(a fleet.WatchedAlarm) bool { return a.OfDeployment && a.Name == alarm })
}

// Sources returns the metrics of the demand, by the policy.
func Sources(ref fleet.ServiceRef, p policy.Effective) fleet.Source {
	s := fleet.Source{Ref: ref, Memory: p.Memory > 0, Groups: p.CountedGroups(), Search: p.RequestsPerTask > 0, Queue: p.Queue}
	if p.Metric == nil {
		return s
	}
	s.Custom = &fleet.Expression{Text: p.Metric.Expression, Metrics: map[string]fleet.Metric{}}
	for name, m := range p.Metric.Metrics {
		s.Custom.Metrics[name] = fleet.Metric{Namespace: m.Namespace, Name: m.Name, Dimensions: m.Dimensions, Stat: m.Stat, Period: m.Period}
	}
	return s
}
