package events

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/pattern"
	"homeostat/shared/sim/ecssim/wire"
)

// onDefaultBus refuses other event buses than the default one.
func onDefaultBus(handle wire.Handler) wire.Handler {
	return func(in wire.Object) (wire.Object, error) {
		if name := in.String("EventBusName"); !isDefaultBus(name) {
			return nil, wire.Errorf("ResourceNotFoundException", "Event bus %s does not exist.", name)
		}
		return handle(in)
	}
}

func isDefaultBus(name string) bool {
	return name == "" || name == "default" || strings.HasSuffix(name, ":event-bus/default")
}

// onRule finds the rule of a request.
func (s *Service) onRule(operation string, handle func(*rule, wire.Object) (wire.Object, error)) wire.Handler {
	return func(in wire.Object) (wire.Object, error) {
		name := in.String("Name") + in.String("Rule") // a request has one of them
		if r := s.rule(name); r != nil {
			return handle(r, in)
		}
		if operation == "DeleteRule" { // AWS accepts a missing rule
			return nil, nil
		}
		return nil, wire.Errorf("ResourceNotFoundException", "Rule %s does not exist on EventBus default.", name)
	}
}

// envelope is an event in the form for rules and queues.
type envelope struct {
	Version    string          `json:"version"`
	ID         string          `json:"id"`
	DetailType string          `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Time       string          `json:"time"`
	Region     string          `json:"region"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`
}

func (s *Service) putEvents(in wire.Object) (wire.Object, error) {
	entries := in.Objects("Entries")
	if len(entries) == 0 || len(entries) > putEventsLimit {
		return nil, wire.Errorf("ValidationException", "Entries must have length between 1 and 10")
	}
	out := make([]wire.Object, len(entries))
	failed := 0
	for i, entry := range entries {
		out[i] = s.putEvent(entry)
		if out[i].Has("ErrorCode") {
			failed++
		}
	}
	return wire.Object{"Entries": out, "FailedEntryCount": failed}, nil
}

func (s *Service) putEvent(entry wire.Object) wire.Object {
	if code, message := s.refuses(entry); code != "" {
		return wire.Object{"ErrorCode": code, "ErrorMessage": message}
	}
	at, ok := entry.Time("Time")
	if !ok {
		at = s.account.Now()
	}
	resources := entry.Strings("Resources")
	if resources == nil {
		resources = []string{}
	}
	id := s.account.NextID()
	event, err := json.Marshal(envelope{
		Version: "0", ID: id, DetailType: entry.String("DetailType"), Source: entry.String("Source"),
		Account: s.account.Account, Time: at.UTC().Format(time.RFC3339), Region: s.account.Region,
		Resources: resources, Detail: json.RawMessage(entry.String("Detail")),
	})
	if err != nil { // impossible: refuses has parsed the detail
		return wire.Object{"ErrorCode": "MalformedDetail", "ErrorMessage": err.Error()}
	}
	s.Publish(event)
	return wire.Object{"EventId": id}
}

// refuses returns AWS's error for an entry that it does not accept.
func (s *Service) refuses(entry wire.Object) (code, message string) {
	for _, name := range []string{"Source", "DetailType", "Detail"} {
		if entry.String(name) == "" {
			return "InvalidArgument", "Parameter " + name + " is not valid. Reason: " + name + " is a required argument."
		}
	}
	if strings.HasPrefix(entry.String("Source"), "aws.") && !s.awsSources {
		return "NotAuthorizedForSourceException", "Not authorized for the source."
	}
	var detail map[string]any
	if err := json.Unmarshal([]byte(entry.String("Detail")), &detail); err != nil || detail == nil {
		return "MalformedDetail", "Detail is malformed."
	}
	if bus := entry.String("EventBusName"); !isDefaultBus(bus) {
		return "ResourceNotFoundException", "Event bus " + bus + " does not exist."
	}
	return "", ""
}

func (s *Service) putRuleRequest(in wire.Object) (wire.Object, error) {
	text, schedule := in.String("EventPattern"), in.String("ScheduleExpression")
	if text == "" && schedule == "" {
		return nil, wire.Errorf("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
	}
	r := &rule{
		name: in.String("Name"), description: in.String("Description"), schedule: schedule,
		disabled: in.String("State") == "DISABLED",
	}
	if r.name == "" {
		return nil, wire.Errorf("ValidationException", "Name is missing.")
	}
	if text != "" {
		compiled, err := pattern.Compile([]byte(text))
		if err != nil {
			return nil, wire.Errorf("InvalidEventPatternException", "Event pattern is not valid. Reason: %v", err)
		}
		r.raw, r.compiled = json.RawMessage(text), compiled
	}
	if old := s.rule(r.name); old != nil {
		r.targets = old.targets
	}
	s.putRule(r)
	return wire.Object{"RuleArn": s.ruleARN(r)}, nil
}

func (s *Service) ruleARN(r *rule) string { return s.account.ARN("events", "rule/"+r.name) }

func (s *Service) describe(r *rule) wire.Object {
	out := wire.Object{"Name": r.name, "Arn": s.ruleARN(r), "EventBusName": "default", "State": "ENABLED"}
	if r.disabled {
		out["State"] = "DISABLED"
	}
	for name, text := range map[string]string{
		"EventPattern": string(r.raw), "ScheduleExpression": r.schedule, "Description": r.description,
	} {
		if text != "" {
			out[name] = text
		}
	}
	return out
}

func (s *Service) listRules(in wire.Object) (wire.Object, error) {
	rules := []wire.Object{}
	for _, r := range s.rules {
		if strings.HasPrefix(r.name, in.String("NamePrefix")) {
			rules = append(rules, s.describe(r))
		}
	}
	slices.SortFunc(rules, func(x, y wire.Object) int { return strings.Compare(x.String("Name"), y.String("Name")) })
	return wire.Object{"Rules": rules}, nil
}

func (s *Service) describeRule(r *rule, _ wire.Object) (wire.Object, error) {
	out := s.describe(r)
	out["CreatedBy"] = s.account.Account
	return out, nil
}

func (s *Service) deleteRule(r *rule, _ wire.Object) (wire.Object, error) {
	if len(r.targets) > 0 {
		return nil, wire.Errorf("ValidationException", "Rule can't be deleted since it has targets.")
	}
	s.rules = slices.DeleteFunc(s.rules, func(other *rule) bool { return other == r })
	return nil, nil
}

func enableRule(r *rule, _ wire.Object) (wire.Object, error) {
	r.disabled = false
	return nil, nil
}

func disableRule(r *rule, _ wire.Object) (wire.Object, error) {
	r.disabled = true
	return nil, nil
}

// putTargets accepts a fixed input. It refuses inputs that cut or rewrite the
// event, because the delivered event would differ from AWS's.
func (s *Service) putTargets(r *rule, in wire.Object) (wire.Object, error) {
	failed := []wire.Object{}
	for _, entry := range in.Objects("Targets") {
		if entry.Has("InputPath") || entry.Has("InputTransformer") {
			failed = append(failed, wire.Object{
				"TargetId": entry.String("Id"), "ErrorCode": "ValidationException",
				"ErrorMessage": "ecssim does not model InputPath and InputTransformer",
			})
			continue
		}
		to := newTarget(entry.String("Id"), entry.String("Arn"))
		to.input = entry.String("Input")
		r.targets = slices.DeleteFunc(slices.Clone(r.targets), func(t target) bool { return t.id == to.id })
		r.targets = append(r.targets, to)
	}
	return wire.Object{"FailedEntries": failed, "FailedEntryCount": len(failed)}, nil
}

func removeTargets(r *rule, in wire.Object) (wire.Object, error) {
	ids := in.Strings("Ids")
	r.targets = slices.DeleteFunc(slices.Clone(r.targets), func(t target) bool { return slices.Contains(ids, t.id) })
	return wire.Object{"FailedEntries": []wire.Object{}, "FailedEntryCount": 0}, nil
}

func listTargets(r *rule, _ wire.Object) (wire.Object, error) {
	targets := make([]wire.Object, len(r.targets))
	for i, t := range r.targets {
		targets[i] = wire.Object{"Id": t.id, "Arn": t.arn}
		if t.input != "" {
			targets[i]["Input"] = t.input
		}
	}
	return wire.Object{"Targets": targets}, nil
}
