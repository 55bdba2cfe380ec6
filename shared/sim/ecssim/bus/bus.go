// Package bus carries events to functions as AWS does: EventBridge rules match
// them, SQS queues hold them, and an event source mapping hands them to a
// function. It joins packages events, sqs, sns and sts on one virtual clock,
// without goroutines, and the same seed gives the same order.
//
// A Bus is not safe for concurrent use. Whoever owns the clock serializes what
// comes from elsewhere, a socket say; functions may call the bus from within.
package bus

import (
	"time"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/events"
	"homeostat/shared/sim/ecssim/sns"
	"homeostat/shared/sim/ecssim/sqs"
	"homeostat/shared/sim/ecssim/sts"
	"homeostat/shared/sim/ecssim/wire"
)

// DefaultLatency is the time from an event to the function that it fires.
const DefaultLatency = events.DefaultLatency

// The types of the services, by the names that callers of a Bus need.
type (
	// Identity is the account that owns everything on the bus.
	Identity = account.Identity
	// Faults are what a distributed system does to events.
	Faults = events.Faults
	// Rule sends the events that match a pattern to a queue.
	Rule = events.Rule
	// QueueConfig is a standard SQS queue and the mapping that empties it.
	QueueConfig = sqs.QueueConfig
	// Message is one message of a queue.
	Message = sqs.Message
	// Notification is a message that was published to an SNS topic.
	Notification = sns.Notification
)

// Clock is the virtual clock. At runs do when the clock reaches t, first come
// first served among equal times; a time that has passed is now.
type Clock interface {
	Now() time.Time
	At(t time.Time, do func())
}

// serviceClock is a Clock as the services have it.
type serviceClock struct{ Clock }

// After runs do once d has passed.
func (c serviceClock) After(d time.Duration, do func()) { c.At(c.Now().Add(d), do) }

// Bus is EventBridge, SQS and SNS of one account in one region.
type Bus struct {
	account *account.Account
	events  *events.Service
	queues  *sqs.Service
	topics  *sns.Service
}

// New is an empty bus. The seed decides which events meet which fault.
func New(clock Clock, seed uint64) *Bus {
	of := &account.Account{
		Identity: Identity{Account: "123456789012", Region: "us-east-1", Partition: "aws"}, Clock: serviceClock{clock},
	}
	queues := sqs.New(of)
	return &Bus{account: of, queues: queues, topics: sns.New(of, queues), events: events.New(of, queues, seed)}
}

// Register serves SQS, EventBridge, SNS and STS of this bus on s, in the name
// of ids. Call it before rules are added: it names their ARNs.
func Register(s *wire.Server, b *Bus, ids Identity) {
	b.account.Identity = ids
	b.queues.Register(s)
	b.events.Register(s)
	s.HandleAll("sns", b.topics.Operations())
	s.HandleAll("sts", sts.New(b.account).Operations())
}

// AddQueue adds a queue. A queue of that name keeps its messages and its
// subscriber and takes the new configuration.
func (b *Bus) AddQueue(c QueueConfig) { b.queues.AddQueue(c) }

// Subscribe hands the messages of a queue to a function; see sqs.Service.
func (b *Bus) Subscribe(queue string, function func(batch []Message) (failed []string)) {
	b.queues.Subscribe(queue, function)
}

// Send is SQS SendMessage. A delay of zero is the queue's own. It returns the
// message's id, "" for an unknown queue.
func (b *Bus) Send(queue, body string, delay time.Duration) (id string) {
	return b.queues.Send(queue, body, delay)
}

// Depth counts the messages of a queue: visible, in flight and delayed.
func (b *Bus) Depth(queue string) (visible, inFlight, delayed int) { return b.queues.Depth(queue) }

// Peek is the visible messages of a queue, oldest first; it receives nothing.
func (b *Bus) Peek(queue string) []Message { return b.queues.Peek(queue) }

// AddRule adds a rule, or replaces the one of its name. A pattern that
// EventBridge would refuse, or that has an unknown operator, is an error.
func (b *Bus) AddRule(r Rule) error { return b.events.AddRule(r) }

// Publish puts an EventBridge event on the bus; see events.Service.
func (b *Bus) Publish(event []byte) { b.events.Publish(event) }

// SetFaults replaces the faults, for the events that are published from now on.
func (b *Bus) SetFaults(f Faults) { b.events.SetFaults(f) }

// SetLatency replaces DefaultLatency, for the events that are published from now on.
func (b *Bus) SetLatency(d time.Duration) { b.events.SetLatency(d) }

// AllowAWSSources lets PutEvents take events whose source begins with "aws.",
// which AWS keeps for itself. Publish takes them anyhow.
func (b *Bus) AllowAWSSources(allow bool) { b.events.AllowAWSSources(allow) }

// AddTopic adds an SNS topic and returns its ARN. A topic that is there stays.
func (b *Bus) AddTopic(name string) (arn string) { return b.topics.AddTopic(name) }

// Published is all that was published to topics, oldest first.
func (b *Bus) Published() []Notification { return b.topics.Published() }
