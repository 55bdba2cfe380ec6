package polling

import (
	"slices"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/route"
)

// Needs says which parts of the snapshot a trigger's decision will lean on.
func Needs(t fleet.Trigger, p policy.Effective, m fleet.Memory, now time.Time) fleet.Needs {
	var n fleet.Needs
	//exhaustive:enforce
	switch route.Of(t.Kind).Reads {
	case route.ReadsNothing:
	case route.ReadsLoad:
		n.CPU = p.ScaleEnabled
	case route.ReadsAlarm:
		// An alarm about an overload speaks against nobody.
		n.CPU = p.ScaleEnabled || len(p.RollbackAlarms) > 0
		n.Revisions = slices.Contains(p.RollbackAlarms, t.Alarm.Name)
		n.Alarms, n.DeploymentAlarms = p.RollbackAlarms, true
	case route.ReadsRevisions:
		n.Revisions = true
	case route.ReadsSweep:
		// Revisions are many calls, and a sweep needs them only for a service
		// whose tasks have died of late, or that deploys.
		n.Revisions, n.CPU, n.WhileDeploying = RecentFailure(m, now), p.ScaleEnabled, true
		n.Tasks = p.MaxTaskAge > 0 && ReconcilesImages(t)
		if p.Tag != "" && ReconcilesImages(t) {
			n.Revisions, n.Tag = true, p.Tag
		}
	case route.ReadsDeployment:
		n.Revisions, n.Alarms, n.DeploymentAlarms = true, p.RollbackAlarms, true
		n.CPU = len(p.RollbackAlarms) > 0
	}
	if m.PendingAction != nil || m.Waiting != nil {
		n.Revisions = true
	}
	if push, ok := m.PushOf(p.Tag); ok && p.Tag != "" {
		n.Revisions, n.Tag, n.Repository = true, p.Tag, push.Image.Repository
	}
	ofFailures(&n, p, m, now)
	ofAlarms(&n, p, m, now)
	if n.CPU {
		n.Load = Sources(fleet.ServiceRef{}, p)
	}
	return n
}

// ofAlarms adds what a look leans on that follows an alarm of late: its judgement
// may have waited for the CPU.
func ofAlarms(n *fleet.Needs, p policy.Effective, m fleet.Memory, now time.Time) {
	for _, name := range p.RollbackAlarms {
		if known := m.Alarms[name]; known.State == "ALARM" && now.Sub(known.At) < MetricStaleAfter {
			n.Revisions, n.CPU, n.Alarms, n.DeploymentAlarms = true, true, p.RollbackAlarms, true
		}
	}
}

// ofFailures adds what a judgement of recent deaths leans on.
func ofFailures(n *fleet.Needs, p policy.Effective, m fleet.Memory, now time.Time) {
	if !n.Revisions || !RecentFailure(m, now) {
		return
	}
	n.Definitions, n.Alarms, n.DeploymentAlarms = true, p.RollbackAlarms, true
	if m.Probe != nil {
		n.Probe = m.Probe.Task
	}
	for _, arm := range m.Cohorts {
		for _, life := range arm.Tasks {
			if now.Sub(life.StoppedAt) > EventStaleAfter {
				continue
			}
			switch life.Cause {
			case fleet.ELBHealth, fleet.ContainerHealth:
				n.CPU = true
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

// ReconcilesImages reports whether a sweep also compares watched tags with what
// runs: ECR's events are best effort, and one that was lost shows nowhere else.
// Every fifteenth minute's does, because it costs several calls, and the first
// look at a service that is new.
func ReconcilesImages(t fleet.Trigger) bool {
	schedule := t.Timer == "" || t.Timer == contract.TimerShard && len(t.Only) == 0
	return route.Of(t.Kind).Scheduled && (t.Timer == contract.TimerNew || schedule && t.At.Minute()%15 == 0)
}

func RecentFailure(m fleet.Memory, now time.Time) bool {
	for _, arm := range m.Cohorts {
		for _, life := range arm.Tasks {
			if life.Cause.BlamesRevision() && now.Sub(life.StoppedAt) < EventStaleAfter {
				return true
			}
		}
	}
	return false
}

// NeedsReconcile reports whether a sweep is to look at the service whatever its load.
// What is simply at rest needs no look.
func NeedsReconcile(s fleet.Snapshot, p policy.Effective, t fleet.Trigger) bool {
	reconciles := ReconcilesImages(t) && (p.Tag != "" || p.MaxTaskAge > 0)
	return reconciles || s.Running != s.Desired || s.Pending > 0 || s.Deploying()
}

// Idle reports whether nothing of the service calls for haste: its load is
// asked about now and then only.
func Idle(s fleet.Snapshot, p policy.Effective, now time.Time) bool {
	if s.Running != s.Desired || s.Pending > 0 || s.Deploying() || p.ToZero > 0 {
		return false
	}
	floor, _ := Floor(p, fleet.Memory{}, now)
	return s.Desired <= p.BoundsAt(now).Min && s.Desired >= floor
}

// ManagesScaling reports whether the load of a service is ours to follow at all, as
// far as the roster tells.
func ManagesScaling(s fleet.Snapshot, p policy.Effective) bool {
	ours := p.Enrolled && p.Mode != policy.Off && p.ScaleEnabled
	return ours && (s.Desired > 0 && s.Running > 0 || s.Desired == 0 && p.ToZero > 0)
}

// Watches reports whether the alarm counts as evidence for the service: the
// policy names it, or the service's own deployments watch it.
func Watches(s fleet.Snapshot, p policy.Effective, alarm string) bool {
	return slices.Contains(p.RollbackAlarms, alarm) ||
		slices.ContainsFunc(s.Alarms, func(a fleet.WatchedAlarm) bool { return a.OfDeployment && a.Name == alarm })
}

// Sources are the metrics that the policy names of a service's work.
func Sources(ref fleet.ServiceRef, p policy.Effective) fleet.Source {
	s := fleet.Source{Ref: ref, Memory: p.Memory > 0, TargetGroup: p.TargetGroup, LoadBalancer: p.LoadBalancer, Queue: p.Queue}
	if p.Metric == nil {
		return s
	}
	s.Custom = &fleet.Expression{Text: p.Metric.Expression, Metrics: map[string]fleet.Metric{}}
	for name, m := range p.Metric.Metrics {
		s.Custom.Metrics[name] = fleet.Metric{Namespace: m.Namespace, Name: m.Name, Dimensions: m.Dimensions, Stat: m.Stat, Period: m.Period}
	}
	return s
}
