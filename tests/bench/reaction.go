package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/cause"
	"homeostat/shared/core/decide"
	"homeostat/shared/core/decode"
	"homeostat/shared/core/demand"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/guard"
	"homeostat/shared/core/policy"
	"homeostat/shared/engine/app"
	"homeostat/shared/sim/rehearse"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Reaction is one event with the inputs of its decision, recorded in a rehearsal:
// raw bytes, snapshot and memory.
type Reaction struct {
	Name string
	Raw  []byte
	Want fleet.DecisionKind

	trigger fleet.TriggerKind
	after   time.Duration
	input   decide.Input
}

// React runs the event through the pure part of the pipeline: decode, cause, decide
// and guard.
func (r *Reaction) React() (fleet.Decision, fleet.Verdict) {
	in := r.input
	in.Trigger = decode.Events(r.Raw)[0].Trigger
	in.Cause = cause.Of(in.Trigger).Cause
	decision := decide.Plan(in)
	return decision, guard.Review(guard.Input{
		Decision: decision, Trigger: in.Trigger, Policy: in.Policy, Snapshot: in.Snapshot, Memory: in.Memory, Now: in.Now,
	})
}

// wanted returns the typical events, and the earliest time of each in the story.
func wanted() []*Reaction {
	return []*Reaction{
		{Name: "task stopped, bad revision: rollback", trigger: fleet.TaskStopped, Want: fleet.RollBack, after: 4 * time.Hour},
		{Name: "CPU alarm: scale-out", trigger: fleet.AlarmChanged, Want: fleet.ScaleOut, after: 2 * time.Hour},
		{Name: "ECR push: redeploy", trigger: fleet.ImagePush, Want: fleet.Redeploy, after: 3 * time.Hour},
	}
}

// story is a service with some history. Homeostat only observes it, so the memory
// of each decision is still there afterwards.
func story() *rehearse.Scenario {
	mode, web := "observe", cluster+"/web"
	push := func(at time.Duration, runs, force string) rehearse.Step {
		return rehearse.Step{At: at, Push: &rehearse.Push{Image: "shop/web:stable", Runs: runs, Force: force}}
	}
	return &rehearse.Scenario{
		Scenario: "three typical events", Duration: 4*time.Hour + 20*time.Minute, Tick: 5 * time.Minute,
		Policy: "version: 1\nmode: observe\nscale: {min: 2, max: 10, cpu: 70}\nredeploy: {tag: stable}\n",
		Images: map[string]rehearse.Image{
			"good": {ImageCapacity: rehearse.ImageCapacity{CapacityRPS: 100}},
			"bad": {
				ImageCapacity: rehearse.ImageCapacity{CapacityRPS: 100},
				ImageExit:     rehearse.ImageExit{ExitProbability: 1, ExitAfter: rehearse.Delay{Median: 15 * time.Second}, ExitCode: 1},
			},
		},
		Services: []rehearse.Service{{
			Cluster: cluster, Service: "web", Image: "shop/web:stable", Runs: "good", Desired: 4, Mode: &mode, LoadBalancer: true,
			Load: []rehearse.Load{{RPS: 200}, {At: 2 * time.Hour, RPS: 360}, {At: 2*time.Hour + 20*time.Minute, RPS: 200}},
		}},
		Alarms: []rehearse.Alarm{{Name: "web-cpu-high", Service: web, Above: 70, For: 2}},
		Steps: []rehearse.Step{
			push(20*time.Minute, "good", web), push(time.Hour, "good", web),
			push(3*time.Hour, "good", ""), push(4*time.Hour, "bad", web),
		},
	}
}

// Reactions plays the story and captures the typical events.
func Reactions(ctx context.Context) ([]*Reaction, error) {
	all := wanted()
	raws := map[string][]byte{}
	var run *rehearse.Run
	var store *record.Store
	var faults []error
	run, err := rehearse.New(story(), rehearse.Options{Seed: 1, Episode: func(e fleet.Episode) {
		for _, r := range all {
			if r.Raw == nil && e.Trigger.Kind == r.trigger && e.Decision.Kind == r.Want && e.At.Sub(run.Start()) >= r.after {
				r.Raw = raws[e.Trigger.ID]
				faults = append(faults, r.capture(ctx, e, store))
			}
		}
	}})
	if err != nil {
		return nil, fmt.Errorf("preparing the story: %w", err)
	}
	store = memories(run)
	run.Sim().Events(func(event []byte) {
		var envelope struct {
			ID string `json:"id"`
		}
		if json.Unmarshal(event, &envelope) == nil {
			raws[envelope.ID] = event
		}
	})
	defer rehearse.CollectLess()()
	if err := run.Play(ctx); err != nil {
		return nil, fmt.Errorf("playing the story: %w", err)
	}
	for _, r := range all {
		if r.Raw == nil {
			faults = append(faults, fmt.Errorf("the story has no %q", r.Name))
		}
	}
	return all, errors.Join(faults...)
}

// memories returns the store of a run's functions.
func memories(run *rehearse.Run) *record.Store {
	cfg := app.Config(func(string) string { return "bench" })
	cfg.Region, cfg.HTTPClient, cfg.BaseEndpoint = "eu-central-1", run.Sim().Client(), aws.String("http://ecssim.internal")
	return &record.Store{DynamoDB: dynamodb.NewFromConfig(cfg), Table: "homeostat"}
}

// capture records the input of the decision. It changes the mode to act, so that
// the guard runs all its checks.
func (r *Reaction) capture(ctx context.Context, e fleet.Episode, store *record.Store) error {
	memory, err := store.Memory(ctx, e.Ref)
	if err != nil {
		return fmt.Errorf("reading the memory for %q: %w", r.Name, err)
	}
	rules, err := policy.Parse("story", []byte(story().Policy))
	if err != nil {
		return fmt.Errorf("reading the story's policy: %w", err)
	}
	effective := rules.For(e.Ref, e.Snapshot.Tags, "")
	effective.Mode = policy.Act
	learned, err := store.DemandStates(ctx, []fleet.ServiceRef{e.Ref})
	if err != nil {
		return fmt.Errorf("reading the learned state for %q: %w", r.Name, err)
	}
	r.input = decide.Input{
		Policy: effective, Snapshot: e.Snapshot, Memory: memory, Demand: learned[e.Ref.Key()], Now: e.At,
		Controller: demand.NewController(demand.Usual()), // a function creates it at its cold start
	}
	if decision, verdict := r.React(); decision.Kind != r.Want || verdict.Outcome != fleet.Act {
		return fmt.Errorf("%q came to %s, %s: %v", r.Name, decision.Kind, verdict.Outcome, append(decision.Reasons, verdict.Reasons...))
	}
	return nil
}
