package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/aws/aws-lambda-go/events"
)

// Invoke is the Lambda handler of every function. An SQS batch is answered
// with the messages that must come again; anything else is one event that was
// sent to the function directly, and its error is the invocation's.
func (p *Pipeline) Invoke(ctx context.Context, raw json.RawMessage) (any, error) {
	// Each time, so that the alarm lasts as long as the policy is broken.
	if p.Policy == nil {
		p.Metrics.Count(contract.MetricPolicyBroken, "", nil, p.Now())
	}
	if batch, ok := sqsBatch(raw); ok {
		return p.Batch(ctx, batch), nil
	}
	return nil, p.handleSafely(ctx, raw)
}

// Batch handles each message on its own: one that fails brings none of its
// neighbours back.
func (p *Pipeline) Batch(ctx context.Context, batch events.SQSEvent) events.SQSEventResponse {
	response := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	for _, message := range batch.Records {
		if err := p.handleSafely(ctx, []byte(message.Body)); err != nil {
			p.Log.WarnContext(ctx, "asking for a message again", "message", message.MessageId, "error", err)
			p.Metrics.Count(contract.MetricRetries, fault.CodeOf(err), nil, p.Now())
			response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: message.MessageId})
		}
	}
	return response
}

// sqsBatch reads raw as an SQS batch; ok is false for everything else.
func sqsBatch(raw []byte) (batch events.SQSEvent, ok bool) {
	if !bytes.Contains(raw, []byte("aws:sqs")) || json.Unmarshal(raw, &batch) != nil || len(batch.Records) == 0 {
		return events.SQSEvent{}, false
	}
	for _, r := range batch.Records {
		if r.EventSource != "aws:sqs" {
			return events.SQSEvent{}, false
		}
	}
	return batch, true
}

// handleSafely turns a panic into a terminal fault: an event that breaks the code
// would break it again, so it is recorded and let go.
func (p *Pipeline) handleSafely(ctx context.Context, raw []byte) error {
	return p.resolveError(ctx, fleet.Trigger{}, recoverPanic(func() error { return p.Handle(ctx, raw) }))
}

// recoverPanic does something, and returns its panic as a terminal fault.
func recoverPanic(do func() error) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = &fault.Fault{Class: fault.Terminal, Code: "panic", Err: errors.New(fmt.Sprint("handling an event panicked: ", broken))}
		}
	}()
	return do()
}
