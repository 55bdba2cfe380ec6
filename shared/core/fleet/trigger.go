package fleet

import "time"

// TriggerKind is what an event asks Homeostat to look at. The words are
// printed by `homeostat decode` and are stable.
type TriggerKind string

// The trigger kinds. Ignored is an event that was understood well enough to
// know that nothing is to be done about it.
const (
	TaskStopped         TriggerKind = "task-stopped"
	TaskStopping        TriggerKind = "task-stopping"
	TaskRunning         TriggerKind = "task-running"
	DeploymentStarted   TriggerKind = "deployment-started"
	DeploymentCompleted TriggerKind = "deployment-completed"
	DeploymentFailed    TriggerKind = "deployment-failed"
	HookWaiting         TriggerKind = "hook-waiting"
	ServiceAction       TriggerKind = "service-action"
	AlarmChanged        TriggerKind = "alarm"
	ImagePush           TriggerKind = "image-push"
	ImageReplicated     TriggerKind = "image-replicated"
	ImageScan           TriggerKind = "image-scan"
	SpotWarning         TriggerKind = "spot-warning"
	TaskRetirement      TriggerKind = "task-retirement"
	ScaledToMax         TriggerKind = "scaled-to-max"
	Tick                TriggerKind = "tick"
	Ignored             TriggerKind = "ignored"
)

// Trigger is one decoded event. Fields that the event did not carry are zero;
// a zero field is "not said", never a value to act on.
type Trigger struct {
	Kind TriggerKind `json:"kind"`
	// ID is the event's own id; where it has none, a digest of its bytes.
	ID string `json:"id,omitempty"`
	// At is the time that the source gives the event; zero if it gives none.
	At        time.Time `json:"at,omitzero"`
	Partition string    `json:"partition,omitempty"`
	Account   string    `json:"account,omitempty"`
	Region    string    `json:"region,omitempty"`
	Cluster   string    `json:"cluster,omitempty"`
	Service   string    `json:"service,omitempty"`
	// Deployment is the literal "ecs-svc/…", or a hook's service deployment id.
	Deployment string `json:"deployment,omitempty"`
	// TaskDefinition is "family:revision".
	TaskDefinition string `json:"task_definition,omitempty"`
	// Task is the task id, without cluster.
	Task string `json:"task,omitempty"`
	// Version is detail.version: it grows with each change of one task, and
	// duplicates share it. Zero where the event has none.
	Version int64  `json:"version,omitempty"`
	Image   Image  `json:"image,omitzero"`
	Alarm   Alarm  `json:"alarm,omitzero"`
	Scan    Scan   `json:"scan,omitzero"`
	Stop    *Stop  `json:"stop,omitempty"`
	Notice  Notice `json:"notice,omitzero"`
	// Timer says what a timer of our own wants to look at again; empty for
	// events of AWS.
	Timer string `json:"timer,omitempty"`
	// Shard is the part of the roster that a timer is about, from 0, and Only the
	// services of it, as "cluster/service", where it is not all of them.
	Shard *int `json:"shard,omitempty"`
	// Shards is how many there are.
	Shards int      `json:"shards,omitempty"`
	Only   []string `json:"only,omitempty"`
	// Reason is the text that a person should read: why the event was ignored,
	// or what AWS said in it.
	Reason string `json:"reason,omitempty"`
	// Record counts the records of one SQS or SNS envelope from 0; nil where
	// the event came alone.
	Record *int `json:"record,omitempty"`
}

// Ref is the service that the trigger names; ok is false where it names none.
func (t Trigger) Ref() (ref ServiceRef, ok bool) {
	ref = ServiceRef{
		Partition: t.Partition, Account: t.Account, Region: t.Region,
		Cluster: t.Cluster, Service: t.Service,
	}
	return ref, t.Account != "" && t.Region != "" && t.Cluster != "" && t.Service != ""
}

// Alarm is a CloudWatch alarm's change of state. States are CloudWatch's own:
// OK, ALARM, INSUFFICIENT_DATA.
type Alarm struct {
	Name     string `json:"name,omitempty"`
	State    string `json:"state,omitempty"`
	Previous string `json:"previous,omitempty"`
	// Metric is the name of the alarm's first metric, "CPUUtilization" say.
	Metric string `json:"metric,omitempty"`
}

// Scan is the outcome of an image scan. Findings counts by severity
// ("CRITICAL"); a severity that is missing was reported as none found.
type Scan struct {
	Status   string         `json:"status,omitempty"`
	Findings map[string]int `json:"findings,omitempty"`
}

// Stop is what a task event tells about a task that ended, is ending or runs.
type Stop struct {
	// Code is ECS's stopCode, "EssentialContainerExited" say; often empty.
	Code string `json:"code,omitempty"`
	// Reason is ECS's stoppedReason.
	Reason     string          `json:"reason,omitempty"`
	Containers []ContainerExit `json:"containers,omitempty"`
	// Group is "service:NAME" for a service's task.
	Group         string    `json:"group,omitempty"`
	LastStatus    string    `json:"last_status,omitempty"`
	DesiredStatus string    `json:"desired_status,omitempty"`
	CreatedAt     time.Time `json:"created_at,omitzero"`
	StartedAt     time.Time `json:"started_at,omitzero"`
	// StoppingAt is when the task was told to stop, or began to end by itself.
	StoppingAt       time.Time `json:"stopping_at,omitzero"`
	StoppedAt        time.Time `json:"stopped_at,omitzero"`
	AvailabilityZone string    `json:"availability_zone,omitempty"`
	CapacityProvider string    `json:"capacity_provider,omitempty"`
	LaunchType       string    `json:"launch_type,omitempty"`
	// Host is the id of the container instance; empty on Fargate.
	Host string `json:"host,omitempty"`
}

// ContainerExit is one container of a task. ExitCode nil means that ECS gave
// none: the container never started, or its end was not observed.
type ContainerExit struct {
	Name     string `json:"name,omitempty"`
	Image    string `json:"image,omitempty"`
	Digest   string `json:"digest,omitempty"`
	ExitCode *int   `json:"exit_code,omitempty"`
	Reason   string `json:"reason,omitempty"`
}

// Notice is the name and level of a service action or deployment event.
type Notice struct {
	// Name is detail.eventName, "SERVICE_TASK_PLACEMENT_FAILURE" say.
	Name string `json:"name,omitempty"`
	// Level is detail.eventType: INFO, WARN or ERROR.
	Level string `json:"level,omitempty"`
	// Reason is detail.reason as AWS wrote it.
	Reason string `json:"reason,omitempty"`
	// Hook is what a deployment waits at; nil where it waits at none.
	Hook *Hook `json:"hook,omitempty"`
}

// Hook is a lifecycle hook of a deployment that waits for an answer.
type Hook struct {
	ID string `json:"id"`
	// Type is PAUSE where somebody is to answer by ContinueServiceDeployment.
	Type string `json:"type,omitempty"`
	// Stage is the lifecycle stage, "POST_TEST_TRAFFIC_SHIFT" say.
	Stage string `json:"stage,omitempty"`
	// Rollout is the ARN of the service deployment.
	Rollout string `json:"rollout,omitempty"`
	// Expires is when ECS goes on without an answer; zero where it is not said.
	Expires time.Time `json:"expires,omitzero"`
}
