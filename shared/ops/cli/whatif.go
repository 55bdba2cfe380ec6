package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/lab/recording"
	"homeostat/shared/lab/whatif"
	"homeostat/shared/ops/report"
	"homeostat/shared/sim/workload"
)

// whatIf are the flags of rehearse that ask what recorded traffic would have
// cost and how it would have been served.
type whatIf struct {
	Trace   string        `group:"What if:" help:"Play this traffic (CSV: t_s,requests) instead of scenarios; see docs/what-if.md." placeholder:"FILE"`
	Against []string      `group:"What if:" sep:"none" help:"Compare with another policy (FILE.yaml) or with a plan of docs/what-if.md, such as fixed:8; may be repeated." placeholder:"PLAN"`
	Service string        `group:"What if:" help:"Use the policy rules of this service instead of the recorded one." placeholder:"CLUSTER/SERVICE"`
	PerTask string        `group:"What if:" name:"requests-per-task" help:"Set the requests of one busy task, such as 20 a second or 1200/m a minute, instead of the recorded rate." placeholder:"RATE"`
	AtOnce  int           `group:"What if:" default:"2" help:"Set the number of requests that a task serves at once."`
	StartUp time.Duration `group:"What if:" default:"40s" help:"Set the median time from the start of a task until it serves."`
	Seeds   int           `group:"What if:" default:"5" help:"Play this number of seeds; arrivals and start-up times differ by seed and are the same for each plan."`
	TaskCPU int           `group:"What if:" help:"Set the CPU units of a task for the price; the default is the recorded value, else 1024." placeholder:"UNITS"`
	Memory  int           `group:"What if:" name:"task-memory" help:"Set the memory of a task in MiB for the price; the default is the recorded value, else 2048." placeholder:"MIB"`
	ARM     bool          `group:"What if:" help:"Use the price of ARM64 tasks."`
	Price   float64       `group:"What if:" name:"task-price" help:"Set the price of a task in USD an hour instead of Fargate's list price." placeholder:"USD"`
}

// Limits of what is played: far above any real service.
const (
	maxSeeds  = 1000
	maxTasks  = 5000 // ECS's own limit of tasks in a service
	maxAtOnce = 1000
	// maxModel is how many tasks, squared, times requests at once are modelled
	// within seconds.
	maxModel   = 1e9
	maxStartUp = time.Hour
)

// withoutTrace says which flag of these needs --trace.
func (v *whatIf) withoutTrace() error {
	for _, flag := range []struct {
		name  string
		given bool
	}{
		{"against", len(v.Against) > 0},
		{"service", v.Service != ""},
		{"requests-per-task", v.PerTask != ""},
		{"task-cpu", v.TaskCPU != 0},
		{"task-memory", v.Memory != 0},
		{"task-price", v.Price != 0},
		{"arm", v.ARM},
	} {
		if flag.given {
			return usageError{fmt.Errorf("--%s is about recorded traffic: give --trace FILE too", flag.name)}
		}
	}
	return nil
}

// check says what of the flags cannot be.
func (v *whatIf) check() error {
	switch {
	case v.Seeds < 1 || v.Seeds > maxSeeds:
		return fmt.Errorf("--seeds is %d, expected 1 to %d", v.Seeds, maxSeeds)
	case v.AtOnce < 1 || v.AtOnce > maxAtOnce:
		return fmt.Errorf("--at-once is %d, expected 1 to %d", v.AtOnce, maxAtOnce)
	case v.StartUp < 0 || v.StartUp > maxStartUp:
		return fmt.Errorf("--start-up is %s, expected 0s to %s", v.StartUp, maxStartUp)
	case v.TaskCPU < 0 || v.Memory < 0:
		return errors.New("--task-cpu and --task-memory are sizes, expected numbers above 0")
	case !(v.Price >= 0 && v.Price < 1e6):
		return fmt.Errorf("--task-price is %g, expected USD an hour from 0", v.Price)
	}
	return nil
}

