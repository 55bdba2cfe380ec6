package scaling

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Result holds the figures of one policy on one trace, as means over the seeds.
// The JSON keys and their order are stable; later versions may add keys.
type Result struct {
	Trace  string `json:"trace"`
	Policy string `json:"policy"`
	Seeds  int    `json:"seeds"`
	Violations
	Latency
	Cost
	Elasticity
	Deviation     float64 `json:"deviation"`
	ActionsPerDay float64 `json:"actions_per_day"`
	Scores
	Details
	Intervals
	// Reaction is null if the trace has no step or a seed never reached the need.
	Reaction *float64 `json:"reaction_s"`
	// RateOracleRatio is the cost divided by the cost of the rate oracle with as
	// many violations. It is null without results of the rate oracle.
	RateOracleRatio *float64 `json:"b2_cost_ratio_at_equal_violations"`
	Bounds
}

// Violations counts the missed objective.
type Violations struct {
	// Violating is the percentage of requests in seconds that miss the objective,
	// and of rejected requests.
	Violating        float64 `json:"violating_requests_pct"`
	ViolationMinutes float64 `json:"violation_minutes"`
}

// Latency holds the high quantiles of the response time.
type Latency struct {
	P95 float64 `json:"p95_ms"`
	P99 float64 `json:"p99_ms"`
}

// Cost holds the billed task-hours and their ratio to the exact optimum.
type Cost struct {
	TaskHours float64 `json:"task_hours"`
	// CostRatio is TaskHours divided by the task-hours of the exact optimum
	// without violations for the same arrivals.
	CostRatio float64 `json:"cost_ratio"`
}

// Elasticity holds the measures of the SPEC group, in percent.
type Elasticity struct {
	ThetaU      float64 `json:"theta_u"`
	ThetaO      float64 `json:"theta_o"`
	TauU        float64 `json:"tau_u"`
	TauO        float64 `json:"tau_o"`
	Instability float64 `json:"instability"`
}

// Scores holds the cost score at the three violation prices.
type Scores struct {
	ScoreLow  float64 `json:"j_low"`
	ScoreMid  float64 `json:"j_mid"`
	ScoreHigh float64 `json:"j_high"`
}

// Details holds the setting and the figures that the first version did not have.
type Details struct {
	Setting   string  `json:"setting"`
	P50       float64 `json:"p50_ms"`
	Rejected  float64 `json:"rejected_pct"`
	ActionsIn float64 `json:"actions_in_per_day"`
	Jitter    float64 `json:"jitter"`
	WorstHour float64 `json:"worst_hour_pct"`
	Hours     float64 `json:"hours"`
}

// Intervals holds the 95 % confidence intervals.
type Intervals struct {
	ViolatingCI Interval `json:"violating_requests_pct_ci95"`
	TaskHoursCI Interval `json:"task_hours_ci95"`
	CostRatioCI Interval `json:"cost_ratio_ci95"`
	ScoreMidCI  Interval `json:"j_mid_ci95"`
}

// Bounds holds the lowest possible cost scores, by an oracle that knows every
// arrival.
type Bounds struct {
	BoundLow  *float64 `json:"j_low_bound,omitempty"`
	BoundMid  *float64 `json:"j_mid_bound,omitempty"`
	BoundHigh *float64 `json:"j_high_bound,omitempty"`
}

// CostScore combines cost and violations: the cost ratio plus the price of each
// percentage point of violating requests.
func CostScore(price, costRatio, violating float64) float64 { return costRatio + price*violating }

// deviation returns the auto-scaling deviation of the SPEC group: the Minkowski
// distance of the five measures from zero.
func (e Elasticity) deviation() float64 {
	sum := 0.0
	for _, m := range []float64{e.ThetaU, e.ThetaO, e.TauU, e.TauO, e.Instability} {
		sum += math.Pow(m, 5)
	}
	return math.Pow(sum, 0.2)
}

// Sum combines the runs of a policy on a trace, one for each seed. oracle holds the
// optimal task-hours for the same seeds.
func Sum(trace, policy, setting string, runs []Run, oracle []float64) Result {
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
			js[k] = append(js[k], CostScore(price, ratio[i], r.Violating))
		}
	}
	l := Result{Trace: trace, Policy: policy, Seeds: len(runs)}
	l.Setting = setting
	l.ViolationMinutes = mean(func(r Run) float64 { return r.ViolationMinutes })
	l.P50 = mean(func(r Run) float64 { return r.P50 })
	l.P95 = mean(func(r Run) float64 { return r.P95 })
	l.P99 = mean(func(r Run) float64 { return r.P99 })
	l.Elasticity = Elasticity{
		ThetaU:      mean(func(r Run) float64 { return r.ThetaU }),
		ThetaO:      mean(func(r Run) float64 { return r.ThetaO }),
		TauU:        mean(func(r Run) float64 { return r.TauU }),
		TauO:        mean(func(r Run) float64 { return r.TauO }),
		Instability: mean(func(r Run) float64 { return r.Instability }),
	}
	l.Deviation = mean(func(r Run) float64 { return r.deviation() })
	l.ActionsPerDay = mean(func(r Run) float64 { return float64(r.Actions) / days(r) })
	l.ActionsIn = mean(func(r Run) float64 { return float64(r.ActionsIn) / days(r) })
	l.Rejected = mean(func(r Run) float64 { return r.Rejected })
	l.Jitter = mean(func(r Run) float64 { return r.Jitter })
	l.WorstHour = mean(func(r Run) float64 { return r.WorstHour })
	l.Hours = mean(func(r Run) float64 { return r.Hours })
	l.ScoreLow, l.ScoreHigh = round(meanOf(js[0])), round(meanOf(js[2]))
	l.Violating, l.ViolatingCI = boot(violating)
	l.TaskHours, l.TaskHoursCI = boot(hours)
	l.CostRatio, l.CostRatioCI = boot(ratio)
	l.ScoreMid, l.ScoreMidCI = boot(js[1])
	l.Reaction = reaction(runs)
	return l
}

func boot(values []float64) (float64, Interval) {
	m, i := Bootstrap(values)
	return round(m), Interval{round(i[0]), round(i[1])}
}

// reaction returns the mean over the seeds, or nil if a seed did not reach the
// need.
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

// Interval is a 95 % confidence interval.
type Interval [2]float64

// Bootstrap returns the mean and the percentile interval of resampled means (Efron,
// 1979). The same values give the same interval.
func Bootstrap(values []float64) (mean float64, i Interval) {
	mean = meanOf(values)
	if len(values) < 2 {
		return mean, Interval{mean, mean}
	}
	r := rand.New(rand.NewPCG(uint64(len(values)), 1))
	means := make([]float64, resamples)
	for k := range means {
		for range values {
			means[k] += values[r.IntN(len(values))] / float64(len(values))
		}
	}
	slices.Sort(means)
	return mean, Interval{means[resamples/40], means[resamples-1-resamples/40]}
}

func meanOf(values []float64) (mean float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	return mean
}
