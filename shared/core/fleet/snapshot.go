package fleet

import (
	"maps"
	"slices"
	"time"
)

// Snapshot is one service as it was read at At. Unread names the parts that could
// not be read; a decision must not use them.
type Snapshot struct {
	Ref ServiceRef `json:"ref"`
	At  time.Time  `json:"at"`
	// Found is false if ECS does not know the service, or it is INACTIVE.
	Found     bool              `json:"found"`
	Status    string            `json:"status,omitempty"`
	CreatedAt time.Time         `json:"created_at,omitzero"`
	Tags      map[string]string `json:"tags,omitempty"`
	// Controller is the deployment controller: ECS, CODE_DEPLOY or EXTERNAL.
	Controller string `json:"controller,omitempty"`
	// Daemon is true if ECS sets the desired count: one task on each instance.
	Daemon bool `json:"daemon,omitempty"`
	// Strategy is ROLLING, BLUE_GREEN, LINEAR or CANARY; empty means ROLLING.
	Strategy string  `json:"strategy,omitempty"`
	Desired  int     `json:"desired"`
	Running  int     `json:"running"`
	Pending  int     `json:"pending"`
	Breaker  Breaker `json:"breaker,omitzero"`
	// TaskDefinition is the definition of new tasks, as "family:revision".
	TaskDefinition string `json:"task_definition,omitempty"`
	// Deployments are the service's deployments, PRIMARY first.
	Deployments []Deployment `json:"deployments,omitempty"`
	// History are the latest service deployments with their revisions, newest
	// first.
	History []Rollout `json:"history,omitempty"`
	CPU     Reading   `json:"cpu,omitzero"`
	// CPUPeak is the highest CPU of the last minutes, in percent.
	CPUPeak Reading `json:"cpu_peak,omitzero"`
	// Load holds the metrics behind CPU. It is not stored; the reasons of the
	// decision hold the numbers.
	Load Load `json:"-"`
	// Groups are the target groups of the service, of its current revision or as last
	// known.
	Groups []TargetGroup `json:"groups,omitempty"`
	// Arms are the traffic of each target group during a deployment; nil otherwise.
	Arms    []TargetArm `json:"arms,omitempty"`
	Scaling Scaling     `json:"scaling,omitzero"`
	// Watched is the current image of the watched tag; nil without a watched tag,
	// or if it was not read.
	Watched *Image `json:"watched,omitempty"`
	// WatchedState is the state of that image in the registry.
	WatchedState ImageState `json:"watched_state,omitempty"`
	// WatchedAt is the push time of that image; zero if it is unknown.
	WatchedAt time.Time `json:"watched_at,omitzero"`
	// Alarm is the state of the alarm in the trigger, read again. It is empty
	// without an alarm, or if it could not be read.
	Alarm string `json:"alarm,omitempty"`
	// Alarms are the alarms of the policy and of the service's own deployments.
	Alarms []WatchedAlarm `json:"alarms,omitempty"`
	// Memory is the average memory utilisation, in percent.
	Memory Reading `json:"memory,omitzero"`
	// Before is the load of the half hour before the running deployment. MemoryTrend is
	// the memory utilisation since its start, in percent. Neither is stored.
	Before      Load     `json:"-"`
	MemoryTrend []Sample `json:"-"`
	// Providers is the capacity provider strategy; empty for a service with a
	// launch type.
	Providers []ProviderWeight `json:"providers,omitempty"`
	// Rebalancing is the Availability Zone rebalancing: ENABLED, DISABLED, or empty
	// if ECS reports none.
	Rebalancing string `json:"rebalancing,omitempty"`
	// Protected is the number of tasks with scale-in protection; the zero Reading
	// if it was not read.
	Protected Reading `json:"protected,omitzero"`
	// Tasks are the running tasks of the service; nil if they were not read.
	Tasks []RunningTask `json:"tasks,omitempty"`
	// Probe is the probe task; nil if none was requested, or ECS no longer knows
	// it.
	Probe *Stop `json:"probe,omitempty"`
	// SourceChanges are the last changes of the parameters and secrets that the running
	// definition names, by the source as the definition writes it. A source that is not
	// here is unknown: it may have changed. Without permission to read them it is nil.
	// The change of a secret may be one of its metadata
	// (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html).
	SourceChanges map[string]time.Time `json:"source_changes,omitempty"`
	// Unread names the parts that could not be read, with the reason.
	Unread map[string]string `json:"unread,omitempty"`
}

// WatchedAlarm is the state of a CloudWatch alarm: metric, composite or log.
type WatchedAlarm struct {
	Name string `json:"name"`
	// State is OK, ALARM or INSUFFICIENT_DATA, since Since. It is empty if it is
	// unknown: it was not read, or Evaluation is set.
	State string    `json:"state"`
	Since time.Time `json:"since,omitzero"`
	// Evaluation is the reason why CloudWatch cannot evaluate the alarm:
	// PARTIAL_DATA, EVALUATION_ERROR or EVALUATION_FAILURE; empty for none.
	Evaluation string `json:"evaluation,omitempty"`
	// Doubt is the reason for which the state ALARM does not count: the alarm's own data
	// do not bear it. It is empty for a state that counts.
	Doubt string `json:"doubt,omitempty"`
	// Takes is the least duration of a breach until the alarm fires; zero if it is
	// unknown.
	Takes time.Duration `json:"takes,omitempty"`
	// OfDeployment is true if the deployments of the service watch the alarm too.
	OfDeployment bool `json:"of_deployment,omitempty"`
}

