// Package route holds the route table. A row holds, for one trigger kind, the rules
// that deliver it and the way its services are found. It also names the parts of a
// service that an evaluation reads, and the deciders that answer. All other
// packages read the table instead of matching kinds by hand.
package route

import (
	"strings"

	"homeostat/shared/core/fleet"
)

// Finder is the way to find the services of a trigger.
type Finder string

// The finders.
const (
	// ByName takes the service that the trigger names.
	ByName Finder = "by-name"
	// ByRepository takes the enrolled services that run an image of the trigger's
	// repository.
	ByRepository Finder = "by-repository"
	// ByAlarm takes the service that the trigger names, else the enrolled
	// services that watch the trigger's alarm.
	ByAlarm Finder = "by-alarm"
	// ByRegion takes all enrolled services of the function's account and region.
	ByRegion Finder = "by-region"
	// ByCluster takes the enrolled services of the trigger's cluster.
	ByCluster Finder = "by-cluster"
	// BySweep takes the service that the trigger names, else all enrolled
	// services, shard by shard.
	BySweep Finder = "by-sweep"
	// ByTask takes the service that the trigger names, else the service of the
	// trigger's task.
	ByTask Finder = "by-task"
	// ByInstance takes the enrolled services with tasks on the trigger's EC2
	// instance.
	ByInstance Finder = "by-instance"
	// Discarded drops the event before any service is searched.
	Discarded Finder = "discarded"
)

// Reads is the part of a service that an evaluation reads for a trigger, before
// memory and policy add to it.
type Reads string

// The parts.
const (
	// ReadsNothing leaves the service unread.
	ReadsNothing Reads = "nothing"
	// ReadsLoad reads the load.
	ReadsLoad Reads = "load"
	// ReadsAlarm reads the load. It also reads the revisions if the policy names
	// the alarm for rollbacks.
	ReadsAlarm Reads = "alarm"
	// ReadsRevisions reads the service revisions.
	ReadsRevisions Reads = "revisions"
	// ReadsDeployment reads the service revisions and the rollback alarms. It also
	// reads the load if there are such alarms.
	ReadsDeployment Reads = "deployment"
	// ReadsSweep reads the load. It reads revisions, tasks and the watched tag only
	// at the times that the schedule sets for them.
	ReadsSweep Reads = "sweep"
)

// Decider is one decider of package decide. Several are joined by |.
type Decider uint16

// The deciders, in the order of package decide.
const (
	Heal Decider = 1 << iota
	Remedy
	Stuck
	Answer
	Unwatched
	Redeploy
	Uncap
	Recycle
	Scale
)

// deciderNames returns the names of the deciders in the order of their bits.
func deciderNames() [9]string {
	return [...]string{"heal", "remedy", "stuck", "answer", "unwatched", "redeploy", "uncap", "recycle", "scale"}
}

// String returns the names of the deciders in the set, in their order.
func (d Decider) String() string {
	var names []string
	for bit, name := range deciderNames() {
		if d&(1<<bit) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// CauseReader is the part of a trigger that package cause reads the cause from.
type CauseReader string

// The cause readers.
const (
	NoCause         CauseReader = ""
	CauseOfStop     CauseReader = "stop"
	CauseOfNotice   CauseReader = "notice"
	CauseSpot       CauseReader = "spot-interruption"
	CauseRetirement CauseReader = "task-retirement"
)

// Route is one row of the table.
type Route struct {
	Kind fleet.TriggerKind
	// Rules are the names of the EventBridge rules that deliver the kind; empty
	// for schedules, timers and discarded events.
	Rules [2]string
	// Source names the sender of the kind, for the docs page.
	Source string
	Find   Finder
	Reads  Reads
	Cause  CauseReader
	// Answers are the deciders that answer the kind, joined by |.
	Answers Decider
	// Scheduled is true for Homeostat's own schedule and timers. They are no
	// evidence. An evaluation of such a kind that repeats the last one is not
	// recorded.
	Scheduled bool
	// MarksChanged is true if the service itself has changed: the inventory reads
	// it again at the next sweep.
	MarksChanged bool
	// MayBeSelfTriggered is true if the event may follow a call of Homeostat.
	MayBeSelfTriggered bool
}

// Asks reports whether the decider answers the kind.
func (r Route) Asks(d Decider) bool { return r.Answers&d != 0 }
