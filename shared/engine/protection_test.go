package engine_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fleet"
	"homeostat/shared/engine"
	"homeostat/shared/sim/simtest/fixture"
)

// lowLoad puts so little load on shop/web that one task is enough.
func (w *world) lowLoad() {
	require.NoError(w.t, w.Sim.SetLoad("shop", "web", func(time.Time) float64 { return 5 }, 15*time.Second))
	w.Sim.RunUntil(w.Sim.Now().Add(10 * time.Minute))
	w.events = nil
}

// evaluateUntilScaleIn evaluates each minute until fewer tasks have been enough for
// so long that a scale-in follows.
func (w *world) evaluateUntilScaleIn(id string) {
	for minute := range 6 {
		w.Sim.RunUntil(w.Sim.Now().Add(time.Minute))
		w.events = nil
		require.Empty(w.t, w.deliver(w.alarm(fmt.Sprint(id, "-", minute))))
		if w.last().Decision.Kind == fleet.ScaleIn {
			return
		}
	}
	require.Fail(w.t, "nothing is given back")
}

// protect sets the scale-in protection of tasks of shop/web.
func (w *world) protect(tasks int) {
	listed, err := w.Client.ListTasks(w.t.Context(), &ecs.ListTasksInput{Cluster: aws.String("shop"), ServiceName: aws.String("web")})
	require.NoError(w.t, err)
	_, err = w.Client.UpdateTaskProtection(w.t.Context(), &ecs.UpdateTaskProtectionInput{
		Cluster: aws.String("shop"), Tasks: listed.TaskArns[:tasks], ProtectionEnabled: true,
	})
	require.NoError(w.t, err)
}

// unsure is an observer that cannot read the protection of tasks.
type unsure struct{ engine.Observer }

func (unsure) Protected(context.Context, fleet.ServiceRef, time.Time) fleet.Reading {
	return fleet.Unknown("denied")
}

func TestTheProtectionOfTasksIsReadOnlyBeforeAScaleIn(t *testing.T) {
	w := newWorld(t, "act")
	w.busy()
	require.Empty(t, w.deliver(w.alarm("a-1")))
	require.Equal(t, fleet.ScaleOut, w.last().Decision.Kind)
	assert.Zero(t, w.Sim.Calls("ecs", "GetTaskProtection").Made, "a scale-out asks for none")

	w.lowLoad()
	w.protect(3)
	w.evaluateUntilScaleIn("a-2")
	assert.Equal(t, []string{"clamped-to-rate"}, fixture.ReasonNames(w.last().Verdict.Reasons), "three of five stay anyway")
	assert.EqualValues(t, 3, w.Service().DesiredCount)
	assert.Equal(t, 1, w.Sim.Calls("ecs", "GetTaskProtection").Made)
	assert.Equal(t, fleet.Known(3, w.last().At, "GetTaskProtection"), w.last().Snapshot.Protected, "the episode tells what was read")

	w.lowLoad()
	w.evaluateUntilScaleIn("a-3")
	assert.Equal(t, fleet.Hold, w.last().Verdict.Outcome)
	assert.Contains(t, fixture.ReasonNames(w.last().Verdict.Reasons), "tasks-protected")
	assert.EqualValues(t, 3, w.Service().DesiredCount)
}

func TestAnUnreadableProtectionSuppressesAScaleIn(t *testing.T) {
	w := newWorld(t, "act")
	w.reassemble(func(d *engine.Deps, _ *engine.Options) { d.Observer = unsure{d.Observer} })
	w.lowLoad()
	w.evaluateUntilScaleIn("a-1")
	assert.Equal(t, fleet.Hold, w.last().Verdict.Outcome)
	assert.Contains(t, fixture.ReasonNames(w.last().Verdict.Reasons), "protection-unread")
	assert.EqualValues(t, 3, w.Service().DesiredCount)
}
