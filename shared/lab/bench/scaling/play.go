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

// Half is the part of a trace that is booked.
type Half string

// The halves. The first is what contestants are tuned on. In the second the
// first is played too, so that who learns has learned, but it is not booked.
const (
	First  Half = "first"
	Second Half = "second"
	// Whole is all of a trace.
	Whole Half = "whole"
)

// Cut is the trace to be played, and from which second on it is booked.
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

// Policy is somebody who scales.
type Policy struct {
	// Name is the word of the results; About says in one sentence what it is.
	Name, About string
	// Settings are tried to find the best single one; the first is the default.
	Settings []Setting
	// Tuned says that it is also played at its best single setting over all
	// traces, as NAME-tuned.
	Tuned bool
	// ShortMemory says that what it saw two hours ago does not matter to it, so that
	// it need not see all that comes before what is booked.
	ShortMemory bool
	// Wrap is called with each run, for scalers that need surroundings; nil
	// calls it straight.
	Wrap func(run func())
}

// Setting is one way to set a contestant.
type Setting struct {
	// Name tells it from the others, like "target=60 cooldowns=60/300".
	Name string
	// New makes the scaler of one run.
	New func(RunInput) workload.Scaler
}

// RunInput is what a scaler is told before a run. Honest ones look at the service
// only; oracles know the trace and the seed.
type RunInput struct {
	Service workload.Service
	Trace   traffic.Trace
	Seed    uint64
}

// Entry names a contestant's setting.
type Entry struct {
	Policy  string `json:"policy"`
	Setting string `json:"setting"`
}

// Job is what is to be played: every entry on every trace with every seed.
type Job struct {
	Traces  []traffic.Trace  `json:"traces"`
	Service workload.Service `json:"service"`
	Seeds   []uint64         `json:"seeds"`
	Half    Half             `json:"half"`
	// From books from this second on where it is not zero.
	From int `json:"from,omitempty"`
	// Watch asks for the tasks of the defaults with the first seed.
	Watch Watch `json:"watch,omitzero"`
	// Entries are played; none are all settings of all contestants.
	Entries []Entry `json:"entries,omitempty"`
	// Defaults plays, where there are no entries, only the first setting of each.
	Defaults bool `json:"defaults,omitempty"`
	// Policies are the names of those who are played; none are all.
	Policies []string `json:"policies,omitempty"`
}

// Sample is the outcome of one run.
type Sample struct {
	Trace string `json:"trace"`
	Entry
	Seed uint64 `json:"seed"`
	Run  Run    `json:"run"`
	// Tuned says that the contestant is to be played at its best setting too, and
	// Default that this is its default.
	Tuned   bool `json:"tuned,omitempty"`
	Default bool `json:"default,omitempty"`
	// Tasks are those that were ready, as Job.Watch asks for them.
	Tasks []float64 `json:"tasks,omitempty"`
}

// task is one run, and where its outcome belongs.
type task struct {
	trace   traffic.Trace
	policy  Policy
	setting int
	seed    uint64
}

// tasks are the job's, trace by trace.
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

// Play plays a job with the contestants of a table, on all processors, and hands
// each outcome over in the order of traces, contestants, settings and seeds: the
// same job gives the same outcomes, however many processors play it. Where the
// context ends, what was handed over stands.
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

// Check says what of a job cannot be played.
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
