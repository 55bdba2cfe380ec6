// Package bench measures the promises of Homeostat: the speed of the virtual clock,
// the time of one event, the size of the functions and their cold starts. It prints
// ratios to the targets and fails on no time.
package bench

import (
	"context"
	"fmt"
	"strings"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/ecssim/wire"
	"homeostat/shared/sim/rehearse"
)

const (
	// services is the number of services of the played day.
	services = 10
	day      = 24 * time.Hour
	cluster  = "shop"
)

// Day returns a day of ten services behind load balancers. Its traffic scales each
// of them; it has a good push, a bad push and a lost host.
func Day() *rehearse.Scenario {
	act := "act"
	s := &rehearse.Scenario{
		Scenario: "a day of ten services", Duration: day, Tick: 5 * time.Minute,
		Policy: "version: 1\nmode: act\nscale: {min: 1, max: 5, cpu: 70}\nredeploy: {tag: stable}\n",
		Images: map[string]rehearse.Image{
			"good": {
				ImageCapacity: rehearse.ImageCapacity{CapacityRPS: 100}, StartDelay: rehearse.Delay{Median: 35 * time.Second, Sigma: 0.15},
			},
			"better": {
				ImageCapacity: rehearse.ImageCapacity{CapacityRPS: 110}, StartDelay: rehearse.Delay{Median: 30 * time.Second, Sigma: 0.15},
			},
			"bad": {
				ImageCapacity: rehearse.ImageCapacity{CapacityRPS: 110}, StartDelay: rehearse.Delay{Median: 30 * time.Second, Sigma: 0.15},
				ImageExit: rehearse.ImageExit{ExitProbability: 1, ExitAfter: rehearse.Delay{Median: 15 * time.Second, Sigma: 0.3}, ExitCode: 1},
			},
		},
		Steps: []rehearse.Step{
			{At: 6 * time.Hour, Push: &rehearse.Push{Image: repository(2) + ":stable", Runs: "better"}},
			{At: 9 * time.Hour, Push: &rehearse.Push{Image: repository(5) + ":stable", Runs: "bad"}},
			{At: 12 * time.Hour, LoseHost: &rehearse.Target{Service: cluster + "/" + name(7), Tasks: 1}},
		},
	}
	for i := range services {
		s.Services = append(s.Services, rehearse.Service{
			Cluster: cluster, Service: name(i), Image: repository(i) + ":stable", Runs: "good", Desired: 1, Mode: &act,
			LoadBalancer: true, Load: curve(i),
		})
		s.Alarms = append(s.Alarms, rehearse.Alarm{Name: name(i) + "-cpu-high", Service: cluster + "/" + name(i), Above: 70, For: 2})
	}
	return s
}

func name(i int) string { return fmt.Sprint("web-", i) }

func repository(i int) string { return "shop/" + name(i) }

// curve returns the traffic of a service. Each service has a later and higher one.
func curve(i int) []rehearse.Load {
	later, more := time.Duration(i)*10*time.Minute, float64(10*i)
	return []rehearse.Load{
		{RPS: 30},
		{At: time.Hour + later, RPS: 130 + more, Over: time.Hour},
		{At: 3*time.Hour + later, RPS: 250 + more, Over: 2 * time.Hour},
		{At: 12*time.Hour + later, RPS: 200 + more, Over: time.Hour},
		{At: 15*time.Hour + later, RPS: 60, Over: 3 * time.Hour},
		{At: 21*time.Hour + later, RPS: 30, Over: time.Hour},
	}
}

// Played holds the outcome of a day.
type Played struct {
	Took     time.Duration
	Episodes int
	Done     map[fleet.DecisionKind]int
	// Broken lists the failed invariants.
	Broken []string
}

// Speed returns the virtual seconds per second.
func (p Played) Speed() float64 { return day.Seconds() / p.Took.Seconds() }

