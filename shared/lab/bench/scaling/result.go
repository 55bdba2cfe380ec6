package scaling

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Result is all that was played or read.
type Result struct {
	Lines     []Line
	Meta      Meta
	Choices   []Choice
	Frontiers []Outlook
	Series    []Series
	Reactions []Reaction
	Variants  []Variant
}

// AddLine takes a line. Of two of the same trace and policy the later one
// counts, so that parts can be played again.
func (r *Result) AddLine(l Line) {
	r.Lines = put(r.Lines, l, func(o Line) bool { return o.Trace == l.Trace && o.Policy == l.Policy })
}

// Add takes an extra, the later one of two of the same.
func (r *Result) Add(e Extra) {
	switch {
	case e.Meta != nil:
		r.Meta = r.Meta.with(*e.Meta)
	case e.Choice != nil:
		r.Choices = put(r.Choices, *e.Choice, func(o Choice) bool { return o.Policy == e.Choice.Policy })
	case e.Frontier != nil:
		r.Frontiers = put(r.Frontiers, *e.Frontier, func(o Outlook) bool { return o.Trace == e.Frontier.Trace })
	case e.Series != nil:
		r.addSeries(*e.Series)
	case e.Reaction != nil:
		r.Reactions = put(r.Reactions, *e.Reaction, func(o Reaction) bool { return o.Policy == e.Reaction.Policy })
	case e.Variant != nil:
		r.Variants = put(r.Variants, *e.Variant, func(o Variant) bool {
			return o.Name == e.Variant.Name && o.Line.Trace == e.Variant.Line.Trace && o.Line.Policy == e.Variant.Line.Policy
		})
	}
}

// addSeries takes the tasks of a trace. Those of policies that are not among them
// stay: a part that was played again has not played everybody.
func (r *Result) addSeries(s Series) {
	same := func(o Series) bool { return o.Trace == s.Trace && o.Watch == s.Watch }
	if i := slices.IndexFunc(r.Series, same); i >= 0 {
		tasks := slices.Clone(r.Series[i].Tasks)
		for _, t := range s.Tasks {
			tasks = put(tasks, t, func(o Tasks) bool { return o.Policy == t.Policy })
		}
		s.Tasks = tasks
	}
	r.Series = put(r.Series, s, func(o Series) bool { return o.Trace == s.Trace })
}

// put replaces what is the same, or appends.
func put[T any](all []T, one T, same func(T) bool) []T {
	if i := slices.IndexFunc(all, same); i >= 0 {
		all[i] = one
		return all
	}
	return append(all, one)
}

// maxLine is far more than the longest choice or series has.
const maxLine = 4 << 20

// Read adds lines and extras that were written as JSON, mixed or not.
func (r *Result) Read(in io.Reader) error {
	scanner := bufio.NewScanner(in)
	scanner.Buffer(nil, maxLine)
	for n := 1; scanner.Scan(); n++ {
		if err := r.read(scanner.Bytes()); err != nil {
			return fmt.Errorf("line %d is nothing that bench scale writes: %w", n, err)
		}
	}
	return scanner.Err()
}

func (r *Result) read(text []byte) error {
	var one struct {
		Extra
		Line
	}
	if err := json.Unmarshal(text, &one); err != nil {
		return err
	}
	switch {
	case one.Extra != Extra{}:
		r.Add(one.Extra)
	case one.Trace != "" && one.Policy != "":
		r.AddLine(one.Line)
	default:
		return errors.New("it names no trace and policy")
	}
	return nil
}

// Trial is one trace's lines.
type Trial struct {
	Trace string
	Lines []Line
}

// Of is a policy's line.
func (t Trial) Of(policy string) (Line, bool) {
	i := slices.IndexFunc(t.Lines, func(l Line) bool { return l.Policy == policy })
	if i < 0 {
		return Line{}, false
	}
	return t.Lines[i], true
}

// Trials are the lines by trace, in the order in which they came.
func (r *Result) Trials() []Trial { return trials(r.Lines) }

func trials(lines []Line) (out []Trial) {
	for _, l := range lines {
		i := slices.IndexFunc(out, func(t Trial) bool { return t.Trace == l.Trace })
		if i < 0 {
			out, i = append(out, Trial{Trace: l.Trace}), len(out)
		}
		out[i].Lines = append(out[i].Lines, l)
	}
	return out
}

// Choice is what tuning found for a policy.
func (r *Result) Choice(policy string) (Choice, bool) { return choices(r.Choices).of(policy) }