// ProviderWeight is one part of a capacity provider strategy.
type ProviderWeight struct {
	Provider string `json:"provider"`
	Weight   int    `json:"weight"`
	Base     int    `json:"base,omitempty"`
}

// RunningTask is one running task of the service.
type RunningTask struct {
	ID         string    `json:"id"`
	StartedAt  time.Time `json:"started_at,omitzero"`
	Deployment string    `json:"deployment,omitempty"`
	// Protected is true while the task has scale-in protection.
	Protected bool `json:"protected,omitempty"`
}

// Breaker is the deployment circuit breaker of the service.
type Breaker struct {
	Enabled  bool `json:"enabled,omitempty"`
	Rollback bool `json:"rollback,omitempty"`
}

// Deployment is one entry of the service's deployments.
type Deployment struct {
	ID             string    `json:"id"`
	Status         string    `json:"status"` // PRIMARY, ACTIVE, INACTIVE
	TaskDefinition string    `json:"task_definition"`
	RolloutState   string    `json:"rollout_state,omitempty"` // IN_PROGRESS, COMPLETED, FAILED
	RolloutReason  string    `json:"rollout_reason,omitempty"`
	Desired        int       `json:"desired"`
	Running        int       `json:"running"`
	Pending        int       `json:"pending"`
	Failed         int       `json:"failed,omitempty"`
	CreatedAt      time.Time `json:"created_at,omitzero"`
}

// Rollout is one service deployment with its target revision.
type Rollout struct {
	ARN        string    `json:"arn"`
	Status     string    `json:"status"` // SUCCESSFUL, IN_PROGRESS, ROLLBACK_SUCCESSFUL, …
	CreatedAt  time.Time `json:"created_at,omitzero"`
	FinishedAt time.Time `json:"finished_at,omitzero"`
	Target     Revision  `json:"target"`
	// Source is the ARN of the revision before; empty for the first one.
	Source string `json:"source,omitempty"`
	// BreakerStatus is TRIGGERED, MONITORING, MONITORING_COMPLETE or DISABLED.
	BreakerStatus string `json:"breaker_status,omitempty"`
	// AlarmStatus has the same values for the alarms of the deployment. It is
	// DISABLED, too, if an alarm was in ALARM at the start: ECS then watches none.
	AlarmStatus string `json:"alarm_status,omitempty"`
	// RollbackTo is the ARN of the revision to which ECS rolls back by itself;
	// empty for none.
	RollbackTo string `json:"rollback_to,omitempty"`
}

// InProgress reports whether ECS still works on the rollout.
func (r Rollout) InProgress() bool {
	switch r.Status {
	case "PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS":
		return true
	}
	return false
}

// RollingBack reports whether a rollback has begun, by ECS or by an operator.
func (r Rollout) RollingBack() bool {
	switch r.Status {
	case "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS":
		return true
	}
	return r.RollbackTo != "" && r.InProgress()
}

// Revision is a service revision with the recorded image digests.
type Revision struct {
	ARN            string           `json:"arn"`
	TaskDefinition string           `json:"task_definition"`
	CreatedAt      time.Time        `json:"created_at,omitzero"`
	Containers     []ContainerImage `json:"containers,omitempty"`
	// Status is the status of the task definition: ACTIVE, INACTIVE,
	// DELETE_IN_PROGRESS, Deleted, or empty if it was not read.
	Status string `json:"status,omitempty"`
	// Unread is the reason of an unread task definition; empty without a failed read.
	Unread string `json:"unread,omitempty"`
	// HighResolution is true if its tasks publish their utilisation every 20 s.
	HighResolution bool `json:"fine,omitempty"`
	// Groups are all target groups of the service as of this revision, with the
	// alternate ones. Serving are those that its tasks register with.
	Groups  []TargetGroup `json:"groups,omitempty"`
	Serving []string      `json:"serving,omitempty"`
	// FailedRoutes are the routes of an ECS Gateway that could not be made or changed,
	// with their status.
	FailedRoutes []string `json:"failed_routes,omitempty"`
	// Images are its images that are not known to be runnable. Images that were not
	// looked up are not among them.
	Images []CheckedImage `json:"images,omitempty"`
	// AsWritten is true if the task definition, deployed without a change, runs the
	// recorded digests: each image is pinned, or its tag points to the digest.
	AsWritten bool `json:"as_written,omitempty"`
	// Network is the network of its tasks; nil without a network of its own.
	Network *Network `json:"network,omitempty"`
	// Definition is its task definition; nil if it was not read.
	Definition *Definition `json:"definition,omitempty"`
	// Parts are digests of the parts beside the task definition: network, load
	// balancers, capacity and so on. They are never stored or shown.
	Parts map[Part]string `json:"-"`
}

