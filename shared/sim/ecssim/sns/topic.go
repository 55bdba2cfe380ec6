// Package sns is Amazon SNS: topics that store their messages and pass them to
// SQS queues. A Service has no lock: the owner of the clock serializes its calls.
package sns

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/account"
)

// Queues receives the messages of topics.
type Queues interface {
	Send(queue, body string, delay time.Duration) (id string)
}

// Service is SNS of one account in one Region.
type Service struct {
	account *account.Account
	queues  Queues
	topics  []*topic
	sent    []Notification
}

// New returns SNS without topics.
func New(of *account.Account, queues Queues) *Service { return &Service{account: of, queues: queues} }

// Notification is a message of an SNS topic.
type Notification struct {
	ID, TopicARN, Subject, Message string
	At                             time.Time
}

type topic struct {
	arn           string
	attributes    map[string]string // as they were set, without effect
	subscriptions []subscription
}

type subscription struct {
	arn, protocol, endpoint string
	attributes              map[string]string // as they were set
}

// raw reports whether a queue gets the message alone, without the envelope.
func (s subscription) raw() bool { return s.attributes["RawMessageDelivery"] == "true" }

// Published returns the messages of all topics, oldest first.
func (s *Service) Published() []Notification { return slices.Clone(s.sent) }

// AddTopic adds an SNS topic and returns its ARN. It keeps an existing topic.
func (s *Service) AddTopic(name string) (arn string) {
	arn = s.account.ARN("sns", name)
	if s.topic(arn) == nil {
		s.topics = append(s.topics, &topic{arn: arn, attributes: map[string]string{}})
	}
	return arn
}

func (s *Service) topic(arn string) *topic {
	for _, t := range s.topics {
		if t.arn == arn {
			return t
		}
	}
	return nil
}

// PublishTo publishes a message without a subject. It reports whether the topic exists.
func (s *Service) PublishTo(arn, message string) bool {
	t := s.topic(arn)
	if t == nil {
		return false
	}
	s.notify(t, "", message)
	return true
}

// notify stores a message and sends it to the subscribed queues.
func (s *Service) notify(t *topic, subject, message string) string {
	n := Notification{ID: s.account.NextID(), TopicARN: t.arn, Subject: subject, Message: message, At: s.account.Now()}
	s.sent = append(s.sent, n)
	for _, to := range t.subscriptions {
		if to.protocol == "sqs" {
			name := to.endpoint[strings.LastIndexByte(to.endpoint, ':')+1:]
			body := n.envelope()
			if to.raw() {
				body = n.Message
			}
			s.queues.Send(name, body, 0)
		}
	}
	return n.ID
}

// envelope returns the body of a message for a queue.
func (n Notification) envelope() string {
	fields := map[string]string{
		"Type": "Notification", "MessageId": n.ID, "TopicArn": n.TopicARN,
		"Message": n.Message, "Timestamp": n.At.UTC().Format("2006-01-02T15:04:05.000Z"),
	}
	if n.Subject != "" {
		fields["Subject"] = n.Subject
	}
	raw, _ := json.Marshal(fields) // strings always marshal
	return string(raw)
}
