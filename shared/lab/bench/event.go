package bench

import (
	"strings"
	"time"
)

// taskEvent holds the fields that the benchmark reads from an ECS event.
type taskEvent struct {
	Resources []string   `json:"resources"`
	Detail    taskDetail `json:"detail"`
}

// taskDetail holds the fields from the detail of a task or deployment event.
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

// failed reports whether the task could not start, ended, or was replaced as
// unhealthy. Stops by an operator, a scaling action, Spot or a lost host are not
// failures.
func (d taskDetail) failed() bool {
	switch d.StopCode {
	case "EssentialContainerExited", "TaskFailedToStart":
		return true
	case "ServiceSchedulerInitiated":
		return strings.Contains(d.StoppedReason, "failed")
	}
	return false
}
