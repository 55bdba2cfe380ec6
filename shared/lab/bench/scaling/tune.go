package scaling

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"homeostat/shared/sim/traffic"
)

// Choice is the best single setting of a policy over the first halves.
type Choice struct {
	Policy  string `json:"policy"`
	Default string `json:"default"`
	Best    string `json:"best"`
	// Scores lists its settings in the order of their runs.
	Scores []SettingScore `json:"scores"`
}

// SettingScore is the mean cost score of a setting over the traces, at the middle
// price.
type SettingScore struct {
	Setting string `json:"setting"`
	// FirstRound is the score on the shorter part, and Full the score on the whole
	// tuning part. Either may be missing.
	FirstRound *float64 `json:"heat,omitempty"`
	Full       *float64 `json:"j,omitempty"`
}

// choices holds the best settings in the order of their runs.
type choices []Choice

func (c choices) of(policy string) (Choice, bool) {
	i := slices.IndexFunc(c, func(one Choice) bool { return one.Policy == policy })
	if i < 0 {
		return Choice{}, false
	}
	return c[i], true
}

func (c choices) has(e Entry) bool {
	one, ok := c.of(e.Policy)
	return ok && one.Best == e.Setting
}

// entriesOf returns the default and best settings of the given policies, or nothing
// without tuning.
func (c choices) entriesOf(policies []string) []Entry {
	var out []Entry
	for _, p := range policies {
		one, ok := c.of(p)
		if !ok {
			continue
		}
		out = append(out, Entry{p, one.Default})
		if one.Best != one.Default {
			out = append(out, Entry{p, one.Best})
		}
	}
	return out
}

// tuningPart returns the end of the first half.
func tuningPart(t traffic.Trace, span int) traffic.Trace {
	middle := len(t.Requests) / 2
	t.Requests = t.Requests[max(0, middle-span/t.Step):middle]
	return t
}

// historyPart returns the whole first half, and the first measured second of its
// end.
func historyPart(t traffic.Trace, span int) (half traffic.Trace, from int) {
	t.Requests = t.Requests[:len(t.Requests)/2]
	_, from = Whole.Cut(t)
	return t, max(from, t.Seconds()-span)
}

// scores holds the sums of the cost scores over the traces.
type scores struct {
	order []Entry
	sums  map[Entry]float64
	first map[string]string // the default settings
}

func newScores() *scores { return &scores{sums: map[Entry]float64{}, first: map[string]string{}} }

func (s *scores) add(sample Sample, optimum float64) {
	if !sample.Tuned {
		return
	}
	if _, seen := s.sums[sample.Entry]; !seen {
		s.order = append(s.order, sample.Entry)
	}
	s.sums[sample.Entry] += CostScore(PriceMid, sample.Run.TaskHours/optimum, sample.Run.Violating)
	if sample.Default {
		s.first[sample.Policy] = sample.Setting
	}
}

// policies returns the scored policies in their order.
func (s *scores) policies() (out []string) {
	for _, e := range s.order {
		if !slices.Contains(out, e.Policy) {
			out = append(out, e.Policy)
		}
	}
	return out
}

// ranked returns the settings of a policy by score. Equal scores keep their order.
func (s *scores) ranked(policy string) (out []Entry) {
	for _, e := range s.order {
		if e.Policy == policy {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b Entry) int { return cmp.Compare(s.sums[a], s.sums[b]) })
	return out
}

// kept returns the default and the better third of each policy.
func (s *scores) kept() (out []Entry) {
	for _, p := range s.policies() {
		ranked := s.ranked(p)
		better := ranked[:min(len(ranked), max(minKept, len(ranked)/3))]
		for _, e := range s.order {
			if e.Policy == p && (e.Setting == s.first[p] || slices.Contains(better, e)) {
				out = append(out, e)
			}
		}
	}
	return out
}

// choices returns the best settings of the last round, with all scores.
func (s *scores) choices(firstRound *scores, traces int) (out choices) {
	mean := func(of *scores, e Entry) *float64 {
		sum, ok := of.sums[e]
		if !ok {
			return nil
		}
		sum = round(sum / float64(traces))
		return &sum
	}
	for _, p := range s.policies() {
		c := Choice{Policy: p, Default: s.first[p], Best: s.ranked(p)[0].Setting}
		tried := s.order
		if slices.Contains(firstRound.policies(), p) {
			tried = firstRound.order
		}
		for _, e := range tried {
			if e.Policy == p {
				c.Scores = append(c.Scores, SettingScore{e.Setting, mean(firstRound, e), mean(s, e)})
			}
		}
		out = append(out, c)
	}
	return out
}

// tune finds the setting with the lowest mean cost score over the first halves of
// all traces. Policies with a long memory skip the first round and get the whole
// half, because both would take as long.
func (m Suite) tune(ctx context.Context) (choices, error) {
	var forget, learn []Policy
	for _, c := range m.Table {
		switch {
		case !c.Tuned || !m.plays(c.Name):
		case c.ShortMemory:
			forget = append(forget, c)
		default:
			learn = append(learn, c)
		}
	}
	firstRound, last := newScores(), newScores()
	peers := m.peers()
	for i, t := range m.Traces {
		m.reportProgress("tuning on %d hours of the first half of %s: %d of %d traces", firstRoundSpan/hour, t.Name, i+1, len(m.Traces))
		if err := m.round(ctx, Job{Traces: []traffic.Trace{tuningPart(t, firstRoundSpan)}, Policies: peers}, forget, firstRound); err != nil {
			return nil, err
		}
	}
	kept := firstRound.kept()
	for i, t := range m.Traces {
		m.reportProgress("tuning on the first half of %s: %d of %d traces", t.Name, i+1, len(m.Traces))
		if err := m.round(ctx, Job{Traces: []traffic.Trace{tuningPart(t, tuningSpan)}, Policies: peers, Entries: kept}, forget, last); err != nil {
			return nil, err
		}
		half, from := historyPart(t, tuningSpan)
		if err := m.round(ctx, Job{Traces: []traffic.Trace{half}, From: from}, learn, last); err != nil {
			return nil, err
		}
	}
	return last.choices(firstRound, len(m.Traces)), nil
}

// round plays one trace with the built-in policies and with the peers of the job.
func (m Suite) round(ctx context.Context, j Job, table []Policy, to *scores) error {
	t := j.Traces[0]
	if len(table) == 0 && len(j.Policies) == 0 {
		return nil
	}
	j.Service, j.Seeds, j.Half = m.Service, []uint64{tuningSeed}, Whole
	from := j.From
	if from == 0 {
		_, from = Whole.Cut(t)
	}
	best := optimum(t, m.Service, tuningSeed, from)
	add := func(sample Sample) error {
		to.add(sample, best)
		return nil
	}
	own := j
	own.Policies = nil
	if err := Play(ctx, own, table, add); err != nil {
		return fmt.Errorf("tuning on %s: %w", t.Name, err)
	}
	if len(j.Policies) == 0 {
		return nil
	}
	if err := m.Peers(ctx, j, add); err != nil {
		return fmt.Errorf("tuning on %s: %w", t.Name, err)
	}
	return nil
}
