package cloudwatch

import (
	"cmp"
	"slices"
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

func (s *Service) alarmOperations() wire.Operations {
	return wire.Operations{
		"PutMetricAlarm":      s.PutMetricAlarm,
		"DescribeAlarms":      s.describeAlarms,
		"DeleteAlarms":        s.deleteAlarms,
		"SetAlarmState":       s.setAlarmState,
		"EnableAlarmActions":  s.switchAlarms(true),
		"DisableAlarmActions": s.switchAlarms(false),
		"PutCompositeAlarm":   s.PutCompositeAlarm,
		"PutLogAlarm":         s.putLogAlarm,
		"ListTagsForResource": s.listTags,
		"TagResource":         s.tagResource,
		"UntagResource":       s.untagResource,

		"DescribeAlarmsForMetric": s.describeAlarmsForMetric,
		"DescribeAlarmHistory":    s.describeAlarmHistory,
	}
}

// PutMetricAlarm puts an alarm on a metric or on an expression.
func (s *Service) PutMetricAlarm(in wire.Object) (wire.Object, error) {
	a, err := s.parseAlarm(in)
	if err != nil {
		return nil, err
	}
	if err := s.sameKind(a.name, metricAlarm); err != nil {
		return nil, err
	}
	s.account.Tags.Put(s.install(a).arn, in.Objects("Tags"))
	return wire.Object{}, nil
}

func (s *Service) parseAlarm(in wire.Object) (*Alarm, error) {
	enabled, said := in.Bool("ActionsEnabled")
	source, err := s.sourceOf(in)
	if err != nil {
		return nil, err
	}
	a := &Alarm{
		name: in.String("AlarmName"), description: in.String("AlarmDescription"), enabled: enabled || !said,
		Source: source, actions: actionsOf(in),
	}
	a.comparison, a.missing = in.String("ComparisonOperator"), cmp.Or(in.String("TreatMissingData"), missingDefault)
	a.lowSamples = in.String("EvaluateLowSampleCountPercentile")
	a.evaluate, _ = in.Int("EvaluationPeriods")
	a.breaches = a.evaluate
	if n, ok := in.Int("DatapointsToAlarm"); ok {
		a.breaches = n
	}
	var ok bool
	a.threshold, ok = in.Float("Threshold")
	breached, _ := comparisonWords(a.comparison)
	if a.name == "" || !ok || breached == "" || a.evaluate < 1 || a.breaches < 1 || a.breaches > a.evaluate || a.period < 1 {
		return nil, wire.Errorf("ValidationError", "The alarm %q is not valid, or of a kind that ecssim does not model.", a.name)
	}
	return a, nil
}

func actionsOf(in wire.Object) map[string][]string {
	return map[string][]string{
		StateOK:           orNone(in.Strings("OKActions")),
		StateAlarm:        orNone(in.Strings("AlarmActions")),
		StateInsufficient: orNone(in.Strings("InsufficientDataActions")),
	}
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// describeAlarms returns metric alarms. It returns composite alarms only if
// AlarmTypes names them.
func (s *Service) describeAlarms(in wire.Object) (wire.Object, error) {
	names, prefix := in.Strings("AlarmNames"), in.String("AlarmNamePrefix")
	types := in.Strings("AlarmTypes")
	if len(types) == 0 {
		types = []string{metricAlarm}
	}
	alarms := slices.Clone(s.alarms)
	slices.SortFunc(alarms, func(a, b *Alarm) int { return strings.Compare(a.name, b.name) })
	found := []*Alarm{}
	for _, a := range alarms {
		switch state := in.String("StateValue"); {
		case !slices.Contains(types, a.kind()):
		case len(names) > 0 && !slices.Contains(names, a.name):
		case !strings.HasPrefix(a.name, prefix), state != "" && state != a.state, !a.hasAction(in.String("ActionPrefix")):
		default:
			found = append(found, a)
		}
	}
	found, next, err := wire.Page(found, in, "MaxRecords", "NextToken", describeAlarmsLimit)
	if err != nil {
		return nil, err
	}
	metric, composite, log := []wire.Object{}, []wire.Object{}, []wire.Object{}
	for _, a := range found {
		switch a.kind() {
		case metricAlarm:
			metric = append(metric, a.object())
		case logAlarm:
			log = append(log, a.logObject())
		default:
			composite = append(composite, a.compositeObject())
		}
	}
	out := wire.Object{"MetricAlarms": metric, "CompositeAlarms": composite, "LogAlarms": log}
	return wire.SetToken(out, "NextToken", next), nil
}

// describeAlarmsForMetric returns the metric alarms on one metric. It returns no alarms
// on expressions. AWS: API reference of DescribeAlarmsForMetric.
func (s *Service) describeAlarmsForMetric(in wire.Object) (wire.Object, error) {
	key := metricKey(in.String("Namespace"), in.String("MetricName"), DimensionsOf(in.Objects("Dimensions")))
	statistic := cmp.Or(in.String("Statistic"), in.String("ExtendedStatistic"))
	period, hasPeriod := in.Int("Period")
	unit, found := in.String("Unit"), []wire.Object{}
	for _, a := range s.alarms {
		switch {
		case a.kind() != metricAlarm || a.queries != nil || a.key != key:
		case statistic != "" && statistic != a.statistic, unit != "" && unit != a.unit, hasPeriod && int64(period) != a.period:
		default:
			found = append(found, a.object())
		}
	}
	return wire.Object{"MetricAlarms": found}, nil
}

// The types of alarms.
const (
	metricAlarm    = "MetricAlarm"
	compositeAlarm = "CompositeAlarm"
	logAlarm       = "LogAlarm"
)

// kind returns the AlarmType of the alarm.
func (a *Alarm) kind() string {
	switch {
	case a.rule != nil:
		return compositeAlarm
	case a.query != nil:
		return logAlarm
	}
	return metricAlarm
}

// sameKind returns an error if another type of alarm has the name.
func (s *Service) sameKind(name, kind string) error {
	old := s.find(name)
	if old == nil || old.kind() == kind {
		return nil
	}
	return wire.Errorf("ValidationError", "%s is a %s alarm", name, strings.ToLower(strings.TrimSuffix(old.kind(), "Alarm")))
}

func (a *Alarm) hasAction(prefix string) bool {
	if prefix == "" {
		return true
	}
	for _, actions := range a.actions {
		if slices.ContainsFunc(actions, func(action string) bool { return strings.HasPrefix(action, prefix) }) {
			return true
		}
	}
	return false
}

func (s *Service) deleteAlarms(in wire.Object) (wire.Object, error) {
	for _, name := range in.Strings("AlarmNames") {
		a := s.find(name)
		if a == nil {
			continue // deleting a missing alarm succeeds
		}
		s.Drop(a)
	}
	return wire.Object{}, nil
}

func (s *Service) setAlarmState(in wire.Object) (wire.Object, error) {
	a := s.find(in.String("AlarmName"))
	if a == nil {
		return nil, wire.Errorf("ResourceNotFound", "The alarm %s does not exist.", in.String("AlarmName"))
	}
	switch state := in.String("StateValue"); state {
	case StateOK, StateAlarm, StateInsufficient:
		s.set(a, state, in.String("StateReason"), in.String("StateReasonData"))
		if a.kind() == metricAlarm {
			s.act(a, s.view(a))
		}
	default:
		return nil, wire.Errorf("ValidationError", "Invalid StateValue: %s", state)
	}
	return wire.Object{}, nil
}

func (s *Service) switchAlarms(enabled bool) wire.Handler {
	return func(in wire.Object) (wire.Object, error) {
		for _, name := range in.Strings("AlarmNames") {
			if a := s.find(name); a != nil {
				a.enabled = enabled
			}
		}
		return wire.Object{}, nil
	}
}

func (s *Service) listTags(in wire.Object) (wire.Object, error) {
	return wire.Object{"Tags": s.account.Tags.Of(in.String("ResourceARN"))}, nil
}

// taggable returns an error for the ARN of no alarm and no dashboard.
func (s *Service) taggable(arn string) error {
	if slices.ContainsFunc(s.alarms, func(a *Alarm) bool { return a.arn == arn }) ||
		slices.ContainsFunc(s.dashboards, func(d *dashboard) bool { return s.dashboardARN(d.name) == arn }) {
		return nil
	}
	return &wire.Error{Code: "ResourceNotFoundException", Message: "Unknown", Status: 404}
}

func (s *Service) tagResource(in wire.Object) (wire.Object, error) {
	arn := in.String("ResourceARN")
	if err := s.taggable(arn); err != nil {
		return nil, err
	}
	s.account.Tags.Add(arn, "Key", in.Objects("Tags"))
	return wire.Object{}, nil
}

func (s *Service) untagResource(in wire.Object) (wire.Object, error) {
	arn := in.String("ResourceARN")
	if err := s.taggable(arn); err != nil {
		return nil, err
	}
	s.account.Tags.Remove(arn, "Key", in.Strings("TagKeys"))
	return wire.Object{}, nil
}
