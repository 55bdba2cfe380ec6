package fleet

import "time"

// Diagnostics is what a look found out about a death besides its cause, before
// anything was done about it. It is bounded, and holds no secret.
type Diagnostics struct {
	// Changes are what the running revision changed of the one before; nil where
	// that is not known, or nothing differs.
	Changes []Change `json:"changes,omitempty"`
	// LogTail are what the task that died last had written.
	LogTail *LogTail `json:"last_words,omitempty"`
	// Recent are the other changes of the last hour, in words.
	Recent []string `json:"recent,omitempty"`
}

// LogTail are the last log lines of a container, redacted, or in Why why
// there are none.
type LogTail struct {
	Task      string    `json:"task"`
	Container string    `json:"container,omitempty"`
	Image     string    `json:"image,omitempty"`
	ExitCode  *int      `json:"exit_code,omitempty"`
	At        time.Time `json:"at,omitzero"`
	Lines     []string  `json:"lines,omitempty"`
	Why       string    `json:"why,omitempty"`
}
