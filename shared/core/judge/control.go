package judge

import (
	"math"
	"time"

	"homeostat/shared/core/fleet"
)

// The kinds of places, in words.
const (
	ofZone     = "zone"
	ofHost     = "host"
	ofProvider = "capacity provider"
)

// Zone returns the only Availability Zone with failures; empty if there is none.
func (f *Finding) Zone() string { return f.placeOf(ofZone) }

// Host returns the only container instance with failures; empty if there is none.
func (f *Finding) Host() string { return f.placeOf(ofHost) }

func (f *Finding) placeOf(kind string) string {
	if f.PlaceKind == kind {
		return f.Place
	}
	return ""
}

// controlTally counts the trials of the control from controlLead before the
// suspect's first failure on. Without a failure it counts those of the last
// controlLead.
func (c Case) controlTally(firstFailure time.Time) tally {
	from := c.Now.Add(-controlLead)
	if !firstFailure.IsZero() {
		from = firstFailure.Add(-controlLead)
	}
	var t tally
	alive := 0
	for _, cohort := range c.Control {
		for _, l := range livesOf(cohort, c.NotAtFault, nil) {
			if l.ended.IsZero() {
				alive++
			}
			t.add(l, from, c.Now)
		}
	}
	t.hourLived += max(0, c.ControlRunning-alive)
	for _, p := range c.Peers {
		t.hourFailed += p.Failures
		t.hourLived += max(0, p.Tasks-p.Failures)
	}
	return t
}

// locate sets Place if all failures were in one place while the suspect's tasks in
// other places live. It compares the likelihoods of the record under "this place
// fails" and under "the revision is bad". Only tasks that started in the same time
// count: older tasks elsewhere do not show that a start succeeds there.
func (f *Finding) locate(c Case, lives []life, s sums) {
	for _, d := range []struct {
		noun string
		of   func(life) string
	}{
		{ofHost, func(l life) string { return l.host }}, // narrowest first: a host is in a zone
		{ofZone, func(l life) string { return l.zone }},
		{ofProvider, func(l life) string { return l.provider }},
	} {
		place, ok := onlyPlace(lives, s.onset, d.of)
		if !ok {
			continue
		}
		first := firstStart(lives, s.onset)
		var inside, elsewhere tally
		for _, l := range lives {
			switch {
			case d.of(l) == place:
				inside.add(l, s.onset, c.Now)
			case d.of(l) != "" && !l.start().Before(first.Add(-placeLead)) && (l.ended.IsZero() || l.ended.After(f.LastFailure)):
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

// firstStart returns the first start of a task that failed since the onset.
func firstStart(lives []life, onset time.Time) (first time.Time) {
	for _, l := range lives {
		if l.failed && !l.ended.Before(onset) && (first.IsZero() || l.start().Before(first)) {
			first = l.start()
		}
	}
	return first
}

// onlyPlace returns the one place of all failures since the onset. ok is false if
// there is no such place, or if the place of a failure is unknown. A missing image is
// missing everywhere.
func onlyPlace(lives []life, onset time.Time, of func(life) string) (place string, ok bool) {
	failures := 0
	for _, l := range lives {
		if !l.failed || l.ended.Before(onset) {
			continue
		}
		switch at := of(l); {
		case at == "", failures > 0 && at != place, l.cause == fleet.ImageMissing:
			return "", false
		default:
			place = at
			failures++
		}
	}
	return place, failures >= minInPlace
}
