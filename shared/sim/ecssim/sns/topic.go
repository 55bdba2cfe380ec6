// Package sns is Amazon SNS: topics that keep what is published to them and hand
// it to SQS queues. A Service has no lock: whoever owns the clock serializes its
// calls.
package sns

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/account"
)

// Queues takes the messages of topics.
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

// New returns an SNS without topics.
func New(of *account.Account, queues Queues) *Service { return &Service{account: of, queues: queues} }

// Notification is a message that was published to an SNS topic.
type Notification struct {
	ID, TopicARN, Subject, Message string
	At                             time.Time
}

type topic struct {
	arn           string
	subscriptions []subscription
}

type subscription struct{ arn, protocol, endpoint string }

// Published is all that was published to topics, oldest first.
func (s *Service) Published() []Notification { return slices.Clone(s.sent) }

// AddTopic adds an SNS topic and returns its ARN. A topic that is there stays.
func (s *Service) AddTopic(name string) (arn string) {
	arn = s.account.ARN("sns", name)
	if s.topic(arn) == nil {
		s.topics = append(s.topics, &topic{arn: arn})
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

// notify keeps a message and hands it to the queues that subscribed.
func (s *Service) notify(t *topic, subject, message string) string {
	n := Notification{ID: s.account.NextID(), TopicARN: t.arn, Subject: subject, Message: message, At: s.account.Now()}
	s.sent = append(s.sent, n)
	for _, to := range t.subscriptions {
		if to.protocol == "sqs" {
			name := to.endpoint[strings.LastIndexByte(to.endpoint, ':')+1:]
			s.queues.Send(name, n.envelope(), 0)
		}
	}
	return n.ID
}

// envelope is the body in which SNS hands a message to a queue.
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
