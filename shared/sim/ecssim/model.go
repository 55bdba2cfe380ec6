package ecssim

import "time"

// Model holds numbers of the model that AWS does not publish and that a benchmark
// may vary. Zero fields take the values of constants.go.
type Model struct {
	// InstantExit is the longest life of a container that never shows as RUNNING.
	InstantExit time.Duration
	// Deprovision is the time to release the network interface of a task.
	Deprovision time.Duration
	// Reaction is the time from a change to the pass of the scheduler.
	Reaction time.Duration
	// FirstBackoff is the first wait after a task that never reached RUNNING.
	FirstBackoff time.Duration
	// PlacementRetry is the wait after a failed placement.
	PlacementRetry time.Duration
	// OneStage counts a task that ends before RUNNING for the circuit breaker for as
	// long as the deployment lasts. AWS documents that this count ends with the first
	// task that is RUNNING, which is the default.
	OneStage bool
}

func (m Model) withDefaults() Model {
	for _, d := range []struct {
		value *time.Duration
		usual time.Duration
	}{
		{&m.InstantExit, instantExit},
		{&m.Deprovision, deprovisionDelay},
		{&m.Reaction, reaction},
		{&m.FirstBackoff, firstBackoff},
		{&m.PlacementRetry, placementRetry},
	} {
		if *d.value <= 0 {
			*d.value = d.usual
		}
	}
	return m
}