// answer is the verb for one recording.
func (v *rehearseVerb) answer(s *session) error {
	if err := v.check(); err != nil {
		return usageError{err}
	}
	recorded, err := v.recording()
	if err != nil {
		return err
	}
	assumed, service, err := v.model(recorded)
	if err != nil {
		return err
	}
	plans, err := v.plans(recorded)
	if err != nil {
		return err
	}
	c := whatif.Case{Recording: recorded, Service: service, Task: v.task(recorded), Seeds: v.Seeds}
	r, err := whatif.Answer(s.ctx, c, assumed, plans)
	if err != nil {
		return err
	}
	if v.HTML != "" {
		page, err := report.WhatIf(r)
		if err != nil {
			return err
		}
		if err := os.WriteFile(v.HTML, page, 0o644); err != nil {
			return fmt.Errorf("writing the report: %w", err)
		}
	}
	if v.Output == "json" {
		return writeJSON(s.out, r)
	}
	return printWhatIf(s.out, r)
}

func (v *whatIf) recording() (recording.Recording, error) {
	file, err := os.Open(v.Trace)
	if err != nil {
		return recording.Recording{}, fmt.Errorf("%s: %w", v.Trace, plainPathError(err))
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return recording.Recording{}, fmt.Errorf("%s: it is a folder: give the file", v.Trace)
	}
	return recording.Read(v.Trace, file)
}

// model is the service as the recording and the flags describe it.
func (v *whatIf) model(r recording.Recording) (whatif.Assumed, workload.Service, error) {
	assumed := whatif.Assumed{RequestsPerTask: r.TaskRate, Source: "learned by the recording", AtOnce: v.AtOnce, StartUpS: v.StartUp.Seconds()}
	service := workload.Standard()
	if v.PerTask != "" {
		rate, err := perSecond(v.PerTask)
		if err != nil {
			return assumed, service, usageError{err}
		}
		assumed.RequestsPerTask, assumed.Source = rate, "given"
	}
	if assumed.RequestsPerTask == 0 {
		return assumed, service, usageError{fmt.Errorf("%s does not tell how many requests a second one busy task serves: give --requests-per-task, "+
			"or make a recording with homeostat bench scale --record, which learns it", v.Trace)}
	}
	for i, n := range r.Requests {
		if tasks := n / float64(r.Step) / assumed.RequestsPerTask; tasks > maxTasks {
			return assumed, service, usageError{fmt.Errorf("%s: interval %d would need %.0f tasks of %g requests/s, and ECS has at most %d in a service: check the units of the file and of --requests-per-task",
				v.Trace, i+1, tasks, assumed.RequestsPerTask, maxTasks)}
		}
	}
	if most := float64(whatif.Most(r, assumed.RequestsPerTask)); most*most*float64(v.AtOnce) > maxModel {
		return assumed, service, usageError{fmt.Errorf("%.0f tasks with %d requests at once are more than can be modelled: give a lower --at-once; in a fleet so big it makes no difference", most, v.AtOnce)}
	}
	service.Rate, service.Objective.Slots = assumed.RequestsPerTask, v.AtOnce
	// Half of the health check's interval passes on average until it is seen.
	service.HealthInterval = min(service.HealthInterval, v.StartUp)
	service.StartMedian = v.StartUp - service.HealthInterval/2
	return assumed, service, nil
}

// perSecond reads 20, 20/s or 1200/m.
func perSecond(text string) (float64, error) {
	number, unit, _ := strings.Cut(text, "/")
	rate, err := strconv.ParseFloat(number, 64)
	switch unit {
	case "", "s":
	case "m":
		rate /= 60
	default:
		err = errors.New("unit")
	}
	if err != nil || !(rate > 0 && rate <= 1e9) {
		return 0, fmt.Errorf("--requests-per-task is %q, expected a number above 0 such as 20, or with a unit 20/s or 1200/m", text)
	}
	return rate, nil
}

// task is the size and price of a task.
func (v *whatIf) task(r recording.Recording) whatif.Task {
	first := func(values ...int) int {
		for _, n := range values {
			if n > 0 {
				return n
			}
		}
		return 0
	}
	architecture := r.Architecture
	if v.ARM {
		architecture = whatif.ARM
	}
	task := whatif.FargateTask(first(v.TaskCPU, r.TaskCPU, 1024), first(v.Memory, r.TaskMemory, 2048), architecture)
	if v.Price > 0 {
		task.HourUSD, task.Price = v.Price, "the price given"
	}
	return task
}

