package sqs

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/wire"
)

// queueAt finds the queue of a URL. The host does not matter.
func (s *Service) queueAt(url string) (*queue, error) {
	if url == "" {
		return nil, wire.Errorf("MissingParameter", "The request must contain the parameter QueueUrl.")
	}
	return s.queueNamed(url[strings.LastIndexByte(url, '/')+1:])
}

func (s *Service) queueNamed(name string) (*queue, error) {
	if q := s.queues[name]; q != nil {
		return q, nil
	}
	return nil, wire.Errorf("QueueDoesNotExist", "The specified queue does not exist.")
}

func (s *Service) queueURL(base, name string) string {
	return base + "/" + s.account.Account + "/" + name
}

func (s *Service) createQueue(base string, in wire.Object) (wire.Object, error) {
	name, given := in.String("QueueName"), in.Object("Attributes")
	if strings.HasSuffix(name, ".fifo") || given.Has("FifoQueue") {
		return nil, wire.Errorf("UnsupportedOperation", "ecssim does not model queues of the type FIFO")
	}
	if !isName(name) {
		return nil, wire.Errorf("InvalidParameterValue", "A standard queue's name can only include alphanumeric characters, hyphens, or underscores.")
	}
	if known := s.queues[name]; known != nil {
		current := s.attributesOf(known)
		for _, key := range slices.Sorted(maps.Keys(given)) {
			if current[key] != given.String(key) {
				return nil, wire.Errorf("QueueNameExists", "A queue already exists with the same name and a different value for attribute %s", key)
			}
		}
		return wire.Object{"QueueUrl": s.queueURL(base, name)}, nil
	}
	made := &queue{config: QueueConfig{Name: name, Visibility: defaultVisibility}, kept: map[string]string{}}
	if err := made.set(given); err != nil {
		return nil, err
	}
	s.AddQueue(made.config)
	q := s.queues[name]
	q.config.Visibility, q.kept = made.config.Visibility, made.kept // a timeout of zero stays
	q.tag(in.Object("tags"))
	return wire.Object{"QueueUrl": s.queueURL(base, name)}, nil
}

// isName reports whether a text can be the name of a standard queue.
func isName(text string) bool {
	return text != "" && len(text) <= maxName && !strings.ContainsFunc(text, func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

func (s *Service) getQueueURL(base string, in wire.Object) (wire.Object, error) {
	q, err := s.queueNamed(in.String("QueueName"))
	if err != nil {
		return nil, err
	}
	return wire.Object{"QueueUrl": s.queueURL(base, q.config.Name)}, nil
}

func (s *Service) listQueues(base string, in wire.Object) (wire.Object, error) {
	urls := []string{}
	for _, name := range slices.Sorted(maps.Keys(s.queues)) {
		if strings.HasPrefix(name, in.String("QueueNamePrefix")) {
			urls = append(urls, s.queueURL(base, name))
		}
	}
	return urlPage("QueueUrls", urls, in)
}

func (s *Service) getQueueAttributes(q *queue, in wire.Object) (wire.Object, error) {
	all := s.attributesOf(q)
	wanted := in.Strings("AttributeNames")
	if !slices.Contains(wanted, "All") {
		maps.DeleteFunc(all, func(name, _ string) bool { return !slices.Contains(wanted, name) })
	}
	if len(all) == 0 {
		return nil, nil
	}
	return wire.Object{"Attributes": all}, nil
}

func (s *Service) attributesOf(q *queue) map[string]string {
	created := strconv.FormatInt(q.created.Unix(), 10)
	out := map[string]string{
		"QueueArn":                              s.account.ARN("sqs", q.config.Name),
		"ApproximateNumberOfMessages":           strconv.Itoa(len(q.ready)),
		"ApproximateNumberOfMessagesNotVisible": strconv.Itoa(len(q.flight)),
		"ApproximateNumberOfMessagesDelayed":    strconv.Itoa(len(q.delayed)),
		"CreatedTimestamp":                      created,
		"LastModifiedTimestamp":                 strconv.FormatInt(q.changed.Unix(), 10),
		"VisibilityTimeout":                     seconds(q.config.Visibility),
		"DelaySeconds":                          seconds(q.config.Delay),
		"MaximumMessageSize":                    strconv.Itoa(q.config.MaxMessage),
		"MessageRetentionPeriod":                seconds(q.config.Retention),
		"ReceiveMessageWaitTimeSeconds":         "0",
		"SqsManagedSseEnabled":                  "true",
	}
	maps.Copy(out, q.kept)
	if q.config.MaxReceives > 0 && q.config.DeadLetter != "" {
		policy, _ := json.Marshal(redrivePolicy{ // texts always marshal
			s.account.ARN("sqs", q.config.DeadLetter), json.Number(strconv.Itoa(q.config.MaxReceives)),
		})
		out["RedrivePolicy"] = string(policy)
	}
	return out
}

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }

func (s *Service) purgeQueue(q *queue, _ wire.Object) (wire.Object, error) {
	for _, held := range []map[string]*stored{q.flight, q.delayed} {
		for _, m := range held {
			m.turn++ // its timer is then out of date
		}
		clear(held)
	}
	q.ready = nil
	return nil, nil
}

func (s *Service) deleteQueue(q *queue, in wire.Object) (wire.Object, error) {
	_, err := s.purgeQueue(q, in)
	delete(s.queues, q.config.Name)
	return nil, err
}

func (s *Service) changeMessageVisibility(q *queue, in wire.Object) (wire.Object, error) {
	m, err := q.received(in.String("ReceiptHandle"))
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, wire.Errorf("MessageNotInflight", "The specified message isn't in flight.")
	}
	timeout, ok := in.Int("VisibilityTimeout")
	if !ok || timeout < 0 || timeout > maxVisibility {
		return nil, wire.Errorf("InvalidParameterValue", "Value for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200.")
	}
	if timeout == 0 {
		s.show(q, m)
		return nil, nil
	}
	s.showAt(q, m, time.Duration(timeout)*time.Second)
	return nil, nil
}

// received returns the message in flight of a receipt, or nil if it has moved on.
func (q *queue) received(handle string) (*stored, error) {
	id, count, ok := strings.Cut(handle, "#")
	if _, err := strconv.Atoi(count); !ok || err != nil {
		return nil, &wire.Error{
			Code: "ReceiptHandleIsInvalid", Message: "The input receipt handle is invalid.", Status: http.StatusNotFound,
		}
	}
	if m := q.flight[id]; m != nil && m.handle() == handle {
		return m, nil
	}
	return nil, nil
}
