package judge

import (
	"math"
	"time"
)

// The kinds of places, in words.
const (
	ofZone     = "zone"
	ofHost     = "host"
	ofProvider = "capacity provider"
)

// Zone is the Availability Zone that alone fails; empty where none does.
func (f *Finding) Zone() string { return f.placeOf(ofZone) }

// Host is the container instance that alone fails; empty where none does.
func (f *Finding) Host() string { return f.placeOf(ofHost) }

func (f *Finding) placeOf(kind string) string {
	if f.PlaceKind == kind {
		return f.Place
	}
	return ""
}

const (
	// controlLead is how long before the suspect's first death the control's
	// deaths count: a shared cause often shows there first.
	controlLead = 10 * time.Minute
	// placeOdds are those of a failing place against a bad revision, before the
	// places of the deaths are looked at: rollouts break things more often.
	placeOdds = 0.2
	// leastInPlace deaths can be all in one place by more than chance.
	leastInPlace = 2
)

// controlTally counts the control's trials since shortly before the suspect's
// first death; without one, of the last lead.
func (c Case) controlTally(firstDeath time.Time) tally {
	from := c.Now.Add(-controlLead)
	if !firstDeath.IsZero() {
		from = firstDeath.Add(-controlLead)
	}
	var t tally
	alive := 0
	for _, arm := range c.Control {
		for _, l := range livesOf(arm, c.NotAtFault, nil) {
			if l.ended.IsZero() {
				alive++
			}
			t.add(l, from, c.Now)
		}
	}
	t.hourLived += max(0, c.ControlRunning-alive)
	for _, n := range c.Peers {
		t.hourFailed += n.Failures
		t.hourLived += max(0, n.Tasks-n.Failures)
	}
	return t
}

// locate asks whether all deaths were in one place while the suspect's tasks
// elsewhere live: then the place fails. What is compared is how well "this
// place fails" and "the revision is bad" foretell the record of both.
func (f *Finding) locate(c Case, lives []life, s sums) {
	for _, d := range []struct {
		noun string
		of   func(life) string
	}{
		{ofHost, func(l life) string { return l.host }}, // the narrowest first: a host is in a zone
		{ofZone, func(l life) string { return l.zone }},
		{ofProvider, func(l life) string { return l.provider }},
	} {
		place, ok := onlyPlace(lives, s.onset, d.of)
		if !ok {
			continue
		}
		var inside, elsewhere tally
		for _, l := range lives {
			switch {
			case d.of(l) == place:
				inside.add(l, s.onset, c.Now)
			case d.of(l) != "" && (l.ended.IsZero() || l.ended.After(f.LastDeath)):
				elsewhere.hourLived++
			}
		}
		thePlace, theRevision := 0.0, 0.0
		for j, q := range badRates() {
			likelihood := rateWeights()[j] * math.Exp(inside.logRatio(q))
			thePlace += likelihood
			theRevision += likelihood * math.Exp(elsewhere.logRatio(q))
		}
		if elsewhere.hourLived > 0 && placeOdds*thePlace >= theRevision {
			f.Place, f.PlaceKind = place, d.noun
			return
		}
	}
}

// onlyPlace is the one place of all deaths since the onset; ok is false where
// there is none, or where it is not known of each.
func onlyPlace(lives []life, onset time.Time, of func(life) string) (place string, ok bool) {
	deaths := 0
	for _, l := range lives {
		if !l.died || l.ended.Before(onset) {
			continue
		}
		switch at := of(l); {
		case at == "", deaths > 0 && at != place:
			return "", false
		default:
			place = at
			deaths++
		}
	}
	return place, deaths >= leastInPlace
}
