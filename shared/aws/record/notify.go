package record

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// SNS is the part of Amazon SNS that is used.
type SNS interface {
	Publish(context.Context, *sns.PublishInput, ...func(*sns.Options)) (*sns.PublishOutput, error)
}

// Notifier publishes alerts. Without a topic it publishes nothing.
type Notifier struct {
	SNS   SNS
	Topic string
}

// Notify publishes the episode's message with the result of its action, and all
// reasons of the episode.
func (n *Notifier) Notify(ctx context.Context, e fleet.Episode) error {
	if n.Topic == "" || e.Decision.Notify == "" {
		return nil
	}
	subject := "homeostat: " + e.Ref.String() + ": " + headline(e)
	var message strings.Builder
	message.WriteString(e.Decision.Notify + "\n")
	if result := resultOf(e); result != "" {
		message.WriteString("\nResult of " + string(e.Decision.Kind) + ": " + result + "\n")
	}
	for _, why := range e.Why() {
		message.WriteString("\n- " + string(why.Name) + ": " + why.Full())
	}
	message.WriteString("\n\nepisode " + e.ID)
	_, err := n.SNS.Publish(ctx, &sns.PublishInput{
		TopicArn: aws.String(n.Topic), Subject: aws.String(subject[:min(maxSubject, len(subject))]), Message: aws.String(message.String()),
	})
	return fault.FromAWS("notifying about "+e.Ref.String(), err)
}

// headline returns what was done, or what was decided and not done.
func headline(e fleet.Episode) string {
	if e.Decision.Action == nil {
		return "alert"
	}
	done, do := inWords(e.Decision.Kind)
	switch {
	case e.Result.Status == fleet.Done:
		return done
	case e.Result.Status == fleet.Failed:
		return "NOT " + done
	case e.Result.Status == fleet.Skipped:
		return "skipped: " + do
	case e.Verdict.Outcome == fleet.Propose:
		return "approval needed: " + do
	case e.Verdict.Outcome == fleet.Observe:
		return "would " + do
	}
	return "suppressed: " + do
}

// inWords returns the participle and the infinitive of a kind of decision.
func inWords(kind fleet.DecisionKind) (done, do string) {
	switch kind {
	case fleet.RollBack:
		return "rolled back", "roll back"
	case fleet.Redeploy:
		return "redeployed", "redeploy"
	case fleet.ScaleOut:
		return "scaled out", "scale out"
	case fleet.ScaleIn:
		return "scaled in", "scale in"
	case fleet.FallBack:
		return "moved to on-demand capacity", "move to on-demand capacity"
	case fleet.ReturnToSpot:
		return "returned to Spot", "return to Spot"
	case fleet.GrowMemory:
		return "memory raised", "raise the memory"
	case fleet.Move:
		return "moved tasks away", "move tasks away"
	case fleet.Recycle:
		return "recycled a task", "recycle a task"
	case fleet.Probe:
		return "probe started", "start a probe"
	case fleet.Proceed:
		return "deployment continued", "continue the deployment"
	case fleet.Restore:
		return "image restored", "restore the image"
	case fleet.TakeOver:
		return "scaling taken over", "take over scaling"
	}
	return "done: " + string(kind), string(kind)
}

// resultOf returns the result of the episode's action; empty without an action.
func resultOf(e fleet.Episode) string {
	switch {
	case e.Decision.Action == nil:
		return ""
	case e.Result.Status != "" && e.Result.Text != "":
		return e.Result.Status + ": " + e.Result.Text
	case e.Result.Status != "":
		return e.Result.Status
	case e.Verdict.Outcome == fleet.Propose:
		return "proposed, not applied: an operator must approve it"
	case e.Verdict.Outcome == fleet.Observe:
		return "not applied: the mode is observe"
	}
	return "not applied: suppressed"
}

// SQS is the part of Amazon SQS that is used.
type SQS interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
}

// Timers sends delayed messages to the sweep function. Without a queue it sends
// none.
type Timers struct {
	SQS   SQS
	Queue string
}

// After schedules the next evaluation of the service. A delay above 15 minutes is
// cut to 15 minutes. id makes the message unique.
func (t *Timers) After(ctx context.Context, ref fleet.ServiceRef, delay time.Duration, why, id string, now time.Time) error {
	if t.Queue == "" {
		return nil
	}
	delay = min(delay, maxDelay)
	body, err := timer(fleet.AccountOf(ref), fleet.Timer{Cluster: ref.Cluster, Service: ref.Service, Why: why}, id, now.Add(delay))
	if err != nil {
		return err
	}
	_, err = t.SQS.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: aws.String(t.Queue), MessageBody: aws.String(body), DelaySeconds: int32(delay / time.Second),
	})
	return fault.FromAWS("setting a timer for "+ref.String(), err)
}

// All sets many timers in few calls. id makes the messages unique.
func (t *Timers) All(ctx context.Context, account fleet.Account, timers []fleet.Timer, id string, now time.Time) error {
	if t.Queue == "" {
		return nil
	}
	for from := 0; from < len(timers); from += batchLimit {
		in := &sqs.SendMessageBatchInput{QueueUrl: aws.String(t.Queue)}
		for i, one := range timers[from:min(from+batchLimit, len(timers))] {
			delay := min(one.Delay, maxDelay)
			body, err := timer(account, one, id+"-"+strconv.Itoa(from+i), now.Add(delay))
			if err != nil {
				return err
			}
			in.Entries = append(in.Entries, sqstypes.SendMessageBatchRequestEntry{
				Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String(body), DelaySeconds: int32(delay / time.Second),
			})
		}
		out, err := t.SQS.SendMessageBatch(ctx, in)
		if err != nil {
			return fault.FromAWS("setting timers", err)
		}
		for _, failed := range out.Failed {
			return fault.Retryf("throttled", "setting timers: one of %d was refused: %s", len(in.Entries), aws.ToString(failed.Message))
		}
	}
	return nil
}

// timer returns the message of one timer, in the form that package decode reads.
func timer(account fleet.Account, t fleet.Timer, id string, at time.Time) (string, error) {
	detail := map[string]any{"why": t.Why}
	if t.Service != "" {
		detail["cluster"], detail["service"] = t.Cluster, t.Service
	}
	if t.Shard != nil {
		detail["shard"], detail["shards"] = *t.Shard, t.Shards
	}
	if len(t.Only) > 0 {
		detail["only"] = t.Only
	}
	body, err := json.Marshal(map[string]any{
		"source": contract.TimerSource, "id": id, "time": at.UTC().Format(time.RFC3339),
		"account": account.ID, "region": account.Region, "detail": detail,
	})
	if err != nil {
		return "", fault.Terminalf("unencodable", "encoding a timer: %w", err)
	}
	return string(body), nil
}
