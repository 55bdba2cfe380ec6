// Package decode turns the bytes of an event into triggers.
//
// It reads the events that AWS sends to a Lambda function: EventBridge envelopes,
// CloudWatch's direct alarm payload, SNS notifications, SQS batches of any of
// these, and Homeostat's own timer messages. It is strict about form: a duplicate
// key or a field of the wrong type is an error. It is tolerant about content: an
// unknown event is a trigger of the kind ignored, with a reason.
package decode

import (
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
)

// Outcome is the result for one event: a trigger with a kind, or an error. For a
// record of an envelope Trigger.Record is set, also with an error.
type Outcome struct {
	Trigger fleet.Trigger
	// Err is a *fault.Fault of class Drop, or nil.
	Err error
}

// Events decodes raw. A bare event gives one outcome, and an envelope one for each
// of its records. An event with several tasks or services gives one for each of
// them. A bad record does not affect the others. Events never panics, and it keeps
// no reference to raw.
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

// failed returns the single outcome of an unreadable event.
func failed(record *int, err *fault.Fault) []Outcome {
	return []Outcome{{Trigger: fleet.Trigger{Record: record}, Err: err}}
}
