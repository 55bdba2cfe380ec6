package events

import (
	"strings"

	"homeostat/shared/sim/ecssim/wire"
)

// target is the destination of a rule.
type target struct {
	id, arn string
	entry   wire.Object // the whole target, from the request
	rule    *rule
}

// deliver sends an event to targets. AWS accepts a target that does not exist. Its
// deliveries fail: they are counted, and go to the dead-letter queue of the target.
func (s *Service) deliver(targets []target, event string) {
	for _, to := range targets {
		body := to.body(event, s.account.Now())
		if s.send(to.arn, body) {
			continue
		}
		s.failed[to.rule.name]++
		if dead := to.entry.Object("DeadLetterConfig").String("Arn"); dead != "" {
			s.send(dead, body)
		}
	}
}

// send sends a text to a queue, a topic or another event bus of the account. It reports
// whether the destination exists.
func (s *Service) send(arn, body string) bool {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return false
	}
	switch parts[2] {
	case "sqs":
		return s.queues.Send(parts[5], body, 0) != ""
	case "sns":
		return s.topics.PublishTo(arn, body)
	case "events":
		if b := s.bus(arn); b != nil && strings.HasPrefix(parts[5], "event-bus/") {
			s.publishTo(b, []byte(body))
			return true
		}
	}
	return false
}

// FailedDeliveries returns the number of deliveries of a rule to targets that do not
// exist, or that ecssim has no service for, such as a Lambda function. AWS counts them
// in the metric FailedInvocations.
func (s *Service) FailedDeliveries(rule string) int { return s.failed[rule] }
