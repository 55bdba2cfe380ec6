package rehearse

import (
	"cmp"
	"fmt"
	"maps"
	"strings"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/sim/ecssim"
)

// appContainer is the name of the application's container of every rehearsed service.
const appContainer = "app"

// build makes the scenario's fleet in the simulator. The clock is warmUp before
// the start.
func (r *Run) build() error {
	for _, c := range r.scenario.Clusters {
		r.sim.AddInstances(c.Cluster, ecssim.InstancesSpec{Count: c.Instances, Slots: c.Slots, Replace: c.Replace})
	}
	for _, v := range r.scenario.Services {
		if err := r.service(v); err != nil {
			return fmt.Errorf("making the service %s/%s: %w", v.Cluster, v.Service, err)
		}
	}
	r.backdate()
	for _, a := range r.scenario.Alarms {
		if err := r.alarm(a); err != nil {
			return fmt.Errorf("making the alarm %s: %w", a.Name, err)
		}
	}
	for _, step := range r.scenario.Steps {
		r.sim.At(r.start.Add(step.At), func() {
			for _, what := range step.happenings() {
				if err := what.play(r); err != nil && r.broken == nil {
					r.broken = fmt.Errorf("step at %s: %w", step.At, err)
				}
			}
		})
	}
	return nil
}

func (r *Run) service(v Service) error {
	r.sim.AddCluster(v.Cluster)
	repository, tag, _ := strings.Cut(v.Image, ":")
	r.push(repository, tag, v.Runs)
	r.pushContainers(v)
	definition, err := r.define(v)
	if err != nil {
		return err
	}
	if _, err := r.sim.CreateService(spec(v, definition)); err != nil {
		return err
	}
	if err := r.scaling(v); err != nil {
		return err
	}
	if c := v.Counts; c != nil {
		count := ecssim.Count{Namespace: c.Namespace, Metric: c.Name, Period: cmp.Or(c.Period, countPeriod)}
		if err := r.sim.CountRequests(v.Cluster, v.Service, count); err != nil {
			return err
		}
	}
	arrivals, err := r.arrivals(v)
	if err != nil || arrivals == nil {
		return err
	}
	return r.sim.SetArrivals(v.Cluster, v.Service, *arrivals)
}

// define registers the service's task definition.
func (r *Run) define(v Service) (arn string, err error) {
	return r.sim.RegisterTaskDefinition(ecssim.TaskDefinitionSpec{
		Family: v.Service, CPU: v.CPU, Memory: v.Memory, TaskRole: v.TaskRole, ExecutionRole: v.ExecutionRole,
		Containers: r.containers(v), Main: appContainer,
	})
}

// spec returns the service in the form of ecssim.
func spec(v Service, definition string) ecssim.ServiceSpec {
	out := ecssim.ServiceSpec{
		Cluster: v.Cluster, Name: v.Service, TaskDefinition: definition, Desired: v.Desired,
		LoadBalanced: v.LoadBalancer, Gateway: v.Gateway, Lattice: v.Lattice, GracePeriod: v.Grace, Tags: map[string]string{}, Controller: v.Controller, Daemon: v.Scheduling == "DAEMON",
		LaunchType: v.Launch, Rebalancing: v.Rebalancing, Deregistration: v.Deregistration, HighResolution: v.HighResolution,
	}
	maps.Copy(out.Tags, v.Tags)
	if v.Mode != nil {
		out.Tags[contract.TagMode] = *v.Mode
	}
	if out.Daemon {
		out.Desired = 0 // ECS sets the count, and refuses another
	}
	v.Deployment.apply(&out)
	for _, p := range v.Providers {
		out.Providers = append(out.Providers, ecssim.ProviderSpec{Name: p.Provider, Base: p.Base, Weight: p.Weight})
	}
	if b := v.Breaker; b != nil && b.Enable {
		out.Breaker = &ecssim.BreakerSpec{Rollback: b.Rollback, Cumulative: b.Cumulative}
		if b.Threshold > 0 {
			out.Breaker.Kind, out.Breaker.Value = "COUNT", b.Threshold
		}
	}
	return out
}

func (r *Run) scaling(v Service) error {
	a := v.AutoScaling
	if a == nil {
		return nil
	}
	if err := r.sim.RegisterScalableTarget(v.Cluster, v.Service, a.Min, a.Max); err != nil || a.CPU == 0 {
		return err
	}
	return r.sim.PutTargetTracking(v.Cluster, v.Service, v.Service+"-cpu", a.CPU)
}

// demand returns the traffic in requests a second at a virtual time.
func (r *Run) demand(load []Load) func(time.Time) float64 {
	return func(t time.Time) float64 {
		elapsed, rps := t.Sub(r.start), load[0].RPS
		for _, l := range load {
			switch since := elapsed - l.At; {
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

func (r *Run) push(repository, tag, runs string) (digest string) {
	r.pushed[repository+":"+tag] = true
	digest = r.sim.PushImage(repository, tag, r.scenario.Images[runs].Behaviour())
	r.images[digest] = runs
	return digest
}
