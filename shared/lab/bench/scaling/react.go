package scaling

import (
	"context"
	"slices"
	"time"

	"homeostat/shared/sim/traffic"
)

// Reaction is how long a policy took after a step of the traffic to ten times,
// until as many tasks as it needs were ready.
type Reaction struct {
	Policy string `json:"policy"`
	// Start is how many seconds each task takes from its creation to its first
	// request.
	Start int `json:"start_s"`
	Seeds int `json:"seeds"`
	// Mean and Longest are over the seeds in which it came; Never counts the others.
	Mean    *float64 `json:"mean_s"`
	Longest *float64 `json:"longest_s"`
	Never   int      `json:"never,omitempty"`
}

// stepStart is the start-up time of the step's service.
const stepStart = 40 * time.Second

// react plays everybody's default on the generated step, with a service all of
// whose tasks take the same time to start.
func (m Matrix) react(ctx context.Context) ([]Reaction, error) {
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
	scalers := slices.DeleteFunc(slices.Clone(m.Table), func(c Contestant) bool { return c.Name == Oracle || !m.plays(c.Name) })
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
		out = append(out, reacted(p, runs[p]))
	}
	return out, nil
}

func reacted(policy string, runs []Run) Reaction {
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
