package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"

	"homeostat/shared/core/policy"
	"homeostat/shared/ops/report"
	"homeostat/shared/sim/rehearse"

	"golang.org/x/sync/errgroup"
)

type rehearseVerb struct {
	output
	whatIf
	Scenarios []string `arg:"" optional:"" name:"scenario" help:"Play these scenario files (YAML); see docs/scenarios.md."`
	Policy    string   `help:"Use this policy file instead of the policy of the scenario." placeholder:"FILE"`
	Seed      uint64   `default:"1" help:"Set the seed of the first run; the same seed gives the same run."`
	Runs      int      `default:"1" help:"Play each scenario this number of times, each time with the next seed."`
	Why       bool     `help:"Print also why nothing was done."`
	HTML      string   `help:"Write a report with charts to this file." placeholder:"FILE"`
}

// Run plays the scenarios, or recorded traffic with --trace. The exit code is 1
// if an expectation fails or a file is unreadable.
func (v *rehearseVerb) Run(s *session) error {
	switch {
	case v.Trace != "" && len(v.Scenarios) > 0:
		return usageError{errors.New("--trace plays traffic and takes no scenarios: give one or the other")}
	case v.Trace != "":
		return v.answer(s)
	case len(v.Scenarios) == 0:
		return usageError{errors.New("nothing to rehearse: give scenario files, or --trace FILE")}
	}
	if err := v.withoutTrace(); err != nil {
		return err
	}
	if v.Runs < 1 {
		return usageError{fmt.Errorf("--runs is %d, expected 1 or more", v.Runs)}
	}
	chosen, err := v.policy()
	if err != nil {
		return err
	}
	defer rehearse.CollectLess()()
	var results []rehearse.Result
	var faults []error
	for _, file := range v.Scenarios {
		result, err := v.play(s, file, chosen)
		if s.ctx.Err() != nil {
			return s.ctx.Err()
		}
		if err != nil {
			faults = append(faults, err)
			continue
		}
		results = append(results, result)
		if !result.Held() {
			faults = append(faults, errFound)
		}
		if err := v.print(s.out, result); err != nil {
			return err
		}
	}
	if err := v.html(results); err != nil {
		return err
	}
	return joinFaults(faults)
}

// joinFaults joins the errors that have a message. It returns errFound if only
// failed expectations remain.
func joinFaults(faults []error) error {
	var words []error
	for _, err := range faults {
		if !errors.Is(err, errFound) {
			words = append(words, err)
		}
	}
	if len(words) == 0 && len(faults) > 0 {
		return errFound
	}
	return errors.Join(words...)
}

func (v *rehearseVerb) policy() (*policy.Policy, error) {
	if v.Policy == "" {
		return nil, nil
	}
	data, err := os.ReadFile(v.Policy)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", v.Policy, plainPathError(err))
	}
	return policy.Parse(v.Policy, data)
}

// play plays one scenario with each seed, on all processors.
func (v *rehearseVerb) play(s *session, file string, chosen *policy.Policy) (rehearse.Result, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return rehearse.Result{}, fmt.Errorf("%s: %w", file, plainPathError(err))
	}
	scenario, err := rehearse.Parse(file, data)
	if err != nil {
		return rehearse.Result{}, err
	}
	runs := make([]rehearse.Result, v.Runs)
	group, ctx := errgroup.WithContext(s.ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range runs {
		group.Go(func() error {
			run, err := rehearse.New(scenario, rehearse.Options{Seed: v.Seed + uint64(i), Policy: chosen})
			if err != nil {
				return err
			}
			if err := run.Play(ctx); err != nil {
				return err
			}
			runs[i] = run.Result()
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return rehearse.Result{}, fmt.Errorf("%s: %w", file, err)
	}
	return rehearse.Merge(runs), nil
}

func (v *rehearseVerb) html(results []rehearse.Result) error {
	if v.HTML == "" || len(results) == 0 {
		return nil
	}
	page, err := report.Rehearsal(results)
	if err != nil {
		return err
	}
	if err := os.WriteFile(v.HTML, page, 0o644); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

func (v *rehearseVerb) print(out io.Writer, r rehearse.Result) error {
	if v.Output == "json" {
		return writeJSON(out, r)
	}
	fmt.Fprintf(out, "%s (seed %d, %s)\n", r.Scenario, r.Seed, count(r.Runs, "run"))
	for _, service := range r.Services {
		fmt.Fprintf(out, "  %s: %s failed, %.0f s down, %.0f s in violation, %.2f task-hours%s\n", service.Service,
			count(service.TasksFailed, "task"), service.DowntimeS, service.ViolationS, service.TaskHours, recovery(service))
		if err := printEpisodes(out, service.Episodes, v.Why); err != nil {
			return err
		}
	}
	for _, i := range r.Invariants {
		if !i.Held {
			fmt.Fprintf(out, "  BROKEN %s: %s\n", i.Name, i.Detail)
		}
	}
	_, err := fmt.Fprintf(out, "  %d of %s held\n", countHeld(r), count(len(r.Invariants), "invariant"))
	return err
}

// printEpisodes prints the episodes with a decision. With why it prints also those
// without, each time their reasons change.
func printEpisodes(out io.Writer, episodes []rehearse.EpisodeResult, why bool) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	last := ""
	for _, e := range episodes {
		if e.Decision == "none" {
			if names := reasonNames(e); why && names != last {
				fmt.Fprintf(table, "    %s\t%s\t%s\t\t\t%s\n", elapsed(e.At), e.Trigger, e.Decision, strings.Join(e.Reasons, "; "))
				last = names
			}
			continue
		}
		last = ""
		result := e.Result
		if result == "" {
			result = e.Verdict
		}
		fmt.Fprintf(table, "    %s\t%s\t%s\t%s\t%s\t%s\n", elapsed(e.At), e.Trigger, e.Decision, e.Action, result, first(e.Reasons))
	}
	return table.Flush()
}

// reasonNames returns the names of the reasons of an episode.
func reasonNames(e rehearse.EpisodeResult) string {
	var names []string
	for _, text := range e.Reasons {
		name, _, _ := strings.Cut(text, ":")
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

func recovery(s rehearse.ServiceResult) string {
	if s.DetectS == nil {
		return ""
	}
	text := fmt.Sprintf(", decided %.0f s after the first failure", *s.DetectS)
	if s.RecoverS != nil {
		text += fmt.Sprintf(", recovered after %.0f s", *s.RecoverS)
	}
	return text
}

func countHeld(r rehearse.Result) int {
	n := 0
	for _, i := range r.Invariants {
		if i.Held {
			n++
		}
	}
	return n
}

// count returns a number with its noun in the singular or plural.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// elapsed formats a time of the scenario as h:mm:ss.
func elapsed(seconds float64) string {
	n := int(seconds)
	return fmt.Sprintf("%d:%02d:%02d", n/3600, n/60%60, n%60)
}
