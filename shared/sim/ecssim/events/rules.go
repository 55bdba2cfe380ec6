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

// target is where a rule sends events. Only SQS queues get them.
type target struct {
	id, arn string
	queue   string // empty where the target is no queue of this bus
	input   string // sent in place of the event; empty sends the event
}

// AddRule adds a rule, or replaces the one of its name. A pattern that
// EventBridge would refuse, or that has an unknown operator, is an error.
func (s *Service) AddRule(r Rule) error {
	compiled, err := pattern.Compile(r.Pattern)
	if err != nil {
		return err
	}
	to := newTarget("queue", s.account.ARN("sqs", r.Queue))
	s.putRule(&rule{name: r.Name, raw: slices.Clone(r.Pattern), compiled: compiled, targets: []target{to}})
	return nil
}

// putRule keeps the place of a rule that it replaces.
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

// matching is the queues that get an event, once for each target of a rule.
func (s *Service) matching(event []byte) []target {
	if len(s.rules) == 0 {
		return nil // reading the event would be the dearest part of it
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
