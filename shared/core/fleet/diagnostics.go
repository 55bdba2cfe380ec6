package fleet

import (
	"strconv"
	"time"
)

// Diagnostics holds the facts about a task failure beside its cause, from before
// the action. It is bounded and holds no secret.
type Diagnostics struct {
	// Changes are the differences of the running revision from the one before; nil
	// if they are unknown or there are none.
	Changes []Change `json:"changes,omitempty"`
	// LogTail is the log tail of the task that failed last.
	LogTail *LogTail `json:"last_words,omitempty"`
	// Notes says what the containers said that did not end the task, and which
	// containers are restarted without an event.
	Notes []string `json:"notes,omitempty"`
	// Recent are the other changes of the last hour, as texts.
	Recent []string `json:"recent,omitempty"`
}

// LogTail holds the last log lines of a container, redacted. Why explains missing
// lines.
type LogTail struct {
	Task      string    `json:"task"`
	Container string    `json:"container,omitempty"`
	Image     string    `json:"image,omitempty"`
	ExitCode  *int      `json:"exit_code,omitempty"`
	At        time.Time `json:"at,omitzero"`
	Lines     []string  `json:"lines,omitempty"`
	Why       string    `json:"why,omitempty"`
}

// RestartNotes returns one sentence for each container with a restart policy, because
// ECS sends no event when such a container ends. It is empty for a nil definition.
func (d *Definition) RestartNotes() []string {
	if d == nil {
		return nil
	}
	var out []string
	for i := range d.Containers {
		if c := &d.Containers[i]; c.Restarts {
			out = append(out, "container "+strconv.Quote(c.Name)+" has a restart policy: ECS restarts it within the task and sends no event")
		}
	}
	return out
}
