package ecssim

import (
	"cmp"
	"slices"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim/wire"
)

// cluster holds services and tasks. All lists keep the order of creation, so that
// nothing depends on the order of a map.
type cluster struct {
	sim      *Sim
	name     string
	arn      string
	active   bool
	services []*service
	// tasks are the tasks that DescribeTasks returns: live tasks, and stopped
	// tasks for an hour.
	tasks     map[string]*task
	order     []*task
	instances []*instance
	fixed     *InstancesSpec // nil: instances appear when tasks need them
}

func (s *Sim) findCluster(nameOrARN string) *cluster {
	name := fleet.NameOf(nameOrARN)
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

// findService returns the newest service of that name that is not INACTIVE, or
// else the newest INACTIVE one.
func (c *cluster) findService(nameOrARN string) *service {
	name := fleet.NameOf(nameOrARN)
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

// counts returns the number of running and of starting tasks of the cluster.
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

func (s *Sim) clusterOperations() wire.Operations {
	return wire.Operations{
		"CreateCluster":    s.createCluster,
		"DescribeClusters": s.describeClusters,
		"ListClusters":     s.listClusters,
		"DeleteCluster":    s.deleteCluster,
	}
}

func (s *Sim) createCluster(in wire.Object) (wire.Object, error) {
	c := s.addCluster(cmp.Or(in.String("clusterName"), "default"))
	s.account.Tags.Put(c.arn, in.Objects("tags"))
	return wire.Object{"cluster": c.object()}, nil
}

func (s *Sim) describeClusters(in wire.Object) (wire.Object, error) {
	names := in.Strings("clusters")
	if len(names) == 0 {
		names = []string{"default"}
	}
	found, failures := []wire.Object{}, []wire.Object{}
	for _, name := range names {
		c := s.findCluster(name)
		if c == nil {
			failures = append(failures, missing(s.account.ARN("ecs", "cluster/"+fleet.NameOf(name))))
			continue
		}
		object := c.object()
		if slices.Contains(in.Strings("include"), "TAGS") {
			object["tags"] = s.account.Tags.Of(c.arn)
		}
		found = append(found, object)
	}
	return wire.Object{"clusters": found, "failures": failures}, nil
}

func (s *Sim) listClusters(in wire.Object) (wire.Object, error) {
	arns := []string{}
	for _, c := range s.clusters {
		if c.active {
			arns = append(arns, c.arn)
		}
	}
	arns, next, err := wire.Page(arns, in, "maxResults", "nextToken", listPage)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{"clusterArns": arns}, "nextToken", next), nil
}

func (s *Sim) deleteCluster(in wire.Object) (wire.Object, error) {
	c, err := s.mustCluster(in.String("cluster"))
	if err != nil {
		return nil, err
	}
	for _, svc := range c.services {
		if svc.status != statusInactive {
			return nil, wire.Errorf("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
		}
	}
	if running, pending := c.counts(); running+pending > 0 {
		return nil, wire.Errorf("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.")
	}
	c.active = false
	return wire.Object{"cluster": c.object()}, nil
}

func (c *cluster) object() wire.Object {
	status, services := statusActive, 0
	if !c.active {
		status = statusInactive
	}
	for _, svc := range c.services {
		services += count(svc.status == statusActive)
	}
	running, pending := c.counts()
	return wire.Object{
		"clusterArn": c.arn, "clusterName": c.name, "status": status,
		"registeredContainerInstancesCount": len(c.instances),
		"runningTasksCount":                 running, "pendingTasksCount": pending, "activeServicesCount": services,
		"statistics": []wire.Object{}, "tags": []wire.Object{}, "settings": []wire.Object{},
		"capacityProviders":               []string{providerFargate, providerSpot},
		"defaultCapacityProviderStrategy": []wire.Object{},
	}
}
