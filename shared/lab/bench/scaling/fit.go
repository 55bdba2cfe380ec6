package scaling

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"homeostat/shared/core/demand"
	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

// Fitted is one step of a fit: the values that were tried for one number of the
// controller.
type Fitted struct {
	Number string `json:"number"`
	// Tried lists the values with their scores. The first one was in use before.
	Tried []Trial `json:"tried"`
	// Best is the value with the lowest score. It stays the value before, unless
	// another one is better by more than fitMargin.
	Best float64 `json:"best"`
}

// Trial is one value of a number, with the mean cost score over the traces and the
// policies of Homeostat, at the middle price.
type Trial struct {
	Value float64 `json:"value"`
	Score float64 `json:"cost_score"`
}

// Fit searches better numbers for the controller, one after the other. It tries
// each number at a half, 0.7 times, 1.4 times and twice its value, on the first halves
// of the traces. It passes on each step, and returns the tuning with the best values.
// An empty list of names means all numbers.
func (m Suite) Fit(ctx context.Context, names []string, done func(Fitted) error) (demand.Tuning, error) {
	tuning := demand.Fitted()
	numbers, err := numbersOf(&tuning, names)
	if err != nil {
		return tuning, err
	}
	for i, n := range numbers {
		m.reportProgress("fitting %s: %d of %d numbers", n.Name, i+1, len(numbers))
		step, err := m.fit(ctx, tuning, n)
		if err != nil {
			return tuning, fmt.Errorf("fitting %s: %w", n.Name, err)
		}
		*n.Value = step.Best
		if err := done(step); err != nil {
			return tuning, err
		}
	}
	return tuning, nil
}

// CheckFit returns an error for a suite or numbers that Fit cannot use.
func (m Suite) CheckFit(names []string) error {
	tuning := demand.Fitted()
	if _, err := numbersOf(&tuning, names); err != nil {
		return err
	}
	for _, p := range m.Policies {
		if own := ownNames(); !slices.Contains(own, p) {
			return fmt.Errorf("there is no policy %q of Homeostat, expected one of %s", p, strings.Join(own, ", "))
		}
	}
	return m.Check()
}

func ownNames() (names []string) {
	for _, p := range OwnPolicies(PriceMid) {
		names = append(names, p.Name)
	}
	return names
}

// numbersOf returns the numbers with these names; all without a name.
func numbersOf(t *demand.Tuning, names []string) ([]demand.Number, error) {
	all := t.Numbers()
	if len(names) == 0 {
		return all, nil
	}
	var out []demand.Number
	for _, name := range names {
		i := slices.IndexFunc(all, func(n demand.Number) bool { return n.Name == name })
		if i < 0 {
			var known []string
			for _, n := range all {
				known = append(known, n.Name)
			}
			return nil, fmt.Errorf("there is no number %q, expected one of %s", name, strings.Join(known, ", "))
		}
		out = append(out, all[i])
	}
	return out, nil
}

// fit tries the values of one number.
func (m Suite) fit(ctx context.Context, tuning demand.Tuning, n demand.Number) (Fitted, error) {
	step := Fitted{Number: n.Name, Best: *n.Value}
	tried := candidates(n)
	table := m.fitTable(tuning, n.Name, tried)
	scores := newScores()
	for _, t := range m.Traces {
		half, from := historyPart(t, tuningSpan)
		if err := m.round(ctx, Job{Traces: []traffic.Trace{half}, From: from}, table, scores); err != nil {
			return step, err
		}
	}
	for _, value := range tried {
		sum := 0.0
		for _, p := range table {
			sum += scores.sums[Entry{p.Name, fmt.Sprint(value)}]
		}
		step.Tried = append(step.Tried, Trial{Value: value, Score: round(sum / float64(len(table)*len(m.Traces)))})
	}
	least := step.Tried[0].Score * (1 - fitMargin)
	for _, one := range step.Tried[1:] {
		if one.Score < least {
			least, step.Best = one.Score, one.Value
		}
	}
	return step, nil
}

// fitTable returns the policies of Homeostat, with one setting for each value of a
// number.
func (m Suite) fitTable(tuning demand.Tuning, number string, values []float64) []Policy {
	var table []Policy
	for _, value := range values {
		changed := tuning
		for _, n := range changed.Numbers() {
			if n.Name == number {
				*n.Value = value
			}
		}
		for _, p := range ownPolicies(PriceMid, changed) {
			if !m.plays(p.Name) {
				continue
			}
			setting := Setting{Name: fmt.Sprint(value), New: p.Settings[0].New}
			i := slices.IndexFunc(table, func(known Policy) bool { return known.Name == p.Name })
			if i < 0 {
				p.Settings, p.Tuned = []Setting{setting}, true
				table = append(table, p)
				continue
			}
			table[i].Settings = append(table[i].Settings, setting)
		}
	}
	return table
}

// candidates returns the value of a number and others around it, within its bound.
func candidates(n demand.Number) []float64 {
	out := []float64{*n.Value}
	for _, factor := range fitFactors() {
		if value := *n.Value * factor; value <= n.Most {
			out = append(out, value)
		}
	}
	return out
}

// Prior measures the table of prior losses: the relative loss of each margin and
// scale-in delay. It plays the first half of each trace. The result is the mean over
// the traces and the policies of Homeostat.
func (m Suite) Prior(ctx context.Context) ([][]float64, error) {
	var mean [][]float64
	runs := 0
	for i, t := range m.Traces {
		m.reportProgress("measuring the losses on the first half of %s: %d of %d traces", t.Name, i+1, len(m.Traces))
		half, from := historyPart(t, tuningSpan)
		for _, p := range OwnPolicies(PriceMid) {
			if err := ctx.Err(); err != nil {
				return nil, context.Cause(ctx)
			}
			if !m.plays(p.Name) {
				continue
			}
			table, ok := lossesOf(p, half, m.Service, from)
			if !ok {
				continue
			}
			runs++
			mean = addTable(mean, table)
		}
	}
	for _, row := range mean {
		for j := range row {
			row[j] = round(row[j] / float64(runs))
		}
	}
	return mean, nil
}

// lossesOf plays a trace, and returns the losses of the strategies at its end.
func lossesOf(p Policy, t traffic.Trace, service workload.Service, from int) ([][]float64, bool) {
	scaler := p.Settings[0].New(RunInput{Service: service, Trace: t, Seed: tuningSeed})
	Measure(t, service, tuningSeed, from, scaler)
	own, ok := scaler.(*homeostat)
	if !ok {
		return nil, false
	}
	return own.state.RelativeLosses()
}

func addTable(sum, table [][]float64) [][]float64 {
	if sum == nil {
		return table
	}
	for i, row := range table {
		for j, v := range row {
			sum[i][j] += v
		}
	}
	return sum
}
