package ecssim

import (
	"slices"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/placement"
	"homeostat/shared/sim/ecssim/wire"
)

// instance is an EC2 container instance. Assumed: in a cluster of AddCluster without AddInstances,
// instances appear when tasks need them.
type instance struct {
	id, arn, zone string
	cluster       *cluster
	status        string
	version       int
	registered    time.Time
	attributes    []wire.Object
	// cpu and memory are the CPU units and the MiB, usedCPU and usedMemory those that
	// are taken.
	cpu, memory         int
	usedCPU, usedMemory int
	// reserved are the ports that no task can have, ports those of its tasks, such as
	// tcp/80.
	reserved, ports []string
	agent           wire.Object // versionInfo
	agentUpdate     string      // status of the last update of the agent, or ""
	interrupted     bool        // EC2 announced the end of the instance
}

const statusDrainingInstance = "DRAINING"

// InstancesSpec describes the container instances of a cluster. A slot is room for one
// task of the smallest size on Fargate. Slots 0 means 4.
// A lost instance is replaced after Replace, as by an Auto Scaling group; 0 means
// never.
type InstancesSpec struct {
	Count, Slots int
	Replace      time.Duration
}

// AddInstances gives a cluster container instances, spread over the zones. From
// then on they take all its EC2 tasks.
func (s *Sim) AddInstances(name string, spec InstancesSpec) {
	s.locked(func() {
		c := s.addCluster(name)
		if spec.Slots <= 0 {
			spec.Slots = instanceSlots
		}
		c.fixed = &spec
		for range spec.Count {
			c.addInstance(c.emptiestZone(), spec.Slots)
		}
	})
}

// addInstance adds an instance with room for a number of the smallest tasks.
func (c *cluster) addInstance(zone string, slots int) *instance {
	return c.join(c.newInstance(zone, slots*leastCPU, slots*leastMemory))
}

// join announces a new instance.
func (c *cluster) join(host *instance) *instance {
	if c.fixed != nil {
		c.sim.emitInstance(host)
		c.wakeDaemons()
	}
	return host
}

// newInstance adds an instance with CPU units and MiB.
func (c *cluster) newInstance(zone string, cpu, memory int) *instance {
	names := c.sim.entropy.names
	host := &instance{
		id: "i-" + account.Hex(names, 17), arn: c.sim.account.ARN("ecs", "container-instance/"+c.name+"/"+account.Hex(names, 32)),
		zone: zone, cluster: c, status: statusActive, version: 1, registered: c.sim.Now(),
		cpu: cpu, memory: memory, reserved: reservedPorts(), agent: agentVersion(),
	}
	c.instances = append(c.instances, host)
	return host
}

// emptiestZone returns the zone with the fewest instances.
func (c *cluster) emptiestZone() string {
	best, fewest := "", 0
	for _, zone := range c.sim.zones() {
		n := 0
		for _, host := range c.instances {
			n += count(host.zone == zone)
		}
		if best == "" || n < fewest {
			best, fewest = zone, n
		}
	}
	return best
}

// left returns the CPU units and the MiB that are not reserved.
func (i *instance) left() (cpu, memory int) {
	return i.cpu - i.usedCPU, i.memory - i.usedMemory
}

// room reports whether the task fits.
func (i *instance) room(t *task) bool { return i.status == statusActive && i.lacks(t) == "" }

// lacks returns the reason why the task does not fit, or "". AWS: developer guide, "API
// failure reasons".
func (i *instance) lacks(t *task) string {
	cpu, memory := i.left()
	needCPU, needMemory := t.units()
	taken := func(port string) bool { return slices.Contains(i.reserved, port) || slices.Contains(i.ports, port) }
	switch {
	case int(needCPU) > cpu:
		return "RESOURCE:CPU"
	case int(needMemory) > memory:
		return "RESOURCE:MEMORY"
	case slices.ContainsFunc(t.td.ports, taken):
		return "RESOURCE:PORTS"
	}
	return ""
}

func (i *instance) reserve(t *task) {
	i.book(t, 1)
	i.ports = append(i.ports, t.td.ports...)
}

