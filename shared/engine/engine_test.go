package engine_test

import (
	"context"
	"testing"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/engine"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnEngineIsNotAssembledWithoutWhatItNeeds(t *testing.T) {
	w := newWorld(t, "act")
	for name, c := range map[string]struct {
		change func(*engine.Deps, *engine.Options)
		want   string
	}{
		"without a store":            {func(d *engine.Deps, _ *engine.Options) { d.Store = nil }, "the dependency Store is missing"},
		"without timers":             {func(d *engine.Deps, _ *engine.Options) { d.Timers = nil }, "the dependency Timers is missing"},
		"without a policy":           {func(_ *engine.Deps, o *engine.Options) { o.Policy = nil }, "the option Policy is missing, and so is Fault"},
		"without a home":             {func(_ *engine.Deps, o *engine.Options) { o.Home.Region = "" }, "the option Home needs an account and a region"},
		"without a name":             {func(_ *engine.Deps, o *engine.Options) { o.Function = "" }, "the option Function is missing"},
		"without a clock":            {func(_ *engine.Deps, o *engine.Options) { o.Now = nil }, "the option Now is missing"},
		"with a negative interval":   {func(_ *engine.Deps, o *engine.Options) { o.Every = -time.Minute }, "the pace must not be negative, got an interval of -1m0s and 0 at once"},
		"with less than one at once": {func(_ *engine.Deps, o *engine.Options) { o.Parallel = -1 }, "the pace must not be negative, got an interval of 0s and -1 at once"},
	} {
		t.Run(name, func(t *testing.T) {
			deps, options := w.deps, w.options
			c.change(&deps, &options)
			e, err := engine.New(deps, options)
			assert.Nil(t, e)
			require.EqualError(t, err, "assembling the engine: "+c.want)
		})
	}
}

func TestAllThatIsMissingIsNamedAtOnce(t *testing.T) {
	_, err := engine.New(engine.Deps{}, engine.Options{})
	for _, name := range []string{"Observer", "Services", "Loads", "Alarms", "AlarmManager", "Actor", "Store", "Metrics", "Notifier", "Timers", "Policy", "Home", "Function", "Now"} {
		assert.ErrorContains(t, err, name)
	}
	assert.NotContains(t, err.Error(), "Logs", "without log lines the engine works")
}

func TestAnEngineWithoutLogOrOwnerWorks(t *testing.T) {
	w := newWorld(t, "observe")
	w.options.Log, w.options.Owner, w.options.Policy = nil, "", policy.Default()
	e, err := engine.New(w.deps, w.options)
	require.NoError(t, err)
	tick := fleet.Trigger{Kind: fleet.Tick, ID: "t-1", At: w.Sim.Now()}
	require.NoError(t, e.Reconcile(context.Background(), fixture.Web(), tick))
	assert.Equal(t, fixture.Web(), w.last().Ref)
}
