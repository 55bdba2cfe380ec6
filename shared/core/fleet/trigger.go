package fleet

import "time"

// TriggerKind is the kind of an event. The words are stable, and `homeostat
// decode` prints them.
type TriggerKind string

// The trigger kinds. Ignored is a valid event that requires no action.
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
	HealthIssue         TriggerKind = "health-issue"
	DaemonChanged       TriggerKind = "daemon"
	ScaledToMax         TriggerKind = "scaled-to-max"
	Tick                TriggerKind = "tick"
	Ignored             TriggerKind = "ignored"
)

// Trigger is one decoded event. A zero field means that the event did not carry
// it, never a value.
type Trigger struct {
	Kind TriggerKind `json:"kind"`
	// ID is the id of the event, or a digest of its bytes.
	ID string `json:"id,omitempty"`
	// At is the time in the event; zero if it has none.
	At        time.Time `json:"at,omitzero"`
	Partition string    `json:"partition,omitempty"`
	Account   string    `json:"account,omitempty"`
	Region    string    `json:"region,omitempty"`
	Cluster   string    `json:"cluster,omitempty"`
	Service   string    `json:"service,omitempty"`
	// Deployment is the literal "ecs-svc/…", or the service deployment id of a
	// hook.
	Deployment string `json:"deployment,omitempty"`
	// TaskDefinition is "family:revision".
	TaskDefinition string `json:"task_definition,omitempty"`
	// Task is the task id, without cluster.
	Task string `json:"task,omitempty"`
	// Instance is the EC2 instance of a Spot warning.
	Instance Instance `json:"instance,omitzero"`
	// Version is detail.version. It grows with each change of a task, and
	// duplicates share it. Zero means none.
	Version int64  `json:"version,omitempty"`
	Image   Image  `json:"image,omitzero"`
	Alarm   Alarm  `json:"alarm,omitzero"`
	Scan    Scan   `json:"scan,omitzero"`
	Stop    *Stop  `json:"stop,omitempty"`
	Notice  Notice `json:"notice,omitzero"`
	// Issue is a trouble outside of all revisions; nil for other events.
	Issue *Issue `json:"issue,omitempty"`
	// Timer is the purpose of a timer of Homeostat; empty for events of AWS.
	Timer string `json:"timer,omitempty"`
	// Shard is the shard of the inventory for a timer, from 0. Only lists some of
	// its services as "cluster/service"; empty means all.
	Shard *int `json:"shard,omitempty"`
	// Shards is the number of all shards.
	Shards int      `json:"shards,omitempty"`
	Only   []string `json:"only,omitempty"`
	// Reason is a text for people: the reason to ignore the event, or the text of
	// AWS.
	Reason string `json:"reason,omitempty"`
	// Record is the position in an SQS or SNS envelope, from 0; nil without one.
	Record *int `json:"record,omitempty"`
}

// Ref returns the service of the trigger; ok is false if it names none in full.
func (t Trigger) Ref() (ref ServiceRef, ok bool) {
	ref = ServiceRef{
		Partition: t.Partition, Account: t.Account, Region: t.Region,
		Cluster: t.Cluster, Service: t.Service,
	}
	return ref, t.Account != "" && t.Region != "" && t.Cluster != "" && t.Service != ""
}

// Instance is an EC2 instance that EC2 takes back.
type Instance struct {
	// ID is the id of EC2, such as "i-0da6526579af3bd1b".
	ID string `json:"id,omitempty"`
	// Action is terminate, stop or hibernate.
	Action string `json:"action,omitempty"`
	// Host is the id of the container instance of ECS. The event does not name it;
	// it is empty until ECS was asked.
	Host string `json:"host,omitempty"`
}

