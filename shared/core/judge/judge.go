// Package judge decides whether a revision is bad. It compares the outcome of its
// tasks with a good revision, with older revisions and with other services at the
// same time. The page docs/judge.md derives the test.
package judge

import (
	"math"
	"slices"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/reason"
)

// Outcome is the verdict of the judge. The words are stable.
type Outcome string

// The outcomes.
const (
	BadRevision       = Outcome(reason.BadRevision)
	CommonCause       = Outcome(reason.CommonCause)
	NotEnoughEvidence = Outcome(reason.NotEnoughEvidence)
	Healthy           = Outcome(reason.Healthy)
	// EnvironmentChanged means that something outside of the revision changed. Tasks of
	// the suspect itself live on, and those that start later fail; or a parameter or
	// secret changed at the right time.
	EnvironmentChanged = Outcome(reason.EnvironmentChanged)
)

// Case is the input of Evaluate. The judge is pure: the same case gives the same
// finding at any time and any number of times.
type Case struct {
	// Suspect holds the tasks of the revision that new tasks run; nil before its
	// first task was seen.
	Suspect *fleet.TaskCohort
	// Since is the start of the suspect's deployment. Zero stands for the time of
	// its first seen task.
	Since time.Time
	// SourceChanges holds the last change of each parameter and secret of the suspect;
	// nil if they were not read.
	SourceChanges map[string]time.Time
	// SharedSources are the parameters and secrets that an earlier good revision reads
	// too; nil if they are unknown.
	SharedSources []string
	// Running is the number of tasks of the suspect that ECS counts as running; zero
	// if unknown. Running tasks without an event count as alive.
	Running int
	// FullyRunning is true if ECS counts as many running tasks as desired ones.
	FullyRunning bool
	// Control holds the tasks of older revisions of the service. ControlRunning is
	// the number of them that ECS counts as running.
	Control        []*fleet.TaskCohort
	ControlRunning int
	// Peers are the services that fail at the same time and share a dependency or a
	// place with this one.
	Peers []Peer
	// Alarms are the alarms that the policy names as evidence, in their current
	// state.
	Alarms []Alarm
	// Traffic compares the requests of the suspect and of the older revision; zero if it
	// is unknown.
	Traffic Traffic
	// NotAtFault maps each cause that the suspect's own changes cannot bring about
	// to the reason.
	NotAtFault map[fleet.Cause]string
	// Explained is the time of the last common cause; zero if there was none.
	// Failures before it do not count against the suspect, nor do failures that
	// follow it without a pause, nor an alarm that began before it.
	Explained time.Time
	// FalseAlarm is the accepted share of good rollouts with the outcome
	// BadRevision, above 0 and below 1.
	FalseAlarm float64
	Now        time.Time
}

// Peer counts the recent failures of another service.
type Peer struct {
	Name string
	// Failures is the number of the Tasks that failed, with a cause of the family
	// runtime or start.
	Failures, Tasks int
	// Shares names the dependency or place in common, for people.
	Shares string
}

// Alarm is one alarm that the policy names.
type Alarm struct {
	Name string
	// Firing is true while the alarm is in the state ALARM, since the time Since.
	Firing bool
	Since  time.Time
}

// Finding is the outcome with its figures, as numbers and as texts.
type Finding struct {
	Outcome Outcome
	// Text is the headline, at most 80 characters. Detail holds the statistics and
	// the full names behind it; it may be empty.
	Text, Detail string
	// Failures is the number of the suspect's Tasks at risk that failed, counted
	// from the most likely onset.
	Failures, Tasks int
	// ControlFailures is the number of the ControlTasks that failed in the same time.
	ControlFailures, ControlTasks int
	// Evidence is the likelihood ratio of the record under "bad" and under "good".
	// Needed is the minimum ratio for the outcome BadRevision.
	Evidence, Needed float64
	// Slow is true if the outcome needs the evidence of slow failures, and most failures
	// came after an hour.
	// FromStart is true if it failed slowly from its start on, and not only of late.
	Slow, FromStart bool
	// Worse is the probability that the suspect itself is at fault and not something
	// that the control shares, with prior odds of 1 : 1. It is 0.5 without a control.
	Worse float64
	// Silent is true without a control task to compare with. If the suspect's tasks
	// fail at their start, only recently started tasks can be compared.
	Silent bool
	// AtStart is true if all failures were failed starts.
	AtStart bool
	// Alarm is the alarm behind BadRevision; empty if the outcome has another cause.
	Alarm string
	// AlarmSince is the start of the alarm.
	AlarmSince time.Time
	// ByTraffic is true if failed requests alone are behind BadRevision.
	ByTraffic bool
	// Place is the only place with failures; empty if there is no such place.
	// PlaceKind is its kind: a zone, a host or a capacity provider.
	Place, PlaceKind          string
	FirstFailure, LastFailure time.Time
	// OlderAlive is the number of running tasks of the suspect from before a change of
	// the environment. The change lies between ChangedAfter and ChangedBefore. Source is
	// a parameter or secret that changed in that time; empty if none is known.
	OlderAlive                  int
	ChangedAfter, ChangedBefore time.Time
	Source                      string
	// InRollout is true if Source changed during the rollout: older revisions run, and no
	// task of the suspect. Outdated is true if the tasks with the earlier value of Source
	// fail, and new starts do not.
	InRollout, Outdated bool

	// control names the compared tasks in texts.
	control string
}

