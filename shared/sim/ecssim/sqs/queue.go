package sqs

import (
	"slices"
	"strconv"
	"time"
)

// QueueConfig is a standard SQS queue and the mapping that reads it. Zero
// Visibility means 30 seconds, zero BatchSize means 10. A message that was
// received MaxReceives times and is not deleted goes to the DeadLetter queue. If
// one of the two is missing, the message returns until its retention is over.
type QueueConfig struct {
	Name              string
	Delay, Visibility time.Duration
	MaxReceives       int
	BatchSize         int
	DeadLetter        string
	// Retention is the age at which a message is deleted; zero is four days. MaxMessage
	// is the size of a message in bytes; zero is 1 MiB.
	Retention  time.Duration
	MaxMessage int
}

// Message is one message of a queue. Receives includes this receive.
type Message struct {
	ID, Body string
	Receives int
	SentAt   time.Time
}

type queue struct {
	config  QueueConfig
	kept    map[string]string // attributes without effect, as they were set
	tags    map[string]string
	created time.Time
	changed time.Time // of its attributes
	ready   []*stored // visible, oldest first
	flight  map[string]*stored
	delayed map[string]*stored
	consume func(batch []Message) (failed []string)
	polling bool
}

// stored is a message with its place. turn changes with each move of the message,
// so that a timer of an earlier turn does nothing.
type stored struct {
	Message
	turn       int
	first      time.Time // of its receives
	attributes map[string]any
}

// handle returns the receipt of the current receive.
func (s *stored) handle() string { return s.ID + "#" + strconv.Itoa(s.Receives) }

// AddQueue adds a queue. A queue of the same name keeps its messages and its
// subscriber and takes the new configuration.
func (s *Service) AddQueue(c QueueConfig) {
	if c.Visibility == 0 {
		c.Visibility = defaultVisibility
	}
	if c.BatchSize <= 0 {
		c.BatchSize = defaultBatchSize
	}
	if c.Retention == 0 {
		c.Retention = retention
	}
	if c.MaxMessage == 0 {
		c.MaxMessage = maxMessage
	}
	if known := s.queues[c.Name]; known != nil {
		known.config = c
		return
	}
	s.queues[c.Name] = &queue{
		config: c, kept: map[string]string{}, tags: map[string]string{},
		created: s.account.Now(), changed: s.account.Now(), flight: map[string]*stored{}, delayed: map[string]*stored{},
	}
}

// Subscribe passes the messages of a queue to fn in batches, at the instant when
// they become visible. fn returns the ids of failed messages. They return after
// the visibility timeout; the others are deleted. An id outside of the batch
// fails the whole batch, as for Lambda. An unknown queue is ignored.
func (s *Service) Subscribe(queueName string, fn func(batch []Message) (failed []string)) {
	q := s.queues[queueName]
	if q == nil {
		return
	}
	q.consume = fn
	s.wake(q)
}

// Send is SQS SendMessage. A delay of zero means the delay of the queue. It
// returns the id of the message, or "" for an unknown queue.
func (s *Service) Send(queueName, body string, delay time.Duration) (id string) {
	q := s.queues[queueName]
	if q == nil {
		return ""
	}
	if delay == 0 {
		delay = q.config.Delay
	}
	return s.enqueue(q, body, delay, nil).ID
}

func (s *Service) enqueue(q *queue, body string, delay time.Duration, attributes map[string]any) *stored {
	m := &stored{
		Message:    Message{ID: s.account.NextID(), Body: body, SentAt: s.account.Now()},
		attributes: attributes,
	}
	if delay <= 0 {
		s.show(q, m)
		return m
	}
	q.delayed[m.ID] = m
	s.showAt(q, m, delay)
	return m
}

// showAt makes a message visible later, if it has not moved by then.
func (s *Service) showAt(q *queue, m *stored, after time.Duration) {
	m.turn++
	turn := m.turn
	s.account.At(s.account.Now().Add(after), func() {
		if m.turn == turn {
			s.show(q, m)
		}
	})
}

// show makes a message visible, or drops it.
func (s *Service) show(q *queue, m *stored) {
	m.turn++
	delete(q.delayed, m.ID)
	delete(q.flight, m.ID)
	if m.Receives > 0 && s.account.Now().Sub(m.SentAt) >= q.config.Retention {
		return
	}
	if dead := s.queues[q.config.DeadLetter]; dead != nil && q.config.MaxReceives > 0 && m.Receives >= q.config.MaxReceives {
		q = dead
	}
	q.ready = append(q.ready, m)
	s.wake(q)
}

// wake schedules a poll after all other steps of this instant, so that messages
// that become visible together share a batch.
func (s *Service) wake(q *queue) {
	if q.consume == nil || q.polling || len(q.ready) == 0 {
		return
	}
	q.polling = true
	s.account.At(s.account.Now(), func() {
		q.polling = false
		s.poll(q)
	})
}

// poll passes one batch to the function, and schedules the next one for the rest.
func (s *Service) poll(q *queue) {
	batch := q.receive(q.config.BatchSize, s.account.Now())
	if len(batch) == 0 || q.consume == nil {
		return
	}
	messages := make([]Message, len(batch))
	for i, m := range batch {
		messages[i] = m.Message
	}
	turns := make([]int, len(batch))
	for i, m := range batch {
		turns[i] = m.turn
	}
	failed := q.consume(messages)
	whole := slices.ContainsFunc(failed, func(id string) bool { return !contains(messages, id) })
	for i, m := range batch {
		switch {
		case m.turn != turns[i]: // the function deleted or returned it
		case whole || slices.Contains(failed, m.ID):
			s.showAt(q, m, q.config.Visibility)
		default:
			q.drop(m)
		}
	}
	s.wake(q)
}

func contains(messages []Message, id string) bool {
	return slices.ContainsFunc(messages, func(m Message) bool { return m.ID == id })
}

// receive takes up to n visible messages and puts them in flight.
func (q *queue) receive(n int, now time.Time) []*stored {
	n = min(n, len(q.ready))
	batch := slices.Clone(q.ready[:n])
	q.ready = q.ready[n:]
	for _, m := range batch {
		if m.Receives == 0 {
			m.first = now
		}
		m.Receives++
		m.turn++
		q.flight[m.ID] = m
	}
	return batch
}

// drop deletes a message that is in flight.
func (q *queue) drop(m *stored) {
	m.turn++
	delete(q.flight, m.ID)
}

// Depth counts the messages of a queue: visible, in flight and delayed.
func (s *Service) Depth(queueName string) (visible, inFlight, delayed int) {
	q := s.queues[queueName]
	if q == nil {
		return 0, 0, 0
	}
	return len(q.ready), len(q.flight), len(q.delayed)
}

// Peek returns the visible messages of a queue, oldest first. It does not receive
// them.
func (s *Service) Peek(queueName string) []Message {
	q := s.queues[queueName]
	if q == nil {
		return nil
	}
	out := make([]Message, len(q.ready))
	for i, m := range q.ready {
		out[i] = m.Message
	}
	return out
}
