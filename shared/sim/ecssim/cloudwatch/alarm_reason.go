package cloudwatch

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// comparisonWords returns CloudWatch's words for a comparison in a reason.
func comparisonWords(operator string) (breached, kept string) {
	words := map[string][2]string{
		"GreaterThanThreshold":          {"greater than", "not greater than"},
		"GreaterThanOrEqualToThreshold": {"greater than or equal to", "not greater than or equal to"},
		"LessThanThreshold":             {"less than", "not less than"},
		"LessThanOrEqualToThreshold":    {"less than or equal to", "not less than or equal to"},
	}[operator]
	return words[0], words[1]
}

// cloudwatchTime is the format of an instant in CloudWatch's JSON texts.
const cloudwatchTime = "2006-01-02T15:04:05.000-0700"

// explain returns the reason of a state in CloudWatch's words, and its data.
func (a *Alarm) explain(state string, v View) (reason, data string) {
	known := v.known()
	if len(known) > a.evaluate {
		known = known[len(known)-a.evaluate:]
	}
	var listed []string
	var right int
	for _, k := range slices.Backward(known) {
		if d := k; a.breaching(d.value) == (state == StateAlarm) {
			right++
			listed = append(listed, fmt.Sprintf("%s (%s)", number(d.value), d.at.Format("02/01/06 15:04:05")))
		}
	}
	return a.sentence(state, listed, right), a.evidence(known, v)
}

func (a *Alarm) sentence(state string, listed []string, right int) string {
	if state == StateInsufficient {
		return fmt.Sprintf("Insufficient Data: %d datapoints were unknown.", a.evaluate)
	}
	if right == 0 {
		return fmt.Sprintf("Threshold Crossed: no datapoints were received for %d periods and %d missing datapoints were treated as [%s].",
			a.evaluate, a.evaluate, map[string]string{StateAlarm: "Breaching", StateOK: "NonBreaching"}[state])
	}
	breached, kept := comparisonWords(a.comparison)
	words, minimum, way := breached, a.breaches, "OK -> ALARM"
	if state == StateOK {
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

// number formats a float in CloudWatch's form: always with a fraction, even .0.
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

// reasonData is the JSON text beside a reason.
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

func (a *Alarm) evidence(known []datum, v View) string {
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
