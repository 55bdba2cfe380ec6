package ecssim

import (
	"slices"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/wire"
)

// instance is an EC2 container instance with a number of slots for tasks.
// Assumed: in a cluster without AddInstances, instances appear when tasks need
// them.
type instance struct {
	id, arn, zone string
	cluster       *cluster
	status        string
	version       int
	registered    time.Time
	slots, tasks  int
}

const statusDrainingInstance = "DRAINING"

// InstancesSpec describes the container instances of a cluster. Slots 0 means 4.
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

func (c *cluster) addInstance(zone string, slots int) *instance {
	names := c.sim.entropy.names
	host := &instance{
		id: "i-" + account.Hex(names, 17), arn: c.sim.account.ARN("ecs", "container-instance/"+c.name+"/"+account.Hex(names, 32)),
		zone: zone, cluster: c, status: statusActive, version: 1, registered: c.sim.Now(), slots: slots,
	}
	c.instances = append(c.instances, host)
	if c.fixed != nil {
		c.sim.emitInstance(host)
	}
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

// room reports whether one more task fits.
func (i *instance) room() bool { return i.status == statusActive && i.tasks < i.slots }

// place returns an instance for an EC2 task: the first one with room, in the zone
// with the fewest tasks of the service if possible. It returns nil if all are
// full.
func (c *cluster) place(preferred string) *instance {
	var best *instance
	for _, host := range c.instances {
		if !host.room() {
			continue
		}
		if host.zone == preferred {
			best = host
			break
		}
		if best == nil && c.fixed != nil {
			best = host
		}
	}
	if best == nil && c.fixed == nil {
		best = c.addInstance(preferred, instanceSlots)
	}
	if best != nil {
		best.tasks++
	}
	return best
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
			c.addInstance(c.emptiestZone(), host.slots)
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
	}
}

func (s *Sim) listContainerInstances(in wire.Object) (wire.Object, error) {
	c, err := s.mustCluster(in.String("cluster"))
	if err != nil {
		return nil, err
	}
	arns := []string{}
	for _, host := range c.instances {
		if want := in.String("status"); want == "" || want == host.status {
			arns = append(arns, host.arn)
		}
	}
	arns, next, err := wire.Page(arns, in, "maxResults", "nextToken", listPage)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{"containerInstanceArns": arns}, "nextToken", next), nil
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
		at := slices.IndexFunc(c.instances, func(i *instance) bool { return fleet.NameOf(i.arn) == fleet.NameOf(name) })
		if at < 0 {
			failures = append(failures, missing(s.account.ARN("ecs", "container-instance/"+c.name+"/"+fleet.NameOf(name))))
			continue
		}
		do(c.instances[at])
		found = append(found, c.instances[at].object())
	}
	return wire.Object{"containerInstances": found, "failures": failures}, nil
}

func (i *instance) object() wire.Object {
	resources := func(slots int) []wire.Object {
		return []wire.Object{
			{"name": "CPU", "type": "INTEGER", "integerValue": slots * leastCPU},
			{"name": "MEMORY", "type": "INTEGER", "integerValue": slots * leastMemory},
		}
	}
	running, pending := 0, 0
	for _, t := range i.cluster.order {
		running += count(t.host == i && t.last == taskRunning)
		pending += count(t.host == i && t.last < taskRunning)
	}
	return wire.Object{
		"containerInstanceArn": i.arn, "ec2InstanceId": i.id, "status": i.status, "version": i.version,
		"agentConnected": i.status != statusInactive, "registeredAt": i.registered,
		"registeredResources": resources(i.slots), "remainingResources": resources(i.slots - i.tasks),
		"runningTasksCount": running, "pendingTasksCount": pending,
		"versionInfo": wire.Object{"agentVersion": "1.98.0", "agentHash": "aebcbca", "dockerVersion": "DockerVersion: 25.0.8"},
		"attributes":  []wire.Object{{"name": "ecs.availability-zone", "value": i.zone}},
		"attachments": []wire.Object{}, "tags": []wire.Object{},
	}
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
