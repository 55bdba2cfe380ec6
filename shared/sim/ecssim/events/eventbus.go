package events

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// eventBus is an event bus. Events of AWS services go to the default bus.
type eventBus struct {
	name, arn         string
	created, modified time.Time
	kept              wire.Object // members without effect, from the request
	policy            policy
}

// policy is the resource policy of a bus. It decides nothing: an account of its own is
// the only sender.
type policy struct {
	Version   string        `json:"Version"`
	Statement []wire.Object `json:"Statement"`
}

func (s *Service) busARN(name string) string { return s.account.ARN("events", "event-bus/"+name) }

// bus finds a bus by its name or its ARN; "" is the default bus. It is nil for a bus
// that does not exist.
func (s *Service) bus(name string) *eventBus {
	if _, after, ok := strings.Cut(name, ":event-bus/"); ok {
		name = after
	}
	if name == "" || name == defaultBus {
		if s.main == nil { // made late: the account of the bus is set after New
			s.main = &eventBus{name: defaultBus, arn: s.busARN(defaultBus), created: s.account.Now(), modified: s.account.Now()}
		}
		return s.main
	}
	for _, b := range s.buses {
		if b.name == name {
			return b
		}
	}
	return nil
}

// onBus finds the event bus of a request.
func (s *Service) onBus(member string, handle func(*eventBus, wire.Object) (wire.Object, error)) wire.Handler {
	return func(in wire.Object) (wire.Object, error) {
		b := s.bus(in.String(member))
		if b == nil {
			return nil, wire.Errorf("ResourceNotFoundException", "Event bus %s does not exist.", in.String(member))
		}
		return handle(b, in)
	}
}

func (s *Service) createEventBus(in wire.Object) (wire.Object, error) {
	name := in.String("Name")
	switch source := in.String("EventSourceName"); {
	case source != "":
		return nil, wire.Errorf("ResourceNotFoundException", "Event source %s does not exist.", source)
	case strings.Contains(name, "/"):
		return nil, wire.Errorf("ValidationException", "Event bus name must not contain '/'.")
	case s.bus(name) != nil:
		return nil, wire.Errorf("ResourceAlreadyExistsException", "Event bus %s already exists.", name)
	}
	now := s.account.Now()
	b := &eventBus{name: name, arn: s.busARN(name), created: now, modified: now, kept: wire.Object{}}
	for _, member := range []string{"Description", "KmsKeyIdentifier", "DeadLetterConfig", "LogConfig"} {
		if in.Has(member) {
			b.kept[member] = in[member]
		}
	}
	s.buses = append(s.buses, b)
	s.account.Tags.Put(b.arn, in.Objects("Tags"))
	return b.with(wire.Object{"EventBusArn": b.arn}), nil
}

// with adds the members that are kept without effect.
func (b *eventBus) with(out wire.Object) wire.Object {
	maps.Copy(out, b.kept)
	return out
}

// deleteEventBus deletes a bus without rules. A missing bus is no error.
func (s *Service) deleteEventBus(in wire.Object) (wire.Object, error) {
	b := s.bus(in.String("Name"))
	switch {
	case b == nil:
		return nil, nil
	case b.name == defaultBus:
		return nil, wire.Errorf("ValidationException", "Cannot delete event bus default.")
	case slices.ContainsFunc(s.rules, func(r *rule) bool { return r.bus == b }):
		return nil, wire.Errorf("ValidationException", "Event bus %s can't be deleted since it has rules.", b.name)
	}
	s.buses = slices.DeleteFunc(s.buses, func(other *eventBus) bool { return other == b })
	delete(s.account.Tags, b.arn)
	return nil, nil
}

func (s *Service) describeEventBus(b *eventBus, _ wire.Object) (wire.Object, error) {
	return b.with(b.object(wire.Object{"CreationTime": b.created, "LastModifiedTime": b.modified})), nil
}

func (b *eventBus) object(out wire.Object) wire.Object {
	out["Name"], out["Arn"] = b.name, b.arn
	if len(b.policy.Statement) > 0 {
		text, _ := json.Marshal(b.policy) // read from JSON, so it always marshals
		out["Policy"] = string(text)
	}
	return out
}

func (s *Service) listEventBuses(in wire.Object) (wire.Object, error) {
	found := []wire.Object{}
	for _, b := range append([]*eventBus{s.bus(defaultBus)}, s.buses...) {
		if strings.HasPrefix(b.name, in.String("NamePrefix")) {
			found = append(found, b.object(wire.Object{}))
		}
	}
	found, next, err := wire.Page(found, in, "Limit", "NextToken", listLimit)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{"EventBuses": found}, "NextToken", next), nil
}

// putPermission adds a statement to the policy of a bus, or replaces the policy.
func (s *Service) putPermission(b *eventBus, in wire.Object) (wire.Object, error) {
	if text := in.String("Policy"); text != "" {
		var given policy
		if err := json.Unmarshal([]byte(text), &given); err != nil {
			return nil, wire.Errorf("ValidationException", "This policy contains invalid Json.")
		}
		b.policy, b.modified = given, s.account.Now()
		return nil, nil
	}
	if in.String("Action") != "events:PutEvents" {
		return nil, wire.Errorf("ValidationException", "Provided value in parameter 'action' is not supported.")
	}
	statement := wire.Object{
		"Sid": in.String("StatementId"), "Effect": "Allow", "Action": "events:PutEvents", "Resource": b.arn, "Principal": in.String("Principal"),
	}
	if id := in.String("Principal"); id != "*" {
		statement["Principal"] = wire.Object{"AWS": "arn:" + s.account.Partition + ":iam::" + id + ":root"}
	}
	if c := in.Object("Condition"); c != nil {
		statement["Condition"] = wire.Object{c.String("Type"): wire.Object{c.String("Key"): c.String("Value")}}
	}
	b.policy.Version, b.modified = "2012-10-17", s.account.Now()
	b.policy.Statement = append(b.policy.without(in.String("StatementId")), statement)
	return nil, nil
}

func (p policy) without(sid string) []wire.Object {
	return slices.DeleteFunc(slices.Clone(p.Statement), func(o wire.Object) bool { return o.String("Sid") == sid })
}

func (s *Service) removePermission(b *eventBus, in wire.Object) (wire.Object, error) {
	if all, _ := in.Bool("RemoveAllPermissions"); all {
		b.policy = policy{}
		return nil, nil
	}
	if len(b.policy.Statement) == 0 {
		return nil, wire.Errorf("ResourceNotFoundException", "EventBus does not have a policy.")
	}
	left := b.policy.without(in.String("StatementId"))
	if len(left) == len(b.policy.Statement) {
		return nil, wire.Errorf("ResourceNotFoundException", "Statement with the provided id does not exist.")
	}
	b.policy.Statement, b.modified = left, s.account.Now()
	return nil, nil
}
