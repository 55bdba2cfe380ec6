// Package bus carries events to functions in the manner of AWS: EventBridge rules
// match them, SQS queues store them, and an event source mapping passes them to a
// function. It joins packages events, sqs, sns and sts on one virtual clock,
// without goroutines. The same seed gives the same order.
//
// A Bus is not safe for concurrent use. The owner of the clock serializes the
// calls of other goroutines, such as requests of a socket. Functions may call the
// bus while it runs them.
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

// DefaultLatency is the time from an event to the function that it starts.
const DefaultLatency = events.DefaultLatency

// The types of the services, for callers of a Bus.
type (
	// Identity is the account that owns everything on the bus.
	Identity = account.Identity
	// Faults are the errors of the transport of events.
	Faults = events.Faults
	// Rule sends the events that match a pattern to a queue.
	Rule = events.Rule
	// QueueConfig is a standard SQS queue and the mapping that reads it.
	QueueConfig = sqs.QueueConfig
	// Message is one message of a queue.
	Message = sqs.Message
	// Notification is a message of an SNS topic.
	Notification = sns.Notification
)

// Clock is the virtual clock. At runs do when the clock reaches t, or next if t
// has passed. Steps of equal time run in the order of their scheduling.
type Clock interface {
	Now() time.Time
	At(t time.Time, do func())
}

// serviceClock adapts a Clock to the services.
type serviceClock struct{ Clock }

// After runs do after d.
func (c serviceClock) After(d time.Duration, do func()) { c.At(c.Now().Add(d), do) }

// Bus is EventBridge, SQS and SNS of one account in one region.
type Bus struct {
	account *account.Account
	events  *events.Service
	queues  *sqs.Service
	topics  *sns.Service
}

// New returns an empty bus. The seed selects the events that meet a fault.
func New(clock Clock, seed uint64) *Bus {
	of := &account.Account{
		Identity: Identity{Account: "123456789012", Region: "us-east-1", Partition: "aws"}, Clock: serviceClock{clock},
		Tags: account.Tags{},
	}
	queues := sqs.New(of)
	topics := sns.New(of, queues)
	return &Bus{account: of, queues: queues, topics: topics, events: events.New(of, queues, topics, seed)}
}

// Register serves SQS, EventBridge, SNS and STS of this bus on s, for the account
// ids. Call it before rules are added, because it sets the account of their ARNs.
func Register(s *wire.Server, b *Bus, ids Identity) {
	b.account.Identity = ids
	b.queues.Register(s)
	b.events.Register(s)
	s.HandleAll("sns", b.topics.Operations())
	s.HandleAll("sts", sts.New(b.account).Operations())
}

// AddQueue adds a queue. A queue of the same name keeps its messages and its
// subscriber and takes the new configuration.
func (b *Bus) AddQueue(c QueueConfig) { b.queues.AddQueue(c) }

// Subscribe passes the messages of a queue to a function; see sqs.Service.
func (b *Bus) Subscribe(queue string, function func(batch []Message) (failed []string)) {
	b.queues.Subscribe(queue, function)
}

// Send is SQS SendMessage. A delay of zero means the delay of the queue. It
// returns the id of the message, or "" for an unknown queue.
func (b *Bus) Send(queue, body string, delay time.Duration) (id string) {
	return b.queues.Send(queue, body, delay)
}

// Depth counts the messages of a queue: visible, in flight and delayed.
func (b *Bus) Depth(queue string) (visible, inFlight, delayed int) { return b.queues.Depth(queue) }

// Peek returns the visible messages of a queue, oldest first. It does not receive
// them.
func (b *Bus) Peek(queue string) []Message { return b.queues.Peek(queue) }

// AddRule adds a rule, or replaces the rule of its name. It returns an error for
// a pattern that EventBridge refuses, or that has an unknown operator.
func (b *Bus) AddRule(r Rule) error { return b.events.AddRule(r) }

// FailedDeliveries returns the number of deliveries of a rule that failed; see
// events.Service.
func (b *Bus) FailedDeliveries(rule string) int { return b.events.FailedDeliveries(rule) }

// Publish puts an EventBridge event on the bus; see events.Service.
func (b *Bus) Publish(event []byte) { b.events.Publish(event) }

// SetFaults replaces the faults, for later events.
func (b *Bus) SetFaults(f Faults) { b.events.SetFaults(f) }

// SetLatency replaces DefaultLatency, for later events.
func (b *Bus) SetLatency(d time.Duration) { b.events.SetLatency(d) }

// AllowAWSSources makes PutEvents accept events with a source that begins with
// "aws.". AWS reserves these sources. Publish always accepts them.
func (b *Bus) AllowAWSSources(allow bool) { b.events.AllowAWSSources(allow) }

// AddTopic adds an SNS topic and returns its ARN. It keeps an existing topic.
func (b *Bus) AddTopic(name string) (arn string) { return b.topics.AddTopic(name) }

// Published returns the messages of all topics, oldest first.
func (b *Bus) Published() []Notification { return b.topics.Published() }
