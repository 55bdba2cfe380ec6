package massfailure

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/reason"
)

// Case is the input of Evaluate.
type Case struct {
	// Reports are the failure reports of all services, with the evaluated one.
	Reports []fleet.FailureReport
	Counts  fleet.ServiceCounts
	// Limit is the share of services that may fail at once, between 0 and 1.
	Limit float64
	// Freezes are all freezes of the account and region.
	Freezes []fleet.Freeze
	Now     time.Time
}

// Change is a freeze to set, if it is stored as it was read.
type Change struct {
	// Was is the freeze as it was read; zero if there was none.
	Was, Is fleet.Freeze
	Reason  fleet.Reason
	// Notify is true if the operator is alerted: at the start and the end of a
	// freeze.
	Notify bool
}

// Evaluate returns the freezes to set, prolong or end, and further reasons. It
// never changes a freeze that an operator set. An unknown number of services
// neither starts nor ends a freeze.
func Evaluate(c Case) (changes []Change, reasons []fleet.Reason) {
	e := evaluation{Case: c, at: map[string]fleet.Freeze{}}
	for _, s := range c.Freezes {
		e.at[s.Scope] = s
	}
	e.unknown = e.unknownCounts()
	for _, s := range c.Freezes {
		if s.Who == Homeostat && s.Frozen {
			e.keep(s)
		}
	}
	if e.unknown == "" {
		e.freeze()
	} else if n := len(failing(e.fresh())); n >= minServices {
		e.addReason(reason.MassFailureUnknown, "%d services fail, the number of all services is unknown: %s", n, e.unknown)
	}
	return e.changes, e.reasons
}

// withoutSharedImages returns the reports without those of services that fail with one
// image after its rollout: the image is what they share, and each of them is rolled back.
func (e *evaluation) withoutSharedImages(left []fleet.FailureReport) []fleet.FailureReport {
	services := map[string][]fleet.FailureReport{}
	for _, p := range left {
		for _, digest := range p.Digests {
			services[digest] = append(services[digest], p)
		}
	}
	for _, digest := range slices.Sorted(maps.Keys(services)) {
		if n := len(services[digest]); n > 1 {
			left = without(left, services[digest])
			e.addReason(reason.SharedImage, "%d services fail with the image %s after its rollout", n, fleet.ShortDigest(digest))
		}
	}
	return left
}

// Ours reports whether one of the freezes was set by Homeostat.
func Ours(freezes []fleet.Freeze) bool {
	for _, s := range freezes {
		if s.Who == Homeostat && s.Frozen {
			return true
		}
	}
	return false
}

// evaluation is the state of one call of Evaluate.
type evaluation struct {
	Case
	// at holds the freezes by scope, as they are after the changes.
	at      map[string]fleet.Freeze
	unknown string
	changes []Change
	reasons []fleet.Reason
}

// unknownCounts returns the reason why the number of services is unknown; empty if
// it is known.
func (e *evaluation) unknownCounts() string {
	switch age := e.Now.Sub(e.Counts.At); {
	case e.Counts.At.IsZero():
		return "no sweep counted them yet"
	case age > maxCountsAge:
		return fmt.Sprintf("the last count is %d min old", age.Round(time.Minute)/time.Minute)
	case e.Counts.Services <= 0:
		return "the last sweep found no service"
	}
	return ""
}

// keep prolongs a freeze of Homeostat while the share is above half the limit, so
// that the freeze does not flap. At or below half the limit it ends the freeze.
func (e *evaluation) keep(s fleet.Freeze) {
	if e.unknown != "" {
		if !s.Active(e.Now) {
			e.endFreeze(s, "freeze of "+s.Scope+" expired, the number of all services is unknown: "+e.unknown)
		}
		return
	}
	g := e.groupOf(s.Scope)
	switch {
	case g.of == 0:
		if !s.Active(e.Now) {
			e.endFreeze(s, "freeze of "+s.Scope+" expired, the number of its services is unknown")
		}
	case g.share() <= e.Limit/2:
		e.endFreeze(s, g.counts()+", at most half of limit "+percent(e.Limit)+": freeze ends")
	case s.Until.Sub(e.Now) < renewBefore:
		is := s
		is.Until, is.Why = e.Now.Add(freezeFor), g.counts()
		e.set(s, is, fleet.Reason{Name: reason.MassFailureGoesOn, Text: g.counts() + ": freeze goes on"}, false)
	}
}

func (e *evaluation) endFreeze(s fleet.Freeze, why string) {
	is := fleet.Freeze{Scope: s.Scope, Who: Homeostat, Why: why, At: e.Now}
	e.set(s, is, fleet.Reason{Name: reason.MassFailureOver, Text: why}, true)
}

func (e *evaluation) set(was, is fleet.Freeze, why fleet.Reason, notify bool) {
	e.changes = append(e.changes, Change{Was: was, Is: is, Reason: why, Notify: notify})
	e.at[is.Scope] = is
}

// freeze freezes the narrowest scopes that explain enough failures. Failures that a
// scope explains do not count for a wider scope.
func (e *evaluation) freeze() {
	if e.at[fleet.ScopeAccount].Active(e.Now) {
		return
	}
	left := e.fresh()
	for _, g := range e.dependencies() {
		if e.freezeGroup(g) {
			left = without(left, g.failing)
		}
	}
	left = e.withoutSharedImages(left)
	for _, g := range e.zones(left) {
		if e.freezeGroup(g) {
			left = without(left, g.failing)
		}
	}
	for _, g := range e.wide(failing(left)) {
		e.freezeGroup(g)
	}
}

// freezeGroup freezes the scope of a group. It reports whether its failures are
// explained: the scope is frozen now, was frozen before, or was unfrozen by an
// operator a short time ago.
func (e *evaluation) freezeGroup(g group) bool {
	s, known := e.at[g.scope]
	if known && s.Active(e.Now) {
		return true
	}
	if !g.above(e.Limit) {
		return false
	}
	text := g.counts() + ", limit " + percent(e.Limit)
	if known && s.Who != Homeostat && !s.Frozen && (s.At.IsZero() || e.Now.Sub(s.At) < unfreezeFor) {
		e.addReason(reason.MassFailureUnfrozen, "%s: unfrozen%s, not frozen again", text, by(s.Who))
		return true
	}
	is := fleet.Freeze{Scope: g.scope, Frozen: true, Who: Homeostat, Why: text + g.rolledOut(e.Now), Until: e.Now.Add(freezeFor), At: e.Now}
	e.set(s, is, fleet.Reason{Name: reason.MassFailure, Text: is.Why}, true)
	return true
}
