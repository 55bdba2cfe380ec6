package sqs

import (
	"crypto/md5" //nolint:gosec // SQS's own checksum
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

func (s *Service) sendMessage(q *queue, in wire.Object) (wire.Object, error) {
	body := in.String("MessageBody")
	if body == "" {
		return nil, wire.Errorf("MissingParameter", "The request must contain the parameter MessageBody.")
	}
	if len(body) > q.config.MaxMessage {
		return nil, wire.Errorf("InvalidParameterValue", "One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", q.config.MaxMessage)
	}
	if strings.ContainsFunc(body, func(r rune) bool { return !allowed(r) }) {
		return nil, wire.Errorf("InvalidMessageContents", "The message contains characters outside the allowed set.")
	}
	delay := q.config.Delay
	if n, ok := in.Int("DelaySeconds"); ok {
		if n < 0 || n > maxDelay {
			return nil, wire.Errorf("InvalidParameterValue", "Value %d for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.", n)
		}
		delay = time.Duration(n) * time.Second
	}
	attributes := in.Object("MessageAttributes")
	m := s.enqueue(q, body, delay, attributes)
	out := wire.Object{"MessageId": m.ID, "MD5OfMessageBody": checksum(body)}
	if len(attributes) > 0 {
		out["MD5OfMessageAttributes"] = attributesChecksum(attributes)
	}
	return out, nil
}

// allowed reports whether a message may have the character. AWS: API reference of
// SendMessage.
func allowed(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000
}

func checksum(text string) string {
	sum := md5.Sum([]byte(text)) //nolint:gosec // SQS's own checksum
	return hex.EncodeToString(sum[:])
}

// attributesChecksum returns the documented digest of SQS: the name, type and
// value of each attribute with its length, in the order of names.
func attributesChecksum(attributes wire.Object) string {
	var raw []byte
	part := func(text string) {
		raw = binary.BigEndian.AppendUint32(raw, uint32(len(text)))
		raw = append(raw, text...)
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		attribute := attributes.Object(name)
		part(name)
		part(attribute.String("DataType"))
		if strings.HasPrefix(attribute.String("DataType"), "Binary") {
			value, _ := base64.StdEncoding.DecodeString(attribute.String("BinaryValue"))
			raw = append(raw, 2)
			part(string(value))
			continue
		}
		raw = append(raw, 1)
		part(attribute.String("StringValue"))
	}
	return checksum(string(raw))
}

func (s *Service) sendMessageBatch(q *queue, in wire.Object) (wire.Object, error) {
	return batch(in, func(entry wire.Object) (wire.Object, error) { return s.sendMessage(q, entry) })
}

func (s *Service) deleteMessageBatch(q *queue, in wire.Object) (wire.Object, error) {
	return batch(in, func(entry wire.Object) (wire.Object, error) { return s.deleteMessage(q, entry) })
}

// batch applies do to each entry and reports the failed entries.
func batch(in wire.Object, do func(wire.Object) (wire.Object, error)) (wire.Object, error) {
	entries := in.Objects("Entries")
	if err := checkBatch(entries); err != nil {
		return nil, err
	}
	successful, failed := []wire.Object{}, []wire.Object{}
	for _, entry := range entries {
		out, err := do(entry)
		if err != nil {
			failed = append(failed, failure(entry.String("Id"), err))
			continue
		}
		if out == nil {
			out = wire.Object{}
		}
		out["Id"] = entry.String("Id")
		successful = append(successful, out)
	}
	return wire.Object{"Successful": successful, "Failed": failed}, nil
}

func failure(id string, err error) wire.Object {
	out := wire.Object{"Id": id, "SenderFault": true, "Code": "InternalError", "Message": err.Error()}
	if modelled, ok := errors.AsType[*wire.Error](err); ok {
		out["Code"], out["Message"] = modelled.Code, modelled.Message
	}
	return out
}

func checkBatch(entries []wire.Object) error {
	if len(entries) == 0 {
		return wire.Errorf("EmptyBatchRequest", "There should be at least one entry in the request.")
	}
	if len(entries) > maxBatch {
		return wire.Errorf("TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10. You have sent %d.", len(entries))
	}
	seen := map[string]bool{}
	for _, entry := range entries {
		id := entry.String("Id")
		if seen[id] {
			return wire.Errorf("BatchEntryIdsNotDistinct", "Id %s repeated", id)
		}
		seen[id] = true
	}
	return nil
}

// receiveMessage never waits: on a virtual clock no message arrives during a
// wait.
func (s *Service) receiveMessage(q *queue, in wire.Object) (wire.Object, error) {
	count, ok := in.Int("MaxNumberOfMessages")
	if !ok {
		count = 1
	}
	if count < 1 || count > maxBatch {
		return nil, wire.Errorf("InvalidParameterValue", "Value %d for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.", count)
	}
	if n, ok := in.Int("WaitTimeSeconds"); ok && (n < 0 || n > maxWait) {
		return nil, wire.Errorf("InvalidParameterValue", "Value %d for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.", n)
	}
	visibility := q.config.Visibility
	if n, ok := in.Int("VisibilityTimeout"); ok {
		visibility = time.Duration(n) * time.Second
	}
	messages := []wire.Object{}
	for _, m := range q.receive(count, s.account.Now()) {
		messages = append(messages, s.describeMessage(m, in))
		s.showAt(q, m, visibility)
	}
	if len(messages) == 0 {
		return wire.Object{}, nil
	}
	return wire.Object{"Messages": messages}, nil
}

func (s *Service) describeMessage(m *stored, in wire.Object) wire.Object {
	out := wire.Object{
		"MessageId": m.ID, "Body": m.Body, "MD5OfBody": checksum(m.Body), "ReceiptHandle": m.handle(),
	}
	system := map[string]string{
		"ApproximateReceiveCount":          strconv.Itoa(m.Receives),
		"ApproximateFirstReceiveTimestamp": strconv.FormatInt(m.first.UnixMilli(), 10),
		"SentTimestamp":                    strconv.FormatInt(m.SentAt.UnixMilli(), 10),
		"SenderId":                         s.account.Account,
	}
	wanted := slices.Concat(in.Strings("AttributeNames"), in.Strings("MessageSystemAttributeNames"))
	maps.DeleteFunc(system, func(name, _ string) bool { return !asked(wanted, name) })
	if len(system) > 0 {
		out["Attributes"] = system
	}
	own := wire.Object{}
	for name, value := range m.attributes {
		if asked(in.Strings("MessageAttributeNames"), name) {
			own[name] = value
		}
	}
	if len(own) > 0 {
		out["MessageAttributes"], out["MD5OfMessageAttributes"] = own, attributesChecksum(own)
	}
	return out
}

// asked reports whether a name is wanted: by All, a prefix, or itself.
func asked(wanted []string, name string) bool {
	return slices.ContainsFunc(wanted, func(w string) bool {
		prefix, open := strings.CutSuffix(w, ".*")
		return w == "All" || w == name || open && strings.HasPrefix(name, prefix)
	})
}

// deleteMessage accepts a receipt that a later receive has replaced.
func (s *Service) deleteMessage(q *queue, in wire.Object) (wire.Object, error) {
	m, err := q.received(in.String("ReceiptHandle"))
	if err != nil {
		return nil, err
	}
	if m != nil {
		q.drop(m)
	}
	return nil, nil
}
