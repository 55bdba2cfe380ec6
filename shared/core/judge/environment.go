package judge

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// environment is the comparison of the suspect with itself: its starts before a
// change, and its starts after it. A revision does not change between its starts, so
// a change in their outcome has another cause.
type environment struct {
	// odds are those of a changed environment against a bad revision.
	odds float64
	// after is the last good start, and before the first failed one.
	after, before time.Time
	// alive is the number of tasks from before the change that run.
	alive int
	// source is a parameter or secret that changed between the two starts; empty if
	// none is known. changed is its time.
	source  string
	changed time.Time
}

// startTrial is the start of a task of the suspect.
type startTrial struct {
	at     time.Time
	failed bool
	alive  bool
}

// compareStarts returns the most likely change of the environment. The result has no
// odds if no task from before a change runs.
func (c Case) compareStarts(lives []life) environment {
	starts := c.starts(lives)
	var best environment
	for i := range starts {
		if !starts[i].failed || i == 0 || starts[i-1].failed {
			continue
		}
		if e := c.changeAt(lives, starts, i); e.alive > 0 && e.odds > best.odds {
			best = e
		}
	}
	return best
}

// changeAt returns the odds of a change between the trials i-1 and i.
func (c Case) changeAt(lives []life, starts []startTrial, i int) environment {
	e := environment{after: starts[i-1].at, before: starts[i].at}
	var failed, lived [2]int // before and after
	for j, s := range starts {
		side := 0
		if j >= i {
			side = 1
		}
		switch {
		case s.failed:
			failed[side]++
		default:
			lived[side]++
		}
		if side == 0 && s.alive {
			e.alive++
		}
	}
	constant, changed := 0.0, 0.0
	for j, q := range badRates() {
		w := rateWeights()[j]
		constant += w * likelihood(q, failed[0]+failed[1], lived[0]+lived[1])
		changed += w * likelihood(q, failed[1], lived[1])
	}
	changed *= likelihood(goodStart, failed[0], lived[0])
	e.odds = changed / constant * min(1, e.before.Sub(e.after).Hours()/environmentPace.Hours())
	e.odds *= math.Pow(olderOdds, float64(e.olderFailed(lives)))
	e.source, e.changed = c.sourceBetween(e.after, e.before)
	switch {
	case e.source != "":
		e.odds *= sourceOdds
	case e.before.Sub(e.after) < environmentGap:
		e.odds = 0
	}
	return e
}

// olderFailed returns the number of tasks from before the change that failed since
// shortly before it. A change of the environment leaves them running.
func (e environment) olderFailed(lives []life) (n int) {
	for _, l := range lives {
		if l.failed && !l.start().After(e.after) && l.ended.After(e.before.Add(-olderLead)) {
			n++
		}
	}
	return n
}

// likelihood returns the probability of a record of starts with this failure rate.
func likelihood(rate float64, failed, lived int) float64 {
	return math.Pow(rate, float64(failed)) * math.Pow(1-rate, float64(lived))
}

// starts returns the starts of the suspect, ordered by time. A start is good once the
// task is older than every task that failed young, also if it fails later. Running tasks without an event are
// left out, because the time of their start is unknown.
func (c Case) starts(lives []life) []startTrial {
	reach := startPeriod
	for _, l := range lives {
		if l.failed && l.young() {
			reach = max(reach, l.ended.Sub(l.start()))
		}
	}
	var out []startTrial
	for _, l := range lives {
		switch {
		case l.failed && l.young():
			out = append(out, startTrial{at: l.start(), failed: true})
		case l.age(c.Now) > reach:
			out = append(out, startTrial{at: l.began, alive: l.ended.IsZero()})
		}
	}
	slices.SortStableFunc(out, func(a, b startTrial) int { return a.at.Compare(b.at) })
	return out
}

// start returns the start of the task, or its end if it never ran.
func (l life) start() time.Time {
	if l.began.IsZero() {
		return l.ended
	}
	return l.began
}

// young reports whether the failure came early: a changed environment shows at the
// start of a task.
func (l life) young() bool { return l.ended.Sub(l.start()) <= youngFailure }

// sourceBetween returns the parameter or secret that changed last between two times.
func (c Case) sourceBetween(after, before time.Time) (source string, at time.Time) {
	for _, name := range slices.Sorted(maps.Keys(c.SourceChanges)) {
		if t := c.SourceChanges[name]; t.After(after) && !t.After(before) && t.After(at) {
			source, at = name, t
		}
	}
	return source, at
}

// environmentChanged reports whether the failures come from a change of the
// environment, and sets the finding.
func (f *Finding) environmentChanged(c Case, lives []life) bool {
	young := 0
	for _, l := range lives {
		if l.failed && l.young() && c.Now.Sub(l.ended) <= resolvedAfter {
			young++
		}
	}
	if young < leastStarts {
		return false
	}
	e := c.compareStarts(lives)
	if e.odds < 1 {
		return false
	}
	f.Outcome, f.OlderAlive, f.ChangedAfter, f.ChangedBefore, f.Source = EnvironmentChanged, e.alive, e.after, e.before, e.source
	f.Text = fmt.Sprintf("new starts fail (%d), %d older tasks of the revision run", young, e.alive)
	f.Detail = fmt.Sprintf("something outside of the revision changed between %s and %s, odds %s : 1",
		e.after.UTC().Format(time.RFC3339), e.before.UTC().Format(time.RFC3339), round(e.odds))
	if e.source != "" {
		f.Detail += fmt.Sprintf("; %s changed at %s", e.source, e.changed.UTC().Format(time.RFC3339))
	}
	f.Detail += "; " + f.comparison() + "; " + f.statistics()
	return true
}
