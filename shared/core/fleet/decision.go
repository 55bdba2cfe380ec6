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
	Fields Fields `json:"fields,omitempty"`
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

// DecisionKind is the kind of a decision. The words are stable.
type DecisionKind string

// The kinds of decisions.
const (
	DoNothing DecisionKind = "none"
	ScaleOut  DecisionKind = "scale-out"
	ScaleIn   DecisionKind = "scale-in"
	RollBack  DecisionKind = "rollback"
	Redeploy  DecisionKind = "redeploy"
	Notify    DecisionKind = "notify"
	// FallBack adds on-demand capacity while Spot capacity is unavailable.
	// ReturnToSpot removes it again.
	FallBack     DecisionKind = "fall-back"
	ReturnToSpot DecisionKind = "return-to-spot"
	// GrowMemory gives the tasks more memory.
	GrowMemory DecisionKind = "grow-memory"
	// Move asks ECS to move tasks away from a failing host or zone.
	Move DecisionKind = "move"
	// Recycle stops one old task; ECS starts another.
	Recycle DecisionKind = "recycle"
	// Probe runs one task of the last good revision, to test the environment.
	Probe DecisionKind = "probe"
	// Proceed lets a deployment continue that waits at a hook.
	Proceed DecisionKind = "continue"
	// Restore restores an archived image of a revision.
	Restore DecisionKind = "restore"
	// TakeOver suspends AWS's own scaling policies, so that only Homeostat scales.
	TakeOver DecisionKind = "take-over"
)

// Decision is the result of one evaluation. Action is nil for DoNothing and
// Notify.
type Decision struct {
	Kind    DecisionKind `json:"kind"`
	Reasons []Reason     `json:"reasons"`
	Action  *Action      `json:"action,omitempty"`
	// Notify is the text of an alert; empty sends none.
	Notify string `json:"notify,omitempty"`
	// RequeueAfter is the time until the next evaluation; zero requests none.
	RequeueAfter time.Duration `json:"look_again,omitempty"`
	Effects
}

// Effects are the changes of the memory beside the action. The zero Effects
// changes nothing.
type Effects struct {
	// Quarantine lists the images to quarantine once the action is done.
	Quarantine []Image `json:"quarantine,omitempty"`
	// Blocks are the kinds of decisions that are suppressed from now on.
	Blocks []Block `json:"holds,omitempty"`
	// CommonCause is true if the failures have a common cause. They then count
	// against no revision.
	CommonCause bool `json:"common_cause,omitempty"`
	// RollbackIneffective is true if the revision after a rollback fails too.
	RollbackIneffective bool `json:"rollback_ineffective,omitempty"`
	// MarkedFailed is true if the running deployment was marked failed. It is never
	// the target of a rollback again.
	MarkedFailed bool `json:"marked_failed,omitempty"`
	// PushHandled is true if the pending push of the watched tag needs no further
	// evaluation.
	PushHandled bool `json:"push_handled,omitempty"`
	// ToZero is true if the action scales to zero for lack of demand.
	ToZero bool `json:"to_zero,omitempty"`
	// CapsRestarts is true if the action caps the restarts of a crash loop,
	// LiftsCap if it ends the cap.
	CapsRestarts bool `json:"caps_restarts,omitempty"`
	LiftsCap     bool `json:"lifts_cap,omitempty"`
	// CapFor is the length of the cap; zero lasts until a task is stable.
	CapFor time.Duration `json:"cap_for,omitempty"`
}

// And returns the effects of both.
func (e Effects) And(other Effects) Effects {
	return Effects{
		Quarantine:          slices.Concat(e.Quarantine, other.Quarantine),
		Blocks:              slices.Concat(e.Blocks, other.Blocks),
		CommonCause:         e.CommonCause || other.CommonCause,
		RollbackIneffective: e.RollbackIneffective || other.RollbackIneffective,
		MarkedFailed:        e.MarkedFailed || other.MarkedFailed,
		PushHandled:         e.PushHandled || other.PushHandled,
		ToZero:              e.ToZero || other.ToZero,
		CapsRestarts:        e.CapsRestarts || other.CapsRestarts,
		LiftsCap:            e.LiftsCap || other.LiftsCap,
		CapFor:              max(e.CapFor, other.CapFor),
	}
}

