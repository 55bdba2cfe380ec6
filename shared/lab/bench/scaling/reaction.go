package scaling

import (
	"context"
	"math"
	"slices"
	"time"

	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

// Reaction is the time from a tenfold step of the traffic until enough tasks were
// ready.
type Reaction struct {
	Policy string `json:"policy"`
	// Start is the time from the creation of a task to its first request, in
	// seconds.
	Start int `json:"start_s"`
	Seeds int `json:"seeds"`
	// Mean and Longest cover the seeds that served the step. Never counts the
	// others.
	Mean    *float64 `json:"mean_s"`
	Longest *float64 `json:"longest_s"`
	Never   int      `json:"never,omitempty"`
}

// measureReactions plays the default settings on the generated step. All tasks of
// its service have the same start-up time.
func (m Suite) measureReactions(ctx context.Context) ([]Reaction, error) {
	all := traffic.Generated()
	step := all[slices.IndexFunc(all, func(t traffic.Trace) bool { return t.Name == "step" })]
	service := ServiceFor(usualPeak)
	service.StartMedian, service.StartSigma, service.HealthInterval = stepStart, 0, 0
	scaled, err := Scaled([]traffic.Trace{step}, service, usualPeak, 0)
	if err != nil {
		return nil, err
	}
	var order []string
	runs := map[string][]Run{}
	add := func(s Sample) error {
		if len(runs[s.Policy]) == 0 {
			order = append(order, s.Policy)
		}
		runs[s.Policy] = append(runs[s.Policy], s.Run)
		return nil
	}
	scalers := slices.DeleteFunc(slices.Clone(m.Table), func(c Policy) bool { return c.Name == Oracle || !m.plays(c.Name) })
	j := Job{Traces: scaled, Service: service, Seeds: m.Seeds, Half: Whole, Defaults: true}
	if err := Play(ctx, j, scalers, add); err != nil {
		return nil, err
	}
	if j.Policies = m.peers(); len(j.Policies) > 0 {
		if err := m.Peers(ctx, j, add); err != nil {
			return nil, err
		}
	}
	out := make([]Reaction, 0, len(order))
	for _, p := range order {
		out = append(out, reactionOf(p, runs[p]))
	}
	return out, nil
}

func reactionOf(policy string, runs []Run) Reaction {
	r := Reaction{Policy: policy, Start: int(stepStart / time.Second), Seeds: len(runs)}
	var took []float64
	for _, run := range runs {
		if run.Reaction != nil {
			took = append(took, *run.Reaction)
		}
	}
	r.Never = len(runs) - len(took)
	if len(took) > 0 {
		mean, longest := round(meanOf(took)), slices.Max(took)
		r.Mean, r.Longest = &mean, &longest
	}
	return r
}

// stepOf finds the first step up of a trace. It returns the first second closer to
// the high rate, and that rate. Traffic that is not steady on both sides has no
// step, because other changes would distort the reaction.
func stepOf(t traffic.Trace) (second int, high float64, found bool) {
	minutes := minutesOf(t)
	for i := steadyBefore; i+1+steadyAfter <= len(minutes); i++ {
		low, steady := level(minutes[:i])
		if !steady {
			return 0, 0, false
		}
		if math.Abs(minutes[i]-low) <= steadyBand*low {
			continue
		}
		// The step may lie within a minute.
		high, steady := level(minutes[i+1 : i+1+steadyAfter])
		if !steady || high < minStepFactor*low || low <= 0 {
			return 0, 0, false
		}
		for s := i * minute; s < (i+2)*minute; s++ {
			if rate, _ := t.Rate(s); rate >= (low+high)/2 {
				return s, high, true
			}
		}
		return 0, 0, false
	}
	return 0, 0, false
}

// level returns the mean, and whether all rates are close to it.
func level(rates []float64) (mean float64, steady bool) {
	for _, r := range rates {
		mean += r / float64(len(rates))
	}
	for _, r := range rates {
		if math.Abs(r-mean) > steadyBand*mean {
			return mean, false
		}
	}
	return mean, true
}

// minutesOf returns the mean rate of each minute.
func minutesOf(t traffic.Trace) []float64 {
	out := make([]float64, t.Seconds()/minute)
	for i := range out {
		for s := range minute {
			rate, _ := t.Rate(i*minute + s)
			out[i] += rate / minute
		}
	}
	return out
}

// hours finds the worst hour of a run.
type hours struct {
	from                int
	requests, violating float64 // at the start of the hour
	worst               float64
}

// update is called before each second.
func (h *hours) update(s *workload.Sim) {
	if since := s.Second() - h.from; since > 0 && since%hour == 0 {
		h.end(s.Ledger())
	}
}

func (h *hours) end(l *workload.Ledger) {
	h.worst = max(h.worst, percent(l.Violating-h.violating, l.Requests-h.requests))
	h.requests, h.violating = l.Requests, l.Violating
}

// percent returns 0 if whole is 0.
func percent(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return 100 * part / whole
}
