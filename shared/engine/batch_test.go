package engine_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/engine"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/simtest/fixture"
)

func TestForeignEventsAreDroppedAndCounted(t *testing.T) {
	service := func(name string) func(map[string]any) {
		return func(event map[string]any) {
			event["detail"].(map[string]any)["configuration"] = map[string]any{"metrics": []any{map[string]any{"id": "m1", "metricStat": map[string]any{
				"metric": map[string]any{"namespace": "AWS/ECS", "name": "CPUUtilization", "dimensions": map[string]any{"ClusterName": "shop", "ServiceName": name}},
			}}}}
		}
	}
	set := func(key, value string) func(map[string]any) { return func(event map[string]any) { event[key] = value } }
	for name, c := range map[string]struct {
		change func(map[string]any)
		reason string
	}{
		"a service without the tag":      {service("foreign"), "not-enrolled"},
		"a service that is not there":    {service("gone"), "not-enrolled"},
		"another account":                {set("account", "999999999999"), "foreign-account"},
		"another region":                 {set("region", "us-east-1"), "foreign-region"},
		"an event that asks for nothing": {set("source", "aws.forged"), "ignored"},
		"an alarm that names no service": {func(e map[string]any) { delete(e["detail"].(map[string]any), "configuration") }, "no-service"},
		"an event without a source":      {func(e map[string]any) { delete(e, "source") }, "no-source"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "act")
			assert.Empty(t, w.deliver(w.alarm("a-1", c.change)), "acknowledged")
			assert.Equal(t, 1, w.metrics.counts["Dropped/"+c.reason], "%v", w.metrics.counts)
			assert.Empty(t, w.episodes)
			assert.Empty(t, w.actor.applied)
			assert.Empty(t, w.notifications.episodes)
		})
	}
	t.Run("a further account may be let in", func(t *testing.T) {
		w := newWorld(t, "act")
		w.reassemble(func(_ *engine.Deps, o *engine.Options) { o.Accounts = []string{"999999999999"} })
		assert.Empty(t, w.deliver(w.alarm("a-1", set("account", "999999999999"))))
		assert.Zero(t, w.metrics.counts["Dropped/foreign-account"])
	})
}

func TestOnlyWhatMayYetSucceedComesAgain(t *testing.T) {
	w := newWorld(t, "act")
	w.busy()
	event := w.alarm("a-1")
	w.Sim.SetThrottle("ecs", "DescribeServices", 1)
	retried := w.deliver("not json", event, w.alarm("a-2", func(e map[string]any) { e["source"] = "aws.forged" }), `{"source":"aws.ecs"}`)
	assert.Equal(t, []string{"m-1"}, retried)
	assert.Equal(t, 1, w.metrics.counts["Retries/throttled"])
	assert.Empty(t, w.episodes)

	w.Sim.SetThrottle("ecs", "DescribeServices", 0)
	assert.Empty(t, w.deliver(event))
	assert.Equal(t, fleet.ScaleOut, w.last().Decision.Kind)
}

func TestOneEventInAnyEnvelopeIsTheSameEvent(t *testing.T) {
	notified := func(t *testing.T, message string) string {
		raw, err := json.Marshal(map[string]any{
			"Type": "Notification", "MessageId": "n-1", "TopicArn": "arn:aws:sns:eu-central-1:123456789012:alarms", "Message": message,
		})
		require.NoError(t, err)
		return string(raw)
	}
	for name, send := range map[string]func(t *testing.T, w *world) error{
		"sent to the function itself": func(t *testing.T, w *world) error {
			out, err := w.Invoke(t.Context(), json.RawMessage(w.alarm("a-1")))
			assert.Nil(t, out)
			return err
		},
		"in SQS": func(t *testing.T, w *world) error { assert.Empty(t, w.deliver(w.alarm("a-1"))); return nil },
		"in SNS in SQS": func(t *testing.T, w *world) error {
			assert.Empty(t, w.deliver(notified(t, w.alarm("a-1"))))
			return nil
		},
		"in SNS": func(t *testing.T, w *world) error {
			raw, err := json.Marshal(map[string]any{"Records": []any{map[string]any{"EventSource": "aws:sns", "Sns": map[string]any{"Message": w.alarm("a-1")}}}})
			require.NoError(t, err)
			out, err := w.Invoke(t.Context(), raw)
			assert.Nil(t, out)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "act")
			w.busy()
			require.NoError(t, send(t, w))
			assert.Equal(t, "a-1", w.last().Trigger.ID)
			assert.Equal(t, fleet.ScaleOut, w.last().Decision.Kind)
			assert.EqualValues(t, 5, w.Service().DesiredCount)
		})
	}
}

func TestAnErrorOfADirectInvocationIsTheInvocations(t *testing.T) {
	w := newWorld(t, "act")
	w.Sim.SetThrottle("ecs", "", 1)
	_, err := w.Invoke(t.Context(), json.RawMessage(w.alarm("a-1")))
	require.Error(t, err)
	assert.Equal(t, fault.Retry, fault.ClassOf(err))
}

func TestAPanicInAStepIsContained(t *testing.T) {
	w := newWorld(t, "act")
	w.busy()
	w.observer.during = func() { panic("a nil map") }
	assert.Empty(t, w.deliver(w.alarm("a-1")), "acknowledged: it would panic again")
	assert.Equal(t, 1, w.metrics.counts["Failed/panic"])
	assert.Empty(t, w.actor.applied)

	w.Sim.RunUntil(w.Sim.Now().Add(2 * time.Minute))
	assert.Empty(t, w.deliver(w.alarm("a-2")))
	assert.Len(t, w.episodes, 1, "when the lease has run out, the next event is handled")
	assert.Len(t, w.last().Evidence, 2, "with the evidence of the one that was lost")
	assert.EqualValues(t, 5, w.Service().DesiredCount)
}

func TestTicksAreQuietWhereNothingChanges(t *testing.T) {
	w := newWorld(t, "act")
	tick := `{"source":"homeostat.timer","id":"t","account":"123456789012","region":"eu-central-1","detail":{"cluster":"shop","service":"web","why":"scale-out"}}`
	for range 3 {
		assert.Empty(t, w.deliver(tick))
		w.Sim.RunUntil(w.Sim.Now().Add(time.Minute))
	}
	kinds := map[fleet.DecisionKind]int{}
	for _, e := range w.episodes {
		kinds[e.Decision.Kind]++
	}
	assert.LessOrEqual(t, kinds[fleet.DoNothing], 1, "what comes to the same is recorded once")
	assert.Equal(t, 3, w.metrics.counts["Events/tick"])
}

func TestAPushIsRolledOutToTheServicesThatRunItsRepository(t *testing.T) {
	w := newWorld(t, "act")
	digest := w.Sim.PushImage("web", "live", ecssim.Behaviour{})
	w.run(5 * time.Minute)
	require.Len(t, w.actor.applied, 1)
	a := w.actor.applied[0]
	assert.Equal(t, fleet.RunRevision, a.Kind)
	require.Len(t, a.Images, 1)
	assert.Equal(t, digest, a.Images[0].Image.Digest)
	assert.EqualValues(t, 3, w.Service().RunningCount)
	assert.Len(t, w.Service().Deployments, 1)

	m, err := w.store.Memory(t.Context(), fixture.Web())
	require.NoError(t, err)
	assert.Empty(t, m.Pushes, "the push is dealt with")
}
