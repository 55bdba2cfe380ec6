package demand

import "math"

// Tuning holds the numbers of the controller that are fitted to traces. Times are in
// seconds. The zero Tuning is of no use: Fitted returns the values in use.
type Tuning struct {
	// Additive is the demand, in tasks, added to both sides of a relative error: the
	// errors of a small service are absolute, of a large one relative.
	Additive float64
	// BriefTime and LastingTime are the time constants of the two error spreads.
	BriefTime, LastingTime float64
	// BriefShare is the weight of the brief spread. After a burst the headroom falls
	// within minutes, as volatility does in finance (Engle's ARCH; Barone-Adesi's
	// filtered historical simulation).
	BriefShare float64
	// ErrorHalfLife is the half-life of an error histogram.
	ErrorHalfLife float64
	// LeastSpread is the least variance of a relative error.
	LeastSpread float64
	// FirstSpread is the variance before the first error.
	FirstSpread float64
	// MostSquare bounds the square of one relative error in the spreads.
	MostSquare float64
	// PriorErrors is the number of errors that the normal distribution counts for.
	PriorErrors float64

	// SlopeTime is the time constant of the slope, at least 1.5 periods.
	SlopeTime float64
	// SurpriseTime is the time constant of the variance of the surprises.
	SurpriseTime float64
	// LeastGain is the least gain of the filter.
	LeastGain float64
	// JumpSquare is the square of a number of deviations. A sample beyond them passes
	// the filter without smoothing.
	JumpSquare float64
	// SteadyFrom is the number of samples without a change until the plain mean
	// replaces the filter. SteadyMost bounds the samples in the mean.
	SteadyFrom, SteadyMost float64
	// DriftShare is the weight of a sample in Roberts' control chart (an
	// exponentially weighted mean), DriftLimit its limit in deviations.
	DriftShare, DriftLimit float64
	// JumpLimit is the distance, in deviations, of a single sample that is a change.
	JumpLimit float64

	// HourWeight is the weight of a sample in its bin of the hourly profile.
	HourWeight float64
	// DayTime is the time constant of a bin of the daily profile.
	DayTime float64
	// ProfileTrust is the highest ratio of error variances, profile to no profile, of
	// a profile that raises the forecast.
	ProfileTrust float64
	// LateStart is added to the horizon of a profile: some tasks start late.
	LateStart float64

	// LossHalfLife is the half-life of the loss of a shadow.
	LossHalfLife float64
	// SwitchMargin is the relative advantage that another strategy needs to replace
	// the followed one. Without it the choice would flap.
	SwitchMargin float64
	// LeastWatched is the time before the first choice.
	LeastWatched float64
	// ActionPrice is the price of a change of the count, in task-seconds. Without it
	// the count would follow each ripple.
	ActionPrice float64
	// ActionShare is the price of a change for each task of the mean need, in seconds.
	ActionShare float64
	// NearMiss is the price of a count that was only just enough, as a share of a
	// violation for each 10 s of a sample: a longer sample hides more. NearMost bounds
	// it.
	NearMiss, NearMost float64
	// Drain is the billed time of a stopping task.
	Drain float64
	// PriorTime is the weight of the prior losses.
	PriorTime float64
}

// Number is one number of a tuning.
type Number struct {
	Name  string
	Value *float64
	// Most is the highest possible value; infinite for none.
	Most float64
}

// Numbers returns all numbers of the tuning, for a search of better ones.
func (t *Tuning) Numbers() []Number {
	none := math.Inf(1)
	return []Number{
		{"Additive", &t.Additive, none},
		{"BriefTime", &t.BriefTime, none},
		{"LastingTime", &t.LastingTime, none},
		{"BriefShare", &t.BriefShare, 1},
		{"ErrorHalfLife", &t.ErrorHalfLife, none},
		{"LeastSpread", &t.LeastSpread, none},
		{"FirstSpread", &t.FirstSpread, none},
		{"MostSquare", &t.MostSquare, none},
		{"PriorErrors", &t.PriorErrors, none},
		{"SlopeTime", &t.SlopeTime, none},
		{"SurpriseTime", &t.SurpriseTime, none},
		{"LeastGain", &t.LeastGain, 1},
		{"JumpSquare", &t.JumpSquare, none},
		{"SteadyFrom", &t.SteadyFrom, math.MaxUint8},
		{"SteadyMost", &t.SteadyMost, math.MaxUint8},
		{"DriftShare", &t.DriftShare, 1},
		{"DriftLimit", &t.DriftLimit, none},
		{"JumpLimit", &t.JumpLimit, none},
		{"HourWeight", &t.HourWeight, 1},
		{"DayTime", &t.DayTime, none},
		{"ProfileTrust", &t.ProfileTrust, none},
		{"LateStart", &t.LateStart, none},
		{"LossHalfLife", &t.LossHalfLife, none},
		{"SwitchMargin", &t.SwitchMargin, 1},
		{"LeastWatched", &t.LeastWatched, none},
		{"ActionPrice", &t.ActionPrice, none},
		{"ActionShare", &t.ActionShare, none},
		{"NearMiss", &t.NearMiss, 1},
		{"NearMost", &t.NearMost, 1},
		{"Drain", &t.Drain, none},
		{"PriorTime", &t.PriorTime, none},
	}
}

// nearMissShare returns the price of a near miss in a sample, as a share of a
// violation.
func (t *Tuning) nearMissShare(seconds float64) float64 {
	return min(t.NearMost, t.NearMiss*seconds/10)
}

// share returns the weight of a step in a mean that fades with a time constant. Both
// are in seconds.
func share(seconds, constant float64) float64 { return 1 - math.Exp(-seconds/constant) }

// RelativeLosses returns the loss of each margin (rows) and scale-in delay (columns),
// relative to the loss of the best strategy: 0.2 is a fifth more. It is the mean over
// the forecasters. The result ok is false before the first choice of a strategy.
func (s *State) RelativeLosses() (table [][]float64, ok bool) {
	least := math.Inf(1)
	for i := range s.shadows {
		least = min(least, s.shadows[i].loss)
	}
	if s.count == 0 || least <= 0 {
		return nil, false
	}
	table = make([][]float64, margins)
	for m := range table {
		table[m] = make([]float64, delays)
	}
	for i := range s.shadows {
		table[i/delays%margins][i%delays] += (s.shadows[i].loss/least - 1) / forecasters
	}
	return table, true
}
