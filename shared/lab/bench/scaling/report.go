package scaling

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Report holds the results and extras of one or more runs of the benchmark.
type Report struct {
	Results   []Result
	Meta      Meta
	Choices   []Choice
	Frontiers []RateFrontier
	Series    []Series
	Reactions []Reaction
	Variants  []Variant
}

// AddResult adds a result. It replaces an earlier result of the same trace and
// policy, so that parts can be played again.
func (r *Report) AddResult(l Result) {
	r.Results = upsert(r.Results, l, func(o Result) bool { return o.Trace == l.Trace && o.Policy == l.Policy })
}

// Add adds an extra and replaces an earlier one of the same kind and key.
func (r *Report) Add(e Extra) {
	switch {
	case e.Meta != nil:
		r.Meta = r.Meta.with(*e.Meta)
	case e.Choice != nil:
		r.Choices = upsert(r.Choices, *e.Choice, func(o Choice) bool { return o.Policy == e.Choice.Policy })
	case e.Frontier != nil:
		r.Frontiers = upsert(r.Frontiers, *e.Frontier, func(o RateFrontier) bool { return o.Trace == e.Frontier.Trace })
	case e.Series != nil:
		r.addSeries(*e.Series)
	case e.Reaction != nil:
		r.Reactions = upsert(r.Reactions, *e.Reaction, func(o Reaction) bool { return o.Policy == e.Reaction.Policy })
	case e.Variant != nil:
		r.Variants = upsert(r.Variants, *e.Variant, func(o Variant) bool {
			return o.Name == e.Variant.Name && o.Result.Trace == e.Variant.Result.Trace && o.Result.Policy == e.Variant.Result.Policy
		})
	}
}

// addSeries adds the tasks of a trace. It keeps the tasks of policies that the new
// series does not have.
func (r *Report) addSeries(s Series) {
	same := func(o Series) bool { return o.Trace == s.Trace && o.Watch == s.Watch }
	if i := slices.IndexFunc(r.Series, same); i >= 0 {
		tasks := slices.Clone(r.Series[i].Tasks)
		for _, t := range s.Tasks {
			tasks = upsert(tasks, t, func(o Tasks) bool { return o.Policy == t.Policy })
		}
		s.Tasks = tasks
	}
	r.Series = upsert(r.Series, s, func(o Series) bool { return o.Trace == s.Trace })
}

// upsert replaces the same element, or appends it.
func upsert[T any](all []T, one T, same func(T) bool) []T {
	if i := slices.IndexFunc(all, same); i >= 0 {
		all[i] = one
		return all
	}
	return append(all, one)
}

// Read adds results and extras from JSON, in any order.
func (r *Report) Read(in io.Reader) error {
	scanner := bufio.NewScanner(in)
	scanner.Buffer(nil, maxLine)
	for n := 1; scanner.Scan(); n++ {
		if err := r.read(scanner.Bytes()); err != nil {
			return fmt.Errorf("line %d is not from bench scale: %w", n, err)
		}
	}
	return scanner.Err()
}

func (r *Report) read(text []byte) error {
	var one struct {
		Extra
		Result
	}
	if err := json.Unmarshal(text, &one); err != nil {
		return err
	}
	switch {
	case one.Extra != Extra{}:
		r.Add(one.Extra)
	case one.Trace != "" && one.Policy != "":
		r.AddResult(one.Result)
	default:
		return errors.New("it has no trace and policy")
	}
	return nil
}

// TraceResults holds the results of one trace.
type TraceResults struct {
	Trace   string
	Results []Result
}

// Of returns the result of a policy.
func (t TraceResults) Of(policy string) (Result, bool) {
	i := slices.IndexFunc(t.Results, func(l Result) bool { return l.Policy == policy })
	if i < 0 {
		return Result{}, false
	}
	return t.Results[i], true
}

// ByTrace groups the results by trace, in their order.
func (r *Report) ByTrace() []TraceResults { return groupByTrace(r.Results) }

func groupByTrace(results []Result) (out []TraceResults) {
	for _, l := range results {
		i := slices.IndexFunc(out, func(t TraceResults) bool { return t.Trace == l.Trace })
		if i < 0 {
			out, i = append(out, TraceResults{Trace: l.Trace}), len(out)
		}
		out[i].Results = append(out[i].Results, l)
	}
	return out
}

// Choice returns the tuning outcome of a policy.
func (r *Report) Choice(policy string) (Choice, bool) { return choices(r.Choices).of(policy) }

// Extra holds one item of a page besides the results. Exactly one field is set.
// Extras go to a separate file, so that each line of the result file has the same
// shape.
type Extra struct {
	Meta     *Meta         `json:"meta,omitempty"`
	Choice   *Choice       `json:"choice,omitempty"`
	Frontier *RateFrontier `json:"frontier,omitempty"`
	Series   *Series       `json:"series,omitempty"`
	Reaction *Reaction     `json:"reaction,omitempty"`
	Variant  *Variant      `json:"variant,omitempty"`
}

// Meta describes the run: date, command and platform.
type Meta struct {
	Date     string `json:"date"`
	Command  string `json:"command"`
	Platform string `json:"platform"`
	Peak     int    `json:"peak"`
	Days     int    `json:"days,omitempty"`
	Seeds    int    `json:"seeds"`
	Tuned    bool   `json:"tuned"`
}

// and separates the commands of several parts.
const and = " && "

// Commands returns the commands of the parts.
func (m Meta) Commands() []string { return strings.Split(m.Command, and) }

// with merges two parts: all commands, and the other fields of the later part.
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

// RateFrontier is the frontier of the rate oracle on a trace.
type RateFrontier struct {
	Trace  string  `json:"trace"`
	About  string  `json:"about,omitempty"`
	Points []Point `json:"points"`
}

// Series holds the tasks of a part of a trace with the first seed: the need of the
// rate, and the ready tasks of some policies at their defaults.
type Series struct {
	Trace string `json:"trace"`
	Watch
	Need  []float64 `json:"need"`
	Tasks []Tasks   `json:"tasks"`
}

// Tasks holds the mean ready tasks of a policy.
type Tasks struct {
	Policy string    `json:"policy"`
	Ready  []float64 `json:"ready"`
}
