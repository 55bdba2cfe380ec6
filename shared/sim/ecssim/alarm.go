package ecssim

import (
	"slices"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// The states of an alarm.
const (
	stateOK           = "OK"
	stateAlarm        = "ALARM"
	stateInsufficient = "INSUFFICIENT_DATA"
)

// How an alarm treats missing data.
const (
	missingDefault      = "missing"
	missingBreaching    = "breaching"
	missingNotBreaching = "notBreaching"
	missingIgnore       = "ignore"
)

// alarm is a metric alarm, or with a rule a composite one.
type alarm struct {
	name, arn, description string
	enabled                bool
	actions                map[string][]string // by state
	namespace, metric      string
	dimensions             []dimension
	statistic              string // or a percentile
	unit                   string
	period                 int64
	evaluate, breaches     int // N and M
	threshold              float64
	comparison             string
	missing                string
	queries                []wire.Object // as they came; nil for a plain alarm
	asked                  []*metricQuery
	watched                *metricQuery // of these; nil for a plain alarm
	rule                   alarmRule
	ruleText               string

	state, reason, reasonData          string
	updated, transitioned, configured  time.Time
	previous, previousReason, prevData string
	previousAt                         time.Time
	phase                              time.Duration
	key                                string // of the metric
	epoch                              int
}

// cadence is how often the alarm is evaluated: each period, at least each minute.
func (a *alarm) cadence() time.Duration {
	return time.Duration(min(a.period, standardSeconds)) * time.Second
}

func (s *Sim) findAlarm(name string) *alarm {
	for _, a := range s.alarms {
		if a.name == name {
			return a
		}
	}
	return nil
}

// anyInAlarm reports whether one of a deployment's alarms is in ALARM.
func (s *Sim) anyInAlarm(config alarmConfig) bool {
	return config.enable && len(s.inAlarm(config)) > 0
}

func (s *Sim) inAlarm(config alarmConfig) []string {
	var names []string
	for _, name := range config.names {
		if a := s.findAlarm(name); a != nil && a.state == stateAlarm {
			names = append(names, name)
		}
	}
	return names
}

// install adds or replaces an alarm. A replaced one keeps its state.
func (s *Sim) install(a *alarm) {
	now := s.Now()
	a.arn, a.configured = s.arn("cloudwatch", "alarm:"+a.name), now
	a.key = metricKey(a.namespace, a.metric, a.dimensions)
	// Each alarm has its own second of the minute, as CloudWatch's have. Model.
	a.phase = time.Duration(s.entropy.names.Int64N(int64(min(a.cadence()/4, 5*time.Second))))
	if old := s.findAlarm(a.name); old != nil {
		a.state, a.reason, a.reasonData = old.state, old.reason, old.reasonData
		a.updated, a.transitioned = old.updated, old.transitioned
		a.epoch = old.epoch + 1
		*old = *a
		a = old
	} else {
		a.state, a.reason = stateInsufficient, "Unchecked: Initial alarm creation"
		a.updated, a.transitioned = now, now
		s.alarms = append(s.alarms, a)
	}
	s.nextEvaluation(a, a.epoch)
}

func (s *Sim) nextEvaluation(a *alarm, epoch int) {
	at := s.Now().Truncate(a.cadence()).Add(s.metricDelay(a)%a.cadence() + a.phase)
	for !at.After(s.Now()) {
		at = at.Add(a.cadence())
	}
	s.atModel(at, func() { s.evaluateAlarm(a, epoch) })
}

// evaluateAlarm is one evaluation, and the next after it.
func (s *Sim) evaluateAlarm(a *alarm, epoch int) {
	if a.epoch != epoch {
		return
	}
	seen := s.look(a)
	if state, decided := a.judge(seen); decided && state != a.state {
		reason, data := s.explain(a, state, seen)
		s.setAlarm(a, state, reason, data)
	}
	s.act(a, seen)
	s.after(a.cadence(), func() { s.evaluateAlarm(a, epoch) })
}

// setAlarm changes an alarm's state; no change, no event.
func (s *Sim) setAlarm(a *alarm, state, reason, data string) {
	if state == a.state {
		return
	}
	now := s.Now()
	a.previous, a.previousReason, a.prevData, a.previousAt = a.state, a.reason, a.reasonData, a.updated
	a.state, a.reason, a.reasonData, a.updated, a.transitioned = state, reason, data, now, now
	s.emitAlarm(a)
	if state == stateAlarm {
		s.alarmsRaised(a)
	}
	s.tellComposites(a)
}

// alarmsRaised fails the deployments that watch the alarm. ECS polls
// DescribeAlarms; the model looks at once.
func (s *Sim) alarmsRaised(a *alarm) {
	for _, c := range s.clusters {
		for _, svc := range c.services {
			if p := svc.primary(); p != nil && p.watches(a) {
				p.record.triggered = append(p.record.triggered, a.name)
				p.fail(causeAlarm, p.record.rollout.alarms.rollback)
			}
		}
	}
}

// watches reports whether the alarm can fail the deployment. An alarm that was
// in ALARM at its start takes all alarms out of that deployment.
func (d *deployment) watches(a *alarm) bool {
	config := d.record.rollout.alarms
	if d.rollout != rolloutInProgress || d.record.subject != d || !config.enable || d.record.alarmsIgnored {
		return false
	}
	return slices.Contains(config.names, a.name)
}

// act lets scaling policies act on the alarm, at each evaluation while the
// state lasts: Auto Scaling actions are not limited to transitions.
func (s *Sim) act(a *alarm, seen view) {
	if !a.enabled {
		return
	}
	for _, action := range a.actions[a.state] {
		if p := s.policyOf(action); p != nil {
			s.scaleBy(p, a, seen)
		}
	}
}

// metricDelay is how long after a period its data can be read; of several
// metrics until the last of them can.
func (s *Sim) metricDelay(a *alarm) time.Duration {
	if !a.computed() {
		return s.delayOf(a.key, a.namespace, a.period)
	}
	longest := time.Duration(0)
	for _, q := range a.asked {
		if q.expression == nil {
			longest = max(longest, s.delayOf(q.key, q.namespace, q.period))
		}
	}
	return longest
}

// computed reports whether the alarm is on an expression.
func (a *alarm) computed() bool { return a.watched != nil && a.watched.expression != nil }

func (s *Sim) delayOf(key, namespace string, period int64) time.Duration {
	if m := s.metrics.index[key]; m != nil {
		return time.Duration(max(0, m.delay)) * time.Second
	}
	switch {
	case namespace == namespaceELB:
		return s.config.BalancerDelay
	case namespace != namespaceECS:
		return 0
	case period < standardSeconds:
		return s.config.HighResolutionDelay
	}
	return s.config.MetricDelay
}

// common is what metric and composite alarms both show.
func (a *alarm) common() wire.Object {
	out := wire.Object{
		"AlarmName": a.name, "AlarmArn": a.arn, "ActionsEnabled": a.enabled,
		"AlarmConfigurationUpdatedTimestamp": a.configured,
		"OKActions":                          a.actions[stateOK], "AlarmActions": a.actions[stateAlarm],
		"InsufficientDataActions": a.actions[stateInsufficient],
		"StateValue":              a.state, "StateReason": a.reason,
		"StateUpdatedTimestamp": a.updated, "StateTransitionedTimestamp": a.transitioned,
	}
	if a.description != "" {
		out["AlarmDescription"] = a.description
	}
	if a.reasonData != "" {
		out["StateReasonData"] = a.reasonData
	}
	return out
}

func (a *alarm) object() wire.Object {
	out := a.common()
	out["EvaluationPeriods"], out["DatapointsToAlarm"] = a.evaluate, a.breaches
	out["Threshold"], out["ComparisonOperator"], out["TreatMissingData"] = a.threshold, a.comparison, a.missing
	if len(a.queries) > 0 {
		out["Metrics"] = a.queries
		return out
	}
	out["Namespace"], out["MetricName"] = a.namespace, a.metric
	out["Dimensions"], out["Period"] = dimensionObjects(a.dimensions), a.period
	if a.percentile() {
		out["ExtendedStatistic"] = a.statistic
	} else {
		out["Statistic"] = a.statistic
	}
	if a.unit != "" {
		out["Unit"] = a.unit
	}
	return out
}

func (a *alarm) percentile() bool { return a.statistic != "" && a.statistic[0] == 'p' }
