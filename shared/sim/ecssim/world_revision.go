package ecssim

import (
	"fmt"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// SetPartBehaviour sets the behaviour of the tasks with a part of a revision, whatever
// their image. part is the ARN of a task definition, or the id of a security group.
func (s *Sim) SetPartBehaviour(part string, b Behaviour) {
	s.locked(func() { s.parts[part] = b })
}

// partOf returns the part that decides the behaviour of a task; empty for its image.
// setup holds the parameters of its service; nil without one.
func (s *Sim) partOf(td *taskDefinition, setup wire.Object) string {
	groups := setup.Object("networkConfiguration").Object("awsvpcConfiguration").Strings("securityGroups")
	for _, part := range append([]string{td.arn}, groups...) {
		if _, ok := s.parts[part]; ok {
			return part
		}
	}
	return ""
}

// behaviourWith returns the behaviour of the main container of a task.
func (t *task) behaviourWith(setup wire.Object) Behaviour {
	if b, ok := t.sim.parts[t.sim.partOf(t.td, setup)]; ok {
		return b.Defaults().of(t)
	}
	return t.sim.behaviours[t.digests[t.td.main()]].Defaults().of(t)
}

// Age moves the past of a service back: its revision was deployed and completed so long
// ago, and its tasks run since. The clock does not move, and no event is sent.
func (s *Sim) Age(cluster, service string, by time.Duration) error {
	var err error
	s.locked(func() {
		if c := s.findCluster(cluster); c != nil && c.findService(service) != nil {
			c.findService(service).age(by)
			return
		}
		err = fmt.Errorf("there is no service %s/%s", cluster, service)
	})
	return err
}

func (svc *service) age(by time.Duration) {
	earlier := func(times ...*time.Time) {
		for _, t := range times {
			if !t.IsZero() {
				*t = t.Add(-by)
			}
		}
	}
	earlier(&svc.created)
	for _, d := range svc.deployments {
		earlier(&d.created, &d.updated, &d.bakedAt)
	}
	for _, r := range svc.records {
		earlier(&r.created, &r.started, &r.finished, &r.updated)
	}
	for _, r := range svc.revisions {
		earlier(&r.created, &r.td.registered)
	}
	for _, t := range svc.live {
		earlier(&t.created, &t.connected, &t.pullStart, &t.pullStop, &t.started, &t.healthy)
	}
}
