package fleet

import (
	"slices"
	"strings"
	"time"

	"homeostat/shared/core/reason"
)

// Reason is one reason of a decision or verdict. Name is stable, for metrics and
// tests. Text is a headline of at most 80 characters for an operator.
type Reason struct {
	Name reason.Name `json:"name"`
	Text string      `json:"text"`
	// Fields are the named values behind the headline; nil for none.
	Fields map[string]string `json:"fields,omitempty"`
	// Detail is the statistics or the further text behind the headline; empty for
	// none.
	Detail string `json:"detail,omitempty"`
}

// Full returns the headline with the detail.
func (r Reason) Full() string {
	if r.Detail == "" {
		return r.Text
	}
	return r.Text + "; " + r.Detail
}

// DecisionKind is what should happen. The words are stable.
type DecisionKind string

// The decisions.
const (
	DoNothing DecisionKind = "none"
	ScaleOut  DecisionKind = "scale-out"
	ScaleIn   DecisionKind = "scale-in"
	RollBack  DecisionKind = "rollback"
	Redeploy  DecisionKind = "redeploy"
	Notify    DecisionKind = "notify"
	// FallBack gives a service on-demand capacity where Spot cannot be had, and
	// ReturnToSpot takes it away again.
	FallBack     DecisionKind = "fall-back"
	ReturnToSpot DecisionKind = "return-to-spot"
	// GrowMemory gives the tasks more memory.
	GrowMemory DecisionKind = "grow-memory"
	// Move asks ECS to move tasks away from a host or zone that fails.
	Move DecisionKind = "move"
	// Recycle stops one task that has grown old; ECS starts another.
	Recycle DecisionKind = "recycle"
	// Probe runs one task of the last good revision: does it die as well?
	Probe DecisionKind = "probe"
	// Proceed lets a deployment go on that waits at a hook.
	Proceed DecisionKind = "continue"
	// TakeOver suspends AWS's own scaling policies, so that one hand is left.
	TakeOver DecisionKind = "take-over"
)

// Decision is what should happen to one service and why. Action is nil for
// DoNothing and Notify.
type Decision struct {
	Kind    DecisionKind `json:"kind"`
	Reasons []Reason     `json:"reasons"`
	Action  *Action      `json:"action,omitempty"`
	// Notify is what a person should be told; empty for nothing.
	Notify string `json:"notify,omitempty"`
	// RequeueAfter asks for another look after this long; zero asks for none.
	RequeueAfter time.Duration `json:"look_again,omitempty"`
	Effects
}

// Effects are the changes of the memory that a decision makes beside its action.
// The zero Effects changes nothing.
type Effects struct {
	// Quarantine are the images that must not come back by themselves once the
	// action is done.
	Quarantine []Image `json:"quarantine,omitempty"`
	// Blocks are kinds of decisions that are suppressed from now on.
	Blocks []Block `json:"holds,omitempty"`
	// CommonCause is true where the failures have a common cause: they count
	// against no revision.
	CommonCause bool `json:"common_cause,omitempty"`
	// RollbackIneffective is true where the revision that was rolled back to fails.
	RollbackIneffective bool `json:"rollback_ineffective,omitempty"`
	// PushHandled is true where the pending push of the watched tag needs no
	// further evaluation.
	PushHandled bool `json:"push_handled,omitempty"`
	// ToZero is true where the action scales to zero for lack of demand.
	ToZero bool `json:"to_zero,omitempty"`
	// CapsRestarts and LiftsCap are true where the action caps the restarts of a
	// crash loop, or ends that.
	CapsRestarts bool `json:"caps_restarts,omitempty"`
	LiftsCap     bool `json:"lifts_cap,omitempty"`
}

// And returns the effects of both.
func (e Effects) And(other Effects) Effects {
	return Effects{
		Quarantine:          slices.Concat(e.Quarantine, other.Quarantine),
		Blocks:              slices.Concat(e.Blocks, other.Blocks),
		CommonCause:         e.CommonCause || other.CommonCause,
		RollbackIneffective: e.RollbackIneffective || other.RollbackIneffective,
		PushHandled:         e.PushHandled || other.PushHandled,
		ToZero:              e.ToZero || other.ToZero,
		CapsRestarts:        e.CapsRestarts || other.CapsRestarts,
		LiftsCap:            e.LiftsCap || other.LiftsCap,
	}
}

// Main returns the first reason: metrics and repeated notifications go by its
// name. It is zero where there is none.
func (d Decision) Main() Reason {
	if len(d.Reasons) == 0 {
		return Reason{}
	}
	return d.Reasons[0]
}

// ActionKind is a way of changing a service.
type ActionKind string

// The actions.
const (
	// SetDesired sets the desired count to To.
	SetDesired ActionKind = "set-desired"
	// StopDeployment asks ECS to roll the running service deployment back.
	StopDeployment ActionKind = "stop-deployment"
	// RunRevision makes the service run TaskDefinition with Images pinned.
	RunRevision ActionKind = "run-revision"
	// SetProviders replaces the service's capacity provider strategy.
	SetProviders ActionKind = "set-providers"
	// DrainHost takes a container instance out of service for new tasks, and
	// lets ECS move its tasks.
	DrainHost ActionKind = "drain-host"
	// Rebalance turns the service's Availability Zone rebalancing on.
	Rebalance ActionKind = "rebalance"
	// StopTask stops one task; the service replaces it.
	StopTask ActionKind = "stop-task"
	// RunProbe runs one task of TaskDefinition beside the service, with Images
	// pinned, in the service's own network.
	RunProbe ActionKind = "run-probe"
	// ContinueDeployment answers the hook that a deployment waits at.
	ContinueDeployment ActionKind = "continue-deployment"
	// SuspendScaling suspends the dynamic scaling of the service's scalable target.
	SuspendScaling ActionKind = "suspend-scaling"
)

