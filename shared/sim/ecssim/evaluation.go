package ecssim

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// extraPeriods is how many periods beyond N an evaluation looks at, so that a
// late or missing point does not decide ("evaluation range"). AWS does not
// publish the number; model.
const extraPeriods = 2

// view is what an evaluation saw: the values of its range, oldest first.
type view struct {
	values []datum
	start  time.Time // of the range
	end    time.Time
}

// datum is one period; missing without value.
type datum struct {
	at      time.Time
	value   float64
	samples float64
	known   bool
}

// known are the periods with data.
func (v view) known() []datum {
	out := make([]datum, 0, len(v.values))
	for _, d := range v.values {
		if d.known {
			out = append(out, d)
		}
	}
	return out
}

// latest is the newest value.
func (v view) latest() (float64, bool) {
	known := v.known()
	if len(known) == 0 {
		return 0, false
	}
	return known[len(known)-1].value, true
}

// look reads the alarm's periods that are complete and can be read.
func (s *Sim) look(a *alarm) view {
	now := s.Now()
	n := a.evaluate + extraPeriods
	end := now.Add(-s.metricDelay(a)).Unix()
	end -= end % a.period
	start := end - int64(n)*a.period
	v := view{values: make([]datum, n), start: time.Unix(start, 0).UTC(), end: now}
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
		if p, ok := m.merged(from, from+a.period, now); ok {
			value, modelled := m.statistic(p, a.statistic)
			v.values[i].value, v.values[i].samples, v.values[i].known = value, p.n, modelled
		}
	}
	return v
}

// compute fills the view with the values of the alarm's expression. What has
// none is missing.
func (s *Sim) compute(a *alarm, v *view, start, end int64) {
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

func (a *alarm) breaching(value float64) bool {
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

// judge is M out of N over the newest periods with data, after "Configuring
// how CloudWatch alarms treat missing data": if the range holds N points, only
// these count; otherwise what is missing is filled in by treatMissingData.
// decided is false if the state stays as it is.
func (a *alarm) judge(v view) (state string, decided bool) {
	known := v.known()
	if len(known) > a.evaluate {
		known = known[len(known)-a.evaluate:]
	}
	bad := 0
	for _, d := range known {
		bad += count(a.breaching(d.value))
	}
	short := a.evaluate - len(known)
	if short > 0 {
		return a.fill(v, bad, len(known), short)
	}
	if bad >= a.breaches {
		return stateAlarm, true
	}
	return stateOK, true
}

// fill decides with data missing.
func (a *alarm) fill(v view, bad, known, short int) (state string, decided bool) {
	switch {
	case bad >= a.breaches:
		return stateAlarm, true
	case a.missing == missingIgnore:
		return "", false
	case a.missing == missingBreaching && bad+short >= a.breaches:
		return stateAlarm, true
	case a.missing == missingBreaching, a.missing == missingNotBreaching:
		return stateOK, true
	case known == 0:
		return stateInsufficient, true
	case bad < known:
		return stateOK, true
	case v.age() >= a.breaches:
		return stateAlarm, true
	}
	// "Avoiding premature transitions to alarm state": breaching points alone
	// decide only once the oldest of them is M periods old.
	return "", false
}

// age is how many periods old the oldest value is; the newest period is 1.
func (v view) age() int {
	for i, d := range v.values {
		if d.known {
			return len(v.values) - i
		}
	}
	return 0
}

// comparisonWords are how CloudWatch words a comparison in a reason.
func comparisonWords(operator string) (breached, kept string) {
	words := map[string][2]string{
		"GreaterThanThreshold":          {"greater than", "not greater than"},
		"GreaterThanOrEqualToThreshold": {"greater than or equal to", "not greater than or equal to"},
		"LessThanThreshold":             {"less than", "not less than"},
		"LessThanOrEqualToThreshold":    {"less than or equal to", "not less than or equal to"},
	}[operator]
	return words[0], words[1]
}

// cloudwatchTime is CloudWatch's way to write an instant in JSON texts.
const cloudwatchTime = "2006-01-02T15:04:05.000-0700"

// explain words a state's reason as CloudWatch does, and its data.
func (s *Sim) explain(a *alarm, state string, v view) (reason, data string) {
	known := v.known()
	if len(known) > a.evaluate {
		known = known[len(known)-a.evaluate:]
	}
	var listed []string
	var right int
	for _, k := range slices.Backward(known) {
		if d := k; a.breaching(d.value) == (state == stateAlarm) {
			right++
			listed = append(listed, fmt.Sprintf("%s (%s)", number(d.value), d.at.Format("02/01/06 15:04:05")))
		}
	}
	return a.sentence(state, listed, right), a.evidence(known, v)
}

func (a *alarm) sentence(state string, listed []string, right int) string {
	if state == stateInsufficient {
		return fmt.Sprintf("Insufficient Data: %d datapoints were unknown.", a.evaluate)
	}
	if right == 0 {
		return fmt.Sprintf("Threshold Crossed: no datapoints were received for %d periods and %d missing datapoints were treated as [%s].",
			a.evaluate, a.evaluate, map[string]string{stateAlarm: "Breaching", stateOK: "NonBreaching"}[state])
	}
	breached, kept := comparisonWords(a.comparison)
	words, minimum, way := breached, a.breaches, "OK -> ALARM"
	if state == stateOK {
		words, minimum, way = kept, a.evaluate-a.breaches+1, "ALARM -> OK"
	}
	were := "datapoints [" + strings.Join(listed, ", ") + "] were " + words
	if right == 1 {
		were = "datapoint [" + listed[0] + "] was " + words
	}
	ending := "s"
	if minimum == 1 {
		ending = ""
	}
	return fmt.Sprintf("Threshold Crossed: %d out of the last %d %s the threshold (%s) (minimum %d datapoint%s for %s transition).",
		right, a.evaluate, were, number(a.threshold), minimum, ending, way)
}

// number writes a float as CloudWatch does: with a fraction, be it .0.
func number(v float64) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "0.0"
	}
	if text := string(b); strings.ContainsAny(text, ".e") {
		return text
	}
	return string(b) + ".0"
}

