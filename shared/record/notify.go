package record

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"homeostat/shared/contract"
	"homeostat/shared/fault"
	"homeostat/shared/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// SNS is the part of Amazon SNS that is used.
type SNS interface {
	Publish(context.Context, *sns.PublishInput, ...func(*sns.Options)) (*sns.PublishOutput, error)
}

// Notifier tells people. Without a topic it tells nobody.
type Notifier struct {
	SNS   SNS
	Topic string
}

// maxSubject is what SNS takes as a subject.
const maxSubject = 100

// Notify publishes the episode's message with the whole episode's reasons.
func (n *Notifier) Notify(ctx context.Context, e fleet.Episode) error {
	if n.Topic == "" || e.Decision.Notify == "" {
		return nil
	}
	subject := "homeostat: " + e.Ref.String() + " " + string(e.Decision.Kind)
	var message strings.Builder
	message.WriteString(e.Decision.Notify + "\n")
	for _, why := range e.Why() {
		message.WriteString("\n- " + why.Name + ": " + why.Text)
	}
	message.WriteString("\n\nepisode " + e.ID)
	_, err := n.SNS.Publish(ctx, &sns.PublishInput{
		TopicArn: aws.String(n.Topic), Subject: aws.String(subject[:min(maxSubject, len(subject))]), Message: aws.String(message.String()),
	})
	return fault.FromAWS("notifying about "+e.Ref.String(), err)
}

// SQS is the part of Amazon SQS that is used.
type SQS interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
}

// Timers are delayed messages to the sweep function. Without a queue there are none.
type Timers struct {
	SQS   SQS
	Queue string
}

// maxDelay is the longest delay of an SQS message.
const maxDelay = 15 * time.Minute

// After asks for another look at the service. id makes the message unique.
func (t *Timers) After(ctx context.Context, ref fleet.ServiceRef, delay time.Duration, why, id string, now time.Time) error {
	if t.Queue == "" {
		return nil
	}
	delay = min(delay, maxDelay)
	body, err := json.Marshal(map[string]any{
		"source": contract.TimerSource, "id": id, "time": now.Add(delay).UTC().Format(time.RFC3339),
		"account": ref.Account, "region": ref.Region,
		"detail": map[string]string{"cluster": ref.Cluster, "service": ref.Service, "why": why},
	})
	if err != nil {
		return fault.Terminalf("unencodable", "encoding a timer: %w", err)
	}
	_, err = t.SQS.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: aws.String(t.Queue), MessageBody: aws.String(string(body)), DelaySeconds: int32(delay / time.Second),
	})
	return fault.FromAWS("setting a timer for "+ref.String(), err)
}
