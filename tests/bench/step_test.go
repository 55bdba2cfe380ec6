//go:build measure

package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/engine"
	"homeostat/shared/engine/app"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/ecssim/bus"
	"homeostat/shared/sim/ecssim/dynamo"
	"homeostat/shared/sim/ecssim/wire"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// jump is one service with a tenfold rise of its demand, and its functions with
// their alarms, ticks and timers.
type jump struct {
	t         *testing.T
	sim       *ecssim.Sim
	ecs       *ecs.Client
	watch     *cloudwatch.Client
	functions map[string]*engine.Engine
	at        time.Time // time of the rise
	count     bool      // whether the application counts its requests
}

const (
	jumpLow, jumpHigh = 50.0, 500.0 // requests/s; a task serves 100
	jumpTasks         = 8           // their need at 70 %
	jumpStart         = 40 * time.Second
)

func newJump(t *testing.T, rules string, offset time.Duration) *jump {
	j := &jump{t: t, functions: map[string]*engine.Engine{}}
	j.sim = ecssim.New(ecssim.Config{Seed: 1, Account: tickAccount, Region: tickRegion, Start: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)})
	j.sim.Server().Mount(dynamo.TargetPrefix, dynamo.New())
	j.sim.Bus().AddQueue(bus.QueueConfig{Name: tickQueue})
	cfg := app.Config(func(name string) string {
		return map[string]string{"AWS_REGION": tickRegion, "AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}[name]
	})
	cfg.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	cfg.HTTPClient = &http.Client{Transport: wire.Transport(j.sim.Server())}
	j.ecs, j.watch = ecs.NewFromConfig(cfg), cloudwatch.NewFromConfig(cfg)
	require.NoError(t, record.MakeTable(t.Context(), dynamodb.NewFromConfig(cfg), "homeostat"))
	parsed, err := policy.Parse("policy", []byte(rules))
	require.NoError(t, err)
	for _, function := range []string{contract.FunctionScale, contract.FunctionSweep} {
		deps, options := app.Assemble(cfg, app.Settings{
			Function: function, Home: fleet.Account{ID: tickAccount, Region: tickRegion}, Table: "homeostat",
			TimerQueue: "https://sqs." + tickRegion + ".amazonaws.com/" + tickAccount + "/" + tickQueue, Namespace: "Homeostat",
		}, io.Discard, slog.New(slog.DiscardHandler))
		options.Policy, options.Now = parsed, j.sim.Now
		j.functions[function], err = engine.New(deps, options)
		require.NoError(t, err)
	}
	j.sim.Subscribe(tickQueue, func(batch []bus.Message) []string {
		for _, m := range batch {
			j.invoke(contract.FunctionSweep, m.Body)
		}
		return nil
	})
	j.sim.AddCluster("shop")
	j.sim.PushImage("web", "live", ecssim.Behaviour{CapacityRPS: 100, StartDelay: ecssim.Fixed(jumpStart)})
	definition, err := j.sim.RegisterTaskDefinition(ecssim.TaskDefinitionSpec{Family: "web", Containers: []ecssim.ContainerSpec{{Name: "app", Image: "web:live"}}})
	require.NoError(t, err)
	j.at = j.sim.Now().Add(40*time.Minute + offset)
	_, err = j.sim.CreateService(ecssim.ServiceSpec{
		Cluster: "shop", Name: "web", TaskDefinition: definition, Desired: 1, HighResolution: true, Tags: map[string]string{contract.TagMode: "act"},
	})
	require.NoError(t, err)
	require.NoError(t, j.sim.SetLoad("shop", "web", j.rate, time.Second))
	return j
}

func (j *jump) rate(t time.Time) float64 {
	if t.Before(j.at) {
		return jumpLow
	}
	return jumpHigh
}

func (j *jump) invoke(function, body string) {
	require.NoError(j.t, j.functions[function].Handle(context.Background(), []byte(body)))
}

// play runs until a number of tasks serve, and returns the time since the rise.
func (j *jump) play(want int) time.Duration {
	var alarms []string
	j.sim.Events(func(event []byte) {
		if strings.Contains(string(event), `"CloudWatch Alarm State Change"`) {
			alarms = append(alarms, string(event))
		}
	})
	for end := j.at.Add(15 * time.Minute); j.sim.Now().Before(end); {
		j.sim.RunUntil(j.sim.Now().Add(time.Second))
		now := j.sim.Now()
		if now.Second()%10 == 0 && j.count {
			j.publish(now.Add(-10 * time.Second))
		}
		if now.Second() == 0 {
			j.tick(now)
		}
		rung := alarms
		alarms = nil
		for _, event := range rung {
			j.invoke(contract.FunctionScale, event)
		}
		out, err := j.ecs.DescribeServices(j.t.Context(), &ecs.DescribeServicesInput{Cluster: aws.String("shop"), Services: []string{"web"}})
		require.NoError(j.t, err)
		if !now.Before(j.at) && int(out.Services[0].RunningCount) >= want {
			return now.Sub(j.at)
		}
	}
	return time.Hour
}

func (j *jump) tick(now time.Time) {
	raw, err := json.Marshal(map[string]any{
		"id": fmt.Sprint("tick-", now.Unix()), "source": "aws.events", "detail-type": "Scheduled Event",
		"account": tickAccount, "region": tickRegion, "time": now.UTC().Format(time.RFC3339), "detail": map[string]any{},
	})
	require.NoError(j.t, err)
	j.invoke(contract.FunctionSweep, string(raw))
}

// publish adds the request counts of ten seconds, as an application does.
func (j *jump) publish(from time.Time) {
	requests := 0.0
	for s := range 10 {
		requests += j.rate(from.Add(time.Duration(s) * time.Second))
	}
	_, err := j.watch.PutMetricData(j.t.Context(), &cloudwatch.PutMetricDataInput{
		Namespace: aws.String("Shop"), MetricData: []cwtypes.MetricDatum{{
			MetricName: aws.String("Requests"), Timestamp: aws.Time(from), Value: aws.Float64(requests), StorageResolution: aws.Int32(1),
		}},
	})
	require.NoError(j.t, err)
}

// The demand rises to ten times, and the application counts its requests every ten
// seconds. A service above its minimum is evaluated at each count. For an idle
// service the trigger alarm fires, after one CPU period of 20 s and its delay of 14
// s. All tasks then serve within a start-up and 30 s. The cost of a request is
// learned or configured.
func TestATenfoldRiseIsServedWithinAStartUpAndThirtySeconds(t *testing.T) {
	const shown, slack = 20*time.Second + 14*time.Second, 30 * time.Second
	const rules = `version: 1
scale:
  max: 30
  metric:
    expression: requests
    metrics: {requests: {namespace: Shop, name: Requests, stat: Sum, period: 10s}}
`
	for name, c := range map[string]struct {
		rules  string
		tasks  int // needed tasks: by Erlang's formula, or at a configured target
		within time.Duration
	}{
		"above its minimum, with a cost that is learned": {rules, 7, jumpStart + slack},
		"at rest, with a cost that is said":              {rules + "    per_task: 700\n", jumpTasks, shown + jumpStart + slack},
	} {
		for offset := time.Duration(0); offset < time.Minute; offset += 7 * time.Second {
			t.Run(fmt.Sprintf("%s, %s into a minute", name, offset), func(t *testing.T) {
				j := newJump(t, c.rules, offset)
				j.count = true
				took := j.play(c.tasks)
				t.Logf("all %d tasks serve after %s", c.tasks, took)
				assert.LessOrEqual(t, took, c.within)
			})
		}
	}
}
