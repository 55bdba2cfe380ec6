package scaling

import (
	"slices"
	"strings"
)

// Extra is what a page shows beside the lines: exactly one of its parts is there.
// It goes into a file of its own, so that each line of the other has one shape.
type Extra struct {
	Meta     *Meta     `json:"meta,omitempty"`
	Choice   *Choice   `json:"choice,omitempty"`
	Frontier *Outlook  `json:"frontier,omitempty"`
	Series   *Series   `json:"series,omitempty"`
	Reaction *Reaction `json:"reaction,omitempty"`
	Variant  *Variant  `json:"variant,omitempty"`
}

// Meta says when and how the lines were made.
type Meta struct {
	Date     string `json:"date"`
	Command  string `json:"command"`
	Platform string `json:"platform"`
	Peak     int    `json:"peak"`
	Days     int    `json:"days,omitempty"`
	Seeds    int    `json:"seeds"`
	Tuned    bool   `json:"tuned"`
}

// and is between the commands of several parts.
const and = " && "

// Commands are those that made the parts, one where there is only one.
func (m Meta) Commands() []string { return strings.Split(m.Command, and) }

// with is what is said of a result of two parts: all commands that made it, and of
// the rest what is said of the later part.
func (m Meta) with(later Meta) Meta {
	switch {
	case m.Command == "":
	case slices.Contains(m.Commands(), later.Command):
		later.Command = m.Command
	default:
		later.Command = m.Command + and + later.Command
	}
	later.Tuned = later.Tuned || m.Tuned
	return later
}

// Outlook is the frontier of the oracle that knows the rate of a trace.
type Outlook struct {
	Trace  string  `json:"trace"`
	About  string  `json:"about,omitempty"`
	Points []Point `json:"points"`
}

// Series are the tasks of a part of a trace, with the first seed: as many as the
// rate needs, and those that were ready with some policies at their defaults.
type Series struct {
	Trace string `json:"trace"`
	Watch
	Need  []float64 `json:"need"`
	Tasks []Tasks   `json:"tasks"`
}

// Tasks are the means of a policy's ready tasks.
type Tasks struct {
	Policy string    `json:"policy"`
	Ready  []float64 `json:"ready"`
}
