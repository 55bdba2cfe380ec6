package scaling

import (
	"math"

	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

// Watch is a part of a run, in seconds, with the length of its averaging intervals.
type Watch struct {
	From  int `json:"from_s"`
	To    int `json:"to_s"`
	Every int `json:"every_s"`
}

// busiest returns the part of the second half around its highest interval.
func busiest(t traffic.Trace) Watch {
	_, from := Second.Cut(t)
	high := from / t.Step
	for i := high; i < len(t.Requests); i++ {
		if t.Requests[i] > t.Requests[high] {
			high = i
		}
	}
	begin := max(from, min(high*t.Step-watchedSpan/2, t.Seconds()-watchedSpan))
	w := Watch{From: begin, To: min(begin+watchedSpan, t.Seconds())}
	w.Every = max(1, (w.To-w.From+watchedPoints-1)/watchedPoints)
	w.To = w.From + (w.To-w.From)/w.Every*w.Every
	return w
}

// need returns the mean tasks that the rate needs, by interval.
func (w Watch) need(t traffic.Trace, service workload.Service) []float64 {
	capacities := service.Capacities()
	out := make([]float64, (w.To-w.From)/w.Every)
	for s := w.From; s < w.To; s++ {
		n := min(max(workload.Needed(capacities, workload.ScoringRate(t, s)), service.Min), service.Max)
		out[(s-w.From)/w.Every] += float64(n)
	}
	return w.toMeans(out)
}

// toMeans divides sums by the interval and keeps the one decimal of a chart.
func (w Watch) toMeans(sums []float64) []float64 {
	for i := range sums {
		sums[i] = math.Round(10*sums[i]/float64(w.Every)) / 10
	}
	return sums
}

// watcher records the ready tasks of a scaler.
type watcher struct {
	workload.Scaler
	watch Watch
	sums  []float64
}

func (w *watcher) Scale(s *workload.Sim) {
	if w.sums == nil {
		w.sums = make([]float64, (w.watch.To-w.watch.From)/w.watch.Every)
	}
	if now := s.Second(); now >= w.watch.From && now < w.watch.To {
		w.sums[(now-w.watch.From)/w.watch.Every] += float64(s.Ready())
	}
	w.Scaler.Scale(s)
}

func (w *watcher) means() []float64 { return w.watch.toMeans(w.sums) }
