package fleet

import (
	"bytes"
	"time"
)

// DemandState is what is kept of a service's demand between looks. Whoever writes
// last wins: it is learned anew from the metrics of the last minutes.
type DemandState struct {
	Ref ServiceRef
	// State is the controller's own, and says nothing to others.
	State []byte
	// Started is when the newest task had started whose start-up it has learned.
	Started time.Time
	// Ran is the most tasks that were seen to run of late, at RanAt.
	Ran   int
	RanAt time.Time
	// SuspectSince is since when its CPU is not believed; zero while it is.
	SuspectSince time.Time
	// IdleSince is since when it has had nothing to do; zero while it has, or
	// while that is not known.
	IdleSince time.Time
	// SteadySince is since when the count has been what the work needs; zero while
	// it is not, or is likely to change.
	SteadySince time.Time
	// Scaling is what Application Auto Scaling held on the service when that was
	// last read, at ScalingAt; the zero time where it never was.
	Scaling   Scaling
	ScalingAt time.Time
	// Known is true where it is known how often the service publishes its
	// utilisation: HighResolution is every 20 s. Else its sample count says nothing.
	Known, HighResolution bool
}

// Equal reports whether two states are the same. The scaling that was read counts
// by its time: a new reading has a new one.
func (d DemandState) Equal(other DemandState) bool {
	times := d.Started.Equal(other.Started) && d.RanAt.Equal(other.RanAt) && d.SuspectSince.Equal(other.SuspectSince) &&
		d.IdleSince.Equal(other.IdleSince) && d.SteadySince.Equal(other.SteadySince) && d.ScalingAt.Equal(other.ScalingAt)
	return times && bytes.Equal(d.State, other.State) && d.Ran == other.Ran && d.Known == other.Known && d.HighResolution == other.HighResolution
}

// Timer asks for a look later: at a service, at a shard of the roster or at
// some of its services, or for the next part of the account.
type Timer struct {
	Cluster, Service string
	Why              string
	Shard            *int
	// Shards is how many there are.
	Shards int
	// Only are services of the shard, as "cluster/service".
	Only  []string
	Delay time.Duration
}
