package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/engine"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/simtest/fixture"
)

func TestABadRevisionIsRolledBackOnceHoweverOftenItsEventsCome(t *testing.T) {
	w := newWorld(t, "act")
	good := w.Service().TaskDefinition
	bad := w.Define("broken", ecssim.Behaviour{Exit: ecssim.Exit{Probability: 1, After: ecssim.Fixed(2 * time.Second), Code: 1}})
	_, err := w.Client.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("shop"), Service: aws.String("web"), TaskDefinition: &bad})
	require.NoError(t, err)
	w.run(10 * time.Minute)

	assert.Equal(t, good, w.Service().TaskDefinition)
	assert.EqualValues(t, 3, w.Service().RunningCount)
	require.Len(t, w.actor.applied, 1, "acted once")
	assert.Equal(t, fleet.StopDeployment, w.actor.applied[0].Kind)
	assert.Equal(t, ecssim.Calls{Made: 1}, w.Sim.Calls("ecs", "StopServiceDeployment"))

	var acts []fleet.Episode
	for _, e := range w.episodes {
		if e.Decision.Kind == fleet.RollBack {
			acts = append(acts, e)
		}
	}
	require.Len(t, acts, 1, "decided once")
	e := acts[0]
	assert.Equal(t, []string{"bad-revision", "last-good", "quarantine"}, fixture.ReasonNames(e.Decision.Reasons))
	assert.Equal(t, fleet.Act, e.Verdict.Outcome)
	assert.Equal(t, fleet.Done, e.Result.Status)
	assert.Equal(t, fleet.AppExit, e.Cause)
	assert.NotEmpty(t, e.Evidence)
	assert.Len(t, w.notifications.episodes, 1, "told once")
	assert.Positive(t, w.metrics.counts["Duplicates/task-stopped"])

	m, err := w.store.Memory(t.Context(), fixture.Web())
	require.NoError(t, err)
	require.Len(t, m.Rollbacks, 1)
	require.Len(t, m.Quarantine, 1)
	assert.Equal(t, "broken", m.Quarantine[0].Image.Tag)
	assert.Equal(t, e.ID, m.Quarantine[0].Episode)

	for i := range 3 {
		require.Empty(t, w.deliver(w.timerMessage(fmt.Sprint("look-", i))))
	}
	m, err = w.store.Memory(t.Context(), fixture.Web())
	require.NoError(t, err)
	assert.Equal(t, "helped", m.Rollbacks[0].Outcome)
	assert.Equal(t, 1, w.metrics.counts["Rollbacks/helped"], "its success is counted once")
	assert.Zero(t, w.metrics.counts["Rollbacks/in-vain"])
}

// timerMessage returns the timer message for the next evaluation of shop/web.
func (w *world) timerMessage(id string) string {
	return fmt.Sprintf(`{"source":%q,"id":%q,"account":%q,"region":%q,"time":%q,"detail":{"cluster":"shop","service":"web","why":"after-check"}}`,
		contract.TimerSource, id, fixture.Account, fixture.Region, w.Sim.Now().UTC().Format(time.RFC3339))
}

// docs/install.md starts the first evaluation by such a message.
func TestAnEvaluationByHandIsRecorded(t *testing.T) {
	w := newWorld(t, "observe")
	require.NoError(t, w.Sim.BreakMetric("shop", "web", "missing"))
	w.Sim.RunUntil(w.Sim.Now().Add(time.Hour))
	require.Empty(t, w.deliver(`{"source":"homeostat.timer","id":"first-look","detail":{"cluster":"shop","service":"web","why":"first-look"}}`))
	require.Len(t, w.episodes, 1)
	assert.Equal(t, fixture.Web(), w.last().Ref)
	assert.Contains(t, fixture.ReasonNames(w.last().Decision.Reasons), "metric-unknown", "also where that is nothing, because")
}

