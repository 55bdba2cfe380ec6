package judge

import (
	"math"
	"time"
)

const (
	// fromStart is the weight of "bad from its first task on". The rest is spread
	// over later onsets, the k-th step with 1/(k(k+1)): together one.
	fromStart = 0.7
	onsetStep = 10 * time.Minute
	// memory is how long an onset is held possible, so that old deaths age.
	memory = 3 * time.Hour
)

// badRates are the death rates of a trial that "bad" stands for: nearly all
// die, every other, three in ten.
func badRates() [3]float64 { return [3]float64{0.9, 0.5, 0.3} }

// rateWeights are the weights of the bad rates. The highest has little: it is
// not needed to convict a revision whose tasks all die, and the others forgive
// tasks of which nothing is known yet.
func rateWeights() [3]float64 { return [3]float64{0.1, 0.45, 0.45} }

// logRatio is the log likelihood ratio of "trials die with rate q" against "a
// good revision's" (Wald 1945).
func (t tally) logRatio(q float64) float64 {
	return float64(t.startFailed)*math.Log(q/goodStart) + float64(t.startLived)*math.Log((1-q)/(1-goodStart)) +
		float64(t.hourFailed)*math.Log(q/goodHour) + float64(t.hourLived)*math.Log((1-q)/(1-goodHour))
}

// sums are the suspect's evidence over all onsets and rates.
type sums struct {
	evidence float64
	// posterior weighs the bad rates by what the record says.
	posterior [3]float64
	// onset is where the evidence is strongest, and atStart whether all deaths
	// since then were of starts.
	onset   time.Time
	atStart bool
}

// sum is the mixture of the likelihood ratios over onsets and rates. For a good
// revision its expectation never exceeds one, whenever it is looked at, so by
// Ville's inequality it ever exceeds 1/a with probability a at most.
func (c Case) sum(lives []life) sums {
	out := sums{onset: c.since()}
	best := math.Inf(-1)
	for k := 0; ; k++ {
		onset := c.since().Add(time.Duration(k) * onsetStep)
		if k > 0 && onset.After(c.Now) {
			break
		}
		if c.Now.Sub(onset) > memory {
			// All onsets that are too old are skipped at once.
			if skip := int((c.Now.Sub(onset) - memory) / onsetStep); skip > 0 {
				k += skip - 1
			}
			continue
		}
		total := 0.0
		t := c.tallySince(lives, onset)
		for j, q := range badRates() {
			part := weight(k) * rateWeights()[j] * math.Exp(t.logRatio(q))
			out.posterior[j] += part
			total += part
		}
		out.evidence += total
		if total > best {
			best, out.onset, out.atStart = total, onset, t.startFailed > 0 && t.hourFailed == 0
		}
	}
	for j := range out.posterior {
		if out.evidence > 0 {
			out.posterior[j] /= out.evidence
		}
	}
	return out
}

func weight(k int) float64 {
	if k == 0 {
		return fromStart
	}
	return (1 - fromStart) / float64(k*(k+1))
}

// tallySince counts the suspect's trials since the onset. Tasks that run and of
// which no event told are alive.
func (c Case) tallySince(lives []life, onset time.Time) tally {
	var t tally
	alive := 0
	for _, l := range lives {
		if l.ended.IsZero() {
			alive++
		}
		t.add(l, onset, c.Now)
	}
	if silent := c.Running - alive; silent > 0 {
		t.hourLived += silent * (1 + int(max(0, c.Now.Sub(onset))/time.Hour))
	}
	return t
}

// count fills in the suspect's deaths since its likeliest onset.
func (f *Finding) count(lives []life, onset time.Time) {
	for _, l := range lives {
		switch {
		case l.died && !l.ended.Before(onset):
			f.Deaths++
			f.Tasks++
			if f.FirstFailure.IsZero() || l.ended.Before(f.FirstFailure) {
				f.FirstFailure = l.ended
			}
			if l.ended.After(f.LastDeath) {
				f.LastDeath = l.ended
			}
		case l.ended.IsZero() || (!l.died && !l.ended.Before(onset)):
			f.Tasks++
		}
	}
}
