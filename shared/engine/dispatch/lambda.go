package dispatch

import (
	"bytes"
	"context"
	"encoding/json"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/engine/runtime"

	"github.com/aws/aws-lambda-go/events"
)

// Invoke is the Lambda handler of every function. For an SQS batch it returns the
// messages that must be delivered again. Any other input is one event that was sent
// to the function directly; its error is the error of the invocation.
func (d *Dispatcher) Invoke(ctx context.Context, raw json.RawMessage) (any, error) {
	// Count each time, so that the alarm lasts as long as the policy is broken.
	if d.Policy == nil {
		d.Metrics.Count(contract.MetricPolicyBroken, "", nil, d.Now())
	}
	if batch, ok := sqsBatch(raw); ok {
		return d.Batch(ctx, batch), nil
	}
	return nil, d.handleSafely(ctx, raw)
}

// Batch handles each message on its own: a failed message does not bring back the
// others.
func (d *Dispatcher) Batch(ctx context.Context, batch events.SQSEvent) events.SQSEventResponse {
	response := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	for _, message := range batch.Records {
		if err := d.handleSafely(ctx, []byte(message.Body)); err != nil {
			d.Log.WarnContext(ctx, "a message must be delivered again", "message", message.MessageId, "error", err)
			d.Metrics.Count(contract.MetricRetries, fault.CodeOf(err), nil, d.Now())
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

// handleSafely turns a panic into a terminal fault. An event that breaks the code
// would break it again, so it is recorded and given up.
func (d *Dispatcher) handleSafely(ctx context.Context, raw []byte) error {
	return d.ResolveError(ctx, fleet.Trigger{}, runtime.RecoverPanic(func() error { return d.Handle(ctx, raw) }))
}
