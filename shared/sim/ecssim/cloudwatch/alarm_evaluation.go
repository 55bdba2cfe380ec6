package cloudwatch

import (
	"strconv"
	"time"
)

// View is the input of an evaluation: the values of its range, oldest first.
type View struct {
	values []datum
	start  time.Time // of the range
	end    time.Time
}

// datum is one period. A missing period has no value.
type datum struct {
	at      time.Time
	value   float64
	samples float64
	known   bool
}

// known returns the periods with data.
func (v View) known() []datum {
	out := make([]datum, 0, len(v.values))
	for _, d := range v.values {
		if d.known {
			out = append(out, d)
		}
	}
	return out
}

// Latest returns the newest value, if there is one.
func (v View) Latest() (float64, bool) {
	known := v.known()
	if len(known) == 0 {
		return 0, false
	}
	return known[len(known)-1].value, true
}

// view reads the periods of the alarm that are complete and readable.
func (s *Service) view(a *Alarm) View {
	now := s.account.Now()
	n := a.evaluate + extraPeriods
	end := now.Add(-s.metricDelay(&a.Source)).Unix()
	end -= end % a.period
	start := end - int64(n)*a.period
	v := View{values: make([]datum, n), start: time.Unix(start, 0).UTC(), end: now}
	if a.computed() {
		s.compute(a, &v, start, end)
		return v
	}
	m := s.metrics.index[a.key]
	for i := range v.values {
		from := start + int64(i)*a.period
		v.values[i].at = time.Unix(from, 0).UTC()
		if m == nil {
			continue
		}
		if p, ok := m.merged(a.unit, from, from+a.period, now); ok {
			value, modelled := m.statistic(p, a.statistic)
			v.values[i].value, v.values[i].samples, v.values[i].known = value, p.N, modelled
		}
	}
	return v
}

// compute fills the view with the values of the alarm's expression. A period
// without a value is missing.
func (s *Service) compute(a *Alarm, v *View, start, end int64) {
	values, err := s.answers(a.asked, start, end).of(a.watched)
	if err != nil {
		values = nil
	}
	known := map[int64]float64{}
	for _, p := range values {
		known[p.At] = p.Value
	}
	for i := range v.values {
		at := start + int64(i)*a.period
		v.values[i].at = time.Unix(at, 0).UTC()
		v.values[i].value, v.values[i].known = known[at]
	}
}

func (s *Service) nextEvaluation(a *Alarm, epoch int) {
	at := s.account.Now().Truncate(a.cadence()).Add(s.metricDelay(&a.Source)%a.cadence() + a.phase)
	for !at.After(s.account.Now()) {
		at = at.Add(a.cadence())
	}
	s.account.At(at, func() { s.evaluate(a, epoch) })
}

// evaluate runs one evaluation and schedules the next one.
func (s *Service) evaluate(a *Alarm, epoch int) {
	if a.epoch != epoch {
		return
	}
	seen := s.view(a)
	if state, decided := a.judge(seen); decided && a.evaluation == "" && state != a.state && !a.tooFew(seen) {
		reason, data := a.explain(state, seen)
		s.set(a, state, reason, data)
	}
	s.act(a, seen)
	s.account.After(a.cadence(), func() { s.evaluate(a, epoch) })
}

func (a *Alarm) breaching(value float64) bool {
	switch a.comparison {
	case "GreaterThanThreshold":
		return value > a.threshold
	case "GreaterThanOrEqualToThreshold":
		return value >= a.threshold
	case "LessThanThreshold":
		return value < a.threshold
	case "LessThanOrEqualToThreshold":
		return value <= a.threshold
	}
	return false
}

// judge applies M out of N to the newest periods with data, after "Configuring
// how CloudWatch alarms treat missing data". If the range has N points, only
// these count. Otherwise treatMissingData fills the gaps. decided is false if the
// state stays.
func (a *Alarm) judge(v View) (state string, decided bool) {
	known := v.known()
	if len(known) > a.evaluate {
		known = known[len(known)-a.evaluate:]
	}
	bad := 0
	for _, d := range known {
		if a.breaching(d.value) {
			bad++
		}
	}
	short := a.evaluate - len(known)
	if short > 0 {
		return a.fill(v, bad, len(known), short)
	}
	if bad >= a.breaches {
		return StateAlarm, true
	}
	return StateOK, true
}

// tooFew reports whether the alarm ignores a percentile of too few samples. AWS:
// CloudWatch guide, "Percentile-based alarms and low data samples": fewer than
// 10/(1-p) samples, or 10/p below the median.
func (a *Alarm) tooFew(v View) bool {
	if a.lowSamples != missingIgnore || !a.percentile() {
		return false
	}
	share, err := strconv.ParseFloat(a.statistic[1:], 64)
	if err != nil {
		return false
	}
	rare, samples := min(share, 100-share)/100, 0.0
	for _, d := range v.known() {
		samples += d.samples
	}
	return samples*rare < fewSamples
}

// fill decides with missing data. A point that does not breach decides for OK, also if
// missing data are ignored.
func (a *Alarm) fill(v View, bad, known, short int) (state string, decided bool) {
	switch {
	case bad >= a.breaches:
		return StateAlarm, true
	case a.missing == missingBreaching && bad+short >= a.breaches:
		return StateAlarm, true
	case a.missing == missingBreaching, a.missing == missingNotBreaching, bad < known:
		return StateOK, true
	case a.missing == missingIgnore:
		return "", false
	case known > 0 && v.age() >= a.breaches:
		// "Avoiding premature transitions to alarm state": breaching points decide
		// alone only when the oldest one is M periods old.
		return StateAlarm, true
	}
	return StateInsufficient, true
}

// age returns the age of the oldest value in periods. The newest period has age
// 1.
func (v View) age() int {
	for i, d := range v.values {
		if d.known {
			return len(v.values) - i
		}
	}
	return 0
}