// plans are the policy, and what it is held against.
func (v *rehearseVerb) plans(r recording.Recording) ([]whatif.Plan, error) {
	ref, err := v.of(r)
	if err != nil {
		return nil, err
	}
	ours, err := planOf(v.Policy, ref, r.Begin)
	if err != nil {
		return nil, err
	}
	plans := []whatif.Plan{ours}
	for _, text := range v.Against {
		plan, ok, err := whatif.ParsePlan(text, max(1, ours.Min), ours.Max)
		switch {
		case err != nil:
			return nil, usageError{fmt.Errorf("--against %w", err)}
		case !ok && !strings.HasSuffix(text, ".yaml") && !strings.HasSuffix(text, ".yml"):
			return nil, usageError{fmt.Errorf("--against %q is no plan, expected a policy file that ends in .yaml, or one of %s", text, strings.Join(whatif.PlanNames(), ", "))}
		case !ok:
			if plan, err = planOf(text, ref, r.Begin); err != nil {
				return nil, err
			}
		}
		plans = append(plans, plan)
	}
	return plans, nil
}

// of is the service whose rules hold.
func (v *whatIf) of(r recording.Recording) (fleet.ServiceRef, error) {
	name := v.Service
	if name == "" {
		name = r.Service
	}
	if name == "" {
		return fleet.ServiceRef{}, nil
	}
	return named(fleet.Account{}, name)
}

// planOf is Homeostat with a policy file; without one with the built-in policy.
func planOf(file string, ref fleet.ServiceRef, begin time.Time) (whatif.Plan, error) {
	chosen, name := policy.Default(), "the built-in policy"
	if file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			return whatif.Plan{}, fmt.Errorf("%s: %w", file, plainPathError(err))
		}
		if chosen, err = policy.Parse(file, data); err != nil {
			return whatif.Plan{}, err
		}
		name = file
	}
	return whatif.HomeostatPlan(name, chosen.For(ref, nil, ""), begin)
}

func printWhatIf(out io.Writer, r whatif.Report) error {
	of := ""
	if r.Service != "" {
		of = " of " + r.Service
	}
	fmt.Fprintf(out, "%s: %.1f days%s, %.0f requests (%s)\n", r.Trace, r.Days, of, r.Requests, count(r.Seeds, "seed"))
	fmt.Fprintf(out, "  a task serves %.4g requests/s (%s), %d at once, and is ready %g s after it was asked for\n",
		r.Assumed.RequestsPerTask, r.Assumed.Source, r.Assumed.AtOnce, r.Assumed.StartUpS)
	fmt.Fprintf(out, "  it costs %.4g USD an hour: %s\n", r.Task.HourUSD, r.Task.Price)
	if r.RecordedTaskHours > 0 {
		fmt.Fprintf(out, "  in the recording itself ran %.0f task-hours: %.2f USD\n", r.RecordedTaskHours, r.RecordedTaskHours*r.Task.HourUSD)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(out, "  note: %s\n", n)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\t\ttask-hours\tUSD\tviolating %\tminutes\tp99 ms\tmost tasks\tchanges a day\t")
	for _, o := range r.Plans {
		fmt.Fprintf(table, "\t%s\t%.1f\t%.2f\t%.3f\t%.1f\t%.0f\t%.0f\t%.1f\t\n",
			o.Plan, o.TaskHours, o.CostUSD, o.Violating, o.ViolationMinutes, o.P99, o.MostTasks, o.ActionsPerDay)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, d := range r.Differences {
		fmt.Fprintf(out, "  %s against %s: %s\n", d.Plan, d.Against, d.Verdict)
		for _, words := range d.Words {
			fmt.Fprintf(out, "    %s\n", words)
		}
	}
	_, err := fmt.Fprintln(out, "  This is a model of the service; docs/what-if.md says what it leaves out.")
	return err
}
