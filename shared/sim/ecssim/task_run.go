package ecssim

import (
	"cmp"
	"maps"
	"strings"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim/wire"
)

func (s *Sim) runTask(in wire.Object) (wire.Object, error) {
	n, said := in.Int("count")
	if !said {
		n = 1
	}
	if n < 1 || n > runTaskLimit {
		return nil, wire.Errorf("InvalidParameterException", "Count must be between 1 and %d.", runTaskLimit)
	}
	l, err := s.askedLaunch(in)
	if err != nil {
		return nil, err
	}
	if launchType, _ := l.where(); launchType == launchEC2 && l.cluster.fixed != nil && len(l.cluster.instances) == 0 {
		return nil, wire.Errorf("InvalidParameterException", "No Container Instances were found in your cluster.")
	}
	if before, err := s.repeated("RunTask", l.cluster, in); before != nil || err != nil {
		return before, err
	}
	tasks, failures := []wire.Object{}, []wire.Object{}
	for range n {
		t, refused := s.runOne(l)
		if refused != "" {
			failures = append(failures, wire.Object{"reason": refused})
			continue
		}
		tasks = append(tasks, t.taggedObject())
	}
	out := wire.Object{"tasks": tasks, "failures": failures}
	s.remember("RunTask", l.cluster, in, out)
	return out, nil
}

// askedLaunch checks what RunTask and StartTask have in common.
func (s *Sim) askedLaunch(in wire.Object) (*taskLaunch, error) {
	c, err := s.mustCluster(in.String("cluster"))
	if err != nil {
		return nil, err
	}
	td, err := s.activeTaskDefinition(in.String("taskDefinition"))
	if err != nil {
		return nil, err
	}
	if td.spec.String("networkMode") == "awsvpc" && in.Object("networkConfiguration") == nil {
		return nil, wire.Errorf("InvalidParameterException", "Network Configuration must be provided when networkMode 'awsvpc' is specified.")
	}
	if strings.HasPrefix(in.String("group"), "service:") {
		return nil, wire.Errorf("InvalidParameterException", "Invalid namespace for group. Namespace 'service' is reserved.")
	}
	if err := s.refuseLaunches(); err != nil {
		return nil, err
	}
	return s.newLaunch(c, td, in)
}

// startTask starts a task on each of the named instances, without a placement.
func (s *Sim) startTask(in wire.Object) (wire.Object, error) {
	in = maps.Clone(in)
	in["launchType"] = launchEC2
	l, err := s.askedLaunch(in)
	if err != nil {
		return nil, err
	}
	tasks, failures := []wire.Object{}, []wire.Object{}
	for _, name := range in.Strings("containerInstances") {
		if l.host = l.cluster.findInstance(name); l.host == nil {
			failures = append(failures, missing(s.account.ARN("ecs", "container-instance/"+l.cluster.name+"/"+fleet.NameOf(name))))
			continue
		}
		t, refused := s.runOne(l)
		if refused != "" {
			failures = append(failures, wire.Object{"arn": l.host.arn, "reason": refused})
			continue
		}
		tasks = append(tasks, t.taggedObject())
	}
	return wire.Object{"tasks": tasks, "failures": failures}, nil
}

func (t *task) taggedObject() wire.Object {
	object := t.object()
	object["tags"] = t.sim.account.Tags.Of(t.arn)
	return object
}

// runOne starts a standalone task, or returns the reason of a failed placement.
// It resolves the image tags for this task alone.
func (s *Sim) runOne(l *taskLaunch) (t *task, refused string) {
	launchType, provider := l.where()
	if refused = s.refused(launchType, provider); refused != "" {
		return nil, refused
	}
	zone := s.firstZone(l.subnets)
	if zone == "" {
		return nil, "RESOURCE:FARGATE"
	}
	lone := &revision{service: &service{sim: s}, td: l.td, digests: make([]string, len(l.td.containers))}
	digests, missing := lone.pull()
	t = s.newTask(l.cluster, l.td, digests)
	t.override(l.overrides)
	t.group, t.startedBy = cmp.Or(l.in.String("group"), "family:"+l.td.family), l.in.String("startedBy")
	if launchType == launchEC2 {
		if refused = l.house(t, zone); refused != "" {
			l.cluster.forget(t)
			return nil, refused
		}
		zone = t.host.zone
	}
	t.launchType, t.provider, t.zone = launchType, provider, zone
	t.network.subnet = s.subnetIn(l.subnets, zone)
	t.exec, _ = l.in.Bool("enableExecuteCommand")
	t.tag(l.in)
	l.started = append(l.started, t)
	t.begin(missing)
	return t, ""
}

// house gives an EC2 task its instance: the one of the request, or one by placement. It
// returns the reason of a failure.
func (l *taskLaunch) house(t *task, zone string) (refused string) {
	if l.host == nil {
		if t.host = l.cluster.place(l.rules, zone, t); t.host != nil {
			return ""
		}
		return l.noHost(t)
	}
	if l.host.status != statusActive {
		return statusInactive
	}
	if refused = l.host.lacks(t); refused == "" {
		t.host = l.host
		t.host.reserve(t)
	}
	return refused
}

// noHost returns the reason of a failed placement: a constraint, if it alone forbids an
// instance, or else what the first ACTIVE instance lacks. Assumed: which instance counts.
func (l *taskLaunch) noHost(t *task) string {
	lacks := ""
	for _, i := range l.cluster.instances {
		if i.status != statusActive {
			continue
		}
		missing := i.lacks(t)
		if missing == "" && l.cluster.host(i, t.group).Group > 0 {
			return "DistinctInstance placement constraint unsatisfied."
		}
		if missing == "" {
			return "MemberOf placement constraint unsatisfied."
		}
		lacks = cmp.Or(lacks, missing)
	}
	return cmp.Or(lacks, "RESOURCE:CPU")
}
