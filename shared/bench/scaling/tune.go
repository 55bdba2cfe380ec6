package scaling

import (
	"context"
	"fmt"
	"slices"

	"homeostat/shared/traffic"
)

const (
	// tuningSeed is no seed that is reported.
	tuningSeed = 0
	// tuningSpan is how much of each first half contestants are tuned on, in
	// seconds, its end: a day has all that a day brings.
	tuningSpan = 24 * hour
)

// choices are the default and the best setting of each that was tuned, in the
// order in which they were played.
type choices struct{ all []choice }

type choice struct{ byDefault, best Entry }

func (c choices) of(policy string) (choice, bool) {
	i := slices.IndexFunc(c.all, func(one choice) bool { return one.best.Policy == policy })
	if i < 0 {
		return choice{}, false
	}
	return c.all[i], true
}

func (c choices) best(policy string) (Entry, bool) {
	one, ok := c.of(policy)
	return one.best, ok
}

func (c choices) has(e Entry) bool {
	best, ok := c.best(e.Policy)
	return ok && best == e
}

// entriesOf are the settings to be played of policies that were tuned; none where
// none was.
func (c choices) entriesOf(policies []string) []Entry {
	var out []Entry
	for _, p := range policies {
		one, ok := c.of(p)
		if !ok {
			continue
		}
		out = append(out, one.byDefault)
		if one.best != one.byDefault {
			out = append(out, one.best)
		}
	}
	return out
}

// tunedOn is the end of the first half.
func tunedOn(t traffic.Trace) traffic.Trace {
	middle := len(t.Requests) / 2
	t.Requests = t.Requests[max(0, middle-tuningSpan/t.Step):middle]
	return t
}

// scores are the sums over the traces of J at the middle price.
type scores struct {
	order []Entry
	sums  map[Entry]float64
	first map[string]Entry // the defaults
}

func (s *scores) add(sample Sample, optimum float64) {
	if !sample.Tuned {
		return
	}
	if _, seen := s.sums[sample.Entry]; !seen {
		s.order = append(s.order, sample.Entry)
	}
	s.sums[sample.Entry] += J(PriceMid, sample.Run.TaskHours/optimum, sample.Run.Violating)
	if sample.Default {
		s.first[sample.Policy] = sample.Entry
	}
}

// choices takes the least sum of each; of equal ones the first.
func (s *scores) choices() choices {
	var out choices
	for _, e := range s.order {
		i := slices.IndexFunc(out.all, func(one choice) bool { return one.best.Policy == e.Policy })
		if i < 0 {
			out.all = append(out.all, choice{byDefault: s.first[e.Policy], best: e})
		} else if s.sums[e] < s.sums[out.all[i].best] {
			out.all[i].best = e
		}
	}
	return out
}

// tune finds for each contestant that has settings the single one with the least
// mean J at the middle price over the first halves of all traces.
func (m Matrix) tune(ctx context.Context) (choices, error) {
	s := scores{sums: map[Entry]float64{}, first: map[string]Entry{}}
	tuned := slices.DeleteFunc(slices.Clone(m.Table), func(c Contestant) bool { return !c.Tuned || !m.plays(c.Name) })
	for i, t := range m.Traces {
		m.tell("tuning on the first half of %s: %d of %d traces", t.Name, i+1, len(m.Traces))
		t = tunedOn(t)
		_, from := Whole.Cut(t)
		best := optimum(t, m.Service, tuningSeed, from)
		add := func(sample Sample) error {
			s.add(sample, best)
			return nil
		}
		j := Job{Traces: []traffic.Trace{t}, Service: m.Service, Seeds: []uint64{tuningSeed}, Half: Whole}
		if err := Play(ctx, j, tuned, add); err != nil {
			return choices{}, fmt.Errorf("tuning on %s: %w", t.Name, err)
		}
		if j.Policies = m.peers(); len(j.Policies) > 0 {
			if err := m.Peers(ctx, j, add); err != nil {
				return choices{}, fmt.Errorf("tuning on %s: %w", t.Name, err)
			}
		}
	}
	return s.choices(), nil
}
