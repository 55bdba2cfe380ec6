package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/stretchr/testify/require"

	"homeostat/shared/aws/act"
	"homeostat/shared/aws/observe"
	"homeostat/shared/aws/record"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/engine"
	"homeostat/shared/engine/runtime"
	"homeostat/shared/engine/sweep"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/simtest"
	"homeostat/shared/sim/simtest/fixture"
)

// world is the pipeline with its real steps and store, in a simulated account. The
// account has the service shop/web: three tasks in mode act.
type world struct {
	*engine.Engine
	*simtest.World
	deps          engine.Deps
	options       engine.Options
	store         *record.Store
	t             testing.TB
	actor         *actor
	observer      *observer
	metrics       *metrics
	notifications *notifications
	timers        *timers
	episodes      []fleet.Episode
	events        [][]byte
}

func newWorld(t testing.TB, mode string) *world {
	w := &world{
		World: simtest.New(t, ecssim.Config{BriefTaskEvents: true}), t: t,
		metrics: &metrics{}, notifications: &notifications{}, timers: &timers{},
	}
	w.store = simtest.NewStore(t, w.Sim)
	w.Sim.Events(func(event []byte) { w.events = append(w.events, event) })
	seen := w.Observer()
	w.actor, w.observer = &actor{Actor: &act.Actor{ECS: w.Client, Kept: &act.Keeper{ECS: w.Client, Store: w.store}}}, &observer{Observer: seen}
	w.Engine = w.instance("test/1", w.store, seen)
	w.fleet(mode)
	return w
}

// instance returns one more function instance in the same account. Its dependencies
// become those of the world.
func (w *world) instance(owner string, store engine.Store, services sweep.ServiceLister) *engine.Engine {
	rules, err := policy.Parse("homeostat.yaml", []byte("version: 1\nredeploy:\n  tag: live\n"))
	require.NoError(w.t, err)
	seen := w.observer.Observer.(*observe.Observer)
	w.deps = engine.Deps{
		Observer: w.observer, Services: services, Loads: seen, Alarms: seen,
		AlarmManager: &act.AlarmManager{CloudWatch: cloudwatch.NewFromConfig(w.Config)},
		Keeper:       &act.Keeper{ECS: w.Client, Store: w.store},
		Actor:        w.actor, Store: store, Metrics: w.metrics, Notifier: w.notifications, Timers: w.timers,
	}
	w.options = engine.Options{
		Rules: runtime.Rules{Policy: rules}, Home: fixture.Home(), Function: "test", Owner: owner, Now: w.Sim.Now,
		OnEpisode: func(e fleet.Episode) { w.episodes = append(w.episodes, e) },
	}
	e, err := engine.New(w.deps, w.options)
	require.NoError(w.t, err)
	return e
}

// reassemble changes the dependencies or options and assembles the engine again.
func (w *world) reassemble(change func(*engine.Deps, *engine.Options)) {
	change(&w.deps, &w.options)
	e, err := engine.New(w.deps, w.options)
	require.NoError(w.t, err)
	w.Engine = e
}

// fleet makes shop/web and a service without the tag, and waits until shop/web is
// steady.
func (w *world) fleet(mode string) {
	definition := w.Define("live", ecssim.Behaviour{})
	_, err := w.Sim.CreateService(ecssim.ServiceSpec{Cluster: "shop", Name: "foreign", TaskDefinition: definition, Desired: 3})
	require.NoError(w.t, err)
	w.Serve(definition, mode)
	w.events = nil
}

// busy puts so much load on shop/web that its CPU is at 95 %.
func (w *world) busy() {
	require.NoError(w.t, w.Sim.SetLoad("shop", "web", func(time.Time) float64 { return 285 }, 15*time.Second))
	w.Sim.RunUntil(w.Sim.Now().Add(5 * time.Minute))
	w.events = nil
}

// run advances the clock. It delivers the events of every five seconds, twice each
// and latest first.
func (w *world) run(d time.Duration) {
	for end := w.Sim.Now().Add(d); w.Sim.Now().Before(end); {
		w.Sim.RunUntil(w.Sim.Now().Add(5 * time.Second))
		arrived := w.events
		w.events = nil
		for i := range arrived {
			body := string(arrived[len(arrived)-1-i])
			require.Empty(w.t, w.deliver(body, body))
		}
	}
}

// deliver delivers messages in one SQS batch and returns those to be delivered
// again.
func (w *world) deliver(bodies ...string) (retried []string) {
	out, err := w.Invoke(context.Background(), batch(w.t, bodies...))
	require.NoError(w.t, err)
	response, ok := out.(events.SQSEventResponse)
	require.True(w.t, ok)
	require.NotNil(w.t, response.BatchItemFailures, "Lambda reads a missing list as a failure of all")
	for _, f := range response.BatchItemFailures {
		retried = append(retried, f.ItemIdentifier)
	}
	return retried
}

func batch(t testing.TB, bodies ...string) json.RawMessage {
	var in events.SQSEvent
	for i, body := range bodies {
		in.Records = append(in.Records, events.SQSMessage{MessageId: fmt.Sprint("m-", i), Body: body, EventSource: "aws:sqs"})
	}
	raw, err := json.Marshal(in)
	require.NoError(t, err)
	return raw
}

// alarm returns the event of a beginning alarm of shop/web.
func (w *world) alarm(id string, change ...func(map[string]any)) string {
	event := map[string]any{
		"version": "0", "id": id, "source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change",
		"account": "123456789012", "region": "eu-central-1", "time": w.Sim.Now().Format(time.RFC3339),
		"resources": []string{"arn:aws:cloudwatch:eu-central-1:123456789012:alarm:hot"},
		"detail": map[string]any{
			"alarmName": "hot", "state": map[string]any{"value": "ALARM"}, "previousState": map[string]any{"value": "OK"},
			"configuration": map[string]any{"metrics": []any{map[string]any{"id": "m1", "metricStat": map[string]any{"metric": map[string]any{
				"namespace": "AWS/ECS", "name": "CPUUtilization",
				"dimensions": map[string]any{"ClusterName": "shop", "ServiceName": "web"},
			}}}}},
		},
	}
	for _, f := range change {
		f(event)
	}
	raw, err := json.Marshal(event)
	require.NoError(w.t, err)
	return string(raw)
}

// last returns the latest episode.
func (w *world) last() fleet.Episode {
	require.NotEmpty(w.t, w.episodes)
	return w.episodes[len(w.episodes)-1]
}
