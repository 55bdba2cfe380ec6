package scaling

import (
	"context"
	"fmt"
	"slices"
	"time"

	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

// Variant is a result with one changed assumption.
type Variant struct {
	Name   string `json:"variant"`
	Result Result `json:"line"`
}

// variation is one changed assumption.
type variation struct {
	name   string
	peak   int
	change func(*workload.Service)
}

// unchanged names the variant without a change.
const unchanged = "as in the benchmark"

// variations returns the assumptions that may affect the figures. Homeostat does
// not know them.
func variations() []variation {
	start := func(median time.Duration) func(*workload.Service) {
		return func(s *workload.Service) { s.StartMedian = median - s.HealthInterval/2 }
	}
	slots := func(n int) func(*workload.Service) {
		return func(s *workload.Service) { s.Objective.Slots = n }
	}
	probes := func(interval time.Duration) func(*workload.Service) {
		return func(s *workload.Service) {
			s.StartMedian += (s.HealthInterval - interval) / 2
			s.HealthInterval = interval
		}
	}
	same := func(*workload.Service) {}
	return []variation{
		{unchanged, usualPeak, same},
		{"peak of 5 tasks", 5, same},
		{"peak of 100 tasks", 100, same},
		{"tasks start in 20 s", usualPeak, start(20 * time.Second)},
		{"tasks start in 120 s", usualPeak, start(120 * time.Second)},
		{"the balancer probes a target every 10 s", usualPeak, probes(10 * time.Second)},
		{"one in 20 may wait half a service time", usualPeak, func(s *workload.Service) { s.Objective.Late, s.Objective.Wait = 0.05, 0.5 }},
		{"a task serves one request at once", usualPeak, slots(1)},
		{"a task serves 16 requests at once", usualPeak, slots(16)},
	}
}

// variantPolicies returns the policies of the variants.
func variantPolicies() []string {
	return []string{Own, "target-tracking-20", "target-tracking-60", HPA}
}

// Sensitivity plays a few policies at their defaults on the variants of the
// service, and passes on each result. The traces must be unscaled.
func (m Suite) Sensitivity(ctx context.Context, read []traffic.Trace, done func(Variant) error) error {
	for _, v := range variations() {
		m.reportProgress("sensitivity: %s", v.name)
		service := ServiceFor(v.peak)
		v.change(&service)
		traces, err := Scaled(read, service, v.peak, variantDays)
		if err != nil {
			return err
		}
		other := m
		other.Traces, other.Service, other.Seeds, other.Untuned = traces, service, []uint64{variantSeed}, true
		other.Policies = slices.DeleteFunc(variantPolicies(), func(p string) bool {
			return !m.plays(p) || !slices.Contains(m.Names(), p) || m.Peers == nil && slices.Contains(PeerNames(), p)
		})
		other.Progress, other.Extra = nil, nil
		other.Done = func(results []Result) error {
			for _, l := range results {
				if err := done(Variant{v.name, l}); err != nil {
					return err
				}
			}
			return nil
		}
		if err := other.Play(ctx); err != nil {
			return fmt.Errorf("sensitivity, %s: %w", v.name, err)
		}
	}
	return nil
}

// VariantSummary holds the medians of a policy over the traces of a variant, and
// the number of traces with a lower cost score of Homeostat.
type VariantSummary struct {
	Variant, Policy                 string
	Traces, Lower                   int
	Violating, CostRatio, CostScore float64
}

// VariantSummaries returns the summaries by variant and policy.
func (r *Report) VariantSummaries() (out []VariantSummary) {
	var names []string
	results := map[string][]Result{}
	for _, v := range r.Variants {
		if !slices.Contains(names, v.Name) {
			names = append(names, v.Name)
		}
		results[v.Name] = append(results[v.Name], v.Result)
	}
	for _, name := range names {
		all := groupByTrace(results[name])
		for _, policy := range variantPolicies() {
			if v := summarizeVariant(all, policy); v.Traces > 0 {
				v.Variant, v.Lower = name, Compare(all, Own, policy).Lower[1]
				out = append(out, v)
			}
		}
	}
	return out
}

func summarizeVariant(all []TraceResults, policy string) VariantSummary {
	var violating, cost, js []float64
	for _, t := range all {
		if l, ok := t.Of(policy); ok {
			violating, cost, js = append(violating, l.Violating), append(cost, l.CostRatio), append(js, l.ScoreMid)
		}
	}
	return VariantSummary{
		Policy: policy, Traces: len(js),
		Violating: medianOf(violating), CostRatio: medianOf(cost), CostScore: medianOf(js),
	}
}