// Missing returns the expected kinds of decisions that the day did not contain.
// Such a day measures something else.
func (p Played) Missing() (kinds []fleet.DecisionKind) {
	for _, kind := range []fleet.DecisionKind{fleet.ScaleOut, fleet.ScaleIn, fleet.Redeploy, fleet.RollBack} {
		if p.Done[kind] == 0 {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// Play plays the day with Homeostat, in memory, with the state in ecssim's
// DynamoDB. The time excludes the setup and includes the first quarter of an hour,
// the start of the fleet.
func Play(ctx context.Context, seed uint64) (Played, error) {
	out := Played{Done: map[fleet.DecisionKind]int{}}
	run, err := rehearse.New(Day(), rehearse.Options{Seed: seed, Episode: func(e fleet.Episode) {
		out.Episodes++
		if e.Result.Status == fleet.Done {
			out.Done[e.Decision.Kind]++
		}
	}})
	if err != nil {
		return out, fmt.Errorf("preparing the day: %w", err)
	}
	began := time.Now()
	defer rehearse.CollectLess()()
	err = run.Play(ctx)
	out.Took = time.Since(began)
	for _, invariant := range run.Result().Invariants {
		if !invariant.Held {
			out.Broken = append(out.Broken, invariant.Name+": "+invariant.Detail)
		}
	}
	return out, err
}

// PlayBare plays the same day without Homeostat, to measure the simulator alone.
func PlayBare(seed uint64) (Played, error) {
	s := Day()
	start := time.Date(2026, 1, 5, 6, 0, 0, 0, time.UTC)
	sim := ecssim.New(ecssim.Config{Seed: seed, Start: start, BriefTaskEvents: true})
	for _, v := range s.Services {
		if err := bare(sim, s, v, start); err != nil {
			return Played{}, fmt.Errorf("making %s: %w", v.Service, err)
		}
	}
	for _, a := range s.Alarms {
		_, service, _ := strings.Cut(a.Service, "/")
		if err := sim.PutAlarm(cpuAlarm(a, service)); err != nil {
			return Played{}, fmt.Errorf("making the alarm %s: %w", a.Name, err)
		}
	}
	for _, step := range s.Steps {
		sim.At(start.Add(step.At), func() { applyStep(sim, s, step) })
	}
	began := time.Now()
	sim.RunUntil(start.Add(day))
	return Played{Took: time.Since(began)}, nil
}

func bare(sim *ecssim.Sim, s *rehearse.Scenario, v rehearse.Service, start time.Time) error {
	sim.AddCluster(v.Cluster)
	repository, tag, _ := strings.Cut(v.Image, ":")
	sim.PushImage(repository, tag, s.Images[v.Runs].Behaviour())
	definition, err := sim.RegisterTaskDefinition(ecssim.TaskDefinitionSpec{
		Family: v.Service, Containers: []ecssim.ContainerSpec{{Name: "app", Image: v.Image}},
	})
	if err != nil {
		return err
	}
	_, err = sim.CreateService(ecssim.ServiceSpec{
		Cluster: v.Cluster, Name: v.Service, TaskDefinition: definition, Desired: v.Desired, LoadBalanced: v.LoadBalancer,
	})
	if err != nil {
		return err
	}
	return sim.SetLoad(v.Cluster, v.Service, rateOf(v.Load, start), 15*time.Second)
}

func rateOf(load []rehearse.Load, start time.Time) func(time.Time) float64 {
	return func(t time.Time) float64 {
		rps := load[0].RPS
		for _, l := range load {
			switch since := t.Sub(start) - l.At; {
			case since < 0:
				return rps
			case since < l.Over:
				return rps + (l.RPS-rps)*float64(since)/float64(l.Over)
			}
			rps = l.RPS
		}
		return rps
	}
}

func cpuAlarm(a rehearse.Alarm, service string) wire.Object {
	return wire.Object{
		"AlarmName": a.Name, "Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Statistic": "Average",
		"Period": 60, "EvaluationPeriods": a.For, "DatapointsToAlarm": a.For, "Threshold": a.Above,
		"ComparisonOperator": "GreaterThanThreshold",
		"Dimensions":         []wire.Object{{"Name": "ClusterName", "Value": cluster}, {"Name": "ServiceName", "Value": service}},
	}
}

func applyStep(sim *ecssim.Sim, s *rehearse.Scenario, step rehearse.Step) {
	if p := step.Push; p != nil {
		repository, tag, _ := strings.Cut(p.Image, ":")
		sim.PushImage(repository, tag, s.Images[p.Runs].Behaviour())
	}
	if l := step.LoseHost; l != nil {
		_, service, _ := strings.Cut(l.Service, "/")
		sim.LoseHost(cluster, service, l.Tasks)
	}
}
