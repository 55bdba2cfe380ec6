package ecssim

import (
	"cmp"
	"slices"

	"homeostat/shared/sim/ecssim/wire"
)

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
			failures = append(failures, missing(s.account.ARN("ecs", "cluster/"+nameOf(name))))
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
	arns, next, err := wire.Page(arns, in, "maxResults", "nextToken", 100)
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