func (i *instance) release(t *task) {
	i.book(t, -1)
	for _, port := range t.td.ports {
		if at := slices.Index(i.ports, port); at >= 0 {
			i.ports = slices.Delete(i.ports, at, at+1)
		}
	}
}

func (i *instance) book(t *task, sign int) {
	cpu, memory := t.units()
	i.usedCPU, i.usedMemory = i.usedCPU+sign*int(cpu), i.usedMemory+sign*int(memory)
}

// place reserves an instance for an EC2 task and returns it. It returns nil if none
// is left that has room and is permitted.
func (c *cluster) place(rules placement.Rules, zone string, t *task) *instance {
	hosts := make([]placement.Host, 0, len(c.instances))
	fits := make([]*instance, 0, len(c.instances))
	for _, i := range c.instances {
		if i.room(t) && (c.fixed != nil || i.zone == zone) {
			hosts, fits = append(hosts, c.host(i, t.group)), append(fits, i)
		}
	}
	var best *instance
	switch at := rules.Choose(hosts, c.sim.entropy.chance); {
	case at >= 0:
		best = fits[at]
	case c.fixed == nil:
		cpu, memory := t.units()
		slots := max(instanceSlots, int(cpu)/leastCPU, int(memory)/leastMemory)
		best = c.addInstance(zone, slots)
	default:
		return nil
	}
	best.reserve(t)
	return best
}

// host returns the view of the placement on an instance.
func (c *cluster) host(i *instance, group string) placement.Host {
	h := placement.Host{ID: i.id, Zone: i.zone, Attributes: map[string]string{}}
	h.CPU, h.Memory = i.left()
	for _, a := range i.attributes {
		h.Attributes[a.String("name")] = a.String("value")
	}
	for _, t := range c.order {
		h.Group += count(t.host == i && t.group == group && t.desired == taskRunning)
	}
	return h
}

// loseInstance removes a host from the cluster.
func (c *cluster) loseInstance(host *instance) {
	c.instances = slices.DeleteFunc(c.instances, func(i *instance) bool { return i == host })
	host.status = statusInactive
	if c.fixed == nil {
		return
	}
	host.version++
	c.sim.emitInstance(host)
	if c.fixed.Replace > 0 {
		c.sim.after(c.fixed.Replace, func() {
			c.join(c.newInstance(c.emptiestZone(), host.cpu, host.memory))
			c.sim.wakeSchedulers()
		})
	}
}

// drain changes the status of an instance. A DRAINING instance takes no new tasks
// and moves the tasks of services away; standalone tasks stay.
func (i *instance) drain(status string) {
	if i.status == status {
		return
	}
	i.status = status
	i.version++
	i.cluster.sim.emitInstance(i)
	for _, t := range slices.Clone(i.cluster.order) {
		if t.host != i || t.last == taskStopped {
			continue
		}
		if status == statusDrainingInstance {
			t.move(drainingReason)
		} else if t.moving == drainingReason {
			t.moving = ""
		}
	}
	i.cluster.sim.wakeSchedulers()
}

func (s *Sim) instanceOperations() wire.Operations {
	return wire.Operations{
		"ListContainerInstances":        s.listContainerInstances,
		"DescribeContainerInstances":    s.describeContainerInstances,
		"UpdateContainerInstancesState": s.updateContainerInstancesState,
		"RegisterContainerInstance":     s.registerContainerInstance,
		"DeregisterContainerInstance":   s.deregisterContainerInstance,
		"UpdateContainerAgent":          s.updateContainerAgent,
	}
}

func (s *Sim) listContainerInstances(in wire.Object) (wire.Object, error) {
	c, err := s.mustCluster(in.String("cluster"))
	if err != nil {
		return nil, err
	}
	filter, err := instanceFilter(in.String("filter"))
	if err != nil {
		return nil, err
	}
	arns := []string{}
	for _, host := range c.instances {
		view := c.host(host, "")
		if want := in.String("status"); (want == "" || want == host.status) && filter.Allows(&view) {
			arns = append(arns, host.arn)
		}
	}
	arns, next, err := wire.Page(arns, in, "maxResults", "nextToken", listPage)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{"containerInstanceArns": arns}, "nextToken", next), nil
}

