package cloudwatch

import (
	"slices"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// The states of an alarm.
const (
	StateOK           = "OK"
	StateAlarm        = "ALARM"
	StateInsufficient = "INSUFFICIENT_DATA"
)

// The values of treatMissingData.
const (
	missingDefault      = "missing"
	missingBreaching    = "breaching"
	missingNotBreaching = "notBreaching"
	missingIgnore       = "ignore"
)

// Alarm is a metric alarm, a composite alarm if it has a rule, or a log alarm if it has
// a query.
type Alarm struct {
	name, arn, description string
	enabled                bool
	actions                map[string][]string // by state
	configured             time.Time

	Source              // the watched metric of a metric alarm
	condition           // and its condition for ALARM
	rule      alarmRule // of a composite alarm
	ruleText  string
	query     wire.Object // the request of a log alarm
	// evaluation is the trouble with the evaluation of the alarm, or "". The state
	// then stays, assumed.
	evaluation string

	status
	transitioned time.Time
	previous     status
	phase        time.Duration
	epoch        int
}

// condition is the rule of a metric alarm: ALARM if breaches of evaluate periods
// lie beyond the threshold.
type condition struct {
	evaluate, breaches int // N and M
	threshold          float64
	comparison         string
	missing            string
	lowSamples         string // treatment of percentiles of few samples: evaluate, ignore or ""
}

// status is a state with its reason.
type status struct {
	state, reason, reasonData string
	updated                   time.Time
}

// Name returns the alarm's name.
func (a *Alarm) Name() string { return a.name }

// ARN returns the alarm's ARN.
func (a *Alarm) ARN() string { return a.arn }

// InAlarm reports whether the alarm's state is ALARM.
func (a *Alarm) InAlarm() bool { return a.state == StateAlarm }

// Updated returns the time of the last change of state.
func (a *Alarm) Updated() time.Time { return a.updated }

// Threshold returns the threshold of a metric alarm.
func (a *Alarm) Threshold() float64 { return a.threshold }

// cadence returns the time between two evaluations: a period, at most a minute.
func (a *Alarm) cadence() time.Duration {
	return time.Duration(min(a.period, StandardSeconds)) * time.Second
}

func (s *Service) find(name string) *Alarm {
	for _, a := range s.alarms {
		if a.name == name {
			return a
		}
	}
	return nil
}

// InAlarm returns the names in a list that belong to alarms in ALARM.
func (s *Service) InAlarm(names []string) []string {
	var out []string
	for _, name := range names {
		if a := s.find(name); a != nil && a.InAlarm() {
			out = append(out, name)
		}
	}
	return out
}

// AlarmSpec is a metric alarm of another service. It goes to ALARM after so many
// breaching periods in a row, and carries out one action of that service.
type AlarmSpec struct {
	Name, Description, Action string
	Comparison                string
	Threshold                 float64
	Periods                   int
}

// Put adds a metric alarm of another service, or replaces it.
func (s *Service) Put(spec AlarmSpec, on Source) *Alarm {
	return s.install(&Alarm{
		name: spec.Name, description: spec.Description, enabled: true, Source: on,
		condition: condition{
			evaluate: spec.Periods, breaches: spec.Periods, threshold: spec.Threshold, comparison: spec.Comparison, missing: missingDefault,
		},
		actions: map[string][]string{StateAlarm: {spec.Action}},
	})
}

// Drop deletes an alarm and stops its evaluations.
func (s *Service) Drop(a *Alarm) {
	a.epoch++
	if a.rule != nil {
		s.composites--
	}
	delete(s.account.Tags, a.arn)
	s.note(a, configurationUpdate, "Alarm \""+a.name+"\" deleted", status{}, status{})
	s.alarms = slices.DeleteFunc(s.alarms, func(other *Alarm) bool { return other == a })
}

// install adds or replaces a metric alarm and schedules its evaluations.
func (s *Service) install(a *Alarm) *Alarm {
	a.key = metricKey(a.namespace, a.metric, a.dimensions)
	a.phase = time.Duration(s.account.Names.Int64N(int64(min(a.cadence()/4, maxPhase))))
	if old := s.find(a.name); old != nil {
		a.epoch = old.epoch + 1
	}
	a = s.keep(a)
	s.nextEvaluation(a, a.epoch)
	return a
}

// keep adds an alarm to the list. An alarm that replaces another keeps its state.
func (s *Service) keep(a *Alarm) *Alarm {
	now := s.account.Now()
	a.arn, a.configured = s.account.ARN("cloudwatch", "alarm:"+a.name), now
	if old := s.find(a.name); old != nil {
		a.status, a.transitioned = old.status, old.transitioned
		*old = *a
		s.note(old, configurationUpdate, "Alarm \""+a.name+"\" updated", status{}, status{})
		return old
	}
	a.state, a.reason = StateInsufficient, "Unchecked: Initial alarm creation"
	a.updated, a.transitioned = now, now
	s.alarms = append(s.alarms, a)
	if a.rule != nil {
		s.composites++
	}
	s.note(a, configurationUpdate, "Alarm \""+a.name+"\" created", status{}, status{})
	return a
}

// set changes the state of an alarm. It emits an event for a change only.
func (s *Service) set(a *Alarm, state, reason, data string) {
	if state == a.state {
		return
	}
	now := s.account.Now()
	a.previous = a.status
	a.status, a.transitioned = status{state, reason, data, now}, now
	s.note(a, stateUpdate, "Alarm updated from "+a.previous.state+" to "+state, a.previous, a.status)
	s.emit(a)
	if state == StateAlarm {
		s.raised(a.name)
	}
	s.reevaluateComposites(a)
}

// act carries out the actions of the alarm, at each evaluation while the state
// lasts. Auto Scaling actions are not limited to transitions.
func (s *Service) act(a *Alarm, seen View) {
	if !a.enabled || s.actions == nil {
		return
	}
	for _, action := range a.actions[a.state] {
		s.actions.Act(action, a, seen)
	}
}

// common returns the members that metric and composite alarms share.
func (a *Alarm) common() wire.Object {
	out := wire.Object{
		"AlarmName": a.name, "AlarmArn": a.arn, "ActionsEnabled": a.enabled,
		"AlarmConfigurationUpdatedTimestamp": a.configured,
		"OKActions":                          a.actions[StateOK], "AlarmActions": a.actions[StateAlarm],
		"InsufficientDataActions": a.actions[StateInsufficient],
		"StateValue":              a.state, "StateReason": a.reason,
		"StateUpdatedTimestamp": a.updated, "StateTransitionedTimestamp": a.transitioned,
	}
	if a.description != "" {
		out["AlarmDescription"] = a.description
	}
	if a.reasonData != "" {
		out["StateReasonData"] = a.reasonData
	}
	if a.evaluation != "" {
		out["EvaluationState"] = a.evaluation
	}
	return out
}

func (a *Alarm) object() wire.Object {
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
	if a.lowSamples != "" {
		out["EvaluateLowSampleCountPercentile"] = a.lowSamples
	}
	return out
}

func (a *Alarm) percentile() bool { return a.statistic != "" && a.statistic[0] == 'p' }
