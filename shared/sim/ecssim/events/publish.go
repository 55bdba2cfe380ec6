// Package events is Amazon EventBridge: rules on the default bus, PutEvents, and
// the delivery of events to the queues of rules. The same seed gives the same
// faults. A Service has no lock: the owner of the clock serializes its calls.
package events

import (
	"encoding/json"
	"math/rand/v2"
	"time"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/wire"
)

// Queues receives the events that match rules.
type Queues interface {
	Send(queue, body string, delay time.Duration) (id string)
}

// Service is EventBridge of one account in one Region.
type Service struct {
	account    *account.Account
	queues     Queues
	random     *rand.Rand
	latency    time.Duration
	faults     Faults
	rules      []*rule // in order of creation
	awsSources bool    // PutEvents accepts aws. sources
}

// New returns EventBridge without rules. The seed selects the events that meet a
// fault.
func New(of *account.Account, queues Queues, seed uint64) *Service {
	return &Service{account: of, queues: queues, random: rand.New(rand.NewPCG(seed, 0x6275730a)), latency: DefaultLatency}
}

// Register serves the operations of the API.
func (s *Service) Register(server *wire.Server) {
	for operation, handle := range map[string]wire.Handler{
		"PutEvents": s.putEvents,
		"PutRule":   s.putRuleRequest,
		"ListRules": s.listRules,
	} {
		server.Handle("events", operation, onDefaultBus(handle))
	}
	for operation, handle := range map[string]func(r *rule, in wire.Object) (wire.Object, error){
		"DescribeRule":      s.describeRule,
		"DeleteRule":        s.deleteRule,
		"EnableRule":        enableRule,
		"DisableRule":       disableRule,
		"PutTargets":        s.putTargets,
		"RemoveTargets":     removeTargets,
		"ListTargetsByRule": listTargets,
	} {
		server.Handle("events", operation, onDefaultBus(s.onRule(operation, handle)))
	}
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

// Publish puts an event on the bus. Rules match it, and the queues of their
// targets get it after the latency. Only a JSON object can match a rule.
func (s *Service) Publish(event []byte) {
	fate := s.plan()
	if fate.lost {
		return
	}
	matched := s.matching(event)
	if len(matched) == 0 {
		return
	}
	body := string(event)
	for _, delay := range fate.delays {
		s.account.At(s.account.Now().Add(delay), func() { s.deliver(matched, body) })
	}
}

// deliver puts an event into the queues that still exist.
func (s *Service) deliver(targets []target, event string) {
	for _, to := range targets {
		body := event
		if to.input != "" {
			body = to.input
		}
		s.queues.Send(to.queue, body, 0)
	}
}

// Rule sends the events that match a pattern to a queue.
type Rule struct {
	Name    string
	Pattern json.RawMessage
	Queue   string
}