// instanceFilter reads an expression of the cluster query language; "" allows all.
func instanceFilter(expression string) (placement.Rules, error) {
	if expression == "" {
		return placement.Rules{}, nil
	}
	rules, err := placement.New([]placement.Constraint{{Type: "memberOf", Expression: expression}}, nil)
	if err != nil {
		return rules, wire.Errorf("InvalidParameterException", "%s", "Invalid filter: "+err.Error()+".")
	}
	return rules, nil
}

func (s *Sim) describeContainerInstances(in wire.Object) (wire.Object, error) {
	return s.eachInstance(in, func(*instance) {})
}

func (s *Sim) updateContainerInstancesState(in wire.Object) (wire.Object, error) {
	status := in.String("status")
	if status != statusActive && status != statusDrainingInstance {
		return nil, wire.Errorf("InvalidParameterException", "Container instance state %s is invalid.", status)
	}
	if n := len(in.Strings("containerInstances")); n > updateInstancesLimit {
		return nil, wire.Errorf("InvalidParameterException", "instanceIds can have at most 10 items.")
	}
	return s.eachInstance(in, func(i *instance) { i.drain(status) })
}

// eachInstance applies do to each named instance and returns the instances.
func (s *Sim) eachInstance(in wire.Object, do func(*instance)) (wire.Object, error) {
	c, err := s.mustCluster(in.String("cluster"))
	if err != nil {
		return nil, err
	}
	names := in.Strings("containerInstances")
	if len(names) == 0 || len(names) > describeInstancesLimit {
		return nil, wire.Errorf("InvalidParameterException", "Container instances must have 1 to 100 elements.")
	}
	found, failures := []wire.Object{}, []wire.Object{}
	for _, name := range names {
		host := c.findInstance(name)
		if host == nil {
			failures = append(failures, missing(s.account.ARN("ecs", "container-instance/"+c.name+"/"+fleet.NameOf(name))))
			continue
		}
		do(host)
		object := host.object()
		if slices.Contains(in.Strings("include"), "TAGS") {
			object["tags"] = s.account.Tags.Of(host.arn)
		}
		found = append(found, object)
	}
	return wire.Object{"containerInstances": found, "failures": failures}, nil
}

func (i *instance) object() wire.Object {
	running, pending := 0, 0
	for _, t := range i.cluster.order {
		running += count(t.host == i && t.last == taskRunning)
		pending += count(t.host == i && t.last < taskRunning)
	}
	cpu, memory := i.left()
	out := wire.Object{
		"containerInstanceArn": i.arn, "ec2InstanceId": i.id, "status": i.status, "version": i.version,
		"agentConnected": i.status != statusInactive, "registeredAt": i.registered,
		"registeredResources": resources(i.cpu, i.memory, i.reserved),
		"remainingResources":  resources(cpu, memory, slices.Concat(i.reserved, i.ports)),
		"runningTasksCount":   running, "pendingTasksCount": pending,
		"versionInfo": i.agent,
		"attributes":  append([]wire.Object{{"name": "ecs.availability-zone", "value": i.zone}}, i.attributes...),
		"attachments": []wire.Object{}, "tags": []wire.Object{},
	}
	if i.agentUpdate != "" {
		out["agentUpdateStatus"] = i.agentUpdate
	}
	return out
}

// instanceDetail is the detail of an ECS Container Instance State Change.
type instanceDetail struct {
	AgentConnected       bool              `json:"agentConnected"`
	Attributes           []attributeDetail `json:"attributes"`
	ClusterArn           string            `json:"clusterArn"`
	ContainerInstanceArn string            `json:"containerInstanceArn"`
	EC2InstanceID        string            `json:"ec2InstanceId"`
	Status               string            `json:"status"`
	Version              int               `json:"version"`
	UpdatedAt            string            `json:"updatedAt"`
}

func (s *Sim) emitInstance(i *instance) {
	s.account.Publish("aws.ecs", "ECS Container Instance State Change", []string{i.arn}, instanceDetail{
		AgentConnected: i.status != statusInactive, ClusterArn: i.cluster.arn, ContainerInstanceArn: i.arn,
		Attributes:    []attributeDetail{{"ecs.availability-zone", i.zone}},
		EC2InstanceID: i.id, Status: i.status, Version: i.version, UpdatedAt: stamp(s.Now()),
	})
}
