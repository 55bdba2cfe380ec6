package bench

import "math"

// Line is what a policy made of a scenario. Its JSON is stable; shares are in
// percent, times in seconds of the virtual clock, intervals are of 95 %.
// A figure is null where there was nothing to measure: nothing bad to detect,
// or no decision.
type Line struct {
	Scenario       string   `json:"scenario"`
	Policy         string   `json:"policy"`
	Runs           int      `json:"runs"`
	Detected       *float64 `json:"detected_pct"`
	FalseRollback  float64  `json:"false_rollback_pct"`
	RollbackInVain float64  `json:"rollback_in_vain_pct"`
	// FailedTasks are those before the decision; where there was none, all.
	FailedTasks float64  `json:"failed_tasks_mean"`
	Decide      *float64 `json:"decide_s_p50"`
	Recover     *float64 `json:"recover_s_p50"`
	Downtime    float64  `json:"downtime_s_mean"`

	DetectedInterval       *Interval `json:"detected_pct_ci95"`
	FalseRollbackInterval  Interval  `json:"false_rollback_pct_ci95"`
	RollbackInVainInterval Interval  `json:"rollback_in_vain_pct_ci95"`
	FailedTasksInterval    Interval  `json:"failed_tasks_mean_ci95"`
	DecideInterval         *Interval `json:"decide_s_p50_ci95"`
	RecoverInterval        *Interval `json:"recover_s_p50_ci95"`
	DowntimeInterval       Interval  `json:"downtime_s_mean_ci95"`

	Group string `json:"group"`
	Seed  uint64 `json:"seed"`
	// ToldTasks are those of FailedTasks that events had told of.
	ToldTasks         float64  `json:"told_tasks_mean"`
	ToldTasksInterval Interval `json:"told_tasks_mean_ci95"`
	// React is the longest time from the emission of an event to Homeostat's call.
	React *float64 `json:"react_s_max"`
}

// sum makes a line of the runs.
func sum(s scenario, p policy, seed uint64, runs []outcome) Line {
	l := Line{Scenario: s.name, Policy: p.name, Runs: len(runs), Group: s.group, Seed: seed}
	var detected, falsely, inVain int
	var failed, known, downtime, decide, recover, react []float64
	for _, r := range runs {
		detected, falsely, inVain = detected+count(r.detected), falsely+count(r.falsely), inVain+count(r.inVain)
		failed, known, downtime = append(failed, float64(r.failed)), append(known, float64(r.known)), append(downtime, r.downtime)
		decide, recover, react = add(decide, r.decide), add(recover, r.recover), add(react, r.react)
	}
	share := func(k int) (float64, Interval) {
		i := Wilson(k, len(runs))
		return round(100 * float64(k) / float64(len(runs))), Interval{round(100 * i[0]), round(100 * i[1])}
	}
	mean := func(values []float64) (float64, Interval) {
		m, i := Mean(values)
		return round(m), Interval{round(max(0, i[0])), round(i[1])} // nothing counted is negative
	}
	if s.group == groupBad {
		found, i := share(detected)
		l.Detected, l.DetectedInterval = &found, &i
	}
	l.FalseRollback, l.FalseRollbackInterval = share(falsely)
	l.RollbackInVain, l.RollbackInVainInterval = share(inVain)
	l.FailedTasks, l.FailedTasksInterval = mean(failed)
	l.ToldTasks, l.ToldTasksInterval = mean(known)
	l.Downtime, l.DowntimeInterval = mean(downtime)
	l.Decide, l.DecideInterval = medianOf(decide)
	l.Recover, l.RecoverInterval = medianOf(recover)
	for _, seconds := range react {
		longest := round(seconds)
		if l.React == nil || longest > *l.React {
			l.React = &longest
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
