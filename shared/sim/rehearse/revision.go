package rehearse

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// force deploys the present revision of a service again, with forceNewDeployment.
type force ServiceTarget

func (f *force) valid(_ *Scenario, known map[string]bool) error { return isKnown(known, f.Service) }

func (f *force) play(r *Run) error {
	r.note("an operator forces a deployment of %s", f.Service)
	return r.update(f.Service, func(in *ecs.UpdateServiceInput) { in.ForceNewDeployment = true })
}

// Network deploys a service with other security groups. Runs is the behaviour of the
// tasks in them; empty keeps that of the image.
type Network struct {
	Service        string   `yaml:"service"`
	SecurityGroups []string `yaml:"security_groups"`
	Runs           string   `yaml:"runs"`
}

func (n *Network) valid(s *Scenario, known map[string]bool) error {
	if err := isKnown(known, n.Service); err != nil {
		return err
	}
	if len(n.SecurityGroups) == 0 {
		return fmt.Errorf("network.security_groups is empty, expected ids such as sg-0b")
	}
	return s.runs(n.Runs)
}

func (n *Network) play(r *Run) error {
	r.note("an operator changes the security groups of %s to %s", n.Service, strings.Join(n.SecurityGroups, ", "))
	if n.Runs != "" {
		for _, group := range n.SecurityGroups {
			r.setPart(group, n.Runs)
		}
	}
	cluster, name, _ := strings.Cut(n.Service, "/")
	described, err := r.ecs.DescribeServices(context.Background(), &ecs.DescribeServicesInput{Cluster: aws.String(cluster), Services: []string{name}})
	if err != nil || len(described.Services) != 1 {
		return fmt.Errorf("reading the network of %s: %w", n.Service, err)
	}
	network := described.Services[0].NetworkConfiguration
	network.AwsvpcConfiguration.SecurityGroups = n.SecurityGroups
	return r.update(n.Service, func(in *ecs.UpdateServiceInput) { in.NetworkConfiguration = network })
}

// extra returns members of the container definition with those of a change. A nil value
// removes one.
func extra(old, by map[string]any) map[string]any {
	out := map[string]any{}
	maps.Copy(out, old)
	maps.Copy(out, by)
	maps.DeleteFunc(out, func(_ string, v any) bool { return v == nil })
	return out
}

// deployed notes a new revision, and deploys it unless Only is set.
func (g *Register) deployed(r *Run, arn string) error {
	revision := arn[strings.LastIndexByte(arn, '/')+1:]
	r.note("an operator registers %s", revision)
	if g.Runs != "" {
		r.setPart(arn, g.Runs)
	}
	if g.Only {
		return nil
	}
	return r.update(g.Service, func(in *ecs.UpdateServiceInput) { in.TaskDefinition = aws.String(revision) })
}

// backdate moves the past of the services with an age back.
func (r *Run) backdate() {
	for _, v := range r.scenario.Services {
		if v.Age == 0 {
			continue
		}
		r.sim.At(r.start, func() {
			if err := r.sim.Age(v.Cluster, v.Service, v.Age); err != nil && r.broken == nil {
				r.broken = err
			}
		})
	}
}

// setPart sets the behaviour of the tasks with a part of a revision.
func (r *Run) setPart(part, runs string) {
	r.sim.SetPartBehaviour(part, r.scenario.Images[runs].Behaviour())
	r.images[part] = runs
}

// Forge sends invented ends of tasks of the running deployment. ECS has no such tasks.
type Forge Target

func (f *Forge) valid(_ *Scenario, known map[string]bool) error { return isKnown(known, f.Service) }

func (f *Forge) play(r *Run) error {
	cluster, name, _ := strings.Cut(f.Service, "/")
	g, ok := r.sim.ServiceSummary(cluster, name)
	if !ok {
		return fmt.Errorf("the service %s has no deployment", f.Service)
	}
	r.note("somebody reports the ends of %d tasks of %s that never were", max(1, f.Tasks), f.Service)
	prefix, now := "arn:aws:ecs:"+region+":"+account+":", r.sim.Now().UTC()
	for n := range max(1, f.Tasks) {
		err := r.publish("aws.ecs", "ECS Task State Change", map[string]any{
			"clusterArn": prefix + "cluster/" + cluster, "taskArn": fmt.Sprintf("%stask/%s/%032x", prefix, cluster, n+1),
			"taskDefinitionArn": prefix + "task-definition/" + g.TaskDefinition, "group": "service:" + name, "startedBy": g.Deployment,
			"lastStatus": "STOPPED", "desiredStatus": "STOPPED", "version": 5, "launchType": "FARGATE",
			"stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited",
			"createdAt": now.Add(-time.Minute).Format(time.RFC3339), "stoppedAt": now.Format(time.RFC3339),
			"containers": []map[string]any{{"name": appContainer, "exitCode": 1, "lastStatus": "STOPPED"}},
		})
		if err != nil {
			return err
		}
	}
	return nil
}
