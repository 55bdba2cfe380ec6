package bench

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/rehearse"
)

// Variant is a result with one changed assumption of the simulator.
type Variant struct {
	Name   string `json:"variant"`
	Result Result `json:"line"`
}

// variation is one changed assumption. A healer does not know it.
type variation struct {
	name string
	// images changes the images of a scenario, model the simulator's numbers. Either
	// may be nil.
	images func(*rehearse.Image)
	model  ecssim.Model
}

// unchanged names the variant without a change.
const unchanged = "as in the benchmark"

// variations returns a low and a high value of each number that AWS does not publish
// and that the benchmark depends on, and the other reading of the circuit breaker.
// The usual values stand in the names.
func variations() []variation {
	images := func(name string, change func(*rehearse.Image)) variation {
		return variation{name: name, images: change}
	}
	model := func(name string, m ecssim.Model) variation { return variation{name: name, model: m} }
	return []variation{
		{name: unchanged},
		model("the circuit breaker in one stage (two)", ecssim.Model{OneStage: true}),
		images("probes of a target 10 s apart (30 s)", func(i *rehearse.Image) { i.HealthInterval = 10 * time.Second }),
		images("probes of a target 60 s apart (30 s)", func(i *rehearse.Image) { i.HealthInterval = time.Minute }),
		images("tasks start in 10 s (30 s)", func(i *rehearse.Image) { i.StartDelay.Median = 10 * time.Second }),
		images("tasks start in 90 s (30 s)", func(i *rehearse.Image) { i.StartDelay.Median = 90 * time.Second }),
		images("an application answers after 1 s (5 s)", func(i *rehearse.Image) { i.HealthDelay.Median = time.Second }),
		images("an application answers after 20 s (5 s)", func(i *rehearse.Image) { i.HealthDelay.Median = 20 * time.Second }),
		images("a process ends after 0.5 s (2 s)", func(i *rehearse.Image) { i.StopDelay.Median = time.Second / 2 }),
		images("a process ends after 20 s (2 s)", func(i *rehearse.Image) { i.StopDelay.Median = 20 * time.Second }),
		model("a container shows as RUNNING after 0.5 s (2 s)", ecssim.Model{InstantExit: time.Second / 2}),
		model("a container shows as RUNNING after 5 s (2 s)", ecssim.Model{InstantExit: 5 * time.Second}),
		model("a network interface is released in 2 s (8 s)", ecssim.Model{Deprovision: 2 * time.Second}),
		model("a network interface is released in 30 s (8 s)", ecssim.Model{Deprovision: 30 * time.Second}),
		model("the scheduler reacts in 0.5 s (2 s)", ecssim.Model{Reaction: time.Second / 2}),
		model("the scheduler reacts in 10 s (2 s)", ecssim.Model{Reaction: 10 * time.Second}),
		model("the first back-off is 2 s (10 s)", ecssim.Model{FirstBackoff: 2 * time.Second}),
		model("the first back-off is 60 s (10 s)", ecssim.Model{FirstBackoff: time.Minute}),
		model("a failed placement is tried again after 15 s (60 s)", ecssim.Model{PlacementRetry: 15 * time.Second}),
		model("a failed placement is tried again after 5 min (60 s)", ecssim.Model{PlacementRetry: 5 * time.Minute}),
	}
}

// variantScenarios and variantPolicies are played with each variation.
func variantScenarios() []string {
	return []string{"bad-start-half", "bad-start-half-of-4", "bad-never-healthy", "bad-late-half", "good-40-tasks-2-pct", "incident-no-capacity-in-rollout"}
}

func variantPolicies() []string {
	return []string{Homeostat, "ecs-default", "ecs-count-3", "rollback-on-any-failure"}
}

// Sensitivity plays a few scenarios and policies with each variation, and passes on
// each result.
func Sensitivity(ctx context.Context, o Options, done func(Variant) error) error {
	if len(o.Scenarios) == 0 {
		o.Scenarios = variantScenarios()
	}
	if len(o.Policies) == 0 {
		o.Policies = variantPolicies()
	}
	for _, v := range variations() {
		o.variation = v
		results, err := Heal(ctx, o)
		if err != nil {
			return fmt.Errorf("%s: %w", v.name, err)
		}
		for _, r := range results {
			if err := done(Variant{v.name, r}); err != nil {
				return err
			}
		}
	}
	return nil
}

// apply changes the images of a scenario.
func (v variation) apply(s *rehearse.Scenario) {
	if v.images == nil {
		return
	}
	for name, image := range s.Images {
		v.images(&image)
		s.Images[name] = image
	}
}

// figure returns the main figure of a result: the share of detected bad revisions with
// the known failures, or the share of wrong rollbacks.
func (l Result) figure() string {
	switch {
	case l.Detected != nil:
		return fmt.Sprintf("%.0f %%, %.1f", *l.Detected, l.KnownTasks)
	case l.Group == groupIncident:
		return fmt.Sprintf("%.0f %%", l.IneffectiveRollback)
	}
	return fmt.Sprintf("%.0f %%", l.FalseRollback)
}

// sensitivityTable is a table for one scenario: variants down, policies across.
type sensitivityTable struct {
	scenario string
	policies []string
	rows     []sensitivityRow
}

type sensitivityRow struct {
	variant string
	cells   []string
}

func sensitivityTables(variants []Variant) []*sensitivityTable {
	var tables []*sensitivityTable
	byName := map[string]*sensitivityTable{}
	for _, v := range variants {
		t := byName[v.Result.Scenario]
		if t == nil {
			t = &sensitivityTable{scenario: v.Result.Scenario}
			byName[t.scenario] = t
			tables = append(tables, t)
		}
		if len(t.rows) == 0 || t.rows[len(t.rows)-1].variant != v.Name {
			t.rows = append(t.rows, sensitivityRow{variant: v.Name})
		}
		row := &t.rows[len(t.rows)-1]
		row.cells = append(row.cells, v.Result.figure())
		if len(t.rows) == 1 {
			t.policies = append(t.policies, v.Result.Policy)
		}
	}
	return tables
}

// PrintSensitivity writes the variants as tables.
func PrintSensitivity(out io.Writer, variants []Variant) error {
	for _, t := range sensitivityTables(variants) {
		fmt.Fprintf(out, "%s\n", t.scenario)
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintf(w, "  variant\t%s\n", strings.Join(t.policies, "\t"))
		for _, r := range t.rows {
			fmt.Fprintf(w, "  %s\t%s\n", r.variant, strings.Join(r.cells, "\t"))
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// These marks enclose the sensitivity tables of a page.
const (
	beginSensitivity = "<!-- sensitivity: written by bench heal --sensitivity --markdown -->\n"
	endSensitivity   = "<!-- end of sensitivity -->\n"
)

// SensitivityMarkdown replaces the sensitivity tables of a page.
func SensitivityMarkdown(page []byte, variants []Variant) ([]byte, error) {
	var out strings.Builder
	for _, t := range sensitivityTables(variants) {
		fmt.Fprintf(&out, "\n| `%s` | %s |\n|---|%s\n", t.scenario, strings.Join(t.policies, " | "), strings.Repeat("---|", len(t.policies)))
		for _, r := range t.rows {
			fmt.Fprintf(&out, "| %s | %s |\n", r.variant, strings.Join(r.cells, " | "))
		}
	}
	out.WriteString("\n")
	return between(page, beginSensitivity, endSensitivity, out.String())
}
