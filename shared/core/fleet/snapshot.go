package fleet

import "time"

// Snapshot is one service as it was read at At. What could not be read is
// named in Unread; a decision must not lean on a part that is unread.
type Snapshot struct {
	Ref ServiceRef `json:"ref"`
	At  time.Time  `json:"at"`
	// Found is false where ECS does not know the service, or it is INACTIVE.
	Found     bool              `json:"found"`
	Status    string            `json:"status,omitempty"`
	CreatedAt time.Time         `json:"created_at,omitzero"`
	Tags      map[string]string `json:"tags,omitempty"`
	// Controller is the deployment controller: ECS, CODE_DEPLOY or EXTERNAL.
	Controller string `json:"controller,omitempty"`
	// Strategy is ROLLING, BLUE_GREEN, LINEAR or CANARY; empty means ROLLING.
	Strategy string  `json:"strategy,omitempty"`
	Desired  int     `json:"desired"`
	Running  int     `json:"running"`
	Pending  int     `json:"pending"`
	Breaker  Breaker `json:"breaker,omitzero"`
	// TaskDefinition is what new tasks run, "family:revision".
	TaskDefinition string `json:"task_definition,omitempty"`
	// Deployments are the service's deployments, PRIMARY first.
	Deployments []Deployment `json:"deployments,omitempty"`
	// History are the latest service deployments with their revisions, newest first.
	History []Rollout `json:"history,omitempty"`
	CPU     Reading   `json:"cpu,omitzero"`
	// CPUPeak is the highest minute of the last few.
	CPUPeak Reading `json:"cpu_peak,omitzero"`
	// Load is what the CPU above was taken from; what was made of it is among the
	// decision's reasons.
	Load    Load    `json:"-"`
	Scaling Scaling `json:"scaling,omitzero"`
	// Watched is what the watched tag of the service's image points to now;
	// nil where no tag is watched or it was not looked up.
	Watched *Image `json:"watched,omitempty"`
	// WatchedAt is when that image was pushed; zero where it is not known.
	WatchedAt time.Time `json:"watched_at,omitzero"`
	// Alarm is the state of the alarm that the trigger named, as read again;
	// empty where the trigger named none or it could not be read.
	Alarm string `json:"alarm,omitempty"`
	// Alarms are those that the policy names as evidence and those of the
	// service's own deployments, as they were read.
	Alarms []WatchedAlarm `json:"alarms,omitempty"`
	// Memory is the average memory utilisation, in percent.
	Memory Reading `json:"memory,omitzero"`
	// Providers is the service's capacity provider strategy; empty where it has
	// a launch type.
	Providers []ProviderWeight `json:"providers,omitempty"`
	// Rebalancing is the service's Availability Zone rebalancing: ENABLED,
	// DISABLED, or empty where ECS does not say.
	Rebalancing string `json:"rebalancing,omitempty"`
	// Protected is how many tasks ask not to be stopped; the zero Reading where
	// that was not asked.
	Protected Reading `json:"protected,omitzero"`
	// Tasks are the service's running tasks; nil where they were not read.
	Tasks []RunningTask `json:"tasks,omitempty"`
	// Probe is the probe task; nil where none was asked for, or ECS does not
	// know it any more.
	Probe *Stop `json:"probe,omitempty"`
	// Unread names the parts that could not be read, with the reason.
	Unread map[string]string `json:"unread,omitempty"`
}

// Needs says which parts of a snapshot a decision will lean on, so that the
// others cost no call.
type Needs struct {
	// Revisions asks for the rollouts with their revisions.
	Revisions bool
	// CPU asks for the CPU metric and the service's Application Auto Scaling.
	CPU bool
	// Load says which metrics of the service's work there are besides.
	Load Source
	// Tag asks what this tag of the service's own repositories points to;
	// empty asks for nothing.
	Tag string
	// Repository narrows Tag to one repository; empty means the service's
	// first image in ECR.
	Repository string
	// Definitions asks for what the running and the last good revision's task
	// definitions say, so that they can be compared.
	Definitions bool
	// Alarms asks for the state of these alarms, and of those of the service's
	// own deployments.
	Alarms []string
	// DeploymentAlarms asks for the service's own deployment alarms.
	DeploymentAlarms bool
	// Memory asks for the memory metric.
	Memory bool
	// Tasks asks for the service's running tasks.
	Tasks bool
	// Probe asks for the task with this id; empty for none.
	Probe string
	// WhileDeploying asks for Revisions where the service turns out to deploy.
	WhileDeploying bool
	// CurrentImages asks whether the images of what runs still exist.
	CurrentImages bool
}

// WatchedAlarm is a CloudWatch alarm, metric or composite, as it was read.
type WatchedAlarm struct {
	Name string `json:"name"`
	// State is OK, ALARM or INSUFFICIENT_DATA, since Since.
	State string    `json:"state"`
	Since time.Time `json:"since,omitzero"`
	// Takes is how long what it fires for must last at least; zero where that is
	// not known.
	Takes time.Duration `json:"takes,omitempty"`
	// OfDeployment is true where the service's deployments watch it too.
	OfDeployment bool `json:"of_deployment,omitempty"`
}

// ProviderWeight is one part of a capacity provider strategy.
type ProviderWeight struct {
	Provider string `json:"provider"`
	Weight   int    `json:"weight"`
	Base     int    `json:"base,omitempty"`
}

// RunningTask is one task of the service.
type RunningTask struct {
	ID         string    `json:"id"`
	StartedAt  time.Time `json:"started_at,omitzero"`
	Deployment string    `json:"deployment,omitempty"`
	// Protected is true while the task asks not to be stopped.
	Protected bool `json:"protected,omitempty"`
}

