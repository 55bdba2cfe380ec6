package ecssim

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

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
	// strategy is the default capacity provider strategy, providers the associated
	// capacity providers. kept holds the members that have no effect.
	strategy  []wire.Object
	providers []string
	settings  []wire.Object
	kept      wire.Object
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
	c := &cluster{
		sim: s, name: name, arn: s.account.ARN("ecs", "cluster/"+name), active: true, tasks: map[string]*task{},
		providers: []string{providerFargate, providerSpot}, settings: defaultSettings(), kept: wire.Object{},
	}
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
		"CreateCluster":               s.createCluster,
		"DescribeClusters":            s.describeClusters,
		"ListClusters":                s.listClusters,
		"DeleteCluster":               s.deleteCluster,
		"UpdateCluster":               s.updateCluster,
		"UpdateClusterSettings":       s.updateCluster,
		"PutClusterCapacityProviders": s.updateCluster,
	}
}

// createCluster makes a cluster without container instances. An existing one stays
// unchanged, as ECS does for a request of the same name.
func (s *Sim) createCluster(in wire.Object) (wire.Object, error) {
	name := cmp.Or(in.String("clusterName"), "default")
	if c := s.findCluster(name); c != nil {
		return wire.Object{"cluster": c.object()}, nil
	}
	if err := validStrategy(in.Objects("defaultCapacityProviderStrategy")); err != nil {
		return nil, err
	}
	c := s.addCluster(name)
	c.providers, c.fixed = []string{}, &InstancesSpec{}
	c.update(in)
	s.account.Tags.Put(c.arn, in.Objects("tags"))
	return wire.Object{"cluster": c.whole()}, nil
}

// updateCluster serves the operations that change a cluster.
func (s *Sim) updateCluster(in wire.Object) (wire.Object, error) {
	c, err := s.mustCluster(in.String("cluster"))
	if err != nil {
		return nil, err
	}
	if err := validStrategy(in.Objects("defaultCapacityProviderStrategy")); err != nil {
		return nil, err
	}
	for _, name := range in.Strings("capacityProviders") {
		if !s.knowsProvider(name) {
			return nil, unknownProvider(name)
		}
	}
	c.update(in)
	return wire.Object{"cluster": c.whole()}, nil
}

// update changes the members that a request has.
func (c *cluster) update(in wire.Object) {
	if in.Has("capacityProviders") {
		c.providers = in.Strings("capacityProviders")
	}
	if in.Has("defaultCapacityProviderStrategy") {
		c.strategy = in.Objects("defaultCapacityProviderStrategy")
	}
	for _, setting := range in.Objects("settings") {
		i := slices.IndexFunc(c.settings, func(s wire.Object) bool { return s.String("name") == setting.String("name") })
		if i < 0 {
			c.settings = append(c.settings, setting)
			continue
		}
		c.settings[i] = setting
	}
	for _, key := range []string{"configuration", "serviceConnectDefaults"} {
		if in.Has(key) {
			c.kept[key] = in[key]
		}
	}
}

// defaultSettings are the settings of a new cluster.
func defaultSettings() []wire.Object {
	return []wire.Object{{"name": "containerInsights", "value": "disabled"}}
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
		c.include(object, in.Strings("include"))
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
		"capacityProviders": c.providers, "defaultCapacityProviderStrategy": c.defaultStrategy(),
	}
}

// whole returns the cluster with its tags, settings and configuration, as the
// operations that change it do.
func (c *cluster) whole() wire.Object {
	object := c.object()
	c.include(object, []string{"TAGS", "SETTINGS", "CONFIGURATIONS"})
	return object
}

func (c *cluster) defaultStrategy() []wire.Object {
	if c.strategy == nil {
		return []wire.Object{}
	}
	return c.strategy
}

// include adds the parts that DescribeClusters gives on request only.
func (c *cluster) include(object wire.Object, parts []string) {
	for _, part := range parts {
		switch part {
		case "TAGS":
			object["tags"] = c.sim.account.Tags.Of(c.arn)
		case "SETTINGS":
			object["settings"] = c.settings
		case "CONFIGURATIONS":
			maps.Copy(object, c.kept)
		case "STATISTICS":
			object["statistics"] = c.statistics()
		}
	}
}

// statistics counts tasks and services by launch type, as text.
func (c *cluster) statistics() []wire.Object {
	counts := map[string]int{}
	for _, kind := range []string{"EC2", "Fargate"} {
		for _, what := range []string{"runningTasksCount", "pendingTasksCount", "activeServiceCount", "drainingServiceCount"} {
			counts[what+"/"+kind] = 0
		}
	}
	kindOf := func(launchType string) string {
		if launchType == launchEC2 {
			return "EC2"
		}
		return "Fargate"
	}
	for _, t := range c.order {
		counts["runningTasksCount/"+kindOf(t.launchType)] += count(t.last == taskRunning)
		counts["pendingTasksCount/"+kindOf(t.launchType)] += count(t.last < taskRunning)
	}
	for _, svc := range c.services {
		counts["activeServiceCount/"+kindOf(svc.launchType)] += count(svc.status == statusActive)
		counts["drainingServiceCount/"+kindOf(svc.launchType)] += count(svc.status == statusDraining)
	}
	var out []wire.Object
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		what, kind, _ := strings.Cut(key, "/")
		out = append(out, wire.Object{"name": strings.Replace(what, "Count", kind+"Count", 1), "value": strconv.Itoa(counts[key])})
	}
	return out
}
