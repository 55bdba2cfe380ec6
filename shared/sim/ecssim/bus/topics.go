package bus

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

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
func (b *Bus) Published() []Notification { return slices.Clone(b.sent) }

// AddTopic adds an SNS topic and returns its ARN. A topic that is there stays.
func (b *Bus) AddTopic(name string) (arn string) {
	arn = b.arn("sns", name)
	if b.topic(arn) == nil {
		b.topics = append(b.topics, &topic{arn: arn})
	}
	return arn
}

func (b *Bus) topic(arn string) *topic {
	for _, t := range b.topics {
		if t.arn == arn {
			return t
		}
	}
	return nil
}

// notify keeps a message and hands it to the queues that subscribed.
func (b *Bus) notify(t *topic, subject, message string) string {
	n := Notification{ID: b.newID(), TopicARN: t.arn, Subject: subject, Message: message, At: b.clock.Now()}
	b.sent = append(b.sent, n)
	for _, s := range t.subscriptions {
		if s.protocol == "sqs" {
			name := s.endpoint[strings.LastIndexByte(s.endpoint, ':')+1:]
			b.Send(name, n.envelope(), 0)
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