func TestAHotServiceGetsTasksAndOneTimer(t *testing.T) {
	w := newWorld(t, "act")
	w.busy()
	require.Empty(t, w.deliver(w.alarm("a-1")))
	assert.EqualValues(t, 5, w.Service().DesiredCount)
	e := w.last()
	assert.Equal(t, fleet.ScaleOut, e.Decision.Kind)
	assert.Equal(t, fleet.Result{Status: fleet.Done, Text: "desired 3 → 5"}, e.Result)
	assert.Equal(t, []time.Duration{time.Minute}, w.timers.delays)
	assert.Equal(t, 1, w.metrics.counts["Decisions/scale-out"])
	assert.Equal(t, 1, w.metrics.counts["Actions/act"])
	assert.Equal(t, 1, w.metrics.counts["ReactionLatency/"])
	assert.Equal(t, []int{12}, w.metrics.levels["BudgetLeft"], "a scale-out takes none of the twelve within the hour")

	require.Empty(t, w.deliver(w.alarm("a-1")))
	assert.Len(t, w.episodes, 1, "the same event again is decided once")
	assert.Equal(t, 1, w.metrics.counts["Duplicates/alarm"])
	assert.Len(t, w.timers.delays, 1)
}

func TestTheOwnerOfTheLeaseEvaluatesNewEvents(t *testing.T) {
	w := newWorld(t, "act")
	w.busy()
	second := w.instance("test/2", w.store, w.deps.Services)
	w.observer.during = func() {
		before := len(w.episodes)
		require.NoError(t, second.Handle(t.Context(), []byte(w.alarm("a-2"))))
		assert.Len(t, w.episodes, before, "the second leaves its evidence to the holder")
	}
	require.Empty(t, w.deliver(w.alarm("a-1")))
	require.Len(t, w.episodes, 2)
	assert.Equal(t, "a-1", w.episodes[0].Trigger.ID)
	assert.Equal(t, "a-2", w.episodes[1].Trigger.ID)
	assert.Len(t, w.actor.applied, 1, "the second look finds the count changed")

	pending, err := w.store.Pending(t.Context(), fixture.Web())
	require.NoError(t, err)
	assert.Empty(t, pending, "no evidence is left behind")
	_, free, err := w.store.Acquire(t.Context(), fixture.Web(), "test/3", w.Sim.Now())
	require.NoError(t, err)
	assert.True(t, free, "the lease is let go")
}

func TestACrashBetweenIntentAndCallIsFinishedByTheRedelivery(t *testing.T) {
	w := newWorld(t, "act")
	w.busy()
	w.actor.before = func() error {
		w.actor.before = nil
		return fault.Retryf("timeout", "the call got no answer")
	}
	event := w.alarm("a-1")
	assert.Equal(t, []string{"m-0"}, w.deliver(event))
	assert.Empty(t, w.episodes, "nothing is recorded as done")
	assert.EqualValues(t, 3, w.Service().DesiredCount)
	assert.Equal(t, 1, w.metrics.counts["Retries/timeout"])

	require.Empty(t, w.deliver(event))
	assert.EqualValues(t, 5, w.Service().DesiredCount)
	assert.Len(t, w.actor.applied, 1)
	require.Empty(t, w.deliver(event))
	assert.Len(t, w.actor.applied, 1, "acted once")
	assert.Len(t, w.episodes, 1, "recorded once")
}

func TestACrashAfterTheCallChangesNothingASecondTime(t *testing.T) {
	w := newWorld(t, "act")
	w.busy()
	w.reassemble(func(d *engine.Deps, _ *engine.Options) { d.Store = lost{w.store} })
	event := w.alarm("a-1")
	assert.Equal(t, []string{"m-0"}, w.deliver(event))
	assert.EqualValues(t, 5, w.Service().DesiredCount)

	w.reassemble(func(d *engine.Deps, _ *engine.Options) { d.Store = w.store })
	require.Empty(t, w.deliver(event))
	assert.EqualValues(t, 5, w.Service().DesiredCount)
	assert.Equal(t, 1, w.Sim.Calls("ecs", "UpdateService").Made, "the service is updated once")
	require.Len(t, w.episodes, 1)
	reasons := w.episodes[0].Decision.Reasons
	assert.EqualValues(t, "finished", reasons[len(reasons)-1].Name, "the record says what was finished")
	m, err := w.store.Memory(t.Context(), fixture.Web())
	require.NoError(t, err)
	assert.Nil(t, m.PendingAction)
	require.Len(t, m.Actions, 1, "cooldown and budget know of it")
	assert.Equal(t, fleet.ScaleOut, m.Actions[0].Kind)
	assert.Equal(t, fleet.Done, m.Actions[0].Status)
}

// lost is a store with a broken journal.
type lost struct{ engine.Store }

func (lost) Journal(context.Context, fleet.Episode) error { return errors.New("the connection broke") }

