package judge

import (
	"slices"
	"strings"
	"time"

	"homeostat/shared/core/fleet"
)

// A good revision's death rates: of its starts, and of each hour that a task
// lives after that. The test holds for every revision that does no worse.
const (
	goodStart = 0.02
	goodHour  = 0.005
	// youth is how long a start is a start.
	youth = 2 * time.Minute
)

// life is one task of the suspect or the control, as far as it counts.
type life struct {
	task string
	// began is when it started to run; zero for one that never ran.
	began time.Time
	// ended is when it died or left; zero for one that runs.
	ended                time.Time
	died                 bool
	zone, provider, host string
}

// livesOf are an arm's lives in order of their task's id.
func livesOf(arm *fleet.TaskCohort, excused map[fleet.Cause]string, control []*fleet.TaskCohort) []life {
	out := make([]life, 0, len(arm.Tasks))
	for id, t := range arm.Tasks {
		l := life{task: id, began: t.StartedAt, ended: end(t), zone: t.Zone, provider: t.Provider, host: t.Host}
		l.died = !t.StoppedAt.IsZero() && blames(t.Cause, excused, control)
		if l.began.IsZero() && !l.died {
			continue // never ran, and nothing to hold against anybody
		}
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b life) int { return strings.Compare(a.task, b.task) })
	return out
}

const (
	// explainedGap is the quiet after which a death is news: what a common cause
	// explained goes on for as long as deaths follow each other.
	explainedGap = 5 * time.Minute
	// explainedMost is how long after it was found it explains them at most.
	explainedMost = time.Hour
)

// explained are the lives with the deaths held against nobody that came before
// a common cause was found, at that time, or follow from it without a pause.
// What there was to compare with may be gone by then.
func explained(lives []life, found time.Time) []life {
	if found.IsZero() {
		return lives
	}
	var deaths []*life
	for i := range lives {
		if lives[i].died {
			deaths = append(deaths, &lives[i])
		}
	}
	slices.SortFunc(deaths, func(a, b *life) int { return a.ended.Compare(b.ended) })
	reach := found.Add(explainedGap)
	for _, d := range deaths {
		if d.ended.After(reach) || d.ended.Sub(found) > explainedMost {
			break
		}
		d.died = false
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

// blames reports whether a death of this cause may be the revision's own
// fault: runtime causes, and start causes that no older revision shows and
// that its own changes can have brought about.
func blames(cause fleet.Cause, excused map[fleet.Cause]string, control []*fleet.TaskCohort) bool {
	if _, not := excused[cause]; not {
		return false
	}
	switch cause.Family() {
	case fleet.FamilyRuntime:
		return true
	case fleet.FamilyStart:
		return !slices.ContainsFunc(control, func(arm *fleet.TaskCohort) bool { return showsCause(arm, cause) })
	}
	return false
}

func showsCause(arm *fleet.TaskCohort, cause fleet.Cause) bool {
	for _, t := range arm.Tasks {
		if t.Cause == cause {
			return true
		}
	}
	return false
}

// tally counts trials: each start is one, and each hour begun after it. A trial
// that is not over counts as survived, which is the least that it can say
// against the revision: so a wave of starts whose deaths are known at once and
// whose survivals are not convicts nobody.
type tally struct {
	startFailed, startLived int
	hourFailed, hourLived   int
}

func (t *tally) add(l life, onset, now time.Time) {
	gone := !l.ended.IsZero() && l.ended.Before(onset)
	if gone || l.began.After(now) {
		return
	}
	last, grown := now, l.began.Add(youth)
	if !l.ended.IsZero() {
		last = l.ended
	}
	switch {
	case l.began.IsZero(), last.Before(grown):
		t.addStart(l)
		return
	case grown.After(onset):
		t.startLived++
	default:
		grown = onset
	}
	t.addHours(l, last.Sub(grown))
}

// addStart adds a start that did not last its two minutes, or not yet. One
// that was taken away before it could show anything counts for nothing.
func (t *tally) addStart(l life) {
	switch {
	case l.died:
		t.startFailed++
	case l.ended.IsZero():
		t.startLived++
	}
}

func (t *tally) addHours(l life, lived time.Duration) {
	t.hourLived += int(lived / time.Hour)
	switch {
	case l.died:
		t.hourFailed++
	case l.ended.IsZero():
		t.hourLived++
	}
}

func (t tally) failures() int  { return t.startFailed + t.hourFailed }
func (t tally) survivals() int { return t.startLived + t.hourLived }
