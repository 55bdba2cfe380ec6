package rehearse

import (
	"fmt"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/bus"
)

// Messages is an expectation about the messages that an operator received.
type Messages struct {
	AtLeast *int `yaml:"at_least"`
	AtMost  *int `yaml:"at_most"`
	// Before counts only the messages before that time; zero counts all.
	Before time.Duration `yaml:"before"`
	// Service counts only the messages about it; empty counts all.
	Service string `yaml:"service"`
}

// received is a message of the topic.
type received struct {
	at   time.Time
	body string
}

// subscribe collects the messages of the topic.
func (r *Run) subscribe() {
	r.sim.Subscribe(topicName, func(batch []bus.Message) []string {
		for _, m := range batch {
			r.messages = append(r.messages, received{r.sim.Now(), m.Body})
		}
		return nil
	})
}

// difference returns the difference of the received messages from the expectation;
// empty for none.
func (m Messages) difference(r *Run) string {
	n := 0
	for _, got := range r.messages {
		at := got.at.Sub(r.start)
		if at < 0 || m.Before > 0 && at > m.Before || m.Service != "" && !strings.Contains(got.body, "homeostat: "+m.Service+": ") {
			continue
		}
		n++
	}
	if m.AtLeast != nil && n < *m.AtLeast || m.AtMost != nil && n > *m.AtMost {
		return fmt.Sprintf("there are %d", n)
	}
	return ""
}

// String returns the expectation as a sentence of its fields.
func (m Messages) String() string {
	text := "messages"
	if m.Service != "" {
		text += " about " + m.Service
	}
	if m.AtLeast != nil {
		text += fmt.Sprintf(" at least %d", *m.AtLeast)
	}
	if m.AtMost != nil {
		text += fmt.Sprintf(" at most %d", *m.AtMost)
	}
	if m.Before > 0 {
		text += " before " + m.Before.String()
	}
	return text
}
