package demand

import "math"

// The forecasters. Each forecasts the demand one start-up time ahead.
const (
	level       = iota // the demand of now
	trend              // the level plus its slope
	hourly             // the level, or the demand at this time of the hour if higher
	daily              // the trend, or the demand at this time of the day if higher
	forecasters        // the number of forecasters
)

// forecaster holds the forecast and the errors of one forecaster.
type forecaster struct {
	// ahead is the current forecast, one start-up time ahead.
	ahead float64
	// past are the forecasts of the last samples.
	past [pastForecasts]float64
	// brief and lasting are mean squares of the error, over minutes and hours.
	brief, lasting float64
	// errors is a histogram of errors in standard deviations, total its sum.
	errors [errorBins]float64
	total  float64
}

// filter updates level and slope with a sample. Its gain is optimal for a count
// with known noise. A surprise above three deviations passes without smoothing.
func (s *State) filter(one sample, t *Tuning) {
	seconds := one.period.Seconds()
	expected := s.level + s.slope*seconds
	surprise := one.demand - expected
	s.surprise += share(seconds, t.SurpriseTime) * (surprise*surprise - s.surprise)
	gain := 1.0
	if s.surprise > 0 {
		gain = min(1, max(t.LeastGain, (s.surprise-one.noise)/s.surprise))
	}
	if surprise*surprise > t.JumpSquare*one.noise {
		gain = 1
	}
	before := s.level
	s.level = max(0, expected+gain*surprise)
	s.track(one, t)
	s.slope += share(seconds, max(t.SlopeTime, (3*one.period/2).Seconds())) * ((s.level-before)/seconds - s.slope)
}

// track updates the mean since the last change of the demand. It restarts the mean
// after one sample far off, or several a little off.
func (s *State) track(one sample, t *Tuning) {
	off := one.demand - s.steady
	s.drift += t.DriftShare * (off - s.drift)
	limit := t.DriftLimit * t.DriftLimit * one.noise * t.DriftShare / (2 - t.DriftShare)
	if s.drift*s.drift > limit || off*off > t.JumpLimit*t.JumpLimit*one.noise {
		s.steady, s.steadyFor, s.drift = s.level, 2, 0
		return
	}
	s.steadyFor = min(s.steadyFor+1, int(t.SteadyMost))
	s.steady += off / float64(s.steadyFor)
}

// filtered returns the demand without its noise.
func (s *State) filtered(t *Tuning) float64 {
	if s.steadyFor >= int(t.SteadyFrom) {
		return s.steady
	}
	return s.level
}

// learn compares a sample with its forecasts, made so many steps before.
func (s *State) learn(one sample, steps int, t *Tuning) {
	seconds := one.period.Seconds()
	for i := range s.forecasters {
		f := &s.forecasters[i]
		if s.count <= steps {
			f.brief, f.lasting = t.FirstSpread, t.FirstSpread
			continue
		}
		missed := math.Log((one.demand + t.Additive) / (f.past[(s.count-steps)%pastForecasts] + t.Additive))
		bin := int(math.Round((missed/f.spread(t) - lowestUnit) * binsPerUnit))
		fade := math.Exp2(-seconds / t.ErrorHalfLife)
		f.total = f.total*fade + 1
		for j := range f.errors {
			f.errors[j] *= fade
		}
		f.errors[min(max(bin, 0), errorBins-1)]++
		square := min(missed*missed, t.MostSquare)
		f.brief += share(seconds, t.BriefTime) * (square - f.brief)
		f.lasting += share(seconds, t.LastingTime) * (square - f.lasting)
	}
}

// spread returns the standard deviation of the logarithm of demand over forecast.
func (f *forecaster) spread(t *Tuning) float64 {
	return math.Sqrt(max(t.LeastSpread, t.BriefShare*f.brief+(1-t.BriefShare)*f.lasting))
}

// forecast updates all forecasts, a horizon in seconds ahead of the middle of the
// sample. A profile only raises a forecast, and only while its errors are not much
// larger.
func (s *State) forecast(one sample, horizon float64, t *Tuning) {
	middle := float64(one.end.Unix()) - one.period.Seconds()/2
	demand := s.filtered(t)
	rising := demand + max(0, s.slope)*horizon
	now := [forecasters]float64{level: demand, trend: rising, hourly: demand, daily: rising}
	s.hour.add(hourBins, 3600, middle, one.demand, t.HourWeight)
	s.day.add(dayBins, 86400, middle, one.demand, share(one.period.Seconds(), t.DayTime))
	if s.forecasters[hourly].lasting <= t.ProfileTrust*s.forecasters[level].lasting {
		now[hourly] = max(now[hourly], s.hour.highest(hourBins, 3600, middle, middle+horizon+t.LateStart, often))
	}
	if s.forecasters[daily].lasting <= t.ProfileTrust*s.forecasters[trend].lasting {
		now[daily] = max(now[daily], s.day.highest(dayBins, 86400, middle, middle+horizon+t.LateStart, 1))
	}
	for i := range s.forecasters {
		s.forecasters[i].ahead = now[i]
		s.forecasters[i].past[s.count%pastForecasts] = now[i]
	}
}

// profile is the mean demand at each time of an hour or a day. seen is the number
// of samples of each bin, at most often.
type profile struct {
	demand [dayBins]float32
	seen   [dayBins]uint8
}

// add adds a demand to the bin of its time. span is the length of the profile, in
// seconds.
func (p *profile) add(bins int, span, at, demand, weight float64) {
	i := binOf(bins, span, at)
	if p.seen[i] == 0 {
		p.demand[i] = float32(demand)
	} else {
		p.demand[i] += float32(weight * (demand - float64(p.demand[i])))
	}
	p.seen[i] = min(p.seen[i]+1, often)
}

// binOf returns the bin of a time, in seconds since 1970.
func binOf(bins int, span, at float64) int {
	return int(math.Mod(max(at, 0), span)/span*float64(bins)) % bins
}

// highest returns the highest demand between two times, of bins with enough
// samples; 0 without such a bin.
func (p *profile) highest(bins int, span, from, to float64, seen uint8) float64 {
	width := span / float64(bins)
	most := float32(0)
	for i := int(from / width); i <= int(to/width); i++ {
		if b := i % bins; p.seen[b] >= seen {
			most = max(most, p.demand[b])
		}
	}
	return float64(most)
}
