package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/require"

	"homeostat/shared/aws/act"
	"homeostat/shared/aws/observe"
	"homeostat/shared/aws/record"
	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/engine"
	"homeostat/shared/engine/runtime"
	"homeostat/shared/engine/sweep"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/ecssim/dynamo"
)

// world is the pipeline with its real steps and store, in a simulated account. The
// account has the service shop/web: three tasks in mode act.
type world struct {
	*engine.Engine
	deps          engine.Deps
	options       engine.Options
	store         *record.Store
	t             testing.TB
	sim           *ecssim.Sim
	ecs           *ecs.Client
	actor         *actor
	observer      *observer
	metrics       *metrics
	notifications *notifications
	timers        *timers
	episodes      []fleet.Episode
	events        [][]byte
}

func config(sim *ecssim.Sim) aws.Config {
	return aws.Config{
		Region: "eu-central-1", HTTPClient: sim.Client(), BaseEndpoint: aws.String("http://ecssim"),
		Credentials: aws.AnonymousCredentials{}, Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}
}

func newWorld(t testing.TB, mode string) *world {
	sim := ecssim.New(ecssim.Config{BriefTaskEvents: true})
	sim.Server().Mount(dynamo.TargetPrefix, dynamo.New())
	cfg := config(sim)
	db := dynamodb.NewFromConfig(cfg)
	require.NoError(t, record.MakeTable(context.Background(), db, "homeostat"))
	w := &world{t: t, sim: sim, ecs: ecs.NewFromConfig(cfg), metrics: &metrics{}, notifications: &notifications{}, timers: &timers{}}
	sim.Events(func(event []byte) { w.events = append(w.events, event) })
	seen := &observe.Observer{
		ECS: w.ecs, ECR: ecr.NewFromConfig(cfg), CloudWatch: cloudwatch.NewFromConfig(cfg),
		Scaling: applicationautoscaling.NewFromConfig(cfg), Region: cfg.Region,
	}
	w.actor, w.observer = &actor{Actor: &act.Actor{ECS: w.ecs}}, &observer{Observer: seen}
	w.store = &record.Store{DynamoDB: db, Table: "homeostat"}
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
		AlarmManager: &act.AlarmManager{CloudWatch: cloudwatch.NewFromConfig(config(w.sim))},
		Actor:        w.actor, Store: store, Metrics: w.metrics, Notifier: w.notifications, Timers: w.timers,
	}
	w.options = engine.Options{
		Rules: runtime.Rules{Policy: rules}, Home: home(), Function: "test", Owner: owner, Now: w.sim.Now,
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

func home() fleet.ServiceRef {
	return fleet.ServiceRef{Account: "123456789012", Region: "eu-central-1"}
}

func web() fleet.ServiceRef {
	return fleet.ServiceRef{Account: "123456789012", Region: "eu-central-1", Cluster: "shop", Service: "web"}
}

// fleet makes shop/web and waits until it is steady.
func (w *world) fleet(mode string) {
	w.sim.AddCluster("shop")
	w.sim.PushImage("web", "live", ecssim.Behaviour{})
	definition, err := w.sim.RegisterTaskDefinition(ecssim.TaskDefinitionSpec{
		Family: "web", Containers: []ecssim.ContainerSpec{{Name: "app", Image: "web:live"}},
	})
	require.NoError(w.t, err)
	for name, tags := range map[string]map[string]string{"web": {contract.TagMode: mode}, "foreign": nil} {
		_, err = w.sim.CreateService(ecssim.ServiceSpec{Cluster: "shop", Name: name, TaskDefinition: definition, Desired: 3, Tags: tags})
		require.NoError(w.t, err)
	}
	w.sim.RunUntil(w.sim.Now().Add(5 * time.Minute))
	w.events = nil
}

// busy puts so much load on shop/web that its CPU is at 95 %.
func (w *world) busy() {
	require.NoError(w.t, w.sim.SetLoad("shop", "web", func(time.Time) float64 { return 285 }, 15*time.Second))
	w.sim.RunUntil(w.sim.Now().Add(5 * time.Minute))
	w.events = nil
}

// run advances the clock. It delivers the events of every five seconds, twice each
// and latest first.
func (w *world) run(d time.Duration) {
	for end := w.sim.Now().Add(d); w.sim.Now().Before(end); {
		w.sim.RunUntil(w.sim.Now().Add(5 * time.Second))
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
		"account": "123456789012", "region": "eu-central-1", "time": w.sim.Now().Format(time.RFC3339),
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

func (w *world) service() ecstypes.Service {
	out, err := w.ecs.DescribeServices(context.Background(), &ecs.DescribeServicesInput{Cluster: aws.String("shop"), Services: []string{"web"}})
	require.NoError(w.t, err)
	return out.Services[0]
}

// last returns the latest episode.
func (w *world) last() fleet.Episode {
	require.NotEmpty(w.t, w.episodes)
	return w.episodes[len(w.episodes)-1]
}

func names(reasons []fleet.Reason) []string {
	var out []string
	for _, r := range reasons {
		out = append(out, string(r.Name))
	}
	return out
}
