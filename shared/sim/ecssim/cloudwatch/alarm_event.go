package cloudwatch

import (
	"time"

	"homeostat/shared/sim/ecssim/account"
)

// alarmDetail is the detail of a CloudWatch Alarm State Change.
type alarmDetail struct {
	AlarmName     string             `json:"alarmName"`
	State         alarmState         `json:"state"`
	PreviousState alarmState         `json:"previousState"`
	Configuration alarmConfiguration `json:"configuration"`
}

type alarmState struct {
	Value      string `json:"value"`
	Reason     string `json:"reason"`
	ReasonData string `json:"reasonData,omitempty"`
	Timestamp  string `json:"timestamp"`
	Evaluation string `json:"evaluationState,omitempty"`
}

type alarmConfiguration struct {
	Description string        `json:"description,omitempty"`
	AlarmRule   string        `json:"alarmRule,omitempty"`
	Metrics     []alarmMetric `json:"metrics,omitempty"`
}

type alarmMetric struct {
	ID         string           `json:"id"`
	Expression string           `json:"expression,omitempty"`
	Label      string           `json:"label,omitempty"`
	MetricStat *alarmMetricStat `json:"metricStat,omitempty"`
	ReturnData bool             `json:"returnData"`
}

type alarmMetricStat struct {
	Metric alarmMetricName `json:"metric"`
	Period int64           `json:"period"`
	Stat   string          `json:"stat"`
	Unit   string          `json:"unit,omitempty"`
}

type alarmMetricName struct {
	Namespace  string            `json:"namespace"`
	Name       string            `json:"name"`
	Dimensions map[string]string `json:"dimensions"`
}

// emit publishes a change of state. CloudWatch has a form of timestamps of its
// own, not RFC 3339: 2026-01-05T06:03:00.123+0000.
func (s *Service) emit(a *Alarm) {
	when := func(t time.Time) string { return t.UTC().Format(cloudwatchTime) }
	s.account.Publish("aws.cloudwatch", "CloudWatch Alarm State Change", []string{a.arn}, alarmDetail{
		AlarmName:     a.name,
		State:         alarmState{a.state, a.reason, a.reasonData, when(a.updated), a.evaluation},
		PreviousState: alarmState{a.previous.state, a.previous.reason, a.previous.reasonData, when(a.previous.updated), ""},
		Configuration: s.configuration(a),
	})
}

// configuration returns the rule of the alarm, or its metric.
func (s *Service) configuration(a *Alarm) alarmConfiguration {
	switch {
	case a.rule != nil:
		return alarmConfiguration{Description: a.description, AlarmRule: a.ruleText}
	case a.query != nil:
		return alarmConfiguration{Description: a.description}
	}
	if a.asked != nil {
		metrics := make([]alarmMetric, len(a.asked))
		for i, q := range a.asked {
			metrics[i] = q.shown()
		}
		return alarmConfiguration{Description: a.description, Metrics: metrics}
	}
	return alarmConfiguration{
		Description: a.description,
		Metrics: []alarmMetric{{
			ID: account.UUID(s.account.EventIDs), ReturnData: true,
			MetricStat: statOf(a.namespace, a.metric, a.dimensions, a.period, a.statistic, a.unit),
		}},
	}
}

// shown returns a query in the form of an event.
func (q *metricQuery) shown() alarmMetric {
	out := alarmMetric{ID: q.id, Label: q.label, ReturnData: q.returned}
	if q.expression != nil {
		out.Expression = q.expression.String()
		return out
	}
	out.MetricStat = statOf(q.namespace, q.metric, q.dimensions, q.period, q.statistic, q.unit)
	return out
}

func statOf(namespace, metric string, dimensions []Dimension, period int64, statistic, unit string) *alarmMetricStat {
	names := map[string]string{}
	for _, d := range dimensions {
		names[d.Name] = d.Value
	}
	return &alarmMetricStat{Metric: alarmMetricName{namespace, metric, names}, Period: period, Stat: statistic, Unit: unit}
}