// Evaluate judges the suspect.
func Evaluate(c Case) Finding {
	f := Finding{Outcome: NotEnoughEvidence, Needed: 1 / c.FalseAlarm, Worse: 0.5, Silent: true}
	if c.Suspect == nil {
		f.Text = "no task of this deployment was seen yet"
		f.judgeTraffic(c)
		return f
	}
	lives := explained(livesOf(c.Suspect, c.NotAtFault, c.Control), c.Explained)
	sums := c.sum(lives)
	f.Evidence = sums.evidence
	slow := c.tallySlow(lives, c.Now)
	late := slow.evidence()
	f.Slow = f.Evidence < f.Needed && f.Evidence+late >= f.Needed && slow.aged()
	f.FromStart = late >= f.Needed && c.tallySlow(lives, c.Now.Add(-onsetWindow)).evidence() >= 1
	f.Evidence += late
	if f.Slow {
		f.count(lives, c.since())
		f.compareSlow(c, slow)
	} else {
		f.count(lives, sums.onset)
		f.compare(c, sums)
	}
	f.locate(c, lives, sums)
	f.conclude(c, lives)
	return f
}

func (f *Finding) conclude(c Case, lives []life) {
	_, alarmed := c.failingAlarm()
	switch {
	case (f.Failures > 0 || alarmed) && f.ControlFailures > 0 && f.Worse <= 0.5:
		f.Outcome = CommonCause
		f.Text = f.counts(lives) + ", " + f.comparison()
		f.Detail = "something shared fails, so a rollback would not help; " + f.statistics() + failingPeers(c.Peers)
	case f.Place != "" && f.Evidence >= f.Needed:
		f.Outcome = CommonCause
		f.Text = f.counts(lives) + ", all " + at(f.PlaceKind, short(f.Place))
		f.Detail = "none failed outside of the " + f.PlaceKind + " " + f.Place + ", so the place fails and not the revision; " +
			f.comparison() + "; " + f.statistics()
	case f.environmentChanged(c, lives):
	case f.Evidence >= f.Needed && c.FullyRunning && c.Now.Sub(f.LastFailure) > resolvedAfter:
		f.Text = f.counts(lives) + ", none for " + span(c.Now.Sub(f.LastFailure))
		f.Detail = "all desired tasks run, so a rollback has no use; " + f.comparison() + "; " + f.statistics()
	case f.Evidence >= f.Needed:
		f.blame(c, lives)
	case f.judgeTraffic(c):
	case f.Failures > 0:
		f.describe(lives)
	default:
		f.withoutFailures(c, lives)
	}
}

// withoutFailures sets the finding about a revision without failures that count now.
func (f *Finding) withoutFailures(c Case, lives []life) {
	runs := c.Running > 0 || slices.ContainsFunc(lives, func(l life) bool { return l.ended.IsZero() })
	switch {
	case !anySurvivor(lives, c.Now):
		f.Text = "no task of this deployment failed for a cause of its own"
	case !runs:
		f.Text = "no task of the revision runs now"
	default:
		f.healthy(lives, c.Now)
	}
}

// blame sets the finding about failures past the threshold: the revision is bad, unless a
// changed parameter or secret explains them.
func (f *Finding) blame(c Case, lives []life) {
	if f.valueOutdated(c, lives) || f.valueChanged(c, lives) {
		return
	}
	f.Outcome = BadRevision
	f.describe(lives)
}

// failingAlarm returns an alarm that is evidence against the suspect: it fires
// now, and began to fire after the start of the suspect's deployment. An alarm
// that fired before has another cause. So has one that fired before a common cause was
// found.
func (c Case) failingAlarm() (Alarm, bool) {
	for _, a := range c.Alarms {
		if a.Firing && a.Since.After(c.since()) && a.Since.After(c.Explained) && !a.Since.After(c.Now) {
			return a, true
		}
	}
	return Alarm{}, false
}

func (f *Finding) failByAlarm(a Alarm) {
	f.Outcome, f.Alarm, f.AlarmSince = BadRevision, a.Name, a.Since
	f.Text = "alarm " + short(a.Name) + " fires since " + a.Since.UTC().Format(time.RFC3339)
	f.Detail = "the alarm " + a.Name + " was quiet before this revision took traffic"
}

func (c Case) since() time.Time {
	switch {
	case !c.Since.IsZero():
		return c.Since
	case c.Suspect != nil && !c.Suspect.FirstSeen.IsZero():
		return c.Suspect.FirstSeen
	}
	return c.Now.Add(-onsetWindow)
}

// compare computes Worse: the probability that the control does not fail like the
// suspect, with prior odds of 1 : 1. It compares the likelihoods of the control's
// record under both assumptions. The weights of the rates come from the suspect's
// record.
func (f *Finding) compare(c Case, s sums) {
	t := c.controlTally(f.FirstFailure)
	f.ControlFailures, f.ControlTasks = t.failures(), t.failures()+t.survivals()
	f.control = c.controlName()
	f.AtStart = s.atStart
	f.Silent = f.ControlTasks == 0 || f.AtStart && t.startFailed+t.startLived == 0
	odds := 0.0
	for j, q := range badRates() {
		odds += s.posterior[j] * math.Exp(t.logRatio(q))
	}
	f.Worse = 1 / (1 + odds)
}
