package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"time"

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

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

const (
	tickAccount = "123456789012"
	tickRegion  = "eu-central-1"
	tickQueue   = "homeostat-sweep"
)

// Crowd is an account of many busy services with the sweep. It counts all calls on
// the wire.
type Crowd struct {
	sim   *ecssim.Sim
	sweep *engine.Engine
	// inventories is the store of the sweep.
	inventories sweep.InventoryStore
	queue       []string

	mu    sync.Mutex
	calls map[string]int
}

// Tick holds the figures of one tick with all its messages.
type Tick struct {
	Took        time.Duration
	Invocations int
	// Calls counts the calls of AWS by "service operation".
	Calls map[string]int
}

// Of counts the calls with one of the prefixes.
func (t Tick) Of(prefixes ...string) (n int) {
	for name, calls := range t.Calls {
		for _, prefix := range prefixes {
			if strings.HasPrefix(name, prefix) {
				n += calls
			}
		}
	}
	return n
}

// Evaluations returns the number of evaluated services. Each evaluation reads
// Application Auto Scaling once.
func (t Tick) Evaluations() int { return t.Calls["application-autoscaling DescribeScalableTargets"] }

// NewCrowd creates services with two busy tasks each. They are above their minimum
// of one, so each is evaluated every minute.
func NewCrowd(ctx context.Context, services int) (*Crowd, error) {
	c := &Crowd{calls: map[string]int{}}
	c.sim = ecssim.New(ecssim.Config{Seed: 1, Account: tickAccount, Region: tickRegion, Start: time.Date(2026, 1, 5, 0, 1, 0, 0, time.UTC)})
	c.sim.Server().Mount(dynamo.TargetPrefix, dynamo.New())
	c.sim.Bus().AddQueue(bus.QueueConfig{Name: tickQueue})
	c.sim.Subscribe(tickQueue, func(batch []bus.Message) []string {
		for _, m := range batch {
			c.queue = append(c.queue, m.Body)
		}
		return nil
	})
	if err := c.populate(services); err != nil {
		return nil, err
	}
	cfg := app.Config(func(name string) string {
		return map[string]string{"AWS_REGION": tickRegion, "AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}[name]
	})
	cfg.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	cfg.HTTPClient = &http.Client{Transport: counted{wire.Transport(c.sim.Server()), c}}
	if err := record.MakeTable(ctx, dynamodb.NewFromConfig(cfg), "homeostat"); err != nil {
		return nil, err
	}
	rules, err := policy.Parse("policy", []byte("version: 1\nmode: act\nscale: {min: 1, max: 10, cpu: 70}\n"))
	if err != nil {
		return nil, err
	}
	deps, options := app.Assemble(cfg, app.Settings{
		Function: contract.FunctionSweep, Home: fleet.Account{ID: tickAccount, Region: tickRegion}, Table: "homeostat",
		TimerQueue: "https://sqs." + tickRegion + ".amazonaws.com/" + tickAccount + "/" + tickQueue, Namespace: "Homeostat",
	}, io.Discard, slog.New(slog.DiscardHandler))
	options.Policy, options.Now, options.Parallel, c.inventories = rules, c.sim.Now, 8, deps.Store
	c.sweep, err = engine.New(deps, options)
	return c, err
}

func (c *Crowd) populate(services int) error {
	c.sim.AddCluster("shop")
	c.sim.PushImage("web", "live", ecssim.Behaviour{CapacityRPS: 100})
	definition, err := c.sim.RegisterTaskDefinition(ecssim.TaskDefinitionSpec{
		Family: "web", Containers: []ecssim.ContainerSpec{{Name: "app", Image: "web:live"}},
	})
	if err != nil {
		return err
	}
	for i := range services {
		name := fmt.Sprintf("web-%05d", i)
		if _, err := c.sim.CreateService(ecssim.ServiceSpec{
			Cluster: "shop", Name: name, TaskDefinition: definition, Desired: 2, Tags: map[string]string{contract.TagMode: "act"},
		}); err != nil {
			return err
		}
		// Demand for both tasks, but not for a third.
		if err := c.sim.SetLoad("shop", name, func(time.Time) float64 { return 100 }, time.Hour); err != nil {
			return err
		}
	}
	c.sim.RunUntil(c.sim.Now().Add(10 * time.Minute))
	return nil
}

// Read fills the inventory, part by part, as ticks and their timers do. It returns
// the time on the virtual clock.
func (c *Crowd) Read(ctx context.Context) (time.Duration, error) {
	start := c.sim.Now()
	for range 60 {
		if _, err := c.Tick(ctx); err != nil {
			return 0, err
		}
		r, err := c.inventories.Inventory(ctx, c.sweep.Home)
		if err != nil || !r.CompletedAt.IsZero() {
			return c.sim.Now().Sub(start), err
		}
		// The parts that timers request until the next tick.
		for end := c.sim.Now().Add(time.Minute); c.sim.Now().Before(end); {
			c.sim.RunUntil(c.sim.Now().Add(time.Second))
			if _, err := c.drain(ctx); err != nil {
				return 0, err
			}
		}
	}
	return 0, errors.New("reading the account took more than an hour")
}

// Tick runs one call of the schedule with all its direct messages.
func (c *Crowd) Tick(ctx context.Context) (Tick, error) {
	if _, err := c.drain(ctx); err != nil { // earlier timers
		return Tick{}, err
	}
	c.mu.Lock()
	c.calls = map[string]int{}
	c.mu.Unlock()
	raw, err := json.Marshal(map[string]any{
		"id": fmt.Sprint("tick-", c.sim.Now().Unix()), "source": "aws.events", "detail-type": "Scheduled Event",
		"account": tickAccount, "region": tickRegion, "time": c.sim.Now().UTC().Format(time.RFC3339), "detail": map[string]any{},
	})
	if err != nil {
		return Tick{}, err
	}
	c.queue = append(c.queue, string(raw))
	start := time.Now()
	n, err := c.drain(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	return Tick{Took: time.Since(start), Invocations: n, Calls: c.calls}, err
}

// drain invokes the function with each message of its queue until the queue is
// empty.
func (c *Crowd) drain(ctx context.Context) (invocations int, err error) {
	for {
		c.sim.RunUntil(c.sim.Now())
		if len(c.queue) == 0 {
			return invocations, nil
		}
		body := c.queue[0]
		c.queue = c.queue[1:]
		invocations++
		out := c.sweep.Batch(ctx, events.SQSEvent{Records: []events.SQSMessage{{MessageId: "m", Body: body, EventSource: "aws:sqs"}}})
		if len(out.BatchItemFailures) > 0 {
			return invocations, fmt.Errorf("a message was not handled: %.200s", body)
		}
	}
}

// Move advances the clock.
func (c *Crowd) Move(d time.Duration) { c.sim.RunUntil(c.sim.Now().Add(d)) }

// counted is an http.RoundTripper that counts the requests.
type counted struct {
	next  http.RoundTripper
	crowd *Crowd
}

func (t counted) RoundTrip(r *http.Request) (*http.Response, error) {
	service, _, _ := strings.Cut(r.URL.Host, ".")
	_, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if !ok {
		_, operation, _ = strings.Cut(r.URL.Path, "/operation/")
	}
	t.crowd.mu.Lock()
	t.crowd.calls[service+" "+operation]++
	t.crowd.mu.Unlock()
	return t.next.RoundTrip(r)
}

const (
	manyServices = 10_000
	ticksTold    = 5
	targetTick   = 20 // seconds
	targetRead   = 5 * 60
)

// Ticks returns the figures of the sweep over many services, on one machine, with
// one invocation at a time.
func Ticks(ctx context.Context) ([]Figure, error) {
	c, err := NewCrowd(ctx, manyServices)
	if err != nil {
		return nil, err
	}
	read, err := c.Read(ctx)
	if err != nil {
		return nil, err
	}
	var took []float64
	var last Tick
	for range ticksTold {
		c.Move(time.Minute)
		if last, err = c.Tick(ctx); err != nil {
			return nil, err
		}
		took = append(took, last.Took.Seconds())
	}
	calls := last.Of("")
	return []Figure{
		{
			Name: "tick over 10,000 busy services", Value: median(took), Unit: "s", Target: targetTick,
			Note: fmt.Sprintf(medianOf+", %d CPUs; %d invocations, %d evaluations, %d calls", len(took), runtime.NumCPU(), last.Invocations, last.Evaluations(), calls),
		},
		{Name: "10,000 services read into the inventory", Value: read.Seconds(), Unit: "s", Target: targetRead, Note: "on the virtual clock, within the limits of ECS"},
	}, nil
}
