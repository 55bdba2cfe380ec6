package events

import (
	"encoding/json"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/pattern"
	"homeostat/shared/sim/ecssim/wire"
)

// onRule finds the rule of a request. AWS accepts a missing rule if it is deleted.
func (s *Service) onRule(optional bool, handle func(*rule, wire.Object) (wire.Object, error)) wire.Handler {
	return s.onBus("EventBusName", func(b *eventBus, in wire.Object) (wire.Object, error) {
		name := in.String("Name") + in.String("Rule") // a request has one of them
		if r := s.rule(b, name); r != nil {
			return handle(r, in)
		}
		if optional {
			return nil, nil
		}
		return nil, missingRule(name, b.name)
	})
}

func missingRule(name, bus string) error {
	return wire.Errorf("ResourceNotFoundException", "Rule %s does not exist on EventBus %s.", name, bus)
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
	s.publishTo(s.bus(entry.String("EventBusName")), event)
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
	if bus := entry.String("EventBusName"); s.bus(bus) == nil {
		return "ResourceNotFoundException", "Event bus " + bus + " does not exist."
	}
	return "", ""
}

// testEventPattern reports whether a pattern matches an event.
func testEventPattern(in wire.Object) (wire.Object, error) {
	compiled, err := pattern.Compile([]byte(in.String("EventPattern")))
	if err != nil {
		return nil, invalidPattern(err)
	}
	var event wire.Object
	if err := json.Unmarshal([]byte(in.String("Event")), &event); err != nil || event == nil {
		return nil, wire.Errorf("ValidationException", "Parameter Event is not valid. Reason: it is no JSON object.")
	}
	for _, name := range []string{"id", "account", "source", "time", "region", "resources", "detail-type"} {
		if !event.Has(name) {
			return nil, wire.Errorf("ValidationException", "Parameter Event is not valid. Reason: Event must contain the field %s.", name)
		}
	}
	parsed, err := pattern.Parse([]byte(in.String("Event")))
	if err != nil {
		return nil, wire.Errorf("ValidationException", "Parameter Event is not valid. Reason: %v", err)
	}
	return wire.Object{"Result": compiled.MatchesEvent(parsed)}, nil
}

func invalidPattern(err error) error {
	return wire.Errorf("InvalidEventPatternException", "Event pattern is not valid. Reason: %v", err)
}
