package bench

import "math"

// Result holds the figures of one policy in one scenario. The JSON keys and their
// order are stable. Shares are in percent, times in seconds of the virtual clock.
// A figure is null if there was nothing to measure: no bad revision or no decision.
type Result struct {
	Scenario string `json:"scenario"`
	Policy   string `json:"policy"`
	Runs     int    `json:"runs"`
	Rollbacks
	Damage
	Intervals
	Group string `json:"group"`
	Seed  uint64 `json:"seed"`
	// KnownTasks is the number of FailedTasks with an event before the decision.
	KnownTasks         float64  `json:"told_tasks_mean"`
	KnownTasksInterval Interval `json:"told_tasks_mean_ci95"`
	// Reaction is the longest time from the emission of an event to Homeostat's call.
	Reaction *float64 `json:"react_s_max"`
}

// Rollbacks holds the shares of runs by the kind of rollback.
type Rollbacks struct {
	Detected            *float64 `json:"detected_pct"`
	FalseRollback       float64  `json:"false_rollback_pct"`
	IneffectiveRollback float64  `json:"rollback_in_vain_pct"`
}

// Damage holds the failures and the times until the service recovered.
type Damage struct {
	// FailedTasks counts the task failures before the decision, or all failures
	// of a run without a decision.
	FailedTasks float64  `json:"failed_tasks_mean"`
	Decide      *float64 `json:"decide_s_p50"`
	Recover     *float64 `json:"recover_s_p50"`
	Downtime    float64  `json:"downtime_s_mean"`
}

// Intervals holds the 95 % confidence intervals of Rollbacks and Damage.
type Intervals struct {
	DetectedInterval            *Interval `json:"detected_pct_ci95"`
	FalseRollbackInterval       Interval  `json:"false_rollback_pct_ci95"`
	IneffectiveRollbackInterval Interval  `json:"rollback_in_vain_pct_ci95"`
	FailedTasksInterval         Interval  `json:"failed_tasks_mean_ci95"`
	DecideInterval              *Interval `json:"decide_s_p50_ci95"`
	RecoverInterval             *Interval `json:"recover_s_p50_ci95"`
	DowntimeInterval            Interval  `json:"downtime_s_mean_ci95"`
}

// summarize combines the outcomes of the runs.
func summarize(s scenario, p policy, seed uint64, runs []outcome) Result {
	l := Result{Scenario: s.name, Policy: p.name, Runs: len(runs), Group: s.group, Seed: seed}
	var detected, falseRollback, ineffective int
	var failed, known, downtime, decide, recover, reaction []float64
	for _, r := range runs {
		detected, falseRollback, ineffective = detected+count(r.detected), falseRollback+count(r.falseRollback), ineffective+count(r.ineffective)
		failed, known, downtime = append(failed, float64(r.failed)), append(known, float64(r.known)), append(downtime, r.downtime)
		decide, recover, reaction = add(decide, r.decide), add(recover, r.recover), add(reaction, r.reaction)
	}
	share := func(k int) (float64, Interval) {
		i := Wilson(k, len(runs))
		return round(100 * float64(k) / float64(len(runs))), Interval{round(100 * i[0]), round(100 * i[1])}
	}
	mean := func(values []float64) (float64, Interval) {
		m, i := Mean(values)
		return round(m), Interval{round(max(0, i[0])), round(i[1])} // no figure is negative
	}
	if s.group == groupBad {
		found, i := share(detected)
		l.Detected, l.DetectedInterval = &found, &i
	}
	l.FalseRollback, l.FalseRollbackInterval = share(falseRollback)
	l.IneffectiveRollback, l.IneffectiveRollbackInterval = share(ineffective)
	l.FailedTasks, l.FailedTasksInterval = mean(failed)
	l.KnownTasks, l.KnownTasksInterval = mean(known)
	l.Downtime, l.DowntimeInterval = mean(downtime)
	l.Decide, l.DecideInterval = medianOf(decide)
	l.Recover, l.RecoverInterval = medianOf(recover)
	for _, seconds := range reaction {
		longest := round(seconds)
		if l.Reaction == nil || longest > *l.Reaction {
			l.Reaction = &longest
		}
	}
	return l
}

func medianOf(values []float64) (median *float64, of *Interval) {
	if len(values) == 0 {
		return nil, nil
	}
	m, i := Median(values)
	m, i = round(m), Interval{round(i[0]), round(i[1])}
	return &m, &i
}

func add(all []float64, one *float64) []float64 {
	if one == nil {
		return all
	}
	return append(all, *one)
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// round keeps three decimals.
func round(x float64) float64 { return math.Round(x*1000) / 1000 }
