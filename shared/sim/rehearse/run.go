package rehearse

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"time"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/core/route"
	"homeostat/shared/engine"
	"homeostat/shared/engine/app"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/ecssim/bus"
	"homeostat/shared/sim/ecssim/dynamo"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// Options control how a scenario is played.
type Options struct {
	Seed uint64
	// Policy replaces the scenario's policy; nil keeps it.
	Policy *policy.Policy
	// Endpoint serves the simulator to the functions; nil calls it in memory. It
	// gets the simulator's handler and returns the URL.
	Endpoint Endpoint
	// Model changes numbers of the simulator that AWS does not publish.
	Model ecssim.Model
	// Installed makes the rest of an installation too: stack, topic, schedule of the
	// sweep and metrics of Lambda, for readers of an installation.
	Installed bool
	// Bare plays the fleet without Homeostat. Another healer can subscribe to the
	// simulator's bus (see Sim and ECS).
	Bare bool
	// Log receives the functions' log; nil drops it. Metrics receives their
	// metrics.
	Log     *slog.Logger
	Metrics io.Writer
	// Episode and Note receive the events of the run as they happen. They may be
	// nil.
	Episode func(fleet.Episode)
	Note    func(at time.Time, text string)
	// Pace is called before the virtual clock moves on to t, for a live display.
	// nil runs at full speed. An error ends the run.
	Pace func(t time.Time) error
}

// CollectLess raises the garbage collector's target until undo is called. Runs make
// much garbage and hold little memory. It is for the caller of one or many runs.
func CollectLess() (undo func()) {
	old := debug.SetGCPercent(gcPercent)
	if old < 0 || old > gcPercent {
		debug.SetGCPercent(old)
	}
	return func() { debug.SetGCPercent(old) }
}

// Run is one scenario in progress.
type Run struct {
	scenario   *Scenario
	options    Options
	topic      string // ARN of the topic for notifications, or ""
	sim        *ecssim.Sim
	config     aws.Config
	store      *record.Store
	ecs        *ecs.Client
	cloudwatch *cloudwatch.Client
	url        string
	start      time.Time
	end        time.Time
	images     map[string]string // digest → behaviour
	pushed     map[string]bool   // repository:tag of the pushed images
	// definitions holds the services with a task definition of a step.
	definitions map[string]Service
	episodes    []fleet.Episode
	messages    []received
	frozen      []frozen
	policy      *policy.Policy
	warm        map[string]ecssim.Stats // of each service at the start
	broken      error
}

// frozen is the time of a freeze; until is zero while it lasts.
type frozen struct {
	scope       string
	from, until time.Time
}

// New prepares a run: it makes the fleet and installs Homeostat. The clock does
// not move yet.
func New(s *Scenario, o Options) (*Run, error) {
	r := &Run{scenario: s, options: o, images: map[string]string{}, pushed: map[string]bool{}, definitions: map[string]Service{}}
	r.start = s.Start
	if r.start.IsZero() {
		r.start = time.Date(2026, 1, 5, 6, 0, 0, 0, time.UTC)
	}
	r.end = r.start.Add(s.Duration)
	r.sim = ecssim.New(ecssim.Config{
		Seed: o.Seed, Start: r.start.Add(-warmUp), Account: account, Region: region, BriefTaskEvents: true,
		Models: s.models, Model: o.Model, MetricDelay: s.Metrics.Delay, HighResolutionDelay: s.Metrics.HighResolutionDelay, BalancerDelay: s.Metrics.LoadBalancerDelay,
	})
	if o.Log != nil {
		r.sim.Server().Warn(func(text string) { o.Log.Warn("a request is not read whole", "what", text) })
	}
	r.sim.Server().Mount(dynamo.TargetPrefix, dynamo.NewIn(dynamo.Config{Account: account, Region: region, Now: r.sim.Now, Models: s.models}))
	if err := r.connect(); err != nil {
		return nil, err
	}
	if err := r.readPolicy(); err != nil {
		return nil, err
	}
	if err := r.install(); err != nil {
		return nil, err
	}
	return r, r.build()
}

func (r *Run) readPolicy() (err error) {
	switch {
	case r.options.Policy != nil:
		r.policy = r.options.Policy
	case r.scenario.Policy == "":
		r.policy = policy.Default()
	default:
		r.policy, err = policy.Parse(r.scenario.Scenario+": policy", []byte(r.scenario.Policy))
	}
	return err
}

// connect makes the SDK's configuration and the table. An empty account has no table.
func (r *Run) connect() error {
	endpoint, client, err := r.open(r.options.Endpoint)
	if err != nil {
		return err
	}
	r.url = endpoint
	r.config = app.Config(func(name string) string {
		switch name {
		case "AWS_REGION":
			return region
		case "AWS_ENDPOINT_URL":
			return endpoint
		case "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY":
			return "rehearsal"
		}
		return ""
	})
	// The simulator checks no identity, and a signature costs time.
	r.config.Credentials = aws.AnonymousCredentials{}
	// A retry would wait by the real clock. The queue delivers the event again
	// anyway.
	r.config.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	r.config.HTTPClient = client
	db := dynamodb.NewFromConfig(r.config)
	r.store = &record.Store{DynamoDB: db, Table: table}
	r.ecs, r.cloudwatch = ecs.NewFromConfig(r.config), cloudwatch.NewFromConfig(r.config)
	if r.options.Bare && len(r.scenario.Services) == 0 {
		return nil // an empty account; only a fleet can freeze
	}
	return record.MakeTable(context.Background(), db, table)
}

