package ecssim

import (
	"cmp"
	"fmt"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/wire"
)

// taskDetail is the detail of an ECS Task State Change. Its order of keys and its
// texts for numbers are those of AWS's events. It has no healthStatus and no
// tags.
type taskDetail struct {
	taskPlaceDetail
	taskStateDetail
	taskTimesDetail
	TaskArn           string `json:"taskArn"`
	TaskDefinitionArn string `json:"taskDefinitionArn"`
	UpdatedAt         string `json:"updatedAt"`
	Version           int    `json:"version"`
}

// taskPlaceDetail is the placement of the task. The keys of the detail are in the
// order of the alphabet, and so are the groups.
type taskPlaceDetail struct {
	Attachments          []attachmentDetail `json:"attachments"`
	Attributes           []attributeDetail  `json:"attributes"`
	AvailabilityZone     string             `json:"availabilityZone"`
	CapacityProviderName string             `json:"capacityProviderName,omitempty"`
	ClusterArn           string             `json:"clusterArn"`
	Connectivity         string             `json:"connectivity,omitempty"`
	ConnectivityAt       string             `json:"connectivityAt,omitempty"`
	ContainerInstanceArn string             `json:"containerInstanceArn,omitempty"`
	Containers           []containerDetail  `json:"containers"`
}

// taskStateDetail is the identity and the state of the task.
type taskStateDetail struct {
	CPU                  string          `json:"cpu"`
	CreatedAt            string          `json:"createdAt"`
	DesiredStatus        string          `json:"desiredStatus"`
	EnableExecuteCommand bool            `json:"enableExecuteCommand"`
	EphemeralStorage     *storageDetail  `json:"ephemeralStorage,omitempty"`
	ExecutionStoppedAt   string          `json:"executionStoppedAt,omitempty"`
	Group                string          `json:"group"`
	LastStatus           string          `json:"lastStatus"`
	LaunchType           string          `json:"launchType"`
	Memory               string          `json:"memory"`
	Overrides            overridesDetail `json:"overrides"`
	PlatformVersion      string          `json:"platformVersion,omitempty"`
}

// taskTimesDetail has the times of the start and of the end.
type taskTimesDetail struct {
	PullStartedAt string `json:"pullStartedAt,omitempty"`
	PullStoppedAt string `json:"pullStoppedAt,omitempty"`
	StartedAt     string `json:"startedAt,omitempty"`
	StartedBy     string `json:"startedBy,omitempty"`
	StoppingAt    string `json:"stoppingAt,omitempty"`
	StoppedAt     string `json:"stoppedAt,omitempty"`
	StoppedReason string `json:"stoppedReason,omitempty"`
	StopCode      string `json:"stopCode,omitempty"`
}

type attachmentDetail struct {
	ID      string       `json:"id"`
	Type    string       `json:"type"`
	Status  string       `json:"status"`
	Details []detailPair `json:"details"`
}

type attributeDetail struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type detailPair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type storageDetail struct {
	SizeInGiB int `json:"sizeInGiB"`
}

type overridesDetail struct {
	ContainerOverrides []overrideDetail `json:"containerOverrides"`
}

type overrideDetail struct {
	Command     []string     `json:"command,omitempty"`
	CPU         *int         `json:"cpu,omitempty"`
	Environment []detailPair `json:"environment,omitempty"`
	Memory      *int         `json:"memory,omitempty"`
	Name        string       `json:"name"`
}

type containerDetail struct {
	ContainerArn      string            `json:"containerArn"`
	ExitCode          *int              `json:"exitCode,omitempty"`
	LastStatus        string            `json:"lastStatus"`
	Name              string            `json:"name"`
	Image             string            `json:"image"`
	ImageDigest       string            `json:"imageDigest,omitempty"`
	RuntimeID         string            `json:"runtimeId,omitempty"`
	TaskArn           string            `json:"taskArn"`
	NetworkInterfaces []interfaceDetail `json:"networkInterfaces"`
	CPU               string            `json:"cpu"`
	Memory            string            `json:"memory,omitempty"`
	Reason            string            `json:"reason,omitempty"`
}

type interfaceDetail struct {
	AttachmentID       string `json:"attachmentId"`
	PrivateIpv4Address string `json:"privateIpv4Address"`
}

// attachment is a task's network interface.
type attachment struct{ id, eni, mac, address, subnet string }

func newAttachment(s *Sim) attachment {
	r := s.entropy.names
	return attachment{
		id: account.UUID(r), eni: "eni-" + account.Hex(r, 17),
		mac:     fmt.Sprintf("02:%02x:%02x:%02x:%02x:%02x", r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(256)),
		address: fmt.Sprintf("10.0.%d.%d", r.IntN(64), 4+r.IntN(250)),
	}
}