// Network is the awsvpc configuration of a service. PublicIP is ENABLED, DISABLED or
// empty for the default of ECS.
type Network struct {
	Subnets        []string `json:"subnets,omitempty"`
	SecurityGroups []string `json:"security_groups,omitempty"`
	PublicIP       string   `json:"public_ip,omitempty"`
}

// Definition holds the comparable parts of a task definition. It holds names of
// environment variables and secrets, never their values.
type Definition struct {
	CPU           int                   `json:"cpu,omitempty"`
	Memory        int                   `json:"memory,omitempty"`
	Fargate       bool                  `json:"fargate,omitempty"`
	TaskRole      string                `json:"task_role,omitempty"`
	ExecutionRole string                `json:"execution_role,omitempty"`
	Containers    []ContainerDefinition `json:"containers,omitempty"`
	// Parts are digests of all parts that no other field holds. They serve the
	// comparison, and are never stored or shown.
	Parts map[Part]string `json:"-"`
}

// SecretSources returns the distinct parameters and secrets that the containers name,
// sorted.
func (d *Definition) SecretSources() []string {
	var all []string
	for _, c := range d.Containers {
		all = append(slices.AppendSeq(all, maps.Values(c.Secrets)), c.OtherSecrets...)
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(s string) bool { return s == "" })
}

// ContainerDefinition is one container of a Definition.
type ContainerDefinition struct {
	Name  string `json:"name"`
	Image string `json:"image"`
	// Environment are the names of the variables. Values holds a digest of each
	// value for comparison; it is never stored or shown.
	Environment []string          `json:"environment,omitempty"`
	Values      map[string]string `json:"-"`
	// Secrets are the sources of the secrets, by the name of the variable.
	Secrets map[string]string `json:"secrets,omitempty"`
	// OtherSecrets are the sources of the credentials of the image's registry and of the
	// log driver's secret options.
	OtherSecrets []string `json:"other_secrets,omitempty"`
	// Log is the log driver. LogGroup and LogPrefix are the options of awslogs.
	Log       string `json:"log,omitempty"`
	LogGroup  string `json:"log_group,omitempty"`
	LogPrefix string `json:"log_prefix,omitempty"`
	Memory    int    `json:"memory,omitempty"`
	// NonEssential is true if the task goes on without the container. ECS's default is
	// essential.
	NonEssential bool `json:"non_essential,omitempty"`
	// HealthCheck is true if the container has a health check of its own.
	HealthCheck bool `json:"health_check,omitempty"`
	// Restarts is true if a restart policy restarts the container within its task.
	Restarts bool `json:"restarts,omitempty"`
	// DependsOn are the containers that it waits for.
	DependsOn []Dependency `json:"depends_on,omitempty"`
}

// Dependency is a container that must reach a condition before another one starts:
// START, HEALTHY, COMPLETE or SUCCESS.
type Dependency struct {
	Container string `json:"container"`
	Condition string `json:"condition,omitempty"`
}

// Scaling is the state of Application Auto Scaling for the service.
type Scaling struct {
	// Registered is true if a scalable target exists; Min and Max are its bounds.
	Registered bool `json:"registered,omitempty"`
	Min        int  `json:"min,omitempty"`
	Max        int  `json:"max,omitempty"`
	// Policies are the names of AWS's own scaling policies of the service.
	Policies []string `json:"policies,omitempty"`
	// Suspended is true if AWS's dynamic scaling is suspended in both directions.
	Suspended bool `json:"suspended,omitempty"`
}

// Steered reports whether an AWS policy changes the desired count by itself.
func (s Scaling) Steered() bool { return len(s.Policies) > 0 && !s.Suspended }

// Primary returns the deployment of new tasks; ok is false without one.
func (s Snapshot) Primary() (d Deployment, ok bool) {
	for _, d := range s.Deployments {
		if d.Status == "PRIMARY" {
			return d, true
		}
	}
	return Deployment{}, false
}

// Deploying reports whether a rolling deployment is incomplete.
func (s Snapshot) Deploying() bool {
	if p, ok := s.Primary(); ok && p.RolloutState == "IN_PROGRESS" {
		return true
	}
	return len(s.Deployments) > 1
}

// Moving reports whether the number of running tasks changes: it is not the desired
// count, tasks start, or a deployment is incomplete.
func (s Snapshot) Moving() bool {
	return s.Running != s.Desired || s.Pending > 0 || s.Deploying()
}

// Current returns the revision of new tasks: the target of the newest rollout, or
// the target of its rollback. ok is false if it is unknown.
func (s Snapshot) Current() (r Revision, ok bool) {
	latest, ok := s.Latest()
	if !ok || latest.RollbackTo == "" {
		return latest.Target, ok
	}
	for _, h := range s.History {
		if h.Target.ARN == latest.RollbackTo {
			return h.Target, true
		}
	}
	return Revision{}, false
}

// Latest returns the newest service deployment; ok is false if none was read.
func (s Snapshot) Latest() (r Rollout, ok bool) {
	if len(s.History) == 0 {
		return Rollout{}, false
	}
	return s.History[0], true
}
