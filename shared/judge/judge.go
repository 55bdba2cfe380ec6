// Package judge weighs whether a revision is bad: its own deaths and
// survivals, against those of the revisions that ran before it.
//
// The first version is a cumulative form of Wald's sequential probability
// ratio test on the outcomes of task starts. A task that dies of a cause that
// may blame the revision counts against it, one that lives long enough counts
// for it, in the order in which that became known. The sum never falls below
// zero, so that a revision which begins to die after hours of health is judged
// as quickly as one that dies at once.
package judge

import (
	"fmt"
	"math"
	"sort"
	"time"

	"homeostat/shared/fleet"
)

// Death rates of a good and of a bad revision's task starts, and the accepted
// share of bad revisions that are missed. With 0.1 % false alarms they call
// for three straight deaths (reference: Wald 1945, worked in docs/judge.md).
const (
	goodRate = 0.02
	badRate  = 0.50
	missRate = 0.01

	// surviveAfter is how long a task must run to count for its revision.
	surviveAfter = 2 * time.Minute
	// window is how long evidence counts.
	window = time.Hour
	// controlLead is how long before the suspect's first death the control's
	// deaths count: a shared cause often shows there first.
	controlLead = 10 * time.Minute
	// controlShare of dying control tasks makes the cause common.
	controlShare = 0.10
)

// Outcome is the judge's word. The words are stable.
type Outcome string

// The outcomes.
const (
	BadRevision       Outcome = "bad-revision"
	CommonCause       Outcome = "common-cause"
	NotEnoughEvidence Outcome = "not-enough-evidence"
	Healthy           Outcome = "healthy"
)

// Finding is the outcome with its numbers, also in words.
type Finding struct {
	Outcome Outcome
	Text    string
	// Deaths are the suspect's within the window, Survivals the outcomes that
	// speak for it: tasks that ran long enough, or that outlived the deaths.
	Deaths, Survivals int
	// ControlDeaths of ControlTasks are the other revisions' in the same time.
	ControlDeaths, ControlTasks int
	// Score is the log likelihood ratio; Threshold is where it convicts.
	Score, Threshold float64
	FirstDeath       time.Time
}

type outcome struct {
	at   time.Time
	task string
	died bool
	// weight is 1, or less where a survival tells less.
	weight float64
}

// Weigh judges the suspect against the control arms at now. falseAlarm is the
// accepted share of good revisions that are convicted. A nil suspect is not
// enough evidence.
func Weigh(suspect *fleet.Arm, control []*fleet.Arm, falseAlarm float64, now time.Time) Finding {
	f := Finding{Outcome: NotEnoughEvidence, Threshold: math.Log((1 - missRate) / falseAlarm)}
	if suspect == nil {
		f.Text = "no task of this deployment was seen yet"
		return f
	}
	against := math.Log(badRate / goodRate)
	inFavour := math.Log((1 - badRate) / (1 - goodRate))
	for _, o := range outcomes(suspect, control, now) {
		if o.died {
			if f.Deaths++; f.FirstDeath.IsZero() {
				f.FirstDeath = o.at
			}
			f.Score += against
		} else {
			if o.weight == 1 {
				f.Survivals++
			}
			f.Score = math.Max(0, f.Score+o.weight*inFavour)
		}
	}
	f.countControl(control, now)
	f.conclude()
	return f
}

