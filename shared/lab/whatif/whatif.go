// Package whatif rehearses ways to scale on recorded traffic. It plays the
// recording on the service model of the benchmark and returns the cost and the
// violations of each plan.
package whatif

import (
	"context"
	"math"
	"runtime"
	"sync"

	"homeostat/shared/lab/bench/scaling"
	"homeostat/shared/lab/recording"
	"homeostat/shared/sim/workload"
)

// Plan is one way to scale.
type Plan struct {
	// Name is the user's name of the plan, and About its description in one
	// sentence.
	Name, About string
	// Min and Max limit the desired count.
	Min, Max int
	// Notes holds remarks for the reader.
	Notes []string
	// New creates the scaler of one run.
	New func(workload.Service) workload.Scaler
}

// Case is a recording with the service to play it on.
type Case struct {
	Recording recording.Recording
	// Service is the model. Each plan sets its own bounds.
	Service workload.Service
	// Task is the size and the price of a task.
	Task Task
	// Seeds is the number of runs. Each seed has its own arrivals and start-up
	// times, shared by all plans.
	Seeds int
}

// Outcome holds the figures of a plan, as means over the seeds.
type Outcome struct {
	Plan  string `json:"plan"`
	About string `json:"about"`
	Min   int    `json:"min"`
	Max   int    `json:"max"`
	Cost
	Quality
	Activity

	// Line shows the first seed in charts.
	Line []Moment `json:"-"`
	runs []scaling.Run
}

// Cost holds the billed task-hours and their price.
type Cost struct {
	TaskHours float64 `json:"task_hours"`
	CostUSD   float64 `json:"cost_usd"`
}

// Quality holds the violations and the response times.
type Quality struct {
	ViolatingRequests float64 `json:"violating_requests"`
	Violating         float64 `json:"violating_requests_pct"`
	ViolationMinutes  float64 `json:"violation_minutes"`
	Rejected          float64 `json:"rejected_pct"`
	P95               float64 `json:"p95_ms"`
	P99               float64 `json:"p99_ms"`
}

// Activity holds the changes and the limits of the desired count.
type Activity struct {
	Actions       float64 `json:"actions"`
	ActionsPerDay float64 `json:"actions_per_day"`
	// MostTasks is the highest desired count.
	MostTasks float64 `json:"most_tasks"`
	// MinutesAtMax is the time at the maximum with a need above it.
	MinutesAtMax float64 `json:"minutes_short_at_max"`
}

// Play plays each plan with each seed on all processors. The same case gives the
// same outcomes on any number of processors.
func Play(ctx context.Context, c Case, plans []Plan) ([]Outcome, error) {
	runs := make([][]scaling.Run, len(plans))
	watchers := make([][]*watcher, len(plans))
	next := make(chan [2]int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for at := range next {
				runs[at[0]][at[1]], watchers[at[0]][at[1]] = c.play(ctx, plans[at[0]], at[1])
			}
		})
	}
	for i := range plans {
		runs[i], watchers[i] = make([]scaling.Run, c.Seeds), make([]*watcher, c.Seeds)
		for seed := range c.Seeds {
			next <- [2]int{i, seed}
		}
	}
	close(next)
	workers.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out := make([]Outcome, len(plans))
	for i, p := range plans {
		out[i] = c.outcome(p, runs[i], watchers[i])
	}
	return out, nil
}

func (c Case) play(ctx context.Context, p Plan, seed int) (scaling.Run, *watcher) {
	service := c.Service
	service.Min, service.Max = p.Min, max(p.Min, min(p.Max, Most(c.Recording, c.Service.Rate)))
	w := &watcher{ctx: ctx, scaler: p.New(service), limit: p.Max, capacities: service.Capacities(), rate: c.Recording.Rate}
	if seed == 0 {
		w.every = max(1, c.Recording.Seconds()/chartPoints)
	}
	return scaling.Measure(c.Recording.Trace, service, uint64(seed)+1, 0, w), w
}

// Most returns the largest useful number of tasks in the model, at a capacity per
// task in requests/s.
func Most(r recording.Recording, rate float64) int {
	high := 0.0
	for _, n := range r.Requests {
		high = max(high, n/float64(r.Step))
	}
	return maxPeakFactor * (int(high/rate) + 5)
}

func (c Case) outcome(p Plan, runs []scaling.Run, watchers []*watcher) Outcome {
	out := Outcome{Plan: p.Name, About: p.About, Min: p.Min, Max: p.Max, Line: watchers[0].line, runs: runs}
	share := 1 / float64(len(runs))
	for i, r := range runs {
		out.TaskHours += share * r.TaskHours
		out.Violating += share * r.Violating
		out.ViolatingRequests += share * r.Violating / 100 * r.Requests
		out.ViolationMinutes += share * r.ViolationMinutes
		out.Rejected += share * r.Rejected
		out.P95 += share * r.P95
		out.P99 += share * r.P99
		out.Actions += share * float64(r.Actions)
		out.MostTasks += share * float64(watchers[i].most)
		out.MinutesAtMax += share * float64(watchers[i].short) / 60
	}
	out.CostUSD = out.TaskHours * c.Task.HourUSD
	out.ActionsPerDay = out.Actions / c.Days()
	for _, figure := range []*float64{
		&out.TaskHours, &out.CostUSD, &out.ViolatingRequests, &out.Violating, &out.ViolationMinutes, &out.Rejected, &out.P95, &out.P99, &out.Actions,
		&out.ActionsPerDay, &out.MostTasks, &out.MinutesAtMax,
	} {
		*figure = round(*figure)
	}
	return out
}

// round removes the rounding error of additions in another order.
func round(v float64) float64 { return math.Round(v*1e6) / 1e6 }

// Days returns the length of the recording in days.
func (c Case) Days() float64 { return float64(c.Recording.Seconds()) / 86400 }

// Moment is a point of a chart, with means over an interval.
type Moment struct {
	// Second is the start of the interval.
	Second int
	// Rate is in requests/s. Needed is the number of tasks that keep the objective,
	// and Ready the number of ready tasks.
	Rate, Needed, Ready float64

	seconds float64
}

// watcher records the counts of a scaler.
type watcher struct {
	ctx        context.Context
	scaler     workload.Scaler
	limit      int
	capacities []float64
	rate       func(second int) (float64, bool)

	most, short int
	every       int // seconds of a moment; 0 keeps no line
	line        []Moment
}

// Scale calls the scaler and records the counts.
func (w *watcher) Scale(s *workload.Sim) {
	second := s.Second()
	// A cancelled run continues without its scaler.
	if second%3600 == 0 && w.ctx.Err() != nil {
		w.scaler = idle{}
	}
	w.scaler.Scale(s)
	rate, _ := w.rate(second)
	w.most = max(w.most, s.Desired())
	if s.Desired() >= w.limit && rate > w.capacities[min(w.limit, len(w.capacities)-1)] {
		w.short++
	}
	if w.every > 0 {
		w.draw(second, rate, s.Ready())
	}
}

func (w *watcher) draw(second int, rate float64, ready int) {
	if second%w.every == 0 {
		w.line = append(w.line, Moment{Second: second})
	}
	m := &w.line[len(w.line)-1]
	m.seconds++
	m.Rate += (rate - m.Rate) / m.seconds
	m.Needed += (float64(workload.Needed(w.capacities, rate)) - m.Needed) / m.seconds
	m.Ready += (float64(ready) - m.Ready) / m.seconds
}

// idle never scales.
type idle struct{}

// Scale does nothing.
func (idle) Scale(*workload.Sim) {}
