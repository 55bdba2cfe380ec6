package massfailure

import (
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/reason"
)

// Homeostat is who flips a switch in a mass failure.
const Homeostat = "homeostat"

const (
	// lasts is how long a freeze holds unless it is prolonged, and renew how soon
	// before its end it is: not at every look.
	lasts = 15 * time.Minute
	renew = 10 * time.Minute
	// staleCounts is from when on a count of the services is none.
	staleCounts = time.Hour
	// personsWord is how long a person's thaw stands against a new freeze.
	personsWord = time.Hour
)

// Case is all that is weighed.
type Case struct {
	// Reports are those of all services, the looking one's own among them.
	Reports []fleet.FailureReport
	Counts  fleet.ServiceCounts
	// Limit is the share of services that may fail at once.
	Limit float64
	// Freezes are all of the account and region.
	Freezes []fleet.Freeze
	Now     time.Time
}

// Change is a switch to be flipped, if it still is as it was.
type Change struct {
	// Was is the switch as it was read; zero where there was none.
	Was, Is fleet.Freeze
	Reason  fleet.Reason
	// Notify is true where a person is to be told: a freeze, or its end.
	Notify bool
}

// Evaluate says which switches are to be set, prolonged or lifted, and what else
// is to be said. What a person set is never among them, and what is not known
// neither freezes nor thaws.
func Evaluate(c Case) (changes []Change, said []fleet.Reason) {
	w := evaluation{Case: c, at: map[string]fleet.Freeze{}}
	for _, s := range c.Freezes {
		w.at[s.Scope] = s
	}
	w.unknown = w.uncounted()
	for _, s := range c.Freezes {
		if s.Who == Homeostat && s.Frozen {
			w.keep(s)
		}
	}
	if w.unknown == "" {
		w.freeze()
	} else if n := len(failing(w.fresh())); n >= leastServices {
		w.say(reason.MassFailureUnknown, "%d services fail, but of how many is not known: %s", n, w.unknown)
	}
	return w.changes, w.said
}

// Ours reports whether a switch is there that Homeostat froze with.
func Ours(switches []fleet.Freeze) bool {
	for _, s := range switches {
		if s.Who == Homeostat && s.Frozen {
			return true
		}
	}
	return false
}

// evaluation is one Weigh.
type evaluation struct {
	Case
	// at are the switches by scope, as they are after the changes.
	at      map[string]fleet.Freeze
	unknown string
	changes []Change
	said    []fleet.Reason
}

// uncounted says why the number of services is not known; empty where it is.
func (w *evaluation) uncounted() string {
	switch age := w.Now.Sub(w.Counts.At); {
	case w.Counts.At.IsZero():
		return "no sweep has counted them yet"
	case age > staleCounts:
		return "the last count is " + age.Round(time.Minute).String() + " old"
	case w.Counts.Services <= 0:
		return "the last sweep found none"
	}
	return ""
}

// keep prolongs a freeze of ours while the share is above half the limit, so
// that it does not flap, and lifts it below.
func (w *evaluation) keep(s fleet.Freeze) {
	if w.unknown != "" {
		if !s.Active(w.Now) {
			w.lift(s, "the freeze of "+s.Scope+" has run out; how many services fail is not known: "+w.unknown)
		}
		return
	}
	g := w.groupOf(s.Scope)
	switch {
	case g.of == 0:
		if !s.Active(w.Now) {
			w.lift(s, "the freeze of "+s.Scope+" has run out; how many services it is about is not known")
		}
	case g.share() <= w.Limit/2:
		w.lift(s, g.counts()+", no more than half of "+percent(w.Limit)+": "+s.Scope+" is thawed")
	case s.Until.Sub(w.Now) < renew:
		is := s
		is.Until, is.Why = w.Now.Add(lasts), g.counts()
		w.set(s, is, fleet.Reason{Name: reason.MassFailureGoesOn, Text: g.counts() + ": " + s.Scope + " stays frozen"}, false)
	}
}

func (w *evaluation) lift(s fleet.Freeze, why string) {
	is := fleet.Freeze{Scope: s.Scope, Who: Homeostat, Why: why, At: w.Now}
	w.set(s, is, fleet.Reason{Name: reason.MassFailureOver, Text: why}, true)
}

func (w *evaluation) set(was, is fleet.Freeze, why fleet.Reason, tell bool) {
	w.changes = append(w.changes, Change{Was: was, Is: is, Reason: why, Notify: tell})
	w.at[is.Scope] = is
}

// freeze freezes the narrowest things that explain enough failures. What one
// explains does not speak for a wider one.
func (w *evaluation) freeze() {
	if w.at[fleet.ScopeAccount].Active(w.Now) {
		return
	}
	left := w.fresh()
	for _, g := range w.dependencies() {
		if w.froze(g) {
			left = without(left, g.failing)
		}
	}
	for _, g := range w.zones(left) {
		if w.froze(g) {
			left = without(left, g.failing)
		}
	}
	for _, g := range w.wide(failing(left)) {
		w.froze(g)
	}
}

// froze reports whether the group is frozen, now or already, or was thawed by
// a person whose word still stands.
func (w *evaluation) froze(g group) bool {
	s, known := w.at[g.scope]
	if known && s.Active(w.Now) {
		return true
	}
	if !g.above(w.Limit) {
		return false
	}
	text := g.counts() + ", more than " + percent(w.Limit)
	if known && s.Who != Homeostat && !s.Frozen && (s.At.IsZero() || w.Now.Sub(s.At) < personsWord) {
		w.say(reason.MassFailureUnfrozen, "%s, but %s was thawed%s: a person's word stands above ours", text, g.scope, by(s.Who))
		return true
	}
	is := fleet.Freeze{Scope: g.scope, Frozen: true, Who: Homeostat, Why: text + g.rolledOut(w.Now), Until: w.Now.Add(lasts), At: w.Now}
	w.set(s, is, fleet.Reason{Name: reason.MassFailure, Text: is.Why}, true)
	return true
}