// reasonData is the JSON text next to a reason.
type reasonData struct {
	Version             string           `json:"version"`
	QueryDate           string           `json:"queryDate"`
	StartDate           string           `json:"startDate,omitempty"`
	Unit                string           `json:"unit,omitempty"`
	Statistic           string           `json:"statistic,omitempty"`
	Period              int64            `json:"period"`
	RecentDatapoints    []float64        `json:"recentDatapoints"`
	Threshold           float64          `json:"threshold"`
	EvaluatedDatapoints []evaluatedDatum `json:"evaluatedDatapoints"`
}

type evaluatedDatum struct {
	Timestamp   string  `json:"timestamp"`
	SampleCount float64 `json:"sampleCount,omitempty"`
	Value       float64 `json:"value,omitempty"`
}

func (a *alarm) evidence(known []datum, v view) string {
	data := reasonData{
		Version: "1.0", QueryDate: v.end.Format(cloudwatchTime), Unit: a.unit, Statistic: a.statistic,
		Period: a.period, Threshold: a.threshold,
		RecentDatapoints: []float64{}, EvaluatedDatapoints: []evaluatedDatum{},
	}
	if len(known) > 0 {
		data.StartDate = known[0].at.Format(cloudwatchTime)
	}
	for i, d := range known {
		data.RecentDatapoints = append(data.RecentDatapoints, d.value)
		newest := known[len(known)-1-i]
		data.EvaluatedDatapoints = append(data.EvaluatedDatapoints, evaluatedDatum{
			Timestamp: newest.at.Format(cloudwatchTime), SampleCount: newest.samples, Value: newest.value,
		})
	}
	text, err := json.Marshal(data)
	if err != nil {
		return ""
	}
	return string(text)
}