// Main returns the first reason; zero without a reason. Metrics and repeated
// alerts use its name.
func (d Decision) Main() Reason {
	if len(d.Reasons) == 0 {
		return Reason{}
	}
	return d.Reasons[0]
}

// ActionKind is a way to change a service. The words are stable.
type ActionKind string

// The kinds of actions.
const (
	// SetDesired sets the desired count to To.
	SetDesired ActionKind = "set-desired"
	// StopDeployment asks ECS to roll the running service deployment back.
	StopDeployment ActionKind = "stop-deployment"
	// RunRevision deploys TaskDefinition with Images pinned.
	RunRevision ActionKind = "run-revision"
	// SetProviders replaces the capacity provider strategy of the service.
	SetProviders ActionKind = "set-providers"
	// DrainHost drains a container instance: ECS moves its tasks and places no new
	// ones.
	DrainHost ActionKind = "drain-host"
	// Rebalance enables the Availability Zone rebalancing of the service.
	Rebalance ActionKind = "rebalance"
	// StopTask stops one task; the service replaces it.
	StopTask ActionKind = "stop-task"
	// RunProbe runs one task of TaskDefinition beside the service, with Images
	// pinned, in the network of the service.
	RunProbe ActionKind = "run-probe"
	// ContinueDeployment answers the hook of a waiting deployment.
	ContinueDeployment ActionKind = "continue-deployment"
	// RestoreImage moves an archived image back to the standard storage class of its
	// registry, so that it can be pulled.
	RestoreImage ActionKind = "restore-image"
	// SuspendScaling suspends the dynamic scaling of the scalable target.
	SuspendScaling ActionKind = "suspend-scaling"
)

// Action is one change of one service, with its preconditions. It is idempotent:
// a second call changes nothing more.
type Action struct {
	Kind ActionKind `json:"kind"`
	// Intent identifies the occasion. An intent is carried out once.
	Intent string `json:"intent"`
	// From and To are desired counts, for SetDesired.
	From int `json:"from,omitempty"`
	To   int `json:"to,omitempty"`
	// Rollout is the ARN of the service deployment, for StopDeployment.
	Rollout string `json:"rollout,omitempty"`
	// TaskDefinition is the base as "family:revision", for RunRevision.
	TaskDefinition string `json:"task_definition,omitempty"`
	// Images pins containers to digests, for RunRevision. Other containers keep
	// their images. For RestoreImage it is the image to restore.
	Images []ContainerImage `json:"images,omitempty"`
	// AsWritten is true if TaskDefinition may be deployed without pins where a
	// registration is denied: it runs the digests of Images by itself.
	AsWritten bool `json:"as_written,omitempty"`
	// Kept is true if ECS no longer knows TaskDefinition, and its stored copy is
	// registered.
	Kept bool `json:"kept,omitempty"`
	// CPU and Memory replace those of the task, in ECS units, for RunRevision. Zero
	// keeps them.
	CPU    int `json:"cpu,omitempty"`
	Memory int `json:"memory,omitempty"`
	// Network replaces that of the service, for RunRevision; nil keeps it.
	Network *Network `json:"network,omitempty"`
	// Providers is the strategy, for SetProviders.
	Providers []ProviderWeight `json:"providers,omitempty"`
	// Host is the id of the container instance, for DrainHost.
	Host string `json:"host,omitempty"`
	// Task is the task id, for StopTask.
	Task string `json:"task,omitempty"`
	// Hook is the id of the hook, for ContinueDeployment. RollBack answers with a
	// rollback in place of a continuation.
	Hook     string `json:"hook,omitempty"`
	RollBack bool   `json:"roll_back,omitempty"`
	// Expect is the precondition, checked just before the call.
	Expect Expect `json:"expect"`
}

