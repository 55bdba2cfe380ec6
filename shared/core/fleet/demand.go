package fleet

import (
	"bytes"
	"slices"
	"time"
)

// DemandState is the stored demand of a service. The last writer wins, because
// the controller relearns a lost state from the metrics of the last minutes.
type DemandState struct {
	Ref ServiceRef
	// State is the encoded state of the controller. Only package demand reads it.
	State []byte
	// Started is the start of the newest task with a learned start-up time.
	Started time.Time
	// Ran is the highest number of running tasks of the last minutes, seen at
	// RanAt.
	Ran   int
	RanAt time.Time
	// SuspectSince is the start of a suspect CPU; zero while it is trusted.
	SuspectSince time.Time
	// IdleSince is the start of the time without demand; zero with demand, or if it
	// is unknown.
	IdleSince time.Time
	// SteadySince is the start of the time with the count at need; zero otherwise,
	// or before a likely change.
	SteadySince time.Time
	// Scaling is the last known state of Application Auto Scaling, read at
	// ScalingAt. A zero ScalingAt means that it was never read.
	Scaling   Scaling
	ScalingAt time.Time
	// Known is true if the metric interval of the service is known. HighResolution
	// then means 20 s. Otherwise the sample count has no meaning.
	Known, HighResolution bool
	// Groups are the target groups of the last revision that was read.
	Groups []TargetGroup
}

// Equal reports whether two states are the same. It compares Scaling by
// ScalingAt, because each reading has a new time.
func (d DemandState) Equal(other DemandState) bool {
	times := d.Started.Equal(other.Started) && d.RanAt.Equal(other.RanAt) && d.SuspectSince.Equal(other.SuspectSince) &&
		d.IdleSince.Equal(other.IdleSince) && d.SteadySince.Equal(other.SteadySince) && d.ScalingAt.Equal(other.ScalingAt)
	return times && slices.Equal(d.Groups, other.Groups) && bytes.Equal(d.State, other.State) && d.Ran == other.Ran && d.Known == other.Known && d.HighResolution == other.HighResolution
}

// Timer requests a later evaluation: of a service, of a shard of the inventory or
// some of its services, or of the next part of the account.
type Timer struct {
	Cluster, Service string
	Why              string
	Shard            *int
	// Shards is the number of all shards.
	Shards int
	// Only lists services of the shard as "cluster/service"; empty means all.
	Only  []string
	Delay time.Duration
}
