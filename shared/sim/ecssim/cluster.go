package ecssim

import (
	"slices"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// cluster holds services and tasks. Everything is kept in the order of making,
// so that nothing depends on the order of a map.
type cluster struct {
	sim      *Sim
	name     string
	arn      string
	active   bool
	services []*service
	// tasks are all that DescribeTasks can still see: live ones, and stopped
	// ones for an hour.
	tasks     map[string]*task
	order     []*task
	instances []*instance
	fixed     *InstancesSpec // nil: instances appear as tasks need them
}

// stoppedFor is how long a stopped task can be described: "at least 1 hour".
const stoppedFor = time.Hour

func (s *Sim) findCluster(nameOrARN string) *cluster {
	name := nameOf(nameOrARN)
	if name == "" {
		name = "default"
	}
	for _, c := range s.clusters {
		if c.name == name && c.active {
			return c
		}
	}
	return nil
}

func (s *Sim) mustCluster(nameOrARN string) (*cluster, error) {
	if c := s.findCluster(nameOrARN); c != nil {
		return c, nil
	}
	return nil, wire.Errorf("ClusterNotFoundException", "Cluster not found.")
}

func (s *Sim) addCluster(name string) *cluster {
	if c := s.findCluster(name); c != nil {
		return c
	}
	c := &cluster{sim: s, name: name, arn: s.account.ARN("ecs", "cluster/"+name), active: true, tasks: map[string]*task{}}
	s.clusters = append(s.clusters, c)
	return c
}

// findService is the newest service of that name that is not INACTIVE, or the
// newest INACTIVE one.
func (c *cluster) findService(nameOrARN string) *service {
	name := nameOf(nameOrARN)
	var found *service
	for _, svc := range c.services {
		if svc.name == name {
			found = svc
			if svc.status != statusInactive {
				break
			}
		}
	}
	return found
}

func (c *cluster) addTask(t *task) {
	c.tasks[t.id] = t
	c.order = append(c.order, t)
}

func (c *cluster) forget(t *task) {
	delete(c.tasks, t.id)
	if i := slices.Index(c.order, t); i >= 0 {
		c.order = slices.Delete(c.order, i, i+1)
	}
}

// counts are the tasks of the cluster that run and that are starting.
func (c *cluster) counts() (running, pending int) {
	for _, t := range c.order {
		switch {
		case t.last == taskRunning:
			running++
		case t.last < taskRunning:
			pending++
		}
	}
	return running, pending
}
