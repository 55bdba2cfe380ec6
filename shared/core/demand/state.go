package demand

import "time"

// State is the learned state of one service. The zero State has learned nothing; a
// nil State is not allowed. A lost State is learned anew: most of it within
// minutes, the profiles within days.
type State struct {
	// Signal is the followed signal, None before the first sample.
	Signal Code
	// Period is the length of a sample.
	Period time.Duration
	// Newest is the end of the newest sample.
	Newest time.Time
	// count is the number of samples since the signal last changed.
	count int

	// level is the filtered demand, in busy tasks.
	level float64
	// slope is the change of the level, in tasks a second.
	slope float64
	// surprise is the mean square of the errors of the filter.
	surprise float64
	// last is the newest sample without filter.
	last float64
	// steady is the mean demand since its last change, over steadyFor samples. drift
	// is the mean distance of the latest samples from it.
	steady, drift float64
	steadyFor     int

	forecasters [forecasters]forecaster
	hour        profile
	day         profile

	shadows [shadows]shadow
	// chosen is the followed strategy, as an index of shadows.
	chosen int
	// meanNeed and meanDemand scale the price of a violation. weight is their weight.
	meanNeed, meanDemand, weight float64

	// startups are start-up times in seconds, 0 for none. startup is the number of
	// all; it gives the next position.
	startups [startupsKept]uint16
	startup  int

	cost     Cost
	requests [requestsKept]requestCount

	// suspect is true if the newest CPU value was rejected. lastTrustedAt is the end
	// of the newest trusted value. They are not stored.
	suspect       bool
	lastTrustedAt time.Time

	// panicUntil is the end of the time without a scale-in after a saturated signal;
	// panicCount is the least count until then.
	panicUntil time.Time
	panicCount int
}

// Samples returns the number of samples since the signal last changed.
func (s *State) Samples() int { return s.count }

// reset forgets everything that depends on the signal.
func (s *State) reset(code Code, period time.Duration) {
	*s = State{
		Signal: code, Period: period, startups: s.startups, startup: s.startup, cost: s.cost, requests: s.requests,
		panicUntil: s.panicUntil, panicCount: s.panicCount,
	}
	s.chosen = defaultStrategy()
}

// Startup returns the 90th percentile of the latest start-up times, from 10 s to
// 15 min. It is 60 s before the first one.
func (s *State) Startup() time.Duration {
	highest, second, seen := uint16(0), uint16(0), 0
	for _, took := range s.startups {
		if took == 0 {
			continue
		}
		seen++
		if took > highest {
			highest, second = took, highest
		} else if took > second {
			second = took
		}
	}
	switch {
	case seen == 0:
		return unseenStartup
	case seen < startupsKept/2:
		second = highest
	}
	return min(max(time.Duration(second)*time.Second, leastStartup), mostStartup)
}

// meanStartup returns the mean of the latest start-up times, Startup before the
// first one.
func (s *State) meanStartup() time.Duration {
	sum, seen := 0, 0
	for _, took := range s.startups {
		if took > 0 {
			sum, seen = sum+int(took), seen+1
		}
	}
	if seen == 0 {
		return s.Startup()
	}
	return time.Duration(sum) * time.Second / time.Duration(seen)
}

// started adds a start-up time. It ignores values outside of 0 to maxStartup.
func (s *State) started(took time.Duration) {
	if took <= 0 || took > maxStartup {
		return
	}
	s.startups[s.startup%startupsKept] = uint16(max(1, took.Seconds()))
	s.startup++
}
