package bench

import (
	"strings"
	"time"
)

// taskEvent is what is read of an event of ECS.
type taskEvent struct {
	Resources []string   `json:"resources"`
	Detail    taskDetail `json:"detail"`
}

// taskDetail is what is read of the detail of a task's or a deployment's event.
type taskDetail struct {
	EventName          string    `json:"eventName"`
	ClusterArn         string    `json:"clusterArn"`
	Group              string    `json:"group"`
	StartedBy          string    `json:"startedBy"`
	LastStatus         string    `json:"lastStatus"`
	StopCode           string    `json:"stopCode"`
	StoppedReason      string    `json:"stoppedReason"`
	TaskDefinitionArn  string    `json:"taskDefinitionArn"`
	ExecutionStoppedAt time.Time `json:"executionStoppedAt"`
}

// failed reports whether the task failed of itself: it could not start, ended,
// or was replaced because it was unhealthy. What a person or a scaling stopped,
// and what Spot or a host took, did not fail.
func (d taskDetail) failed() bool {
	switch d.StopCode {
	case "EssentialContainerExited", "TaskFailedToStart":
		return true
	case "ServiceSchedulerInitiated":
		return strings.Contains(d.StoppedReason, "failed")
	}
	return false
}