// install connects the functions to their queues, and the rules to the queues.
func (r *Run) install() error {
	b := r.sim.Bus()
	f := r.scenario.Faults
	b.SetFaults(bus.Faults{Duplicate: f.Duplicate, Loss: f.Loss, Reorder: f.Reorder, Delay: f.Delay})
	if r.options.Bare {
		return nil
	}
	if err := r.notifications(); err != nil {
		return err
	}
	if !r.options.Installed {
		r.subscribe()
	}
	for _, function := range contract.Functions() {
		queue := queuePrefix + function
		b.AddQueue(bus.QueueConfig{Name: queue + "-dead", Visibility: queueVisibility})
		b.AddQueue(bus.QueueConfig{Name: queue, Visibility: queueVisibility, MaxReceives: queueReceives, DeadLetter: queue + "-dead"})
		e, err := r.function(function)
		if err != nil {
			return err
		}
		r.sim.Subscribe(queue, func(batch []bus.Message) []string {
			if r.options.Installed {
				r.countInvocation(function)
			}
			return deliver(e, batch)
		})
	}
	for _, rule := range route.Rules() {
		pattern, err := rule.Pattern.JSON()
		if err != nil {
			return fmt.Errorf("encoding the rule %s: %w", rule.Name, err)
		}
		if err := b.AddRule(bus.Rule{Name: rule.Name, Pattern: pattern, Queue: queuePrefix + rule.Function}); err != nil {
			return fmt.Errorf("adding the rule %s: %w", rule.Name, err)
		}
	}
	if r.options.Installed {
		return r.installation()
	}
	r.scheduleTick(r.start.Add(-warmUp).Add(r.scenario.Tick))
	return nil
}

// function returns one deployed function, wired as in its main.
func (r *Run) function(name string) (*engine.Engine, error) {
	log, metrics := r.options.Log, r.options.Metrics
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if metrics == nil {
		metrics = io.Discard
	}
	settings := app.Settings{
		Function: name, Home: fleet.Account{ID: account, Region: region}, Table: table,
		TimerQueue: queueURL(queuePrefix + contract.FunctionSweep), Topic: r.topic,
		Namespace: "Homeostat", Logs: true, SourceDates: granted(r.scenario.Installation.SourceDates),
	}
	if !granted(r.scenario.Installation.Pin) {
		settings.NoRegistration = contract.NotPinning
	}
	deps, options := app.Assemble(r.config, settings, metrics, log)
	options.Policy, options.Now, options.OnEpisode, options.Every = r.policy, r.sim.Now, r.seen, r.scenario.Tick
	return engine.New(deps, options)
}

// granted returns the value of an option; true if it is not given.
func granted(option *bool) bool { return option == nil || *option }

func (r *Run) seen(e fleet.Episode) {
	if e.At.Before(r.start) {
		return
	}
	r.episodes = append(r.episodes, e)
	if r.options.Episode != nil {
		r.options.Episode(e)
	}
}

// deliver acts as Lambda's event source mapping: messages in, failed ids out.
func deliver(e *engine.Engine, batch []bus.Message) []string {
	var in events.SQSEvent
	for _, m := range batch {
		in.Records = append(in.Records, events.SQSMessage{MessageId: m.ID, Body: m.Body, EventSource: "aws:sqs"})
	}
	var failed []string
	for _, f := range e.Batch(context.Background(), in).BatchItemFailures {
		failed = append(failed, f.ItemIdentifier)
	}
	return failed
}

// scheduleTick schedules the sweep.
func (r *Run) scheduleTick(at time.Time) {
	r.sim.At(at, func() {
		body, err := json.Marshal(map[string]any{
			"version": "0", "id": "tick-" + at.UTC().Format(time.RFC3339), "detail-type": "Scheduled Event",
			"source": "aws.events", "account": account, "time": at.UTC().Format(time.RFC3339), "region": region,
			"resources": []string{"arn:aws:events:" + region + ":" + account + ":rule/homeostat-sweep"}, "detail": map[string]any{},
		})
		if err == nil {
			r.sim.Bus().Send(queuePrefix+contract.FunctionSweep, string(body), 0)
		}
		r.scheduleTick(at.Add(r.scenario.Tick))
	})
}

func (r *Run) note(format string, args ...any) {
	if r.options.Note != nil {
		r.options.Note(r.sim.Now(), fmt.Sprintf(format, args...))
	}
}

// Start returns the virtual time of the start of the scenario.
func (r *Run) Start() time.Time { return r.start }

// End returns the virtual time of the end of the scenario.
func (r *Run) End() time.Time { return r.end }

// URL returns the URL of the simulator during the run.
func (r *Run) URL() string { return r.url }

// Sim returns the simulated account, for a live display.
func (r *Run) Sim() *ecssim.Sim { return r.sim }

// Play runs the scenario to its end, or to the first error of a step or of Pace.
func (r *Run) Play(ctx context.Context) error {
	r.Begin()
	return r.Advance(ctx, r.end)
}

// Begin moves the clock to the start of the scenario.
func (r *Run) Begin() {
	r.sim.RunUntil(r.start)
	r.warm = map[string]ecssim.Stats{}
	for _, v := range r.scenario.Services {
		r.warm[v.Cluster+"/"+v.Service] = r.sim.Stats(v.Cluster, v.Service)
	}
}

// Advance moves the clock to a time, also beyond the end of the scenario, or to the
// first error of a step or of Pace. Only one call may run at a time.
func (r *Run) Advance(ctx context.Context, to time.Time) error {
	for r.broken == nil {
		if err := ctx.Err(); err != nil {
			return err
		}
		next, ok := r.sim.Next()
		if !ok || next.After(to) {
			break
		}
		if r.options.Pace != nil {
			if err := r.options.Pace(next); err != nil {
				return err
			}
		}
		r.sim.RunUntil(next)
	}
	if r.broken == nil {
		r.sim.RunUntil(to)
	}
	return r.broken
}
