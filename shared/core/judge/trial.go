package judge

import (
	"slices"
	"strings"
	"time"

	"homeostat/shared/core/fleet"
)

// life is one task of the suspect or the control, with the facts that count.
type life struct {
	task string
	// began is the start of the task; zero for a task that never ran.
	began time.Time
	// ended is the time of the failure or stop; zero for a running task.
	ended  time.Time
	failed bool
	// explained is true for a failure that does not count: another cause explains it.
	explained            bool
	zone, provider, host string
	cause                fleet.Cause
}

// livesOf returns the lives of a cohort, ordered by task ID.
func livesOf(cohort *fleet.TaskCohort, notAtFault map[fleet.Cause]string, control []*fleet.TaskCohort) []life {
	out := make([]life, 0, len(cohort.Tasks))
	for id, t := range cohort.Tasks {
		l := life{task: id, began: t.StartedAt, ended: end(t), zone: t.Zone, provider: t.Provider, host: t.Host, cause: t.Cause}
		l.failed = !t.StoppedAt.IsZero() && countsAgainst(t.Cause, notAtFault, control)
		l.explained = !t.StoppedAt.IsZero() && !l.failed && t.Cause.BlamesRevision()
		if l.began.IsZero() && !l.failed {
			continue // never ran and did not fail: no trial
		}
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b life) int { return strings.Compare(a.task, b.task) })
	return out
}

// explained returns the lives without the failures that a common cause explains.
// These are the failures before the cause was found, and later failures without a
// pause between them. The control that showed the cause may have stopped by then.
func explained(lives []life, found time.Time) []life {
	if found.IsZero() {
		return lives
	}
	var failures []*life
	for i := range lives {
		if lives[i].failed {
			failures = append(failures, &lives[i])
		}
	}
	slices.SortFunc(failures, func(a, b *life) int { return a.ended.Compare(b.ended) })
	reach := found.Add(explainedGap)
	for _, d := range failures {
		if d.ended.After(reach) || d.ended.Sub(found) > explainedMax {
			break
		}
		d.failed, d.explained = false, true
		if next := d.ended.Add(explainedGap); next.After(reach) {
			reach = next
		}
	}
	return lives
}

func end(t fleet.TaskLife) time.Time {
	if t.EndedAt.IsZero() || (!t.StoppedAt.IsZero() && t.StoppedAt.Before(t.EndedAt)) {
		return t.StoppedAt
	}
	return t.EndedAt
}

// countsAgainst reports whether a failure with this cause may be the revision's
// fault. Runtime causes count. Start causes count if no older revision shows them
// and the revision's own changes can bring them about.
func countsAgainst(cause fleet.Cause, notAtFault map[fleet.Cause]string, control []*fleet.TaskCohort) bool {
	if _, not := notAtFault[cause]; not {
		return false
	}
	switch cause.Family() {
	case fleet.FamilyRuntime:
		return true
	case fleet.FamilyStart:
		return !slices.ContainsFunc(control, func(cohort *fleet.TaskCohort) bool { return showsCause(cohort, cause) })
	}
	return false
}

func showsCause(cohort *fleet.TaskCohort, cause fleet.Cause) bool {
	for _, t := range cohort.Tasks {
		if t.Cause == cause {
			return true
		}
	}
	return false
}

// tally counts trials: each start is one, and each hour begun after it. An open
// trial counts as survived, the most favorable outcome for the revision. In a wave
// of starts the failures are known at once and the survivals later. A count of the
// known ones would mark good revisions as bad.
type tally struct {
	startFailed, startLived int
	hourFailed, hourLived   int
}

func (t *tally) add(l life, onset, now time.Time) {
	left := !l.ended.IsZero() && l.ended.Before(onset)
	if left || l.began.After(now) {
		return
	}
	last, matured := now, l.began.Add(startPeriod)
	if !l.ended.IsZero() {
		last = l.ended
	}
	switch {
	case l.began.IsZero(), last.Before(matured):
		t.addStart(l)
		return
	case matured.After(onset):
		t.startLived++
	default:
		matured = onset
	}
	t.addHours(l, last.Sub(matured))
}

// addStart adds a start that did not reach the end of the start period, or not yet.
// A task that was stopped before it could show anything does not count.
func (t *tally) addStart(l life) {
	switch {
	case l.failed:
		t.startFailed++
	case l.ended.IsZero():
		t.startLived++
	}
}

func (t *tally) addHours(l life, lived time.Duration) {
	t.hourLived += int(lived / time.Hour)
	switch {
	case l.failed:
		t.hourFailed++
	case l.ended.IsZero():
		t.hourLived++
	}
}

func (t tally) failures() int  { return t.startFailed + t.hourFailed }
func (t tally) survivals() int { return t.startLived + t.hourLived }
