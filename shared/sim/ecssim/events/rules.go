package events

import (
	"encoding/json"
	"slices"
	"strings"

	"homeostat/shared/sim/ecssim/pattern"
)

// rule is an EventBridge rule with its targets.
type rule struct {
	name, description, schedule string
	raw                         json.RawMessage
	compiled                    *pattern.Pattern // nil for a rule with a schedule only
	disabled                    bool
	targets                     []target
}

// target is the destination of a rule. Only SQS queues get events.
type target struct {
	id, arn string
	queue   string // empty for a target that is no queue of this bus
	input   string // sent in place of the event; empty sends the event
}

// AddRule adds a rule, or replaces the rule of its name. It returns an error for
// a pattern that EventBridge refuses, or that has an unknown operator.
func (s *Service) AddRule(r Rule) error {
	compiled, err := pattern.Compile(r.Pattern)
	if err != nil {
		return err
	}
	to := newTarget("queue", s.account.ARN("sqs", r.Queue))
	s.putRule(&rule{name: r.Name, raw: slices.Clone(r.Pattern), compiled: compiled, targets: []target{to}})
	return nil
}

// putRule adds a rule. It keeps the place of a replaced rule.
func (s *Service) putRule(r *rule) {
	if i := s.ruleIndex(r.name); i >= 0 {
		s.rules[i] = r
		return
	}
	s.rules = append(s.rules, r)
}

func (s *Service) ruleIndex(name string) int {
	return slices.IndexFunc(s.rules, func(r *rule) bool { return r.name == name })
}

func (s *Service) rule(name string) *rule {
	if i := s.ruleIndex(name); i >= 0 {
		return s.rules[i]
	}
	return nil
}

func newTarget(id, arn string) target {
	out := target{id: id, arn: arn}
	if parts := strings.Split(arn, ":"); len(parts) == 6 && parts[2] == "sqs" {
		out.queue = parts[5]
	}
	return out
}

// matching returns the queues of an event, once for each target of a rule.
func (s *Service) matching(event []byte) []target {
	if len(s.rules) == 0 {
		return nil // parsing the event is the most expensive step
	}
	parsed, err := pattern.Parse(event)
	if err != nil {
		return nil
	}
	var out []target
	for _, r := range s.rules {
		if r.disabled || r.compiled == nil || !r.compiled.MatchesEvent(parsed) {
			continue
		}
		for _, to := range r.targets {
			if to.queue != "" {
				out = append(out, to)
			}
		}
	}
	return out
}
