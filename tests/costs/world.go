package costs

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"homeostat/shared/aws/observe"
	"homeostat/shared/aws/record"
	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/engine"
	"homeostat/shared/engine/app"
	"homeostat/shared/engine/sweep"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/ecssim/bus"
	"homeostat/shared/sim/ecssim/dynamo"
	"homeostat/shared/sim/ecssim/wire"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

const (
	account = "123456789012"
	region  = "us-east-1"
	table   = "homeostat"
	cluster = "shop"
)

// world is an account in ecssim with stable services and with functions that
// count their calls.
type world struct {
	ctx       context.Context
	sim       *ecssim.Sim
	db        *dynamodb.Client
	ecs       *ecs.Client
	functions map[string]*engine.Engine
	// alarms reads the trigger alarms.
	alarms sweep.Alarms
	// ledger receives the counts.
	ledger *Ledger
	// template holds task events of ecssim, by lastStatus.
	template map[string]map[string]any
	n        int
	// fault is the error of a function after a timer.
	fault error
}

func newWorld(ctx context.Context, services int, rules string, desired int) (*world, error) {
	w := &world{ctx: ctx, ledger: newLedger(), functions: map[string]*engine.Engine{}, template: map[string]map[string]any{}}
	// Start at midnight, so that the journal has whole days.
	w.sim = ecssim.New(ecssim.Config{Seed: 1, Account: account, Region: region, Start: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)})
	w.sim.Server().Mount(dynamo.TargetPrefix, dynamo.New())
	cfg := app.Config(func(name string) string {
		return map[string]string{"AWS_REGION": region, "AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}[name]
	})
	cfg.HTTPClient = &http.Client{Transport: counting{wire.Transport(w.sim.Server()), func() *Ledger { return w.ledger }}}
	w.db, w.ecs = dynamodb.NewFromConfig(cfg), ecs.NewFromConfig(cfg)
	if err := record.MakeTable(ctx, w.db, table); err != nil {
		return nil, err
	}
	if err := w.install(cfg, rules); err != nil {
		return nil, err
	}
	if err := w.populate(services); err != nil {
		return nil, err
	}
	if err := w.learn(); err != nil {
		return nil, err
	}
	w.sim.Subscribe("timers", w.timers)
	if desired > 1 {
		return w, w.raise(services, desired)
	}
	return w, nil
}

// install creates the functions with metered clients.
func (w *world) install(cfg aws.Config, rules string) error {
	chosen, err := policy.Parse("policy", []byte(rules))
	if err != nil {
		return err
	}
	w.sim.Bus().AddQueue(bus.QueueConfig{Name: "timers"})
	topic := w.sim.Bus().AddTopic("operators")
	store := &record.Store{DynamoDB: meter{w.db, func() *Ledger { return w.ledger }}, Table: table}
	for _, function := range contract.Functions() {
		log := slog.New(slog.NewJSONHandler(writer(func(p []byte) (int, error) { return w.ledger.Write(p) }), nil))
		deps, options := app.Assemble(cfg, app.Settings{
			Function: function, Home: fleet.Account{ID: account, Region: region}, Table: table, Namespace: "Homeostat",
			TimerQueue: "https://sqs." + region + ".amazonaws.com/" + account + "/timers", Topic: topic,
		}, writer(func(p []byte) (int, error) { return w.ledger.Write(p) }), log)
		if o, ok := deps.Observer.(*observe.Observer); ok {
			o.CloudWatch = metricMeter{o.CloudWatch, func() *Ledger { return w.ledger }}
		}
		options.Policy, options.Now, deps.Store, w.alarms = chosen, w.sim.Now, store, deps.Alarms
		if w.functions[function], err = engine.New(deps, options); err != nil {
			return err
		}
	}
	return nil
}

// writer adapts a function to io.Writer, so that logs go to the current ledger.
type writer func([]byte) (int, error)

func (f writer) Write(p []byte) (int, error) { return f(p) }

// populate creates the services.
func (w *world) populate(services int) error {
	w.sim.AddCluster(cluster)
	w.sim.PushImage("shop/web", "stable", ecssim.Behaviour{CapacityRPS: 100})
	arn, err := w.sim.RegisterTaskDefinition(ecssim.TaskDefinitionSpec{
		Family: "web", Containers: []ecssim.ContainerSpec{{Name: "app", Image: "shop/web:stable"}},
	})
	if err != nil {
		return err
	}
	for i := range services {
		if _, err := w.sim.CreateService(ecssim.ServiceSpec{
			Cluster: cluster, Name: serviceName(i), TaskDefinition: arn, Desired: 1, LoadBalanced: true,
			Tags: map[string]string{contract.TagMode: "act"},
		}); err != nil {
			return err
		}
	}
	return nil
}