func (f *Finding) conclude() {
	counts := fmt.Sprintf("%s of %d died, %d of %d others in the same time",
		plural(f.Deaths, "task"), f.Deaths+f.Survivals, f.ControlDeaths, f.ControlTasks)
	switch {
	case f.Deaths > 0 && f.ControlDeaths > 0 && float64(f.ControlDeaths) > controlShare*float64(f.ControlTasks):
		f.Outcome = CommonCause
		f.Text = counts + ": older revisions die too, a rollback would not help"
	case f.Score >= f.Threshold:
		f.Outcome = BadRevision
		f.Text = fmt.Sprintf("%s: evidence %.1f, needed %.1f", counts, f.Score, f.Threshold)
	case f.Deaths == 0 && f.Survivals > 0:
		f.Outcome = Healthy
		f.Text = fmt.Sprintf("%s ran for %s or longer, none died", plural(f.Survivals, "task"), surviveAfter)
	case f.Deaths == 0:
		f.Text = "no task of this deployment died of a cause that could be its own"
	default:
		f.Text = fmt.Sprintf("%s: evidence %.1f, needed %.1f", counts, f.Score, f.Threshold)
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// outcomes are the suspect's deaths and survivals in order of time, then task.
func outcomes(suspect *fleet.Arm, control []*fleet.Arm, now time.Time) []outcome {
	var all []outcome
	for task, life := range suspect.Tasks {
		if end := lifeEnd(life, now); survived(life, end) {
			all = append(all, outcome{life.StartedAt.Add(surviveAfter), task, false, 1})
		}
		if died(life) && blames(life.Cause, control) && !life.StoppedAt.Before(now.Add(-window)) {
			all = append(all, outcome{life.StoppedAt, task, true, 1})
		}
	}
	all = append(all, outlived(suspect, all)...)
	sort.Slice(all, func(i, j int) bool {
		switch a, b := all[i], all[j]; {
		case !a.at.Equal(b.at):
			return a.at.Before(b.at)
		case a.died != b.died:
			return a.died
		default:
			return a.task < b.task
		}
	})
	return all
}

// outlived are the tasks that ran when the first death came and still do after
// the last: they speak for the revision. One that is still young speaks in full:
// without it three deaths among a hundred starts at once, which are nothing,
// would count like three of three. One that had survived before speaks by how
// long the deaths took: three among two hundred within a minute are a failure,
// within an hour they are not.
func outlived(suspect *fleet.Arm, known []outcome) []outcome {
	var first, last time.Time
	spoken := map[string]time.Time{}
	for _, o := range known {
		if !o.died {
			spoken[o.task] = o.at
			continue
		}
		if first.IsZero() || o.at.Before(first) {
			first = o.at
		}
		if o.at.After(last) {
			last = o.at
		}
	}
	if first.IsZero() {
		return nil
	}
	var alive []outcome
	for task, life := range suspect.Tasks {
		if life.StartedAt.IsZero() || life.StartedAt.After(first) || !life.StoppedAt.IsZero() || !life.EndedAt.IsZero() {
			continue
		}
		switch at, ok := spoken[task]; {
		case !ok:
			alive = append(alive, outcome{last, task, false, 1})
		case at.Before(first):
			alive = append(alive, outcome{last, task, false, min(1, last.Sub(first).Seconds()/window.Seconds())})
		}
	}
	return alive
}

func lifeEnd(life fleet.TaskLife, now time.Time) time.Time {
	if life.StoppedAt.IsZero() {
		return now
	}
	return life.StoppedAt
}

func survived(life fleet.TaskLife, end time.Time) bool {
	return !life.StartedAt.IsZero() && end.Sub(life.StartedAt) >= surviveAfter
}

func died(life fleet.TaskLife) bool {
	return !life.StoppedAt.IsZero() && life.Cause != ""
}

// blames reports whether a death of this cause may be the revision's own
// fault: runtime causes, and start causes that no older revision shows.
func blames(cause fleet.Cause, control []*fleet.Arm) bool {
	switch cause.Family() {
	case fleet.FamilyRuntime:
		return true
	case fleet.FamilyStart:
		for _, arm := range control {
			for _, life := range arm.Tasks {
				if life.Cause == cause {
					return false
				}
			}
		}
		return true
	}
	return false
}

func (f *Finding) countControl(control []*fleet.Arm, now time.Time) {
	from := now.Add(-window)
	if !f.FirstDeath.IsZero() {
		from = f.FirstDeath.Add(-controlLead)
	}
	for _, arm := range control {
		for _, life := range arm.Tasks {
			if lifeEnd(life, now).Before(from) {
				continue
			}
			f.ControlTasks++
			if died(life) && life.Cause.Family() == fleet.FamilyRuntime {
				f.ControlDeaths++
			}
		}
	}
}
