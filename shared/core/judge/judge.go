// Package judge weighs whether a revision is bad: what became of its tasks,
// against what becomes of a good revision's, of older revisions' and of other
// services' tasks in the same time. docs/judge.md derives the test.
package judge

import (
	"math"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/reason"
)

// Outcome is the judge's word. The words are stable.
type Outcome string

// The outcomes.
const (
	BadRevision       = Outcome(reason.BadRevision)
	CommonCause       = Outcome(reason.CommonCause)
	NotEnoughEvidence = Outcome(reason.NotEnoughEvidence)
	Healthy           = Outcome(reason.Healthy)
)

// Case is all that is weighed. The judge is pure: the same case gives the same
// finding, however often and whenever it is asked.
type Case struct {
	// Suspect are the tasks of the revision that new tasks run; nil where none
	// was seen yet.
	Suspect *fleet.TaskCohort
	// Since is when the suspect's deployment began; zero takes the first that
	// was seen of it.
	Since time.Time
	// Running is how many tasks of the suspect ECS says run. Those of which no
	// event told count as alive. Zero where it is not known.
	Running int
	// FullyRunning is true where ECS says that as many of them run as are desired.
	FullyRunning bool
	// Control are the arms of older revisions of the service, of which ECS says
	// ControlRunning tasks run.
	Control        []*fleet.TaskCohort
	ControlRunning int
	// Peers are other services that fail in the same time and share
	// something with this one.
	Peers []Peer
	// Alarms are the alarms that the policy names as evidence, as they are now.
	Alarms []Alarm
	// NotAtFault are causes that the suspect's own changes cannot have brought
	// about, with the reason.
	NotAtFault map[fleet.Cause]string
	// Explained is when a common cause was found last: the deaths before it, and
	// those that follow without a pause, are held against nobody. Zero where
	// none was.
	Explained time.Time
	// FalseAlarm is the accepted share of good rollouts that are convicted.
	FalseAlarm float64
	Now        time.Time
}

// Peer is another service's failures of late.
type Peer struct {
	Name string
	// Failures of Tasks died of causes of the family runtime or start.
	Failures, Tasks int
	// Shares says what it shares with the suspect, for people.
	Shares string
}

// Alarm is one alarm that the policy names.
type Alarm struct {
	Name string
	// Firing is whether it is in ALARM now, and Since when.
	Firing bool
	Since  time.Time
}

// wentAway is after how long without a death, with all tasks running, nothing is
// left to roll back for.
const wentAway = 15 * time.Minute

// Finding is the outcome with its numbers, also in words.
type Finding struct {
	Outcome Outcome
	Text    string
	// Deaths of Tasks that were at risk are the suspect's, since the time from
	// which it most likely began to fail.
	Deaths, Tasks int
	// ControlDeaths of ControlTasks are the control's in the same time.
	ControlDeaths, ControlTasks int
	// Evidence is how many times likelier the suspect's record is if it is bad;
	// Needed is what convicts.
	Evidence, Needed float64
	// Worse is the probability that the suspect itself is at fault and not
	// something that the control shares, at even odds before. 0.5 means that
	// there was nothing to compare with.
	Worse float64
	// Silent is true where no control task was there to compare with: none at
	// all, or none that was started lately where the suspect's die at their start.
	Silent bool
	// AtStart is true where all deaths were of starts.
	AtStart bool
	// Alarm is the alarm that convicts; empty where deaths do, or nothing does.
	Alarm string
	// AlarmSince is since when it fires.
	AlarmSince time.Time
	// Place is where all deaths were, if only one place fails, and PlaceKind
	// whether it is a zone, a host or a capacity provider.
	Place, PlaceKind        string
	FirstFailure, LastDeath time.Time
}

// Evaluate judges the suspect.
func Evaluate(c Case) Finding {
	f := Finding{Outcome: NotEnoughEvidence, Needed: 1 / c.FalseAlarm, Worse: 0.5, Silent: true}
	if c.Suspect == nil {
		f.Text = "no task of this deployment was seen yet"
		if alarm, ok := c.failingAlarm(); ok {
			f.failByAlarm(alarm)
		}
		return f
	}
	lives := explained(livesOf(c.Suspect, c.NotAtFault, c.Control), c.Explained)
	sums := c.sum(lives)
	f.Evidence = sums.evidence
	f.count(lives, sums.onset)
	f.compare(c, sums)
	f.locate(c, lives, sums)
	f.conclude(c, lives)
	return f
}

func (f *Finding) conclude(c Case, lives []life) {
	alarm, alarmed := c.failingAlarm()
	switch {
	case (f.Deaths > 0 || alarmed) && f.ControlDeaths > 0 && f.Worse <= 0.5:
		f.Outcome = CommonCause
		f.Text = f.counts(lives) + ": what is shared fails, a rollback would not help" + sharing(c.Peers)
	case f.Place != "" && f.Evidence >= f.Needed:
		f.Outcome = CommonCause
		f.Text = f.counts(lives) + ": all in the " + f.PlaceKind + " " + f.Place + " and none elsewhere, so the place fails and not the revision"
	case f.Evidence >= f.Needed && c.FullyRunning && c.Now.Sub(f.LastDeath) > wentAway:
		f.Text = f.counts(lives) + ", and none for " + c.Now.Sub(f.LastDeath).Round(time.Minute).String() + ": it went away"
	case f.Evidence >= f.Needed:
		f.Outcome = BadRevision
		f.Text = f.verdict(lives)
	case alarmed:
		f.failByAlarm(alarm)
	case f.Deaths > 0:
		f.Text = f.verdict(lives)
	case anySurvivor(lives, c.Now):
		f.Outcome = Healthy
		f.Text = f.healthy(lives, c.Now)
	default:
		f.Text = "no task of this deployment died of a cause that could be its own"
	}
}

// failingAlarm is an alarm that speaks against the suspect: it fires now,
// and began to after the suspect's deployment did. One that fired before is
// somebody else's.
func (c Case) failingAlarm() (Alarm, bool) {
	for _, a := range c.Alarms {
		if a.Firing && a.Since.After(c.since()) && !a.Since.After(c.Now) {
			return a, true
		}
	}
	return Alarm{}, false
}

func (f *Finding) failByAlarm(a Alarm) {
	f.Outcome, f.Alarm, f.AlarmSince = BadRevision, a.Name, a.Since
	f.Text = "the alarm " + a.Name + ", quiet before this revision took traffic, fires since " + a.Since.UTC().Format(time.RFC3339)
}

func (c Case) since() time.Time {
	switch {
	case !c.Since.IsZero():
		return c.Since
	case c.Suspect != nil && !c.Suspect.FirstSeen.IsZero():
		return c.Suspect.FirstSeen
	}
	return c.Now.Add(-memory)
}

// compare asks whether the control fails too. Worse is the probability that it
// does not share the suspect's fate, at even odds before: the likelihoods of the
// control's record under both, weighed by what the suspect's record says of
// how hard it fails.
func (f *Finding) compare(c Case, s sums) {
	t := c.controlTally(f.FirstFailure)
	f.ControlDeaths, f.ControlTasks = t.failures(), t.failures()+t.survivals()
	f.AtStart = s.atStart
	f.Silent = f.ControlTasks == 0 || f.AtStart && t.startFailed+t.startLived == 0
	odds := 0.0
	for j, q := range badRates() {
		odds += s.posterior[j] * math.Exp(t.logRatio(q))
	}
	f.Worse = 1 / (1 + odds)
}
