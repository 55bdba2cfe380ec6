package engine_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"
)

// state returns the stored state of the controller of shop/web.
func (w *world) state() *demand.State {
	w.t.Helper()
	known, err := w.store.DemandStates(w.t.Context(), []fleet.ServiceRef{fixture.Web()})
	require.NoError(w.t, err)
	s := &demand.State{}
	require.NoError(w.t, s.UnmarshalBinary(known[fixture.Web().Key()].State))
	return s
}

func TestTheDemandStateSurvivesBetweenEvaluations(t *testing.T) {
	minute := func(w *world) {
		w.Sim.RunUntil(w.Sim.Now().Add(time.Minute))
		w.events = nil
	}
	for name, look := range map[string]func(w *world, id string) string{
		"by alarms":      func(w *world, id string) string { return w.alarm(id) },
		"by the sweep":   func(w *world, id string) string { return w.sweep(id) },
		"by after-looks": func(w *world, id string) string { return w.timerMessage(id) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "observe")
			w.busy()
			require.Empty(t, w.deliver(look(w, "1")))
			first := w.state()
			require.Positive(t, first.Samples())
			minute(w)
			require.Empty(t, w.deliver(look(w, "2")))
			second := w.state()
			assert.Equal(t, first.Newest.Add(time.Minute), second.Newest)
			assert.Equal(t, first.Samples()+1, second.Samples(), "the second look goes on where the first one ended")
			require.Empty(t, w.deliver(look(w, "3")))
			assert.Equal(t, second, w.state(), "nothing is learned twice")
			minute(w)
			require.Empty(t, w.deliver(w.alarm("4")))
			assert.Equal(t, second.Samples()+1, w.state().Samples(), "whatever calls, the state is the same")
		})
	}
}

func TestAnUnreadableStateIsLearnedAgain(t *testing.T) {
	w := newWorld(t, "act")
	w.busy()
	require.NoError(t, w.store.SaveDemandStates(t.Context(), []fleet.DemandState{{Ref: fixture.Web(), State: []byte("foreign")}}))
	require.Empty(t, w.deliver(w.alarm("1")))
	assert.Equal(t, fleet.ScaleOut, w.last().Decision.Kind)
	assert.Contains(t, w.last().Decision.Reasons[0].Detail, "the controller begins anew")
	assert.Positive(t, w.state().Samples())
}
