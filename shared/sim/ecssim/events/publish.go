// Package events is Amazon EventBridge: event buses, rules with patterns and
// schedules, PutEvents, and the delivery of events to the targets of rules. The same
// seed gives the same faults. A Service has no lock: the owner of the clock serializes
// its calls.
package events

import (
	"encoding/json"
	"math/rand/v2"
	"time"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/wire"
)

// Queues receives the events that match rules. Send returns "" for a queue that does
// not exist.
type Queues interface {
	Send(queue, body string, delay time.Duration) (id string)
}

// Topics receives the events of rules with an SNS topic as their target.
type Topics interface {
	// PublishTo publishes a message. It reports whether the topic exists.
	PublishTo(arn, message string) bool
}

// Service is EventBridge of one account in one Region.
type Service struct {
	account    *account.Account
	queues     Queues
	topics     Topics
	random     *rand.Rand
	latency    time.Duration
	faults     Faults
	main       *eventBus // the default bus; nil until its first use
	buses      []*eventBus
	rules      []*rule // in order of creation
	failed     map[string]int
	awsSources bool // PutEvents accepts aws. sources
}

// New returns EventBridge without rules. The seed selects the events that meet a
// fault. The account's tags must not be nil.
func New(of *account.Account, queues Queues, topics Topics, seed uint64) *Service {
	return &Service{
		account: of, queues: queues, topics: topics, random: rand.New(rand.NewPCG(seed, 0x6275730a)), latency: DefaultLatency,
		failed: map[string]int{},
	}
}

// Register serves the operations of the API.
func (s *Service) Register(server *wire.Server) {
	server.HandleAll("events", wire.Operations{
		"PutEvents":        s.putEvents,
		"TestEventPattern": testEventPattern,

		"CreateEventBus":   s.createEventBus,
		"DeleteEventBus":   s.deleteEventBus,
		"ListEventBuses":   s.listEventBuses,
		"DescribeEventBus": s.onBus("Name", s.describeEventBus),
		"PutPermission":    s.onBus("EventBusName", s.putPermission),
		"RemovePermission": s.onBus("EventBusName", s.removePermission),

		"PutRule":               s.onBus("EventBusName", s.putRuleRequest),
		"ListRules":             s.onBus("EventBusName", s.listRules),
		"ListRuleNamesByTarget": s.onBus("EventBusName", s.listRuleNames),
		"DeleteRule":            s.onRule(true, s.deleteRule),
		"DescribeRule":          s.onRule(false, s.describeRule),
		"EnableRule":            s.onRule(false, setState(enabled)),
		"DisableRule":           s.onRule(false, setState(disabled)),
		"RemoveTargets":         s.onRule(false, removeTargets),
		"ListTargetsByRule":     s.onRule(false, listTargets),
		"PutTargets":            checkedTargets(s.onRule(false, s.putTargets)),

		"TagResource":         s.tagResource,
		"UntagResource":       s.untagResource,
		"ListTagsForResource": s.listTags,
	})
}

// Faults are the errors of the transport of events. Each probability applies to
// each event.
type Faults struct {
	// Duplicate delivers an event twice, as at-least-once delivery may.
	Duplicate float64
	// Loss drops an event, as best-effort sources do.
	Loss float64
	// Reorder delays an event, so that later events overtake it.
	Reorder float64
	// Delay adds to the latency of every event. DelaySpread is the width of a
	// uniform jitter on top of that.
	Delay, DelaySpread time.Duration
}

// SetFaults replaces the faults, for later events.
func (s *Service) SetFaults(f Faults) { s.faults = f }

// SetLatency replaces DefaultLatency, for later events.
func (s *Service) SetLatency(d time.Duration) { s.latency = d }

// AllowAWSSources makes PutEvents accept events with a source that begins with
// "aws.". AWS reserves these sources. Publish always accepts them.
func (s *Service) AllowAWSSources(allow bool) { s.awsSources = allow }

// delivery is the result of the faults for one event.
type delivery struct {
	lost   bool
	delays []time.Duration // one for each copy
}

// plan draws the delivery of one event. It always draws the same number of times,
// so that changing one fault does not change the others.
func (s *Service) plan() delivery {
	duplicate, loss, reorder := s.random.Float64(), s.random.Float64(), s.random.Float64()
	first, second, hold := s.random.Float64(), s.random.Float64(), s.random.Float64()
	delay := s.latency + s.faults.Delay + portion(first, s.faults.DelaySpread)
	if reorder < s.faults.Reorder {
		delay += portion(hold, reorderDelay)
	}
	out := delivery{lost: loss < s.faults.Loss, delays: []time.Duration{delay}}
	if duplicate < s.faults.Duplicate {
		out.delays = append(out.delays, delay+portion(second, max(s.faults.DelaySpread, time.Second)))
	}
	return out
}

func portion(share float64, of time.Duration) time.Duration {
	return time.Duration(share * float64(of))
}

// Publish puts an event on the default bus. Rules match it, and their targets get it
// after the latency. Only a JSON object can match a rule.
func (s *Service) Publish(event []byte) { s.publishTo(s.bus(defaultBus), event) }

func (s *Service) publishTo(b *eventBus, event []byte) {
	fate := s.plan()
	if fate.lost {
		return
	}
	matched := s.matching(b, event)
	if len(matched) == 0 {
		return
	}
	body := string(event)
	for _, delay := range fate.delays {
		s.account.At(s.account.Now().Add(delay), func() { s.deliver(matched, body) })
	}
}

// Rule sends the events that match a pattern to a queue.
type Rule struct {
	Name    string
	Pattern json.RawMessage
	Queue   string
}
