// Package decode turns the bytes of an event into triggers.
//
// It reads what AWS sends to a Lambda: EventBridge envelopes, CloudWatch's
// direct alarm payload, SNS notifications, SQS batches of any of these, and
// Homeostat's own timer messages. It is strict about form and generous about
// content: a duplicate key or a field of the wrong type is an error, an event
// that nobody asked for is a trigger of kind ignored with a reason.
package decode

import (
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
)

const (
	// MaxEvent is the largest single event in bytes; EventBridge, SQS and SNS
	// carry no larger one.
	MaxEvent = 1 << 20
	// MaxInput is the largest input in bytes: a batch of many events.
	MaxInput = 16 << 20
	// MaxDepth is the deepest nesting of lists and objects.
	MaxDepth = 512
)

// Outcome is what became of one event: a trigger with a kind, or an error. Of
// a record of an envelope both carry Trigger.Record, also with an error.
type Outcome struct {
	Trigger fleet.Trigger
	// Err is a *fault.Fault of class Drop, or nil.
	Err error
}

// Events decodes raw. A bare event gives one outcome, an envelope one for each
// of its records, and an event that names several tasks or services one for
// each of these. A bad record errs alone. Events never panics, and it keeps no
// reference to raw.
func Events(raw []byte) []Outcome {
	if len(raw) > MaxInput {
		return failed(nil, fault.Dropf("too-large", "decoding the event: expected at most %d bytes, got %d", MaxInput, len(raw)))
	}
	doc, err := parse(string(raw))
	if err != nil {
		return failed(nil, err)
	}
	root, err := doc.root()
	if err != nil {
		return failed(nil, err)
	}
	if root.has("Records") && !root.has("source") {
		return records(root.list("Records"))
	}
	return read(root, doc.text, nil)
}

// failed is the single outcome of an event that could not be read.
func failed(record *int, err *fault.Fault) []Outcome {
	return []Outcome{{Trigger: fleet.Trigger{Record: record}, Err: err}}
}
