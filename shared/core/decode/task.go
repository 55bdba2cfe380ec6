package decode

import (
	"math"
	"strings"

	"homeostat/shared/core/fleet"
)

// deploymentPrefix begins the startedBy of a task of a service.
const deploymentPrefix = "ecs-svc/"

// task reads an ECS Task State Change.
func task(e event) fleet.Trigger {
	d, t := e.detail, e.base
	setCluster(&t, d.text("clusterArn"))
	if text := d.text("taskArn"); !setTask(&t, text) {
		t.Task = fleet.NameOf(text)
	}
	if text := d.text("taskDefinitionArn"); text != "" {
		t.TaskDefinition = familyRevision(text)
	}
	t.Stop = stop(d)
	if name, ok := strings.CutPrefix(t.Stop.Group, "service:"); ok {
		t.Service = name
	}
	if by := d.text("startedBy"); strings.HasPrefix(by, deploymentPrefix) {
		t.Deployment = by
	}
	t.Version, _ = d.integer("version")
	return taskKind(t)
}

// taskKind decides by both statuses: a task with the desired status STOPPED is
// stopping, whatever its last status.
func taskKind(t fleet.Trigger) fleet.Trigger {
	last, desired := t.Stop.LastStatus, t.Stop.DesiredStatus
	switch {
	case last == "STOPPED":
		t.Kind, t.Reason = fleet.TaskStopped, stopReason(t.Stop)
	case last == "DELETED":
		return ignored(t, "the task stopped earlier and is now deleted")
	case last == "" && desired == "":
		return ignored(t, "the event has no task status")
	case desired == "STOPPED", last == "DEACTIVATING", last == "STOPPING", last == "DEPROVISIONING":
		t.Kind, t.Reason = fleet.TaskStopping, stopReason(t.Stop)
	case last == "RUNNING":
		t.Kind = fleet.TaskRunning
	default:
		return ignored(t, "the task is starting: "+quote(last))
	}
	return t
}

// stopReason returns ECS's reason, else the first reason of a container.
func stopReason(s *fleet.Stop) string {
	if s.Reason != "" {
		return s.Reason
	}
	for i := range s.Containers {
		if s.Containers[i].Reason != "" {
			return s.Containers[i].Reason
		}
	}
	return ""
}

func stop(d object) *fleet.Stop {
	return &fleet.Stop{
		Code:               d.text("stopCode"),
		Reason:             d.text("stoppedReason"),
		Containers:         containers(d.list("containers")),
		Group:              d.text("group"),
		LastStatus:         d.text("lastStatus"),
		DesiredStatus:      d.text("desiredStatus"),
		CreatedAt:          d.time("createdAt"),
		StartedAt:          d.time("startedAt"),
		StoppingAt:         d.time("stoppingAt"),
		ExecutionStoppedAt: d.time("executionStoppedAt"),
		StoppedAt:          d.time("stoppedAt"),
		AvailabilityZone:   d.text("availabilityZone"),
		CapacityProvider:   d.text("capacityProviderName"),
		LaunchType:         d.text("launchType"),
		Host:               fleet.NameOf(d.text("containerInstanceArn")),
	}
}

func containers(l list) []fleet.ContainerExit {
	if l.at == absent {
		return nil
	}
	out := make([]fleet.ContainerExit, 0, l.len())
	for c := range l.objects() {
		out = append(out, fleet.ContainerExit{
			Name:     c.text("name"),
			Image:    c.text("image"),
			Digest:   c.text("imageDigest"),
			ExitCode: exitCode(c),
			Reason:   c.text("reason"),
		})
	}
	return out
}

// exitCode returns nil for a container without an exit code, as opposed to 0.
func exitCode(c object) *int {
	n, ok := c.integer("exitCode")
	if !ok || n < math.MinInt || n > math.MaxInt {
		return nil
	}
	code := int(n)
	return &code
}
