package demand

import "time"

// Sizes of what is kept of one service; TestAStateIsSmall says what it comes to.
const (
	// remembered is how many samples a forecast may reach ahead.
	remembered = 32
	// errorBins are the bins of a forecaster's errors, an eighth of a standard
	// deviation each, from four below to eight above.
	errorBins   = 96
	binsPerUnit = 8
	lowestUnit  = -4
	// hourBins and dayBins are the bins of the profiles: 20 s and 5 min.
	hourBins = 180
	dayBins  = 288
	// startupsKept are the latest start-ups that the look-ahead is learned from.
	startupsKept = 16
	// requestsKept are the latest counts, to set against the CPU of the same time.
	requestsKept = 32
)

// State is what the controller has learned of one service. The zero State has
// learned nothing; nil is not allowed. It is no place for facts: what it forgets
// is learned anew within minutes, the profiles within days.
type State struct {
	// Signal is the signal that the samples are of, Period their length.
	Signal Signal
	Period time.Duration
	// Newest is the end of the newest sample.
	Newest time.Time
	// count is how many samples there were since the signal last changed.
	count int

	// The work, in busy tasks: filtered, its slope in tasks/s, the mean square of
	// its surprises, and the latest sample as it came.
	level, slope, surprise, last float64
	// steady is the mean since the work last changed, of so many samples; strayed
	// is by how much the last few were off it.
	steady, strayed float64
	steadyFor       int

	forecasters [forecasters]forecaster
	hour        profile
	day         profile

	shadows [shadows]shadow
	chosen  int
	// meanNeed and meanWork weigh a violation against the cost.
	meanNeed, meanWork, weight float64

	startups [startupsKept]uint16 // seconds; 0 is none
	startup  int                  // where the next goes

	cost     costs
	requests [requestsKept]count

	// suspect is true where the newest CPU value was not believed, told the end of
	// the newest that was. They are not kept.
	suspect       bool
	lastTrustedAt time.Time

	// panicUntil holds the count after a saturated signal.
	panicUntil time.Time
	panicCount int
}

// Samples is of how many samples it has learned since the signal last changed.
func (s *State) Samples() int { return s.count }

// Signal is a step of the ladder of signals, the best first.
type Signal uint8

// The rungs.
const (
	None     Signal = iota
	Requests        // counted requests × learned cost
	Load            // a measure that the policy names
	CPU             // busy tasks; saturates
)

// String is the rung in words.
func (r Signal) String() string {
	switch r {
	case Requests:
		return "requests"
	case Load:
		return "the policy's metric"
	case CPU:
		return "CPU"
	}
	return "nothing"
}

// reset forgets what depends on the signal, and keeps what does not.
func (s *State) reset(r Signal, period time.Duration) {
	*s = State{
		Signal: r, Period: period, startups: s.startups, startup: s.startup, cost: s.cost, requests: s.requests,
		panicUntil: s.panicUntil, panicCount: s.panicCount,
	}
	s.chosen = byDefault()
}

// Startup is the 90th percentile of the latest start-ups, 60 s where none was
// seen yet. It is from 10 s to 15 min.
func (s *State) Startup() time.Duration {
	const unseen = 60 * time.Second
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
		return unseen
	case seen < startupsKept/2:
		second = highest
	}
	return min(max(time.Duration(second)*time.Second, 10*time.Second), 15*time.Minute)
}

// meanStartup is the mean of the latest start-ups, Startup where none was seen.
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

func (s *State) started(took time.Duration) {
	if took <= 0 || took > time.Hour {
		return
	}
	s.startups[s.startup%startupsKept] = uint16(max(1, took.Seconds()))
	s.startup++
}
