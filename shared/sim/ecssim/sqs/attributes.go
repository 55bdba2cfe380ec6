package sqs

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// set reads attributes of CreateQueue or SetQueueAttributes. It changes nothing if one
// of them is refused.
func (q *queue) set(given wire.Object) error {
	next, kept := q.config, maps.Clone(q.kept)
	for _, name := range slices.Sorted(maps.Keys(given)) {
		text := given.String(name)
		if name == "RedrivePolicy" {
			if err := next.redrive(text); err != nil {
				return err
			}
			continue
		}
		if keptAttribute(name) {
			kept[name] = text
			continue
		}
		if err := next.number(name, text); err != nil {
			return err
		}
		if name == "ReceiveMessageWaitTimeSeconds" { // a receive never waits on a virtual clock
			kept[name] = text
		}
	}
	q.config, q.kept = next, kept
	return nil
}

// keptAttribute reports whether an attribute is kept and answered, without an effect.
func keptAttribute(name string) bool {
	switch name {
	case "Policy", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "RedriveAllowPolicy", "SqsManagedSseEnabled":
		return true
	}
	return false
}

// number reads an attribute that is a number. AWS: API reference of SetQueueAttributes.
func (c *QueueConfig) number(name, text string) error {
	n, err := strconv.Atoi(text)
	within := func(least, most int) bool { return err == nil && n >= least && n <= most }
	var ok bool
	switch name {
	case "VisibilityTimeout":
		ok, c.Visibility = within(0, maxVisibility), time.Duration(n)*time.Second
	case "DelaySeconds":
		ok, c.Delay = within(0, maxDelay), time.Duration(n)*time.Second
	case "MessageRetentionPeriod":
		ok, c.Retention = within(minRetention, maxRetention), time.Duration(n)*time.Second
	case "MaximumMessageSize":
		ok, c.MaxMessage = within(minMessageSize, maxMessage), n
	case "ReceiveMessageWaitTimeSeconds":
		ok = within(0, maxWait)
	default:
		return wire.Errorf("InvalidAttributeName", "Unknown Attribute %s.", name)
	}
	if !ok {
		return wire.Errorf("InvalidAttributeValue", "Invalid value for the parameter %s.", name)
	}
	return nil
}

// redrivePolicy is the attribute that names the dead-letter queue.
type redrivePolicy struct {
	DeadLetterTargetARN string      `json:"deadLetterTargetArn"`
	MaxReceiveCount     json.Number `json:"maxReceiveCount"` // clients send a number or a text
}

// redrive reads the dead-letter queue. An empty text removes it.
func (c *QueueConfig) redrive(text string) error {
	if text == "" {
		c.MaxReceives, c.DeadLetter = 0, ""
		return nil
	}
	var policy redrivePolicy
	err := json.Unmarshal([]byte(text), &policy)
	count, numberErr := strconv.Atoi(string(policy.MaxReceiveCount))
	if err != nil || numberErr != nil || count < 1 || count > maxReceives {
		return wire.Errorf("InvalidParameterValue", "Value %s for parameter RedrivePolicy is invalid.", text)
	}
	arn := policy.DeadLetterTargetARN
	c.MaxReceives, c.DeadLetter = count, arn[strings.LastIndexByte(arn, ':')+1:]
	return nil
}

func (s *Service) setQueueAttributes(q *queue, in wire.Object) (wire.Object, error) {
	if err := q.set(in.Object("Attributes")); err != nil {
		return nil, err
	}
	q.changed = s.account.Now()
	return nil, nil
}

// tag adds tags to the queue.
func (q *queue) tag(tags wire.Object) {
	for name := range tags {
		q.tags[name] = tags.String(name)
	}
}

func (s *Service) tagQueue(q *queue, in wire.Object) (wire.Object, error) {
	q.tag(in.Object("Tags"))
	return nil, nil
}

func (s *Service) untagQueue(q *queue, in wire.Object) (wire.Object, error) {
	for _, name := range in.Strings("TagKeys") {
		delete(q.tags, name)
	}
	return nil, nil
}

func (s *Service) listQueueTags(q *queue, _ wire.Object) (wire.Object, error) {
	if len(q.tags) == 0 {
		return wire.Object{}, nil
	}
	return wire.Object{"Tags": maps.Clone(q.tags)}, nil
}

// listDeadLetterSources returns the queues whose dead-letter queue is the one of the
// request.
func (s *Service) listDeadLetterSources(base string, in wire.Object) (wire.Object, error) {
	dead, err := s.queueAt(in.String("QueueUrl"))
	if err != nil {
		return nil, err
	}
	urls := []string{}
	for _, name := range slices.Sorted(maps.Keys(s.queues)) {
		if c := s.queues[name].config; c.DeadLetter == dead.config.Name && c.MaxReceives > 0 {
			urls = append(urls, s.queueURL(base, name))
		}
	}
	return urlPage("queueUrls", urls, in)
}

// urlPage returns one page of URLs. Only a request with MaxResults has pages. AWS: API
// reference of ListQueues.
func urlPage(member string, urls []string, in wire.Object) (wire.Object, error) {
	most := listLimit
	if _, paged := in.Int("MaxResults"); !paged {
		most = max(most, len(urls))
	}
	part, next, err := wire.Page(urls, in, "MaxResults", "NextToken", most)
	if err != nil {
		return nil, err
	}
	return wire.SetToken(wire.Object{member: part}, "NextToken", next), nil
}

func (s *Service) changeVisibilityBatch(q *queue, in wire.Object) (wire.Object, error) {
	return batch(in, func(entry wire.Object) (wire.Object, error) { return s.changeMessageVisibility(q, entry) })
}
