package bus

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
func (b *Bus) AddRule(r Rule) error {
	compiled, err := pattern.Compile(r.Pattern)
	if err != nil {
		return err
	}
	to := newTarget("queue", b.arn("sqs", r.Queue))
	b.putRule(&rule{name: r.Name, raw: slices.Clone(r.Pattern), compiled: compiled, targets: []target{to}})
	return nil
}

// putRule keeps the place of a rule that it replaces.
func (b *Bus) putRule(r *rule) {
	if i := b.ruleIndex(r.name); i >= 0 {
		b.rules[i] = r
		return
	}
	b.rules = append(b.rules, r)
}

func (b *Bus) ruleIndex(name string) int {
	return slices.IndexFunc(b.rules, func(r *rule) bool { return r.name == name })
}

func (b *Bus) rule(name string) *rule {
	if i := b.ruleIndex(name); i >= 0 {
		return b.rules[i]
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
func (b *Bus) matching(event []byte) []target {
	if len(b.rules) == 0 {
		return nil // reading the event would be the dearest part of it
	}
	parsed, err := pattern.Parse(event)
	if err != nil {
		return nil
	}
	var out []target
	for _, r := range b.rules {
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
