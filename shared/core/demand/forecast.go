package demand

import (
	"math"
	"time"
)

// The forecasters. Each is a way to say how much work there will be once a task
// that is asked for now serves.
const (
	level       = iota // as much as now
	trend              // and the slope goes on
	hourly             // or what came at this time of the hour, if that is more
	daily              // or at this time of the day
	forecasters        // how many there are
)

// forecaster is what is known of the errors of one of them.
type forecaster struct {
	// ahead is the forecast now, for a start-up from now.
	ahead float64
	// past are the forecasts of the last samples.
	past [remembered]float64
	// brief and lasting are mean squares of the error, over minutes and hours.
	brief, lasting float64
	// errors is a histogram of errors in standard deviations.
	errors [errorBins]float64
	total  float64
}

// additive is the work, in tasks, that errors are counted on top of: a small
// service's errors are absolute, a big one's relative.
const additive = 0.3

const (
	// An error's spread is taken from the last minutes and hours alike: after a
	// burst the margin falls within minutes, as with volatility in finance
	// (Engle's ARCH; Barone-Adesi's filtered historical simulation).
	briefTime   = 5 * time.Minute
	lastingTime = 2 * time.Hour
	briefShare  = 0.5
	// errorHalf is the half-life of the histogram.
	errorHalf = 12 * time.Hour
	// leastSpread is a spread of 1 %.
	leastSpread = 1e-4
	// firstSpread is what is believed before anything was seen: some 17 %.
	firstSpread = 0.03
	// prior is how many errors the normal distribution counts for.
	prior = 30
	// slopeTime smooths the slope, over one and a half periods at least;
	// surpriseTime the surprises.
	slopeTime    = 40 * time.Second
	surpriseTime = time.Minute
	// leastGain is how much of a surprise is believed at least.
	leastGain = 0.05
	// Work is steady from so many samples without a change on, and its mean is
	// over so many at most.
	steadyFrom = 6
	steadyMost = 60
	// strayShare is the weight of a sample in what the last few strayed: Roberts'
	// control chart, whose limit is 2.5 of its own deviations here.
	strayShare = 0.25
	strayLimit = 2.5
	// strayed3 is the deviations at which one sample alone is a change.
	strayedAlone = 3.5
)

// filter folds a sample into level and slope. Its gain is that of a filter that
// knows how noisy a count is; what three deviations do not explain is believed
// at once.
func (s *State) filter(one sample) {
	seconds := one.period.Seconds()
	expected := s.level + s.slope*seconds
	surprise := one.work - expected
	s.surprise += share(seconds, surpriseTime) * (surprise*surprise - s.surprise)
	gain := 1.0
	if s.surprise > 0 {
		gain = min(1, max(leastGain, (s.surprise-one.noise)/s.surprise))
	}
	if surprise*surprise > 9*one.noise {
		gain = 1
	}
	before := s.level
	s.level = max(0, expected+gain*surprise)
	s.track(one)
	s.slope += share(seconds, max(slopeTime, 3*one.period/2)) * ((s.level-before)/seconds - s.slope)
}

// track folds a sample into the mean since the last change, and begins anew
// where the work has changed: one sample far off, or a few a little.
func (s *State) track(one sample) {
	off := one.work - s.steady
	s.strayed += strayShare * (off - s.strayed)
	limit := strayLimit * strayLimit * one.noise * strayShare / (2 - strayShare)
	if s.strayed*s.strayed > limit || off*off > strayedAlone*strayedAlone*one.noise {
		s.steady, s.steadyFor, s.strayed = s.level, 2, 0
		return
	}
	s.steadyFor = min(s.steadyFor+1, steadyMost)
	s.steady += off / float64(s.steadyFor)
}

// filtered is the work without its noise.
func (s *State) filtered() float64 {
	if s.steadyFor >= steadyFrom {
		return s.steady
	}
	return s.level
}

// share is the weight of a step in a mean that fades with a time constant.
func share(seconds float64, constant time.Duration) float64 {
	return 1 - math.Exp(-seconds/constant.Seconds())
}

// learn sets the forecasts that were made for this sample against it.
func (s *State) learn(one sample, steps int) {
	seconds := one.period.Seconds()
	for i := range s.forecasters {
		f := &s.forecasters[i]
		if s.count <= steps {
			f.brief, f.lasting = firstSpread, firstSpread
			continue
		}
		missed := math.Log((one.work + additive) / (f.past[(s.count-steps)%remembered] + additive))
		bin := int(math.Round((missed/f.spread() - lowestUnit) * binsPerUnit))
		fade := math.Exp2(-seconds / errorHalf.Seconds())
		f.total = f.total*fade + 1
		for j := range f.errors {
			f.errors[j] *= fade
		}
		f.errors[min(max(bin, 0), errorBins-1)]++
		square := min(missed*missed, 4)
		f.brief += share(seconds, briefTime) * (square - f.brief)
		f.lasting += share(seconds, lastingTime) * (square - f.lasting)
	}
}

// spread is the standard deviation of the logarithm of work over forecast.
func (f *forecaster) spread() float64 {
	return math.Sqrt(max(leastSpread, briefShare*f.brief+(1-briefShare)*f.lasting))
}

// forecast makes the forecasts of all, a horizon of seconds ahead of the middle
// of the sample.
func (s *State) forecast(one sample, horizon float64) {
	middle := float64(one.end.Unix()) - one.period.Seconds()/2
	work := s.filtered()
	rising := work + max(0, s.slope)*horizon
	now := [forecasters]float64{level: work, trend: rising, hourly: work, daily: rising}
	s.hour.fold(hourBins, 3600, middle, one.work, 0.35)
	s.day.fold(dayBins, 86400, middle, one.work, share(one.period.Seconds(), 400*time.Second))
	// The profiles only ever raise, and only while they have not been further
	// off than what is now.
	if s.forecasters[hourly].lasting <= 2*s.forecasters[level].lasting {
		now[hourly] = max(now[hourly], s.hour.highest(hourBins, 3600, middle, middle+horizon+lateStart, often))
	}
	if s.forecasters[daily].lasting <= 2*s.forecasters[trend].lasting {
		now[daily] = max(now[daily], s.day.highest(dayBins, 86400, middle, middle+horizon+lateStart, 1))
	}
	for i := range s.forecasters {
		s.forecasters[i].ahead = now[i]
		s.forecasters[i].past[s.count%remembered] = now[i]
	}
}

// lateStart is for how many seconds more a profile is looked up: some tasks
// start later than the horizon.
const lateStart = 15

// often is how many samples of a bin of the hour make it one to go by; more are
// not counted.
const often = 2

// profile is the mean work at each time of an hour or a day.
type profile struct {
	work [dayBins]float32
	seen [dayBins]uint8
}

func (p *profile) fold(bins int, span, at, work, weight float64) {
	i := binOf(bins, span, at)
	if p.seen[i] == 0 {
		p.work[i] = float32(work)
	} else {
		p.work[i] += float32(weight * (work - float64(p.work[i])))
	}
	p.seen[i] = min(p.seen[i]+1, often)
}

// binOf is the bin of a time.
func binOf(bins int, span, at float64) int {
	return int(math.Mod(max(at, 0), span)/span*float64(bins)) % bins
}

// highest is the highest work between two times, of bins that were seen often
// enough; 0 where none was.
func (p *profile) highest(bins int, span, from, to float64, seen uint8) float64 {
	width := span / float64(bins)
	most := float32(0)
	for i := int(from / width); i <= int(to/width); i++ {
		if b := i % bins; p.seen[b] >= seen {
			most = max(most, p.work[b])
		}
	}
	return float64(most)
}
