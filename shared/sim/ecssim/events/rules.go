package events

import (
	"encoding/json"
	"slices"
	"time"

	"homeostat/shared/sim/ecssim/pattern"
	"homeostat/shared/sim/ecssim/schedule"
	"homeostat/shared/sim/ecssim/wire"
)

// The states of a rule.
const (
	enabled  = "ENABLED"
	disabled = "DISABLED"
)

// rule is an EventBridge rule with its targets.
type rule struct {
	bus                                    *eventBus
	name, arn, description, role, schedule string
	raw                                    json.RawMessage
	compiled                               *pattern.Pattern // nil for a rule with a schedule only
	state                                  string
	targets                                []target
}

// AddRule adds a rule to the default bus, or replaces the rule of its name. It returns
// an error for a pattern that EventBridge refuses, or that has an unknown operator.
func (s *Service) AddRule(r Rule) error {
	compiled, err := pattern.Compile(r.Pattern)
	if err != nil {
		return err
	}
	made := &rule{bus: s.bus(defaultBus), name: r.Name, raw: slices.Clone(r.Pattern), compiled: compiled, state: enabled}
	arn := s.account.ARN("sqs", r.Queue)
	made.targets = []target{{id: "queue", arn: arn, entry: wire.Object{"Id": "queue", "Arn": arn}, rule: made}}
	s.putRule(made)
	return nil
}

// putRule adds a rule. It keeps the place of a replaced rule.
func (s *Service) putRule(r *rule) {
	r.arn = s.ruleARN(r.bus, r.name)
	if i := s.ruleIndex(r.bus, r.name); i >= 0 {
		s.rules[i] = r
		return
	}
	s.rules = append(s.rules, r)
}

func (s *Service) ruleARN(b *eventBus, name string) string {
	if b.name != defaultBus {
		name = b.name + "/" + name
	}
	return s.account.ARN("events", "rule/"+name)
}

func (s *Service) ruleIndex(b *eventBus, name string) int {
	return slices.IndexFunc(s.rules, func(r *rule) bool { return r.bus == b && r.name == name })
}

func (s *Service) rule(b *eventBus, name string) *rule {
	if i := s.ruleIndex(b, name); i >= 0 {
		return s.rules[i]
	}
	return nil
}

// matching returns the targets of an event, once for each target of a rule.
func (s *Service) matching(b *eventBus, event []byte) []target {
	if len(s.rules) == 0 {
		return nil // parsing the event is the most expensive step
	}
	parsed, err := pattern.Parse(event)
	if err != nil {
		return nil
	}
	var out []target
	for _, r := range s.rules {
		if r.bus != b || r.state == disabled || r.compiled == nil || !r.compiled.MatchesEvent(parsed) {
			continue
		}
		out = append(out, r.targets...)
	}
	return out
}

// start schedules the events of a rule with a schedule, until the rule is replaced or
// deleted.
func (s *Service) start(r *rule, of schedule.Schedule, from time.Time) {
	at, more := of.Next(from, s.account.Now())
	if !more {
		return
	}
	s.account.At(at, func() {
		if !slices.Contains(s.rules, r) {
			return
		}
		if r.state != disabled {
			s.fire(r, at)
		}
		s.start(r, of, from)
	})
}

// fire sends a scheduled event to the targets of its rule. AWS: EventBridge guide,
// "Scheduled events".
func (s *Service) fire(r *rule, at time.Time) {
	event, _ := json.Marshal(envelope{ // texts always marshal
		Version: "0", ID: s.account.NextID(), DetailType: "Scheduled Event", Source: "aws.events", Account: s.account.Account,
		Time: at.UTC().Format(time.RFC3339), Region: s.account.Region, Resources: []string{r.arn}, Detail: json.RawMessage("{}"),
	})
	targets := slices.Clone(r.targets)
	s.account.At(at.Add(s.latency), func() { s.deliver(targets, string(event)) })
}