// Breaker is the service's deployment circuit breaker.
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

// Rollout is one service deployment with the revision that it rolls out.
type Rollout struct {
	ARN        string    `json:"arn"`
	Status     string    `json:"status"` // SUCCESSFUL, IN_PROGRESS, ROLLBACK_SUCCESSFUL, …
	CreatedAt  time.Time `json:"created_at,omitzero"`
	FinishedAt time.Time `json:"finished_at,omitzero"`
	Target     Revision  `json:"target"`
	// Source is the ARN of the revision that ran before; empty for the first.
	Source string `json:"source,omitempty"`
	// BreakerStatus is TRIGGERED, MONITORING, MONITORING_COMPLETE or DISABLED.
	BreakerStatus string `json:"breaker_status,omitempty"`
	// AlarmStatus is the same for the deployment's alarms; DISABLED too where one
	// was in ALARM at the start, so that ECS watches none.
	AlarmStatus string `json:"alarm_status,omitempty"`
	// RollbackTo is the revision that ECS rolls back to by itself, if it does.
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

// RollingBack reports whether ECS, or a person, has begun to roll it back.
func (r Rollout) RollingBack() bool {
	switch r.Status {
	case "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS":
		return true
	}
	return r.RollbackTo != "" && r.InProgress()
}

// Revision is a service revision: what ran, with the digests that ECS recorded.
type Revision struct {
	ARN            string           `json:"arn"`
	TaskDefinition string           `json:"task_definition"`
	CreatedAt      time.Time        `json:"created_at,omitzero"`
	Containers     []ContainerImage `json:"containers,omitempty"`
	// Status is the task definition's: ACTIVE, INACTIVE, or empty where it was
	// not looked up.
	Status string `json:"status,omitempty"`
	// HighResolution is true where its tasks' utilisation is published every 20 s.
	HighResolution bool `json:"fine,omitempty"`
	// Missing are its images that the registry no longer holds.
	Missing []string `json:"missing,omitempty"`
	// Definition is what its task definition says; nil where it was not read.
	Definition *Definition `json:"definition,omitempty"`
}

// Definition is what of a task definition tells two revisions apart. It holds
// names and never the values of environment variables or secrets.
type Definition struct {
	CPU           int                   `json:"cpu,omitempty"`
	Memory        int                   `json:"memory,omitempty"`
	Fargate       bool                  `json:"fargate,omitempty"`
	TaskRole      string                `json:"task_role,omitempty"`
	ExecutionRole string                `json:"execution_role,omitempty"`
	Containers    []ContainerDefinition `json:"containers,omitempty"`
	// Volumes are their names.
	Volumes []string `json:"volumes,omitempty"`
}

// ContainerDefinition is one container of a Definition.
type ContainerDefinition struct {
	Name  string `json:"name"`
	Image string `json:"image"`
	// Environment are the names of the variables. Values holds a digest of each
	// for comparison; it is never written anywhere.
	Environment []string          `json:"environment,omitempty"`
	Values      map[string]string `json:"-"`
	// Secrets are where each secret's value comes from, by the variable's name.
	Secrets map[string]string `json:"secrets,omitempty"`
	// Log is the log driver, LogGroup and LogPrefix awslogs' options.
	Log       string `json:"log,omitempty"`
	LogGroup  string `json:"log_group,omitempty"`
	LogPrefix string `json:"log_prefix,omitempty"`
	Memory    int    `json:"memory,omitempty"`
}

// ContainerImage is the image of one container of a revision or task definition.
type ContainerImage struct {
	Name  string `json:"name"`
	Image Image  `json:"image"`
}

// Pinned reports whether every container's image is known by digest.
func (r Revision) Pinned() bool {
	for _, c := range r.Containers {
		if c.Image.Digest == "" {
			return false
		}
	}
	return len(r.Containers) > 0
}

// Scaling is what Application Auto Scaling holds on the service.
type Scaling struct {
	// Registered is true where a scalable target exists; Min and Max are its bounds.
	Registered bool `json:"registered,omitempty"`
	Min        int  `json:"min,omitempty"`
	Max        int  `json:"max,omitempty"`
	// Policies names AWS's own scaling policies that steer the service.
	Policies []string `json:"policies,omitempty"`
	// Suspended is true where AWS's dynamic scaling is suspended in both directions.
	Suspended bool `json:"suspended,omitempty"`
}

// Steered reports whether an AWS policy moves the desired count by itself.
func (s Scaling) Steered() bool { return len(s.Policies) > 0 && !s.Suspended }

// Primary is the deployment that new tasks belong to; ok is false where the
// service has none.
func (s Snapshot) Primary() (d Deployment, ok bool) {
	for _, d := range s.Deployments {
		if d.Status == "PRIMARY" {
			return d, true
		}
	}
	return Deployment{}, false
}

// Deploying reports whether a rolling deployment has not completed yet.
func (s Snapshot) Deploying() bool {
	if p, ok := s.Primary(); ok && p.RolloutState == "IN_PROGRESS" {
		return true
	}
	return len(s.Deployments) > 1
}

// Current is the revision that new tasks run: the newest rollout's, or, where
// that was or is being rolled back, the one that it went back to. ok is false
// where it is not known.
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

// Latest is the newest service deployment; ok is false where none was read.
func (s Snapshot) Latest() (r Rollout, ok bool) {
	if len(s.History) == 0 {
		return Rollout{}, false
	}
	return s.History[0], true
}