// learn starts and stops a task in ecssim and keeps its events as templates.
func (w *world) learn() error {
	w.sim.Events(func(event []byte) {
		var e map[string]any
		if json.Unmarshal(event, &e) != nil || e["detail-type"] != "ECS Task State Change" {
			return
		}
		detail := e["detail"].(map[string]any)
		if detail["group"] == "service:web-0" {
			w.template[fmt.Sprint(detail["lastStatus"])] = e
		}
	})
	w.sim.RunUntil(w.sim.Now().Add(10 * time.Minute))
	for _, desired := range []int32{2, 1} {
		if _, err := w.ecs.UpdateService(w.ctx, &ecs.UpdateServiceInput{Cluster: aws.String(cluster), Service: aws.String("web-0"), DesiredCount: aws.Int32(desired)}); err != nil {
			return err
		}
		w.sim.RunUntil(w.sim.Now().Add(10 * time.Minute))
	}
	for _, status := range []string{"RUNNING", "STOPPED"} {
		if w.template[status] == nil {
			return fmt.Errorf("ecssim emitted no task event with lastStatus %s", status)
		}
	}
	return nil
}

// task returns an event of a new task, or the stop of the latest one.
func (w *world) task(status string) ([]byte, error) {
	if status == "RUNNING" {
		w.n++
	}
	id, now := fmt.Sprintf("%032x", w.n), w.sim.Now().UTC().Format(time.RFC3339)
	raw, err := json.Marshal(w.template[status])
	if err != nil {
		return nil, err
	}
	was := w.template[status]["detail"].(map[string]any)["taskArn"].(string)
	was = was[strings.LastIndexByte(was, '/')+1:]
	var e map[string]any
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(raw), was, id)), &e); err != nil {
		return nil, err
	}
	e["id"], e["time"] = id+status, now
	detail := e["detail"].(map[string]any)
	for _, key := range []string{"createdAt", "startedAt", "stoppingAt", "stoppedAt", "updatedAt"} {
		if _, ok := detail[key]; ok {
			detail[key] = now
		}
	}
	return json.Marshal(e)
}

// alarm returns an event of an alarm on the first service.
func (w *world) alarm(state, previous string) ([]byte, error) {
	w.n++
	return json.Marshal(map[string]any{
		"id": fmt.Sprint("alarm-", w.n), "source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change",
		"account": account, "region": region, "time": w.sim.Now().UTC().Format(time.RFC3339),
		"detail": map[string]any{
			"alarmName": "web-cpu-high", "state": map[string]string{"value": state}, "previousState": map[string]string{"value": previous},
			"configuration": map[string]any{"metrics": []any{map[string]any{"id": "m", "returnData": true, "metricStat": map[string]any{
				"period": 60, "stat": "Average",
				"metric": map[string]any{"namespace": "AWS/ECS", "name": "CPUUtilization", "dimensions": map[string]string{"ClusterName": cluster, "ServiceName": "web-0"}},
			}}}},
		},
	})
}

// invoke sends an event to a function.
func (w *world) invoke(function string, raw []byte) error {
	w.ledger.Invocations++
	if err := w.functions[function].Handle(w.ctx, raw); err != nil {
		return fmt.Errorf("%s: %w", function, err)
	}
	return nil
}

// tick invokes the sweep as the schedule does.
func (w *world) tick() error {
	raw, err := json.Marshal(map[string]any{
		"id": fmt.Sprint("tick-", w.sim.Now().Unix()), "source": "aws.events", "detail-type": "Scheduled Event",
		"account": account, "region": region, "time": w.sim.Now().UTC().Format(time.RFC3339), "detail": map[string]any{},
	})
	if err != nil {
		return err
	}
	return w.invoke(contract.FunctionSweep, raw)
}

// storedItems returns the bytes and the numbers of the items in the table by kind,
// without the expired ones.
func (w *world) storedItems() (bytes, items map[string]float64, err error) {
	bytes, items = map[string]float64{}, map[string]float64{}
	pages := dynamodb.NewScanPaginator(w.db, &dynamodb.ScanInput{TableName: aws.String(table)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.ctx)
		if err != nil {
			return nil, nil, err
		}
		for _, i := range page.Items {
			kind, _, _ := strings.Cut(i["sk"].(*types.AttributeValueMemberS).Value, "#")
			bytes[kind] += float64(sizeOf(i))
			items[kind]++
		}
	}
	return bytes, items, nil
}

// expire deletes expired items, because ecssim does not implement time to live.
func (w *world) expire() error {
	ledger := w.ledger
	w.ledger = newLedger()
	defer func() { w.ledger = ledger }()
	pages := dynamodb.NewScanPaginator(w.db, &dynamodb.ScanInput{TableName: aws.String(table)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.ctx)
		if err != nil {
			return err
		}
		for _, i := range page.Items {
			at, ok := i["expires"].(*types.AttributeValueMemberN)
			if !ok {
				continue
			}
			if seconds, err := strconv.ParseInt(at.Value, 10, 64); err != nil || seconds > w.sim.Now().Unix() {
				continue
			}
			if _, err := w.db.DeleteItem(w.ctx, &dynamodb.DeleteItemInput{TableName: aws.String(table), Key: map[string]types.AttributeValue{"pk": i["pk"], "sk": i["sk"]}}); err != nil {
				return err
			}
		}
	}
	return nil
}
