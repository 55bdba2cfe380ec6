package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"text/tabwriter"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/strictyaml"
	"homeostat/shared/engine/app"
)

type lintVerb struct {
	output
	Files  []string `arg:"" optional:"" name:"file" help:"Check these policy files."`
	Schema bool     `help:"Print the JSON Schema of a policy file, for editors."`
}

// lintLine is one problem of a policy file.
type lintLine struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Problem string `json:"problem,omitempty"`
	// Note says what the policy permits and an installation may lack; empty for a file
	// with a problem.
	Note string `json:"note,omitempty"`
}

// Run checks each policy file as the functions and the stack do. It returns
// errFound if a file has a problem.
func (v *lintVerb) Run(s *session) error {
	if v.Schema {
		return v.printSchema(s.out)
	}
	if len(v.Files) == 0 {
		return usageError{errors.New("no file is given: name a policy file, or give --schema")}
	}
	found := false
	for _, file := range v.Files {
		problems, note, err := lint(file)
		if err != nil {
			return err
		}
		found = found || len(problems) > 0
		if err := v.print(s.out, file, problems, note); err != nil {
			return err
		}
	}
	if found {
		return errFound
	}
	return nil
}

func (v *lintVerb) printSchema(out io.Writer) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(policy.Schema())
}

// noteOfRollbacks is printed of a policy that permits rollbacks.
const noteOfRollbacks = "without -c pin=true " + contract.WithoutPin

// lint returns the problems of a policy file, and a note if it has none.
func lint(file string) (problems []lintLine, note string, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", file, plainPathError(err))
	}
	p, err := policy.Parse(file, data)
	if err == nil {
		err = p.OverlapConflicts()
	}
	for _, e := range each(err) {
		line := lintLine{File: file, Problem: e.Error()}
		if p, ok := errors.AsType[strictyaml.Problem](e); ok {
			line = lintLine{File: file, Line: p.Line, Column: p.Column, Problem: p.Message}
		}
		problems = append(problems, line)
	}
	if err == nil && p.For(fleet.ServiceRef{}, map[string]string{contract.TagMode: string(policy.Act)}, "").Rollback {
		note = noteOfRollbacks
	}
	return problems, note, nil
}

// each returns the parts of a joined error.
func each(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

func (v *lintVerb) print(out io.Writer, file string, problems []lintLine, note string) error {
	if v.Output == "json" {
		if len(problems) == 0 {
			return writeJSON(out, lintLine{File: file, Note: note})
		}
		for _, p := range problems {
			if err := writeJSON(out, p); err != nil {
				return err
			}
		}
		return nil
	}
	for _, p := range problems {
		fmt.Fprintln(out, strictyaml.Problem{File: p.File, Line: p.Line, Column: p.Column, Message: p.Problem}.Error())
	}
	if len(problems) > 0 {
		return nil
	}
	fmt.Fprintf(out, "%s: fine\n", file)
	if note != "" {
		fmt.Fprintf(out, "%s: note: %s\n", file, note)
	}
	return nil
}

type explainVerb struct {
	output
	cloud
	Service string            `arg:"" help:"Name the service as CLUSTER/SERVICE."`
	Policy  string            `help:"Use this policy file instead of that of the functions." placeholder:"FILE"`
	Tag     map[string]string `help:"Use this tag of the service instead of its tags in ECS." placeholder:"KEY=VALUE"`
	Mode    policy.Mode       `enum:",off,observe,propose,act" default:"" help:"Cap the mode, with --policy."`
}

// Run prints each effective value of the service with its origin. With --policy
// and --tag it makes no call to AWS.
func (v *explainVerb) Run(s *session) error {
	ctx, cancel := context.WithTimeout(s.ctx, v.Timeout)
	defer cancel()
	ref, err := named(fleet.Account{}, v.Service)
	if err != nil {
		return err
	}
	chosen, limit := (*policy.Policy)(nil), v.Mode
	if v.Policy != "" {
		if chosen, err = app.ReadPolicy(v.Policy); err != nil {
			return err
		}
	}
	tags, now := v.Tag, time.Now()
	if chosen == nil || len(tags) == 0 {
		d, err := v.approach(ctx)
		if err != nil {
			return err
		}
		now = d.now()
		if chosen, limit, tags, err = v.readMissing(ctx, d, chosen); err != nil {
			return err
		}
	}
	return v.print(s.out, append(chosen.Explain(ref, tags, limit), scheduled(chosen.For(ref, tags, limit), now)...))
}

// scheduled returns the current bounds and the next rise of the minimum. It
// returns nothing for a policy without schedules.
func scheduled(e policy.Effective, now time.Time) []policy.Setting {
	if len(e.Schedules) == 0 {
		return nil
	}
	b := e.BoundsAt(now)
	all := []policy.Setting{
		{Path: "scale.min now", Value: strconv.Itoa(b.Min), Origin: b.MinOf},
		{Path: "scale.max now", Value: strconv.Itoa(b.Max), Origin: b.MaxOf},
	}
	if at, tasks := e.Upcoming(now); !at.IsZero() {
		all = append(all, policy.Setting{
			Path: "scale.min next", Value: fmt.Sprintf("%d from %s", tasks, at.Format(time.RFC3339)), Origin: e.BoundsAt(at).MinOf,
		})
	}
	return all
}

// readMissing reads the policy and the tags from AWS, if no flag gives them.
func (v *explainVerb) readMissing(ctx context.Context, d *installation, chosen *policy.Policy) (*policy.Policy, policy.Mode, map[string]string, error) {
	limit, tags := v.Mode, v.Tag
	if chosen == nil {
		err := d.stack(ctx, v.Stack)
		if err != nil {
			return nil, "", nil, err
		}
		if chosen, limit, err = d.policy(ctx, ""); err != nil {
			return nil, "", nil, err
		}
	}
	if len(tags) == 0 {
		ref, err := d.ref(v.Service)
		if err != nil {
			return nil, "", nil, err
		}
		found := false
		if tags, found, err = d.observer.Tags(ctx, ref); err != nil {
			return nil, "", nil, userError(err)
		}
		if !found {
			return nil, "", nil, fmt.Errorf("there is no service %s in account %s, region %s: check the name, or give --tag", ref, ref.Account, ref.Region)
		}
	}
	return chosen, limit, tags, nil
}

func (v *explainVerb) print(out io.Writer, settings []policy.Setting) error {
	if v.Output == "json" {
		for _, s := range settings {
			if err := writeJSON(out, s); err != nil {
				return err
			}
		}
		return nil
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, s := range settings {
		fmt.Fprintf(table, "%s\t%s\t%s\n", s.Path, s.Value, s.Origin)
	}
	return table.Flush()
}
