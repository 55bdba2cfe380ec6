package scaling_test

import (
	"context"
	"slices"
	"testing"

	"homeostat/shared/core/demand"
	"homeostat/shared/lab/bench/scaling"
	"homeostat/shared/sim/traffic"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fitSuite returns a suite with one generated trace of two hours.
func fitSuite(t *testing.T) scaling.Suite {
	t.Helper()
	generated := traffic.Generated()
	i := slices.IndexFunc(generated, func(t traffic.Trace) bool { return t.Name == "step" })
	require.GreaterOrEqual(t, i, 0)
	m := scaling.Suite{Service: scaling.ServiceFor(10), Table: scaling.OwnPolicies(scaling.PriceMid), Seeds: []uint64{0}}
	traces, err := scaling.Scaled(generated[i:i+1], m.Service, 10, 1)
	require.NoError(t, err)
	traces[0].Requests = traces[0].Requests[:2*3600/traces[0].Step]
	m.Traces = traces
	return m
}

func TestAFitTriesValuesAroundTheOneInUse(t *testing.T) {
	m := fitSuite(t)
	fit := func() (steps []scaling.Fitted, tuning demand.Tuning) {
		tuning, err := m.Fit(t.Context(), []string{"BriefShare", "ActionPrice"}, func(s scaling.Fitted) error {
			steps = append(steps, s)
			return nil
		})
		require.NoError(t, err)
		return steps, tuning
	}
	steps, tuning := fit()
	require.Len(t, steps, 2)
	values := func(s scaling.Fitted) (out []float64) {
		for _, one := range s.Tried {
			assert.GreaterOrEqual(t, one.Score, 1.0, "no policy beats the oracle")
			out = append(out, one.Value)
		}
		return out
	}
	assert.Equal(t, []float64{0.5, 0.25, 0.35, 0.7, 1}, values(steps[0]), "a share is at most 1")
	assert.Equal(t, []float64{30, 15, 21, 42, 60}, values(steps[1]))
	for i, got := range []float64{tuning.BriefShare, tuning.ActionPrice} {
		assert.Equal(t, steps[i].Best, got)
		best := slices.IndexFunc(steps[i].Tried, func(one scaling.Trial) bool { return one.Value == steps[i].Best })
		for _, one := range steps[i].Tried {
			assert.LessOrEqual(t, steps[i].Tried[best].Score*(1-0.0006), one.Score)
		}
	}
	assert.Equal(t, demand.Fitted().Drain, tuning.Drain, "another number stays")

	again, _ := fit()
	assert.Equal(t, steps, again)
}

func TestAFitNamesTheNumbersThatItKnows(t *testing.T) {
	m := fitSuite(t)
	assert.ErrorContains(t, m.CheckFit([]string{"Drian"}), `there is no number "Drian", expected one of Additive,`)
	_, err := m.Fit(t.Context(), []string{"Drian"}, nil)
	require.ErrorContains(t, err, "Drian")
	m.Traces = nil
	assert.ErrorContains(t, m.CheckFit(nil), "no traces")
}

func TestThePriorLossesAreThoseOfTheStrategies(t *testing.T) {
	m := fitSuite(t)
	m.Policies = []string{"homeostat"}
	table, err := m.Prior(t.Context())
	require.NoError(t, err)
	require.Len(t, table, 8)
	for _, row := range table {
		require.Len(t, row, 5)
		for _, loss := range row {
			assert.GreaterOrEqual(t, loss, 0.0)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = m.Prior(ctx)
	assert.ErrorIs(t, err, context.Canceled)
}
