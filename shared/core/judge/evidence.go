package judge

import (
	"math"
	"time"
)

// logRatio returns the log likelihood ratio of "trials fail with rate q" against
// "trials fail like those of a good revision" (Wald 1945).
func (t tally) logRatio(q float64) float64 {
	return float64(t.startFailed)*math.Log(q/goodStart) + float64(t.startLived)*math.Log((1-q)/(1-goodStart)) +
		float64(t.hourFailed)*math.Log(q/goodHour) + float64(t.hourLived)*math.Log((1-q)/(1-goodHour))
}

// sums holds the suspect's evidence over all onsets and rates.
type sums struct {
	evidence float64
	// posterior is the weight of each bad rate after the record.
	posterior [3]float64
	// onset is the onset with the strongest evidence. atStart is true if all
	// failures since then were failed starts.
	onset   time.Time
	atStart bool
}

// sum returns the mixture of the likelihood ratios over onsets and rates. For a
// good revision its expectation never exceeds 1, at any time of evaluation. So by
// Ville's inequality it ever exceeds 1/a with probability a at most.
func (c Case) sum(lives []life) sums {
	out := sums{onset: c.since()}
	best := math.Inf(-1)
	for k := 0; ; k++ {
		onset := c.since().Add(time.Duration(k) * onsetStep)
		if k > 0 && onset.After(c.Now) {
			break
		}
		if c.Now.Sub(onset) > onsetWindow {
			// Skip all onsets that are too old at once.
			if skip := int((c.Now.Sub(onset) - onsetWindow) / onsetStep); skip > 0 {
				k += skip - 1
			}
			continue
		}
		total := 0.0
		t := c.tallySince(lives, onset)
		for j, q := range badRates() {
			part := (1 - slowShare) * weight(k) * rateWeights()[j] * math.Exp(t.logRatio(q))
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

// tallySince counts the suspect's trials since the onset. Running tasks without an
// event count as alive.
func (c Case) tallySince(lives []life, onset time.Time) tally {
	var t tally
	alive := 0
	for _, l := range lives {
		if l.ended.IsZero() {
			alive++
		}
		t.add(l, onset, c.Now)
	}
	if unseen := c.Running - alive; unseen > 0 {
		t.hourLived += unseen * (1 + int(max(0, c.Now.Sub(onset))/time.Hour))
	}
	return t
}

// count sets the suspect's failures since its most likely onset.
func (f *Finding) count(lives []life, onset time.Time) {
	for _, l := range lives {
		switch {
		case l.failed && !l.ended.Before(onset):
			f.Failures++
			f.Tasks++
			if f.FirstFailure.IsZero() || l.ended.Before(f.FirstFailure) {
				f.FirstFailure = l.ended
			}
			if l.ended.After(f.LastFailure) {
				f.LastFailure = l.ended
			}
		case l.ended.IsZero() || (!l.failed && !l.ended.Before(onset)):
			f.Tasks++
		}
	}
}