// Alarm is the change of a CloudWatch alarm. The states are OK, ALARM and
// INSUFFICIENT_DATA.
type Alarm struct {
	Name     string `json:"name,omitempty"`
	State    string `json:"state,omitempty"`
	Previous string `json:"previous,omitempty"`
	// Evaluation is the reason why CloudWatch cannot evaluate the alarm; empty for
	// none. The state is then not one of the watched condition.
	Evaluation string `json:"evaluation,omitempty"`
	// Metric is the name of the first metric of the alarm, such as
	// "CPUUtilization".
	Metric string `json:"metric,omitempty"`
}

// Scan is the result of an image scan. Findings counts by severity ("CRITICAL").
// A missing severity has no findings.
type Scan struct {
	Status   string         `json:"status,omitempty"`
	Findings map[string]int `json:"findings,omitempty"`
}

// Stop holds the facts of a task event about a running, stopping or stopped task.
type Stop struct {
	// Code is the stopCode of ECS, such as "EssentialContainerExited"; often empty.
	Code string `json:"code,omitempty"`
	// Reason is the stoppedReason of ECS.
	Reason     string          `json:"reason,omitempty"`
	Containers []ContainerExit `json:"containers,omitempty"`
	// Group is "service:NAME" for a task of a service.
	Group         string    `json:"group,omitempty"`
	LastStatus    string    `json:"last_status,omitempty"`
	DesiredStatus string    `json:"desired_status,omitempty"`
	CreatedAt     time.Time `json:"created_at,omitzero"`
	StartedAt     time.Time `json:"started_at,omitzero"`
	// StoppingAt is the time of the stop request, or of the end without one.
	StoppingAt time.Time `json:"stopping_at,omitzero"`
	// ExecutionStoppedAt is the end of the last container; zero if it is unknown.
	ExecutionStoppedAt time.Time `json:"execution_stopped_at,omitzero"`
	StoppedAt          time.Time `json:"stopped_at,omitzero"`
	AvailabilityZone   string    `json:"availability_zone,omitempty"`
	CapacityProvider   string    `json:"capacity_provider,omitempty"`
	LaunchType         string    `json:"launch_type,omitempty"`
	// Host is the id of the container instance; empty on Fargate.
	Host string `json:"host,omitempty"`
}

// DescribedTask is a task as ECS describes it.
type DescribedTask struct {
	Stop Stop
	// Deployment is the literal "ecs-svc/…"; empty for a task of no service.
	Deployment string
	// TaskDefinition is "family:revision".
	TaskDefinition string
}

// ContainerExit is one container of a task. A nil ExitCode means that ECS
// reported none: the container never started, or its end was not observed.
type ContainerExit struct {
	Name     string `json:"name,omitempty"`
	Image    string `json:"image,omitempty"`
	Digest   string `json:"digest,omitempty"`
	ExitCode *int   `json:"exit_code,omitempty"`
	Reason   string `json:"reason,omitempty"`
	// Health is HEALTHY or UNHEALTHY by the container's own health check; empty if it
	// is unknown. ECS describes it, and its events lack it.
	Health string `json:"health,omitempty"`
}

// Notice is the name and level of a service action or deployment event.
type Notice struct {
	// Name is detail.eventName, such as "SERVICE_TASK_PLACEMENT_FAILURE".
	Name string `json:"name,omitempty"`
	// Level is detail.eventType: INFO, WARN or ERROR.
	Level string `json:"level,omitempty"`
	// Reason is detail.reason in the words of AWS.
	Reason string `json:"reason,omitempty"`
	// Hook is the hook at which the deployment waits; nil for none.
	Hook *Hook `json:"hook,omitempty"`
}

// Hook is a lifecycle hook of a waiting deployment.
type Hook struct {
	ID string `json:"id"`
	// Type is PAUSE if the hook expects ContinueServiceDeployment.
	Type string `json:"type,omitempty"`
	// Stage is the lifecycle stage, such as "POST_TEST_TRAFFIC_SHIFT".
	Stage string `json:"stage,omitempty"`
	// Rollout is the ARN of the service deployment.
	Rollout string `json:"rollout,omitempty"`
	// Expires is the time at which ECS continues without an answer; zero if it is
	// unknown.
	Expires time.Time `json:"expires,omitzero"`
}
