package cloudwatch

import (
	"encoding/json"
	"slices"

	"homeostat/shared/sim/ecssim/wire"
)

// PutCompositeAlarm puts an alarm on the states of other alarms.
func (s *Service) PutCompositeAlarm(in wire.Object) (wire.Object, error) {
	if in.Has("ActionsSuppressor") {
		return nil, wire.Errorf("ValidationError", "ecssim does not model actions suppressors")
	}
	name, text := in.String("AlarmName"), in.String("AlarmRule")
	rule, err := parseRule(text)
	if err != nil || name == "" {
		return nil, wire.Errorf("ValidationError", "AlarmRule of %q is not valid: %v", name, err)
	}
	for _, child := range rule.names() {
		if s.find(child) == nil {
			return nil, wire.Errorf("ValidationError", "Could not save the composite alarm as alarms in the alarm rule do not exist: %s", child)
		}
		if s.leadsTo(child, name) {
			return nil, wire.Errorf("ValidationError", "The alarm rule of %s refers back to it by %s", name, child)
		}
	}
	if err := s.sameKind(name, compositeAlarm); err != nil {
		return nil, err
	}
	enabled, said := in.Bool("ActionsEnabled")
	a := s.keep(&Alarm{
		name: name, description: in.String("AlarmDescription"), enabled: enabled || !said, rule: rule, ruleText: text,
		actions: actionsOf(in),
	})
	s.evaluateComposite(a, nil)
	s.account.Tags.Put(a.arn, in.Objects("Tags"))
	return wire.Object{}, nil
}

// leadsTo reports whether the rule of an alarm depends on another alarm.
func (s *Service) leadsTo(from, to string) bool {
	if from == to {
		return true
	}
	a := s.find(from)
	return a != nil && a.rule != nil && slices.ContainsFunc(a.rule.names(), func(child string) bool { return s.leadsTo(child, to) })
}

// evaluateComposite evaluates the rule, now and at each change of an alarm in it.
// Assumed: at once. CloudWatch takes some seconds.
func (s *Service) evaluateComposite(a, because *Alarm) {
	state := StateOK
	if a.rule.holds(s.stateOf) {
		state = StateAlarm
	}
	if state == a.state {
		return
	}
	reason, data := "The alarm rule was evaluated", ""
	if because != nil {
		at := because.updated.Format("Monday 02 January, 2006 15:04:05 MST")
		reason = because.arn + " transitioned to " + because.state + " at " + at
		data = triggering(because)
	}
	s.set(a, state, reason, data)
}

func (s *Service) stateOf(name string) string {
	if a := s.find(name); a != nil {
		return a.state
	}
	return ""
}

// triggering returns the data of the reason: the alarm that changed.
func triggering(a *Alarm) string {
	type state struct {
		Value     string `json:"value"`
		Timestamp string `json:"timestamp"`
	}
	type trigger struct {
		ARN   string `json:"arn"`
		State state  `json:"state"`
	}
	text, _ := json.Marshal(map[string][]trigger{ // a plain text always marshals
		"triggeringAlarms": {{ARN: a.arn, State: state{a.state, a.updated.Format(cloudwatchTime)}}},
	})
	return string(text)
}

// reevaluateComposites evaluates the composite alarms that depend on a changed
// alarm.
func (s *Service) reevaluateComposites(changed *Alarm) {
	if s.composites == 0 {
		return
	}
	for _, a := range slices.Clone(s.alarms) {
		if a.rule != nil && slices.Contains(a.rule.names(), changed.name) {
			s.evaluateComposite(a, changed)
		}
	}
}

func (a *Alarm) compositeObject() wire.Object {
	out := a.common()
	out["AlarmRule"] = a.ruleText
	return out
}
