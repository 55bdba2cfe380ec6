package events

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"homeostat/shared/sim/ecssim/pattern"
	"homeostat/shared/sim/ecssim/schedule"
	"homeostat/shared/sim/ecssim/wire"
)

// putRuleRequest adds or replaces a rule. A replaced rule keeps its targets and tags.
func (s *Service) putRuleRequest(b *eventBus, in wire.Object) (wire.Object, error) {
	text, timing := in.String("EventPattern"), in.String("ScheduleExpression")
	r := &rule{
		bus: b, name: in.String("Name"), description: in.String("Description"), schedule: timing,
		role: in.String("RoleArn"), state: cmp.Or(in.String("State"), enabled),
	}
	of, err := readTiming(b, text, timing)
	if err != nil {
		return nil, err
	}
	if text != "" {
		compiled, err := pattern.Compile([]byte(text))
		if err != nil {
			return nil, invalidPattern(err)
		}
		r.raw, r.compiled = json.RawMessage(text), compiled
	}
	if old := s.rule(b, r.name); old != nil {
		for _, t := range old.targets {
			t.rule = r
			r.targets = append(r.targets, t)
		}
	} else {
		s.account.Tags.Put(s.ruleARN(b, r.name), in.Objects("Tags"))
	}
	s.putRule(r)
	if timing != "" {
		s.start(r, of, s.account.Now())
	}
	return wire.Object{"RuleArn": r.arn}, nil
}

// readTiming reads the schedule expression of a rule. at() belongs to EventBridge
// Scheduler alone.
func readTiming(b *eventBus, text, timing string) (schedule.Schedule, error) {
	switch {
	case text == "" && timing == "":
		return schedule.Schedule{}, wire.Errorf("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
	case timing == "":
		return schedule.Schedule{}, nil
	case b.name != defaultBus:
		return schedule.Schedule{}, wire.Errorf("ValidationException", "ScheduleExpression is supported only on the default event bus.")
	}
	of, err := schedule.Parse(timing)
	if err != nil || of.Once() {
		return of, wire.Errorf("ValidationException", "Parameter ScheduleExpression is not valid.")
	}
	return of, nil
}

func (r *rule) object() wire.Object {
	out := wire.Object{"Name": r.name, "Arn": r.arn, "EventBusName": r.bus.name, "State": r.state}
	for name, text := range map[string]string{
		"EventPattern": string(r.raw), "ScheduleExpression": r.schedule, "Description": r.description, "RoleArn": r.role,
	} {
		if text != "" {
			out[name] = text
		}
	}
	return out
}

// onBusRules returns the rules of a bus by name.
func (s *Service) onBusRules(b *eventBus) []*rule {
	var out []*rule
	for _, r := range s.rules {
		if r.bus == b {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(x, y *rule) int { return strings.Compare(x.name, y.name) })
	return out
}

func (s *Service) listRules(b *eventBus, in wire.Object) (wire.Object, error) {
	rules := []wire.Object{}
	for _, r := range s.onBusRules(b) {
		if strings.HasPrefix(r.name, in.String("NamePrefix")) {
			rules = append(rules, r.object())
		}
	}
	rules, next, err := wire.Page(rules, in, "Limit", "NextToken", listLimit)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{"Rules": rules}, "NextToken", next), nil
}

// listRuleNames returns the names of the rules with a target.
func (s *Service) listRuleNames(b *eventBus, in wire.Object) (wire.Object, error) {
	names := []string{}
	for _, r := range s.onBusRules(b) {
		if slices.ContainsFunc(r.targets, func(t target) bool { return t.arn == in.String("TargetArn") }) {
			names = append(names, r.name)
		}
	}
	names, next, err := wire.Page(names, in, "Limit", "NextToken", listLimit)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{"RuleNames": names}, "NextToken", next), nil
}

func (s *Service) describeRule(r *rule, _ wire.Object) (wire.Object, error) {
	out := r.object()
	out["CreatedBy"] = s.account.Account
	return out, nil
}

func (s *Service) deleteRule(r *rule, _ wire.Object) (wire.Object, error) {
	if len(r.targets) > 0 {
		return nil, wire.Errorf("ValidationException", "Rule can't be deleted since it has targets.")
	}
	s.rules = slices.DeleteFunc(s.rules, func(other *rule) bool { return other == r })
	delete(s.account.Tags, r.arn)
	return nil, nil
}

func setState(state string) func(*rule, wire.Object) (wire.Object, error) {
	return func(r *rule, _ wire.Object) (wire.Object, error) {
		r.state = state
		return nil, nil
	}
}

// checkedTargets refuses targets that AWS refuses before it looks for the rule.
func checkedTargets(next wire.Handler) wire.Handler {
	return func(in wire.Object) (wire.Object, error) {
		for _, entry := range in.Objects("Targets") {
			arn := entry.String("Arn")
			switch {
			case !strings.HasPrefix(arn, "arn:") || strings.Count(arn, ":") < 5:
				return nil, wire.Errorf("ValidationException", "Parameter %s is not valid. Reason: Provided Arn is not in correct format.", arn)
			case strings.HasSuffix(arn, ".fifo") && strings.Contains(arn, ":sqs:") && entry.Object("SqsParameters") == nil:
				return nil, wire.Errorf("ValidationException", "Parameter(s) SqsParameters must be specified for target: %s.", entry.String("Id"))
			}
		}
		return next(in)
	}
}

// putTargets adds targets. AWS accepts a target that does not exist.
func (s *Service) putTargets(r *rule, in wire.Object) (wire.Object, error) {
	for _, entry := range in.Objects("Targets") {
		to := target{id: entry.String("Id"), arn: entry.String("Arn"), entry: entry, rule: r}
		r.targets = slices.DeleteFunc(slices.Clone(r.targets), func(t target) bool { return t.id == to.id })
		r.targets = append(r.targets, to)
	}
	return wire.Object{"FailedEntries": []wire.Object{}, "FailedEntryCount": 0}, nil
}

func removeTargets(r *rule, in wire.Object) (wire.Object, error) {
	ids := in.Strings("Ids")
	r.targets = slices.DeleteFunc(slices.Clone(r.targets), func(t target) bool { return slices.Contains(ids, t.id) })
	return wire.Object{"FailedEntries": []wire.Object{}, "FailedEntryCount": 0}, nil
}

func listTargets(r *rule, in wire.Object) (wire.Object, error) {
	targets := make([]wire.Object, len(r.targets))
	for i, t := range r.targets {
		targets[i] = t.entry
	}
	targets, next, err := wire.Page(targets, in, "Limit", "NextToken", listLimit)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{"Targets": targets}, "NextToken", next), nil
}