// Action is one change of one service, with what must still be true when it
// is made. An action is idempotent: made twice it changes nothing more.
type Action struct {
	Kind ActionKind `json:"kind"`
	// Intent names the occasion: the same intent is carried out once.
	Intent string `json:"intent"`
	// From and To are desired counts, for SetDesired.
	From int `json:"from,omitempty"`
	To   int `json:"to,omitempty"`
	// Rollout is the ARN of the service deployment to stop, for StopDeployment.
	Rollout string `json:"rollout,omitempty"`
	// TaskDefinition is the "family:revision" to start from, for RunRevision.
	TaskDefinition string `json:"task_definition,omitempty"`
	// Images pins containers to digests, for RunRevision. A container that is
	// not named keeps its image.
	Images []ContainerImage `json:"images,omitempty"`
	// CPU and Memory replace the task's own, in ECS's units, for RunRevision;
	// zero keeps them.
	CPU    int `json:"cpu,omitempty"`
	Memory int `json:"memory,omitempty"`
	// Providers is the strategy, for SetProviders.
	Providers []ProviderWeight `json:"providers,omitempty"`
	// Host is the id of the container instance, for DrainHost.
	Host string `json:"host,omitempty"`
	// Task is the task's id, for StopTask.
	Task string `json:"task,omitempty"`
	// Hook is the id of the hook, and RollBack the answer: go back instead of
	// on. For ContinueDeployment.
	Hook     string `json:"hook,omitempty"`
	RollBack bool   `json:"roll_back,omitempty"`
	// Expect is what must still hold just before the call.
	Expect Expect `json:"expect"`
}

// Expect is a precondition. Empty fields are not checked; Desired nil neither.
type Expect struct {
	Deployment string `json:"deployment,omitempty"`
	Desired    *int   `json:"desired,omitempty"`
}

// Outcome is what the guard made of a decision.
type Outcome string

// The outcomes.
const (
	// Act: it may happen now.
	Act Outcome = "act"
	// Observe: decided and recorded, touching nothing, because the mode says so.
	Observe Outcome = "observe"
	// Propose: a person must approve first.
	Propose Outcome = "propose"
	// Hold: not now, with the reason.
	Hold Outcome = "hold"
	// Idle: there was nothing to allow.
	Idle Outcome = "idle"
)

// Verdict is the guard's answer. Action is the decision's action after clamps;
// each clamp is among the reasons with what it cut.
type Verdict struct {
	Outcome Outcome  `json:"outcome"`
	Reasons []Reason `json:"reasons,omitempty"`
	Action  *Action  `json:"action,omitempty"`
	// Until is when a hold may be over; zero where that is not known.
	Until time.Time `json:"until,omitzero"`
}

// DecisionKey is the episode's decision without its numbers: two looks that came to
// the same for the same reasons have the same DecisionKey.
func (e Episode) DecisionKey() string {
	var short strings.Builder
	short.WriteString(string(e.Decision.Kind) + " " + string(e.Verdict.Outcome) + " " + e.Result.Status)
	for _, why := range e.Why() {
		short.WriteString(" " + string(why.Name))
	}
	return short.String()
}

// Result is what an action came to.
type Result struct {
	// Status is done, skipped (already so, or a precondition no longer held) or failed.
	Status string `json:"status"`
	Text   string `json:"text,omitempty"`
	// TaskDefinition is the revision that was registered or set, if any.
	TaskDefinition string `json:"task_definition,omitempty"`
	// Task is the id of the task that was started, if any.
	Task string `json:"task,omitempty"`
}

// The statuses of a Result.
const (
	Done    = "done"
	Skipped = "skipped"
	Failed  = "failed"
)

// Evidence is one trigger with the cause that was read from it.
type Evidence struct {
	Trigger Trigger `json:"trigger"`
	Cause   Cause   `json:"cause,omitempty"`
	Family  Family  `json:"family,omitempty"`
	// Why says how the cause was read.
	Why string `json:"why,omitempty"`
}

// Episode is the whole story of one look at one service: enough to read,
// replay and explain it without a second source.
type Episode struct {
	ID       string     `json:"id"`
	At       time.Time  `json:"at"`
	Ref      ServiceRef `json:"ref"`
	Trigger  Trigger    `json:"trigger"`
	Cause    Cause      `json:"cause,omitempty"`
	Family   Family     `json:"family,omitempty"`
	Evidence []Evidence `json:"evidence,omitempty"`
	Snapshot Snapshot   `json:"snapshot"`
	// Diagnostics is nil where no task had died.
	Diagnostics *Diagnostics `json:"testimony,omitempty"`
	Decision    Decision     `json:"decision"`
	Verdict     Verdict      `json:"verdict"`
	Result      Result       `json:"result,omitzero"`
	// Function is the deployed function that looked.
	Function string `json:"function,omitempty"`
}

// Why is the episode's reasons in reading order: the guard's where it held
// something back or cut it, then the decision's.
func (e Episode) Why() []Reason {
	why := append([]Reason(nil), e.Decision.Reasons...)
	return append(why, e.Verdict.Reasons...)
}