// Expect is a precondition. An empty Deployment and a nil Desired are not
// checked.
type Expect struct {
	Deployment string `json:"deployment,omitempty"`
	Desired    *int   `json:"desired,omitempty"`
}

// Outcome is the guard's result for a decision. The words are stable.
type Outcome string

// The outcomes.
const (
	// Act permits the action now.
	Act Outcome = "act"
	// Observe records the decision without an action, because of the mode.
	Observe Outcome = "observe"
	// Propose requires the approval of an operator.
	Propose Outcome = "propose"
	// Hold suppresses the action, with the reason.
	Hold Outcome = "hold"
	// Idle means that the decision has no action.
	Idle Outcome = "idle"
)

// Verdict is the answer of the guard. Action is the action of the decision after
// all clamps. Each clamp adds a reason with the numbers.
type Verdict struct {
	Outcome Outcome  `json:"outcome"`
	Reasons []Reason `json:"reasons,omitempty"`
	Action  *Action  `json:"action,omitempty"`
	// Until is the expected end of a suppression; zero if it is unknown.
	Until time.Time `json:"until,omitzero"`
}

// DecisionKey returns the decision of the episode without its numbers.
// Evaluations with the same decision and reasons have the same key.
func (e Episode) DecisionKey() string {
	var short strings.Builder
	short.WriteString(string(e.Decision.Kind) + " " + string(e.Verdict.Outcome) + " " + e.Result.Status)
	for _, why := range e.Why() {
		short.WriteString(" " + string(why.Name))
	}
	return short.String()
}

// Result is the result of an action.
type Result struct {
	// Status is Done, Skipped or Failed. Skipped means that the change existed
	// already, or a precondition failed.
	Status string `json:"status"`
	Text   string `json:"text,omitempty"`
	// TaskDefinition is the registered or deployed revision, if any.
	TaskDefinition string `json:"task_definition,omitempty"`
	// Task is the id of the started task, if any.
	Task string `json:"task,omitempty"`
}

// The statuses of a Result.
const (
	Done    = "done"
	Skipped = "skipped"
	Failed  = "failed"
)

// Evidence is one trigger with the cause in it.
type Evidence struct {
	Trigger Trigger `json:"trigger"`
	Cause   Cause   `json:"cause,omitempty"`
	Family  Family  `json:"family,omitempty"`
	// Why explains the cause.
	Why string `json:"why,omitempty"`
	// Unconfirmed is the reason for which the evidence counts for nothing: ECS does not
	// confirm it. It is empty for evidence that counts.
	Unconfirmed string `json:"unconfirmed,omitempty"`
	// Unread is true for unconfirmed evidence if ECS refused the read.
	Unread bool `json:"unread,omitempty"`
	// Container is the name of the container that decided the cause; empty if none did.
	Container string `json:"container,omitempty"`
	// Notes says what the other containers said, and which part is unknown. It changes
	// no cause.
	Notes []string `json:"notes,omitempty"`
}

// Episode is the stored record of one evaluation. It is sufficient to read,
// replay and explain the evaluation.
type Episode struct {
	ID       string     `json:"id"`
	At       time.Time  `json:"at"`
	Ref      ServiceRef `json:"ref"`
	Trigger  Trigger    `json:"trigger"`
	Cause    Cause      `json:"cause,omitempty"`
	Family   Family     `json:"family,omitempty"`
	Evidence []Evidence `json:"evidence,omitempty"`
	Snapshot Snapshot   `json:"snapshot"`
	// Diagnostics is nil without a failed task.
	Diagnostics *Diagnostics `json:"testimony,omitempty"`
	Decision    Decision     `json:"decision"`
	Verdict     Verdict      `json:"verdict"`
	Result      Result       `json:"result,omitzero"`
	// Function is the name of the deployed function.
	Function string `json:"function,omitempty"`
}

// Why returns the reasons in reading order: the reasons of the decision, then
// those of the guard.
func (e Episode) Why() []Reason {
	why := append([]Reason(nil), e.Decision.Reasons...)
	return append(why, e.Verdict.Reasons...)
}