func TestACallThatCannotSucceedIsRecordedAndAcknowledged(t *testing.T) {
	w := newWorld(t, "act")
	w.busy()
	w.actor.before = func() error { return fault.Terminalf("denied", "not allowed").WithHint("grant it") }
	require.Empty(t, w.deliver(w.alarm("a-1")))
	assert.Equal(t, fleet.Result{Status: fleet.Failed, Text: "not allowed (grant it)"}, w.last().Result)
	assert.Equal(t, 1, w.metrics.counts["ActionsFailed/scale-out"])
	assert.Equal(t, 1, w.metrics.counts["Denied/"])
	assert.EqualValues(t, 3, w.Service().DesiredCount)
	m, err := w.store.Memory(t.Context(), fixture.Web())
	require.NoError(t, err)
	require.Len(t, m.Actions, 1)
	assert.Equal(t, fleet.Failed, m.Actions[0].Status)
}

func TestObserveChangesNothingAndRecordsAll(t *testing.T) {
	for mode, outcome := range map[string]fleet.Outcome{"observe": fleet.Observe, "propose": fleet.Propose, "off": fleet.Hold} {
		t.Run("mode "+mode, func(t *testing.T) {
			w := newWorld(t, mode)
			w.busy()
			require.Empty(t, w.deliver(w.alarm("a-1")))
			assert.Equal(t, fleet.ScaleOut, w.last().Decision.Kind)
			assert.Equal(t, outcome, w.last().Verdict.Outcome)
			assert.Contains(t, fixture.ReasonNames(w.last().Verdict.Reasons), "mode-"+mode)
			assert.Equal(t, fleet.Result{}, w.last().Result)
			assert.Empty(t, w.actor.applied)
			assert.Zero(t, w.Sim.Calls("ecs", "UpdateService").Made)
			assert.EqualValues(t, 3, w.Service().DesiredCount)
		})
	}
}

func TestAnOldEventNeverActs(t *testing.T) {
	w := newWorld(t, "act")
	w.busy()
	old := w.alarm("a-1", func(event map[string]any) {
		event["time"] = w.Sim.Now().Add(-time.Hour - time.Second).Format(time.RFC3339)
	})
	require.Empty(t, w.deliver(old))
	assert.Equal(t, fleet.DoNothing, w.last().Decision.Kind)
	assert.Equal(t, []string{"stale-event"}, fixture.ReasonNames(w.last().Decision.Reasons))
	assert.Empty(t, w.actor.applied)
}

func TestAFrozenServiceIsNotChanged(t *testing.T) {
	w := newWorld(t, "act")
	w.busy()
	require.NoError(t, w.store.SetFreeze(t.Context(), fixture.Home(), fleet.Freeze{Scope: "cluster:shop", Frozen: true, Why: "sale"}))
	require.Empty(t, w.deliver(w.alarm("a-1")))
	assert.Equal(t, fleet.Hold, w.last().Verdict.Outcome)
	assert.Equal(t, []fleet.Reason{{Name: "frozen", Text: "cluster:shop is frozen: sale"}}, w.last().Verdict.Reasons)
	assert.Empty(t, w.actor.applied)
}

func TestABrokenPolicyTakesNoActionAndAlertsOnce(t *testing.T) {
	w := newWorld(t, "act")
	w.busy()
	w.reassemble(func(_ *engine.Deps, o *engine.Options) {
		o.Policy, o.Fault = nil, errors.New("homeostat.yaml:3:1: unknown key")
	})
	require.Empty(t, w.deliver(w.alarm("a-1"), w.alarm("a-2"), w.alarm("a-3")))
	require.Len(t, w.episodes, 3)
	for _, e := range w.episodes {
		assert.Equal(t, fleet.Notify, e.Decision.Kind)
		assert.Equal(t, []fleet.Reason{{
			Name: "policy-broken", Text: "the policy cannot be read, so no action is taken: homeostat.yaml:3:1: unknown key",
		}}, e.Decision.Reasons)
		assert.Equal(t, fleet.Idle, e.Verdict.Outcome)
	}
	assert.Len(t, w.notifications.episodes, 1, "told once, not at every event")
	assert.Equal(t, 1, w.metrics.counts["PolicyBroken/"], "counted at every invocation")
	assert.Empty(t, w.actor.applied)
}