// attachmentStatus follows the state of the task.
func (t *task) attachmentStatus() string {
	switch {
	case t.last == taskProvisioning:
		return "PRECREATED"
	case t.last >= taskDeprovisioning:
		return "DELETED"
	}
	return "ATTACHED"
}

func (t *task) containerStatus(i int) string {
	_, ended := t.ends[i]
	switch {
	case ended, t.last >= taskDeprovisioning:
		return "STOPPED"
	case t.last == taskActivating || t.last >= taskRunning:
		return "RUNNING"
	}
	return "PENDING"
}

// silent reports whether BriefTaskEvents leaves out the state.
func (t *task) silent() bool {
	return t.sim.config.BriefTaskEvents && t.last != taskRunning && t.last != taskStopping && t.last != taskStopped
}

func (s *Sim) emitTask(t *task) {
	if t.silent() {
		return
	}
	detail := taskDetail{
		taskPlaceDetail: taskPlaceDetail{
			Attachments: t.attachments(), Attributes: []attributeDetail{{"ecs.cpu-architecture", t.td.architecture()}},
			AvailabilityZone: t.zone, CapacityProviderName: t.provider, ClusterArn: t.cluster.arn,
			Containers: t.containerDetails(),
		},
		taskStateDetail: taskStateDetail{
			CPU: t.cpu, EnableExecuteCommand: t.exec, CreatedAt: stamp(t.created), DesiredStatus: t.desired.String(),
			ExecutionStoppedAt: stamp(t.executionStop), Group: t.group, LastStatus: t.last.String(), LaunchType: t.launchType,
			Memory: t.memory, Overrides: t.overrideDetails(),
		},
		taskTimesDetail: taskTimesDetail{
			PullStartedAt: stamp(t.pullStart), PullStoppedAt: stamp(t.pullStop),
			StartedAt: stamp(t.started), StartedBy: t.startedBy,
			StoppingAt: stamp(t.stopping), StoppedAt: stamp(t.stopped), StoppedReason: t.stopReason, StopCode: t.stopCode,
		},
		TaskArn: t.arn, TaskDefinitionArn: t.td.arn, UpdatedAt: stamp(s.Now()), Version: t.version,
	}
	if !t.connected.IsZero() {
		detail.Connectivity, detail.ConnectivityAt = "CONNECTED", stamp(t.connected)
	}
	if t.launchType == launchFargate {
		detail.PlatformVersion, detail.EphemeralStorage = platformVersion, &storageDetail{SizeInGiB: t.ephemeralGiB}
	}
	if t.host != nil {
		detail.ContainerInstanceArn = t.host.arn
	}
	s.account.Publish("aws.ecs", "ECS Task State Change", []string{t.arn}, detail)
}

// attachments returns the network interface. Only the network mode awsvpc has one.
func (t *task) attachments() []attachmentDetail {
	if !t.td.awsvpc {
		return []attachmentDetail{}
	}
	details := []detailPair{{"subnetId", t.network.subnet}}
	if t.last > taskProvisioning {
		details = append(details,
			detailPair{"networkInterfaceId", t.network.eni},
			detailPair{"macAddress", t.network.mac},
			detailPair{"privateIPv4Address", t.network.address})
	}
	return []attachmentDetail{{ID: t.network.id, Type: "eni", Status: t.attachmentStatus(), Details: details}}
}

func (t *task) containerDetails() []containerDetail {
	out := make([]containerDetail, len(t.td.containers))
	for i, c := range t.td.containers {
		d := containerDetail{
			ContainerArn: t.containerARN(i), LastStatus: t.containerStatus(i), Name: c.name, Image: c.image,
			TaskArn: t.arn, NetworkInterfaces: []interfaceDetail{}, CPU: cmp.Or(c.cpu, "0"), Memory: c.memory,
		}
		if t.last > taskProvisioning && t.td.awsvpc {
			d.NetworkInterfaces = append(d.NetworkInterfaces, interfaceDetail{t.network.id, t.network.address})
		}
		if !t.pullStop.IsZero() && !t.neverRan(i) {
			d.ImageDigest, d.RuntimeID = t.digests[i], t.runtimes[i]
		}
		d.ExitCode, d.Reason = t.exitOf(i)
		out[i] = d
	}
	return out
}

func (t *task) containerARN(i int) string {
	return t.sim.account.ARN("ecs", "container/"+t.cluster.name+"/"+t.id+"/"+t.runtimes[i])
}

// attachmentObjects returns the network interface for DescribeTasks.
func (t *task) attachmentObjects() []wire.Object {
	var out []wire.Object
	for _, a := range t.attachments() {
		pairs := make([]wire.Object, len(a.Details))
		for i, p := range a.Details {
			pairs[i] = wire.Object{"name": p.Name, "value": p.Value}
		}
		kind := "ElasticNetworkInterface"
		out = append(out, wire.Object{"id": a.ID, "type": kind, "status": a.Status, "details": pairs})
	}
	return out
}
