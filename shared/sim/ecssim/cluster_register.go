package ecssim

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim/wire"
)

// The states of an update of the container agent.
const (
	agentPending = "PENDING"
	agentUpdated = "UPDATED"
)

// identity is the part of the identity document of an EC2 instance that ECS reads.
type identity struct {
	InstanceID       string `json:"instanceId"`
	AvailabilityZone string `json:"availabilityZone"`
	InstanceType     string `json:"instanceType"`
	ImageID          string `json:"imageId"`
}

// registerContainerInstance adds an instance, as its container agent does, or renews
// the one with the ARN of the request.
func (s *Sim) registerContainerInstance(in wire.Object) (wire.Object, error) {
	c, err := s.mustCluster(in.String("cluster"))
	if err != nil {
		return nil, err
	}
	host := c.findInstance(in.String("containerInstanceArn"))
	if host == nil {
		if host, err = c.register(in.String("instanceIdentityDocument")); err != nil {
			return nil, err
		}
	}
	host.supply(in.Objects("totalResources"))
	for _, a := range in.Objects("attributes") {
		host.attributes = append(without(host.attributes, a.String("name")), wire.Object{"name": a.String("name"), "value": a.String("value")})
	}
	if version := in.Object("versionInfo"); version != nil {
		host.agent = version
	}
	if in.Has("tags") {
		s.account.Tags.Put(host.arn, in.Objects("tags"))
	}
	s.emitInstance(host)
	c.wakeDaemons()
	s.wakeSchedulers()
	object := host.object()
	object["tags"] = s.account.Tags.Of(host.arn)
	return wire.Object{"containerInstance": object}, nil
}

// register makes an instance from its identity document.
func (c *cluster) register(document string) (*instance, error) {
	var of identity
	if err := json.Unmarshal([]byte(document), &of); err != nil || of.InstanceID == "" {
		return nil, wire.Errorf("ClientException", "The instance identity document is invalid.")
	}
	if c.fixed == nil {
		c.fixed = &InstancesSpec{}
	}
	host := c.newInstance(cmp.Or(of.AvailabilityZone, c.emptiestZone()), registeredCPU, registeredMemory)
	host.id = of.InstanceID
	for _, a := range [][2]string{{"ecs.ami-id", of.ImageID}, {"ecs.instance-type", of.InstanceType}, {"ecs.os-type", "linux"}} {
		if a[1] != "" {
			host.attributes = append(host.attributes, wire.Object{"name": a[0], "value": a[1]})
		}
	}
	return host, nil
}

// supply sets the resources of the instance; those that are absent stay.
func (i *instance) supply(resources []wire.Object) {
	for _, r := range resources {
		n, _ := r.Int("integerValue")
		switch r.String("name") {
		case "CPU":
			i.cpu = n
		case "MEMORY":
			i.memory = n
		case "PORTS":
			i.reserved = portsOf("tcp", r.Strings("stringSetValue"), i.reserved)
		case "PORTS_UDP":
			i.reserved = portsOf("udp", r.Strings("stringSetValue"), i.reserved)
		}
	}
}

// portsOf returns the reserved ports with those of one protocol replaced.
func portsOf(protocol string, numbers []string, before []string) []string {
	out := slices.DeleteFunc(slices.Clone(before), func(p string) bool { return strings.HasPrefix(p, protocol) })
	for _, n := range numbers {
		out = append(out, protocol+"/"+n)
	}
	return out
}

// reservedPorts are the ports of SSH, Docker and the container agent. AWS: API
// reference of PortMapping, hostPort.
func reservedPorts() []string {
	return []string{"tcp/22", "tcp/2375", "tcp/2376", "tcp/51678", "tcp/51679"}
}

// hostPorts returns the ports of the instance that a task takes, such as tcp/80. A
// task with a network interface of its own takes none; a port 0 is any free one.
func hostPorts(in wire.Object) (ports []string) {
	if in.String("networkMode") == "awsvpc" {
		return nil
	}
	for _, c := range in.Objects("containerDefinitions") {
		for _, p := range c.Objects("portMappings") {
			if n, _ := p.Int("hostPort"); n > 0 {
				ports = append(ports, cmp.Or(p.String("protocol"), "tcp")+"/"+strconv.Itoa(n))
			}
		}
	}
	return ports
}

// resources returns CPU, MEMORY and the ports in the form of the answers.
func resources(cpu, memory int, ports []string) []wire.Object {
	set := func(protocol string) []string {
		out := []string{}
		for _, p := range ports {
			if n, ok := strings.CutPrefix(p, protocol+"/"); ok {
				out = append(out, n)
			}
		}
		return out
	}
	return []wire.Object{
		{"name": "CPU", "type": "INTEGER", "integerValue": cpu},
		{"name": "MEMORY", "type": "INTEGER", "integerValue": memory},
		{"name": "PORTS", "type": "STRINGSET", "stringSetValue": set("tcp")},
		{"name": "PORTS_UDP", "type": "STRINGSET", "stringSetValue": set("udp")},
	}
}

func (c *cluster) findInstance(nameOrARN string) *instance {
	for _, i := range c.instances {
		if fleet.NameOf(i.arn) == fleet.NameOf(nameOrARN) {
			return i
		}
	}
	return nil
}

func (s *Sim) mustInstance(in wire.Object) (*instance, error) {
	c, err := s.mustCluster(in.String("cluster"))
	if err != nil {
		return nil, err
	}
	host := c.findInstance(in.String("containerInstance"))
	if host == nil {
		return nil, wire.Errorf("InvalidParameterException", "Referenced container instance %s not found.", fleet.NameOf(in.String("containerInstance")))
	}
	return host, nil
}

// deregisterContainerInstance removes an instance. Its tasks need force. ECS no longer
// sees them then; assumed: they end at once, as the task of a service is replaced.
func (s *Sim) deregisterContainerInstance(in wire.Object) (wire.Object, error) {
	host, err := s.mustInstance(in)
	if err != nil {
		return nil, err
	}
	tasks := slices.DeleteFunc(slices.Clone(host.cluster.order), func(t *task) bool { return t.host != host || t.last == taskStopped })
	if forced, _ := in.Bool("force"); len(tasks) > 0 && !forced {
		return nil, wire.Errorf("InvalidParameterException", "Found running tasks on the instance.")
	}
	host.cluster.loseInstance(host)
	for _, t := range tasks {
		t.vanish(stopUser, "Container instance deregistration forced by user.")
	}
	return wire.Object{"containerInstance": host.object()}, nil
}

// updateContainerAgent begins an update of the agent to the newest version.
func (s *Sim) updateContainerAgent(in wire.Object) (wire.Object, error) {
	host, err := s.mustInstance(in)
	if err != nil {
		return nil, err
	}
	switch {
	case host.agentUpdate == agentPending:
		return nil, wire.Errorf("UpdateInProgressException", "An update of the container agent is in progress.")
	case host.agent.String("agentVersion") == "":
		return nil, wire.Errorf("MissingVersionException", "The version of the container agent is unknown.")
	case host.agent.String("agentVersion") == newestAgent:
		return nil, wire.Errorf("NoUpdateAvailableException", "There is no update available for your container agent.")
	}
	host.agentUpdate = agentPending
	s.after(agentUpdateTime, func() {
		host.agentUpdate, host.agent = agentUpdated, agentVersion()
		host.version++
	})
	return wire.Object{"containerInstance": host.object()}, nil
}

// agentVersion is the newest container agent.
func agentVersion() wire.Object {
	return wire.Object{"agentVersion": newestAgent, "agentHash": "aebcbca", "dockerVersion": "DockerVersion: 25.0.8"}
}
