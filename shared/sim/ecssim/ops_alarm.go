package ecssim

import (
	"slices"
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

// describeAlarmsLimit is the most alarms of one page.
const describeAlarmsLimit = 100

func (s *Sim) alarmOperations() operations {
	return operations{
		"PutMetricAlarm":      s.putMetricAlarm,
		"DescribeAlarms":      s.describeAlarms,
		"DeleteAlarms":        s.deleteAlarms,
		"SetAlarmState":       s.setAlarmState,
		"EnableAlarmActions":  s.switchAlarms(true),
		"DisableAlarmActions": s.switchAlarms(false),
		"PutCompositeAlarm":   s.putCompositeAlarm,
		"ListTagsForResource": s.listAlarmTags,
		"TagResource":         s.tagAlarm,
	}
}

func (s *Sim) putMetricAlarm(in wire.Object) (wire.Object, error) {
	a, err := s.parseAlarm(in)
	if err != nil {
		return nil, err
	}
	if old := s.findAlarm(a.name); old != nil && old.rule != nil {
		return nil, wire.Errorf("ValidationError", "%s is a composite alarm", a.name)
	}
	s.install(a)
	if tags := in.Objects("Tags"); len(tags) > 0 {
		s.tags[a.arn] = tags
	}
	return wire.Object{}, nil
}

func (s *Sim) parseAlarm(in wire.Object) (*alarm, error) {
	enabled, said := in.Bool("ActionsEnabled")
	a := &alarm{
		name: in.String("AlarmName"), description: in.String("AlarmDescription"), enabled: enabled || !said,
		comparison: in.String("ComparisonOperator"), missing: orElse(in.String("TreatMissingData"), missingDefault),
		actions: actionsOf(in),
	}
	if err := s.readMetric(a, in); err != nil {
		return nil, err
	}
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
		stateOK:           orNone(in.Strings("OKActions")),
		stateAlarm:        orNone(in.Strings("AlarmActions")),
		stateInsufficient: orNone(in.Strings("InsufficientDataActions")),
	}
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// readMetric reads the metric: plain, or as queries.
func (s *Sim) readMetric(a *alarm, in wire.Object) error {
	if queries := in.Objects("Metrics"); len(queries) > 0 {
		return s.watchQueries(a, queries, 0)
	}
	n, _ := in.Int("Period")
	a.period, a.unit = int64(n), in.String("Unit")
	a.namespace, a.metric = in.String("Namespace"), in.String("MetricName")
	a.statistic = orElse(in.String("Statistic"), in.String("ExtendedStatistic"))
	a.dimensions = dimensionsOf(in.Objects("Dimensions"), "Name", "Value")
	if a.namespace == "" || a.metric == "" || a.statistic == "" {
		return wire.Errorf("ValidationError", "The alarm needs a metric and a statistic.")
	}
	return nil
}

// watchQueries makes the alarm one on the only query that returns data: a
// metric, or an expression.
func (s *Sim) watchQueries(a *alarm, queries []wire.Object, period int64) error {
	parsed, err := parseQueries(queries, period)
	if err != nil {
		return err
	}
	watched := slices.DeleteFunc(slices.Clone(parsed), func(q *metricQuery) bool { return !q.returned })
	if len(watched) != 1 {
		return wire.Errorf("ValidationError", "Of the alarm's queries %d return data, expected one: set ReturnData to false on the others.", len(watched))
	}
	q := watched[0]
	a.queries, a.asked, a.watched, a.period = queries, parsed, q, q.period
	if q.expression == nil {
		a.namespace, a.metric, a.dimensions, a.statistic = q.namespace, q.metric, q.dimensions, q.statistic
		return nil
	}
	now := s.Now().Unix()
	_, err = s.answers(parsed, now-q.period, now).of(q)
	return err
}

// describeAlarms shows metric alarms, and composite ones only to those who ask
// for them by AlarmTypes.
func (s *Sim) describeAlarms(in wire.Object) (wire.Object, error) {
	names, prefix := in.Strings("AlarmNames"), in.String("AlarmNamePrefix")
	types := in.Strings("AlarmTypes")
	if len(types) == 0 {
		types = []string{metricAlarm}
	}
	alarms := slices.Clone(s.alarms)
	slices.SortFunc(alarms, func(a, b *alarm) int { return strings.Compare(a.name, b.name) })
	found := []*alarm{}
	for _, a := range alarms {
		switch state := in.String("StateValue"); {
		case !contains(types, a.kind()):
		case len(names) > 0 && !contains(names, a.name):
		case !strings.HasPrefix(a.name, prefix), state != "" && state != a.state, !a.hasAction(in.String("ActionPrefix")):
		default:
			found = append(found, a)
		}
	}
	found, next, err := page(found, in, "MaxRecords", "NextToken", describeAlarmsLimit)
	if err != nil {
		return nil, err
	}
	metric, composite := []wire.Object{}, []wire.Object{}
	for _, a := range found {
		if a.rule == nil {
			metric = append(metric, a.object())
		} else {
			composite = append(composite, a.compositeObject())
		}
	}
	return setToken(wire.Object{"MetricAlarms": metric, "CompositeAlarms": composite}, "NextToken", next), nil
}

const metricAlarm = "MetricAlarm"

// kind is the alarm's AlarmType.
func (a *alarm) kind() string {
	if a.rule != nil {
		return "CompositeAlarm"
	}
	return metricAlarm
}

func (a *alarm) hasAction(prefix string) bool {
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

func (s *Sim) deleteAlarms(in wire.Object) (wire.Object, error) {
	for _, name := range in.Strings("AlarmNames") {
		a := s.findAlarm(name)
		if a == nil {
			continue // an alarm that is not there is deleted
		}
		s.dropAlarm(a)
	}
	return wire.Object{}, nil
}

// dropAlarm deletes an alarm and ends its evaluations.
func (s *Sim) dropAlarm(a *alarm) {
	a.epoch++
	s.composites -= count(a.rule != nil)
	delete(s.tags, a.arn)
	s.alarms = slices.DeleteFunc(s.alarms, func(other *alarm) bool { return other == a })
}

func (s *Sim) setAlarmState(in wire.Object) (wire.Object, error) {
	a := s.findAlarm(in.String("AlarmName"))
	if a == nil {
		return nil, wire.Errorf("ResourceNotFound", "The alarm %s does not exist.", in.String("AlarmName"))
	}
	switch state := in.String("StateValue"); state {
	case stateOK, stateAlarm, stateInsufficient:
		s.setAlarm(a, state, in.String("StateReason"), in.String("StateReasonData"))
		if a.rule == nil {
			s.act(a, s.look(a))
		}
	default:
		return nil, wire.Errorf("ValidationError", "Invalid StateValue: %s", state)
	}
	return wire.Object{}, nil
}

func (s *Sim) switchAlarms(enabled bool) wire.Handler {
	return func(in wire.Object) (wire.Object, error) {
		for _, name := range in.Strings("AlarmNames") {
			if a := s.findAlarm(name); a != nil {
				a.enabled = enabled
			}
		}
		return wire.Object{}, nil
	}
}

func (s *Sim) listAlarmTags(in wire.Object) (wire.Object, error) {
	return wire.Object{"Tags": s.tagsOf(in.String("ResourceARN"))}, nil
}

func (s *Sim) tagAlarm(in wire.Object) (wire.Object, error) {
	arn := in.String("ResourceARN")
	s.tags[arn] = append(slices.Clone(s.tags[arn]), in.Objects("Tags")...)
	return wire.Object{}, nil
}
