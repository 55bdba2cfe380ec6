// Package bench plays the same seeded failures through Homeostat and through the
// baselines. It measures the outcome in the simulator, from the emitted events and
// the running tasks, and uses no report of a policy about itself.
package bench

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"homeostat/shared/sim/rehearse"
)

// Options selects the scenarios, policies and seeds.
type Options struct {
	// Runs is the number of seeds for each scenario and policy, from Seed on. All
	// policies get the same seeds.
	Runs int
	Seed uint64
	// Scenarios and Policies are names. Empty means all.
	Scenarios, Policies []string
	// Done receives the results of each finished scenario.
	Done func([]Result) error
	// variation is the changed assumption; the zero value changes none.
	variation variation
}

// Heal plays the benchmark. The same options give the same results on any number of
// processors.
func Heal(ctx context.Context, o Options) ([]Result, error) {
	scenarios, err := scenariosOf(o.Scenarios)
	if err != nil {
		return nil, err
	}
	policies, err := policiesOf(o.Policies)
	if err != nil {
		return nil, err
	}
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	var all []Result
	for _, s := range scenarios {
		results, err := s.playAll(ctx, policies, o)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		all = append(all, results...)
		if o.Done == nil {
			continue
		}
		if err := o.Done(results); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// job is one run, with the place for its outcome.
type job struct {
	scenario *rehearse.Scenario
	policy   policy
	seed     uint64
	outcome  *outcome
}

// playAll plays a scenario with every seed through every policy, on all processors.
func (s scenario) playAll(ctx context.Context, policies []policy, o Options) ([]Result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	outcomes := make([][]outcome, len(policies))
	played := make([]*rehearse.Scenario, len(policies))
	for i, p := range policies {
		var err error
		if played[i], err = p.read(s); err != nil {
			return nil, err
		}
		o.variation.apply(played[i])
	}
	jobs := make(chan job)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for j := range jobs {
				result, err := play(ctx, j.scenario, s.group, j.policy, rehearse.Options{Seed: j.seed, Model: o.variation.model})
				if err != nil {
					cancel(fmt.Errorf("policy %s, seed %d: %w", j.policy.name, j.seed, err))
				}
				*j.outcome = result
			}
		})
	}
	for i, p := range policies {
		outcomes[i] = make([]outcome, o.Runs)
		for n := range outcomes[i] {
			if ctx.Err() == nil {
				jobs <- job{scenario: played[i], policy: p, seed: o.Seed + uint64(n), outcome: &outcomes[i][n]}
			}
		}
	}
	close(jobs)
	workers.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	results := make([]Result, len(policies))
	for i, p := range policies {
		results[i] = summarize(s, p, o.Seed, outcomes[i])
	}
	return results, nil
}

// play plays a parsed scenario once.
func play(ctx context.Context, s *rehearse.Scenario, group string, p policy, options rehearse.Options) (out outcome, err error) {
	if err := ctx.Err(); err != nil {
		return out, err
	}
	w := &watch{scenario: s, emitted: map[string]time.Time{}}
	options.Bare = !p.homeostat
	if p.homeostat {
		options.Episode = w.episode
	}
	run, err := rehearse.New(s, options)
	if err != nil {
		return out, err
	}
	w.begin(run, p.homeostat)
	if p.install != nil {
		if err := p.install(ctx, run, s); err != nil {
			return out, err
		}
	}
	if err := run.Play(ctx); err != nil {
		return out, err
	}
	return w.outcome(group), nil
}
