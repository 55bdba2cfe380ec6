package scaling

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

// Half is the measured part of a trace.
type Half string

// Tuning uses the first half. A measurement of the second half plays the first half
// too, without counting it, so that a policy can learn.
const (
	First  Half = "first"
	Second Half = "second"
	// Whole is the complete trace.
	Whole Half = "whole"
)

// Cut returns the part to play, and the first measured second.
func (h Half) Cut(t traffic.Trace) (cut traffic.Trace, from int) {
	middle := len(t.Requests) / 2
	switch h {
	case Second:
		return t, middle * t.Step
	case First:
		t.Requests = t.Requests[:middle]
	}
	return t, min(initialSkip, t.Seconds()/4)
}

// Policy is a way to scale a service.
type Policy struct {
	// Name is the key in the results. About describes the policy in one sentence.
	Name, About string
	// Settings holds the settings for tuning. The first one is the default.
	Settings []Setting
	// Tuned reports whether NAME-tuned is played too, with the best single setting
	// over all traces.
	Tuned bool
	// ShortMemory reports whether the last two hours determine the state of the
	// policy. Such a policy skips most of the unmeasured part.
	ShortMemory bool
	// Wrap runs each run in an environment of its own. If nil, the run is called
	// directly.
	Wrap func(run func())
}

// Setting is one set of parameters of a policy.
type Setting struct {
	// Name identifies the setting, such as "target=60 cooldowns=60/300".
	Name string
	// New creates the scaler of one run.
	New func(RunInput) workload.Scaler
}

// RunInput is the knowledge of a scaler before a run. Only oracles read the trace
// and the seed.
type RunInput struct {
	Service workload.Service
	Trace   traffic.Trace
	Seed    uint64
}

// Entry names a setting of a policy.
type Entry struct {
	Policy  string `json:"policy"`
	Setting string `json:"setting"`
}

// Job plays every entry on every trace with every seed.
type Job struct {
	Traces  []traffic.Trace  `json:"traces"`
	Service workload.Service `json:"service"`
	Seeds   []uint64         `json:"seeds"`
	Half    Half             `json:"half"`
	// From is the first measured second. Zero means the default of the half.
	From int `json:"from,omitempty"`
	// Watch requests the tasks of the default settings with the first seed.
	Watch Watch `json:"watch,omitzero"`
	// Entries lists the settings to play. Empty means all settings of all policies.
	Entries []Entry `json:"entries,omitempty"`
	// Defaults restricts a job without entries to the first setting of each policy.
	Defaults bool `json:"defaults,omitempty"`
	// Policies lists the policies to play. Empty means all.
	Policies []string `json:"policies,omitempty"`
}

// Sample is the outcome of one run.
type Sample struct {
	Trace string `json:"trace"`
	Entry
	Seed uint64 `json:"seed"`
	Run  Run    `json:"run"`
	// Tuned marks a policy that is also played at its best setting. Default marks
	// its default setting.
	Tuned   bool `json:"tuned,omitempty"`
	Default bool `json:"default,omitempty"`
	// Tasks holds the ready tasks that Job.Watch requests.
	Tasks []float64 `json:"tasks,omitempty"`
}

// task is one run of a job.
type task struct {
	trace   traffic.Trace
	policy  Policy
	setting int
	seed    uint64
}

// tasks returns the runs of the job, trace by trace.
func (j Job) tasks(table []Policy) []task {
	var out []task
	for _, trace := range j.Traces {
		for _, c := range table {
			for i, s := range c.Settings {
				if !j.plays(Entry{c.Name, s.Name}, i) {
					continue
				}
				for _, seed := range j.Seeds {
					out = append(out, task{trace: trace, policy: c, setting: i, seed: seed})
				}
			}
		}
	}
	return out
}

func (j Job) plays(e Entry, setting int) bool {
	if len(j.Policies) > 0 && !slices.Contains(j.Policies, e.Policy) {
		return false
	}
	if len(j.Entries) > 0 {
		return slices.Contains(j.Entries, e)
	}
	return !j.Defaults || setting == 0
}

// Play plays a job with the policies of a table on all processors. It passes on the
// outcomes in the order of traces, policies, settings and seeds, so the number of
// processors does not change them. After the end of the context, the outcomes so
// far stay valid.
func Play(ctx context.Context, j Job, table []Policy, done func(Sample) error) error {
	tasks := j.tasks(table)
	outcomes := make([]chan Sample, len(tasks))
	for i := range outcomes {
		outcomes[i] = make(chan Sample, 1)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				outcomes[i] <- tasks[i].play(j)
			}
		})
	}
	workers.Go(func() {
		defer close(next)
		for i := range tasks {
			select {
			case next <- i:
			case <-ctx.Done():
				return
			}
		}
	})
	defer workers.Wait()
	for i := range tasks {
		select {
		case s := <-outcomes[i]:
			if err := done(s); err != nil {
				cancel(err)
				return err
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

func (t task) play(j Job) Sample {
	trace, from := j.Half.Cut(t.trace)
	if j.From > 0 {
		from = j.From
	}
	setting := t.policy.Settings[t.setting]
	out := Sample{
		Trace: t.trace.Name, Entry: Entry{t.policy.Name, setting.Name}, Seed: t.seed,
		Tuned: t.policy.Tuned, Default: t.setting == 0,
	}
	run := func() {
		scaler := setting.New(RunInput{Service: j.Service, Trace: trace, Seed: t.seed})
		if t.policy.ShortMemory {
			scaler = withWarmUp(scaler, trace, j.Service, from)
		}
		if j.Watch.Every > 0 && out.Default && t.seed == j.Seeds[0] {
			seen := &watcher{Scaler: scaler, watch: j.Watch}
			scaler = seen
			defer func() { out.Tasks = seen.means() }()
		}
		out.Run = Measure(trace, j.Service, t.seed, from, scaler)
	}
	if t.policy.Wrap != nil {
		t.policy.Wrap(run)
	} else {
		run()
	}
	return out
}

// Check returns an error for a job that cannot be played.
func (j Job) Check() error {
	switch {
	case len(j.Traces) == 0:
		return fmt.Errorf("the job has no traces")
	case len(j.Seeds) == 0:
		return fmt.Errorf("the job has no seeds")
	case !slices.Contains([]Half{First, Second, Whole}, j.Half):
		return fmt.Errorf("the job's half is %q, expected %q, %q or %q", j.Half, First, Second, Whole)
	}
	return nil
}
