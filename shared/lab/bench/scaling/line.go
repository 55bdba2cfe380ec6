package scaling

import "math"

// The prices of a violation for which J = cost ratio + price × (violating requests
// in percent) is given. They were fixed before anything was measured.
const (
	PriceLow  = 0.03
	PriceMid  = 0.1
	PriceHigh = 0.3
)

// Line is what a policy made of a trace: means over the seeds. Its JSON is stable;
// more keys may follow.
type Line struct {
	Trace            string  `json:"trace"`
	Policy           string  `json:"policy"`
	Seeds            int     `json:"seeds"`
	Violating        float64 `json:"violating_requests_pct"`
	ViolationMinutes float64 `json:"violation_minutes"`
	P95              float64 `json:"p95_ms"`
	P99              float64 `json:"p99_ms"`
	TaskHours        float64 `json:"task_hours"`
	// CostRatio is TaskHours over what the oracle's exact optimum without a
	// violation would have been billed for the same arrivals.
	CostRatio     float64  `json:"cost_ratio"`
	ThetaU        float64  `json:"theta_u"`
	ThetaO        float64  `json:"theta_o"`
	TauU          float64  `json:"tau_u"`
	TauO          float64  `json:"tau_o"`
	Instability   float64  `json:"instability"`
	Deviation     float64  `json:"deviation"`
	ActionsPerDay float64  `json:"actions_per_day"`
	JLow          float64  `json:"j_low"`
	JMid          float64  `json:"j_mid"`
	JHigh         float64  `json:"j_high"`
	Setting       string   `json:"setting"`
	P50           float64  `json:"p50_ms"`
	Rejected      float64  `json:"rejected_pct"`
	ActionsIn     float64  `json:"actions_in_per_day"`
	Jitter        float64  `json:"jitter"`
	WorstHour     float64  `json:"worst_hour_pct"`
	Hours         float64  `json:"hours"`
	ViolatingCI   Interval `json:"violating_requests_pct_ci95"`
	TaskHoursCI   Interval `json:"task_hours_ci95"`
	CostRatioCI   Interval `json:"cost_ratio_ci95"`
	JMidCI        Interval `json:"j_mid_ci95"`
	// Reaction is null where the trace is no step or a seed never reached it.
	Reaction *float64 `json:"reaction_s"`
	// B2Ratio is the cost over that of the oracle that knows the rate only, at
	// as many violations; null where that was not played.
	B2Ratio *float64 `json:"b2_cost_ratio_at_equal_violations"`
	// The bounds are the least J that could be had by who knows all.
	BoundLow  *float64 `json:"j_low_bound,omitempty"`
	BoundMid  *float64 `json:"j_mid_bound,omitempty"`
	BoundHigh *float64 `json:"j_high_bound,omitempty"`
}

// J is the combined objective: the cost ratio, and the price of each percent of
// violating requests.
func J(price, costRatio, violating float64) float64 { return costRatio + price*violating }

// deviation is the auto-scaling deviation of the SPEC group: Minkowski's distance
// of the five measures from zero.
func deviation(r Run) float64 {
	sum := 0.0
	for _, m := range []float64{r.ThetaU, r.ThetaO, r.TauU, r.TauO, r.Instability} {
		sum += math.Pow(m, 5)
	}
	return math.Pow(sum, 0.2)
}

// Sum makes a line of the runs of a policy on a trace, one for each seed, and what
// the oracle would have been billed with the same seeds, in task-hours.
func Sum(trace, policy, setting string, runs []Run, oracle []float64) Line {
	mean := func(figure func(Run) float64) float64 {
		values := make([]float64, len(runs))
		for i, r := range runs {
			values[i] = figure(r)
		}
		return round(meanOf(values))
	}
	days := func(r Run) float64 { return math.Max(r.Hours, 1.0/hour) / 24 }
	violating, hours, ratio := make([]float64, len(runs)), make([]float64, len(runs)), make([]float64, len(runs))
	js := [3][]float64{}
	for i, r := range runs {
		violating[i], hours[i], ratio[i] = r.Violating, r.TaskHours, r.TaskHours/oracle[i]
		for k, price := range [3]float64{PriceLow, PriceMid, PriceHigh} {
			js[k] = append(js[k], J(price, ratio[i], r.Violating))
		}
	}
	l := Line{
		Trace: trace, Policy: policy, Setting: setting, Seeds: len(runs),
		ViolationMinutes: mean(func(r Run) float64 { return r.ViolationMinutes }),
		P50:              mean(func(r Run) float64 { return r.P50 }),
		P95:              mean(func(r Run) float64 { return r.P95 }),
		P99:              mean(func(r Run) float64 { return r.P99 }),
		ThetaU:           mean(func(r Run) float64 { return r.ThetaU }),
		ThetaO:           mean(func(r Run) float64 { return r.ThetaO }),
		TauU:             mean(func(r Run) float64 { return r.TauU }),
		TauO:             mean(func(r Run) float64 { return r.TauO }),
		Instability:      mean(func(r Run) float64 { return r.Instability }),
		Deviation:        mean(deviation),
		ActionsPerDay:    mean(func(r Run) float64 { return float64(r.Actions) / days(r) }),
		ActionsIn:        mean(func(r Run) float64 { return float64(r.ActionsIn) / days(r) }),
		Rejected:         mean(func(r Run) float64 { return r.Rejected }),
		Jitter:           mean(func(r Run) float64 { return r.Jitter }),
		WorstHour:        mean(func(r Run) float64 { return r.WorstHour }),
		Hours:            mean(func(r Run) float64 { return r.Hours }),
		JLow:             round(meanOf(js[0])), JHigh: round(meanOf(js[2])),
	}
	l.Violating, l.ViolatingCI = boot(violating)
	l.TaskHours, l.TaskHoursCI = boot(hours)
	l.CostRatio, l.CostRatioCI = boot(ratio)
	l.JMid, l.JMidCI = boot(js[1])
	l.Reaction = reaction(runs)
	return l
}

func boot(values []float64) (float64, Interval) {
	m, i := Bootstrap(values)
	return round(m), Interval{round(i[0]), round(i[1])}
}

// reaction is the mean over the seeds, where all of them reached it.
func reaction(runs []Run) *float64 {
	sum := 0.0
	for _, r := range runs {
		if r.Reaction == nil {
			return nil
		}
		sum += *r.Reaction
	}
	sum = round(sum / float64(max(1, len(runs))))
	return &sum
}

// round keeps four decimals.
func round(x float64) float64 { return math.Round(x*10000) / 10000 }
