package decode

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"

	"github.com/go-json-experiment/json/jsontext"
)

// records decodes the records of a Lambda SQS or SNS batch, each on its own.
func records(l list) []Outcome {
	if l.doc.err != nil {
		return failed(nil, l.doc.err)
	}
	out := make([]Outcome, 0, l.len())
	for i, at := range l.elements() {
		record := &i
		text, err := message(l.doc, at)
		if err != nil {
			out = append(out, failed(record, err)...)
			continue
		}
		inner := unwrap(text, record, 1)
		for j := range inner {
			inner[j].Err = within(l.doc, at, inner[j].Err)
		}
		out = append(out, inner...)
	}
	return out
}

// within adds the path of the record to an error.
func within(doc *document, at int32, err error) error {
	f, ok := errors.AsType[*fault.Fault](err)
	if !ok {
		return err
	}
	return fault.Dropf(f.Code, "decoding %s: %w", path(doc.nodes, at, ""), f.Err).WithHint(f.Hint)
}

// message returns the text of a record: an SQS body or an SNS message.
func message(doc *document, at int32) (string, *fault.Fault) {
	// A wrong type counts for its own record only.
	own := &document{text: doc.text, nodes: doc.nodes}
	if own.nodes[at].kind != jsontext.KindBeginObject {
		own.wrong(at, "an object")
		return "", own.err
	}
	record := object{doc: own, at: at}
	text := ""
	switch {
	case record.has("body"):
		text = record.text("body")
	case record.has("Sns"):
		text = record.object("Sns").text("Message")
	}
	if own.err == nil && text == "" {
		own.err = fault.Dropf("no-message", "decoding the event: %s: expected an SQS body or an SNS message, got neither", path(own.nodes, at, ""))
	}
	return text, own.err
}

// unwrap decodes the text of an envelope.
func unwrap(text string, record *int, wraps int) []Outcome {
	doc, err := parse(text)
	if err != nil {
		return failed(record, err)
	}
	root, err := doc.root()
	if err != nil {
		return failed(record, err)
	}
	if !notification(root) {
		return read(root, text, record)
	}
	if wraps >= maxWraps {
		return failed(record, fault.Dropf("too-deep", "decoding the event: expected at most %d envelopes around an event, got more", maxWraps))
	}
	return notified(root, record, wraps+1)
}

// notification reports whether o is an SNS notification, as SNS sends it to a
// queue.
func notification(o object) bool {
	return !o.has("source") && o.has("TopicArn") && o.has("Message")
}

func notified(o object, record *int, wraps int) []Outcome {
	kind, text, topic := o.text("Type"), o.text("Message"), o.text("TopicArn")
	if o.doc.err != nil {
		return failed(record, o.doc.err)
	}
	if kind != "" && kind != "Notification" {
		t := fleet.Trigger{ID: digest(o.doc.text), Record: record}
		if arn, ok := parseARN(topic); ok {
			t.Partition, t.Account, t.Region = arn.partition, arn.account, arn.region
		}
		return []Outcome{{Trigger: ignored(t, "the SNS message has the type "+kind)}}
	}
	return unwrap(text, record, wraps)
}

// read decodes one event without an envelope.
func read(root object, text string, record *int) []Outcome {
	if notification(root) {
		return notified(root, record, 1)
	}
	if len(text) > MaxEvent {
		return failed(record, fault.Dropf("too-large", "decoding the event: expected at most %d bytes, got %d", MaxEvent, len(text)))
	}
	triggers := dispatch(root, record)
	if root.doc.err != nil {
		return failed(record, root.doc.err)
	}
	out := make([]Outcome, len(triggers))
	for i, t := range triggers {
		if t.ID == "" {
			t.ID = digest(text)
		}
		out[i].Trigger = t
	}
	return out
}

func dispatch(root object, record *int) []fleet.Trigger {
	source, detailType := root.text("source"), root.text("detail-type")
	switch {
	case source == "" && root.has("AlarmName") && root.has("NewStateValue"):
		return []fleet.Trigger{snsAlarm(root, record)}
	case source == "":
		if root.doc.err == nil {
			root.doc.err = fault.Dropf("no-source", "decoding the event: source: expected a text, got nothing").
				WithHint("the input is not an event of EventBridge, CloudWatch, SNS or SQS")
		}
		return nil
	case source == contract.TimerSource:
		return []fleet.Trigger{timer(newEvent(root, record))}
	case detailType == "" && root.has("alarmData"):
		return []fleet.Trigger{directAlarm(root, source, record)}
	}
	return bridged(root, source, detailType, record)
}

// digest returns an id for an event without one.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:digestBytes])
}

// ignored turns t into a trigger that requires no action.
func ignored(t fleet.Trigger, reason string) fleet.Trigger {
	t.Kind, t.Reason = fleet.Ignored, reason
	return t
}
