package rehearse

import (
	"fmt"
	"maps"
	"os"
	"strings"
	"time"

	"homeostat/shared/contract"
	"homeostat/shared/ecssim"
	"homeostat/shared/ecssim/wire"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// appContainer is the name of the one container of every rehearsed service.
const appContainer = "app"

// warmUp is how long the fleet runs before the scenario begins, so that it
// begins at rest: tasks up, first deployments completed.
const warmUp = 15 * time.Minute

// build makes the scenario's fleet in the simulator, whose clock stands warmUp
// before the start.
func (r *Run) build() error {
	for _, v := range r.scenario.Services {
		if err := r.service(v); err != nil {
			return fmt.Errorf("making the service %s/%s: %w", v.Cluster, v.Service, err)
		}
	}
	for _, a := range r.scenario.Alarms {
		if err := r.sim.PutAlarm(alarmInput(a)); err != nil {
			return fmt.Errorf("making the alarm %s: %w", a.Name, err)
		}
	}
	for _, step := range r.scenario.Steps {
		r.sim.At(r.start.Add(step.At), func() {
			if err := r.step(step); err != nil && r.broken == nil {
				r.broken = fmt.Errorf("step at %s: %w", step.At, err)
			}
		})
	}
	return nil
}

func (r *Run) service(v Service) error {
	r.sim.AddCluster(v.Cluster)
	repository, tag, _ := strings.Cut(v.Image, ":")
	r.push(repository, tag, v.Runs)
	definition, err := r.sim.RegisterTaskDefinition(ecssim.TaskDefinitionSpec{
		Family: v.Service, Containers: []ecssim.ContainerSpec{{Name: appContainer, Image: v.Image}},
	})
	if err != nil {
		return err
	}
	spec := ecssim.ServiceSpec{
		Cluster: v.Cluster, Name: v.Service, TaskDefinition: definition, Desired: v.Desired,
		LoadBalanced: v.LoadBalancer, GracePeriod: v.Grace, Tags: map[string]string{}, Controller: v.Controller,
	}
	maps.Copy(spec.Tags, v.Tags)
	if v.Mode != nil {
		spec.Tags[contract.TagMode] = *v.Mode
	}
	if b := v.Breaker; b != nil && b.Enable {
		spec.Breaker = &ecssim.BreakerSpec{Rollback: b.Rollback}
		if b.Threshold > 0 {
			spec.Breaker.Kind, spec.Breaker.Value = "COUNT", b.Threshold
		}
	}
	if _, err := r.sim.CreateService(spec); err != nil {
		return err
	}
	if err := r.scaling(v); err != nil {
		return err
	}
	if len(v.Load) > 0 {
		return r.sim.SetLoad(v.Cluster, v.Service, r.demand(v.Load), loadStep)
	}
	return nil
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

// loadStep is how often traffic is read anew: often enough for a one-minute metric.
const loadStep = 15 * time.Second

// demand is the traffic in requests a second at a virtual time.
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

func alarmInput(a Alarm) wire.Object {
	cluster, service, _ := strings.Cut(a.Service, "/")
	return wire.Object{
		"AlarmName": a.Name, "Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Statistic": "Average",
		"Period": 60, "EvaluationPeriods": a.For, "DatapointsToAlarm": a.For, "Threshold": a.Above,
		"ComparisonOperator": "GreaterThanThreshold",
		"Dimensions": []wire.Object{
			{"Name": "ClusterName", "Value": cluster}, {"Name": "ServiceName", "Value": service},
		},
	}
}

func (r *Run) push(repository, tag, runs string) (digest string) {
	digest = r.sim.PushImage(repository, tag, r.scenario.Images[runs])
	r.images[digest] = runs
	return digest
}

// step makes one thing happen.
func (r *Run) step(s Step) error {
	switch {
	case s.Push != nil:
		repository, tag, _ := strings.Cut(s.Push.Image, ":")
		digest := r.push(repository, tag, s.Push.Runs)
		r.note("%s:%s is pushed (%s, %s)", repository, tag, s.Push.Runs, digest[:min(19, len(digest))])
		if s.Push.Force != "" {
			return r.update(s.Push.Force, func(in *ecs.UpdateServiceInput) { in.ForceNewDeployment = true })
		}
	case s.LoseHost != nil:
		cluster, service, _ := strings.Cut(s.LoseHost.Service, "/")
		died := r.sim.LoseHost(cluster, service, max(1, s.LoseHost.Tasks))
		r.note("the host of %d task of %s is lost", died, s.LoseHost.Service)
	case s.StopTask != nil:
		return r.stopTasks(*s.StopTask)
	case s.Outage != nil:
		r.note("%s fails for %s", s.Outage.Kind, s.Outage.For)
		r.sim.SetOutage(ecssim.Outage{Kind: s.Outage.Kind, Until: r.sim.Now().Add(s.Outage.For), Services: s.Outage.Services})
	case s.Freeze != nil:
		r.note("%s is frozen%s", s.Freeze.Scope, because(s.Freeze.Why))
		return r.flip(*s.Freeze, true)
	case s.Thaw != nil:
		r.note("%s is thawed", s.Thaw.Scope)
		return r.flip(*s.Thaw, false)
	case s.SetCount != nil:
		r.note("a person sets the desired count of %s to %d", s.SetCount.Service, s.SetCount.Desired)
		return r.update(s.SetCount.Service, func(in *ecs.UpdateServiceInput) { in.DesiredCount = aws.Int32(int32(s.SetCount.Desired)) })
	case s.RunRevision != nil:
		r.note("a person deploys %s to %s", s.RunRevision.TaskDefinition, s.RunRevision.Service)
		return r.update(s.RunRevision.Service, func(in *ecs.UpdateServiceInput) { in.TaskDefinition = aws.String(s.RunRevision.TaskDefinition) })
	case s.Throttle != nil:
		r.sim.SetThrottle(s.Throttle.Service, s.Throttle.Operation, s.Throttle.Probability)
		r.note("AWS throttles %s:%s", s.Throttle.Service, s.Throttle.Operation)
	case s.Send != "":
		return r.send(s.Send)
	case s.Say != "":
		r.note("%s", s.Say)
	}
	return nil
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}

func (r *Run) send(file string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	r.note("the event of %s arrives", file)
	r.sim.Bus().Publish(raw)
	return nil
}
