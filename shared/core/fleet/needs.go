package fleet

import (
	"cmp"
	"time"
)

// Needs selects the parts of a snapshot for a decision. The other parts cost no
// call.
type Needs struct {
	// Revisions requests the rollouts with their revisions.
	Revisions bool
	// CPU requests the CPU metric and the state of Application Auto Scaling.
	CPU bool
	// Load names further metrics of the service.
	Load Source
	// Groups are the target groups of the service as last known. They count if no
	// revision is read.
	Groups []TargetGroup
	// Tag requests the image of this tag in the service's own repositories; empty
	// requests none.
	Tag string
	// Repository narrows Tag to one repository; empty means the first image of the
	// service in ECR.
	Repository string
	// Definitions requests the task definitions of the running and of the last good
	// revision, to compare them.
	Definitions bool
	// Alarms requests the state of these alarms and of the service's deployment alarms.
	Alarms []string
	// DeploymentAlarms requests the state of the alarms of the service's
	// deployments.
	DeploymentAlarms bool
	// Memory requests the memory metric.
	Memory bool
	// Before requests the load from before the running deployment, and MemoryTrend the
	// memory since its start, if the deployment is at most as old as Young. With Before the
	// requests of all target groups are read, because a slower revision and more traffic
	// differ in them.
	Before, MemoryTrend bool
	Young               time.Duration
	// Tasks requests the running tasks of the service.
	Tasks bool
	// Probe requests the task with this id; empty requests none.
	Probe string
	// WhileDeploying requests Revisions only if the service is deploying.
	WhileDeploying bool
	// CurrentImages requests the existence of the images of the running revision.
	CurrentImages bool
}

// And returns the parts that one of the two selects. Both are for one service, so they
// have the same sources and the same tag, if any.
func (n Needs) And(o Needs) Needs {
	n.Revisions, n.CPU, n.Definitions = n.Revisions || o.Revisions, n.CPU || o.CPU, n.Definitions || o.Definitions
	n.DeploymentAlarms, n.Memory, n.Tasks = n.DeploymentAlarms || o.DeploymentAlarms, n.Memory || o.Memory, n.Tasks || o.Tasks
	n.Before, n.MemoryTrend, n.Young = n.Before || o.Before, n.MemoryTrend || o.MemoryTrend, max(n.Young, o.Young)
	n.WhileDeploying, n.CurrentImages = n.WhileDeploying || o.WhileDeploying, n.CurrentImages || o.CurrentImages
	n.Tag, n.Repository, n.Probe = cmp.Or(n.Tag, o.Tag), cmp.Or(n.Repository, o.Repository), cmp.Or(n.Probe, o.Probe)
	if len(n.Alarms) == 0 {
		n.Alarms = o.Alarms
	}
	if n.Load.IsZero() {
		n.Load = o.Load
	}
	if len(n.Groups) == 0 {
		n.Groups = o.Groups
	}
	return n
}
