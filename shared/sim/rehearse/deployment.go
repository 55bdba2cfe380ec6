package rehearse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Early is the early success criteria: the percent of healthy tasks, and whether the old
// tasks are removed after the success.
type Early struct {
	Percent  int  `yaml:"percent"`
	Deferred bool `yaml:"deferred"`
}

// Deployment is the deployment configuration of a service.
type Deployment struct {
	// Strategy is rolling (the default), blue-green, linear or canary. Percent
	// and StepBake are the share and the bake time of a step of linear, or of the
	// canary.
	Strategy string        `yaml:"strategy"`
	Percent  float64       `yaml:"percent"`
	StepBake time.Duration `yaml:"step_bake"`
	// Bake is the bake time of the whole deployment; nil means ECS's default.
	Bake *time.Duration `yaml:"bake"`
	// PauseAt names lifecycle stages. At each one the deployment waits to be
	// continued, at most PauseFor (a day). Then it rolls back, or continues with
	// PauseThen continue.
	PauseAt   []string      `yaml:"pause_at"`
	PauseFor  time.Duration `yaml:"pause_for"`
	PauseThen string        `yaml:"pause_then"`
	// Alarms roll back the deployment in progress when they go to ALARM. With
	// Keep they fail it only.
	Alarms []string `yaml:"alarms"`
	Keep   bool     `yaml:"keep"`
	// Early lets a rolling deployment succeed early; nil means never.
	Early *Early `yaml:"early"`
	// MinimumHealthy and Maximum are percentages of the desired count. They
	// default to 100 and 200.
	MinimumHealthy *int `yaml:"minimum_healthy"`
	Maximum        *int `yaml:"maximum"`
}

// strategies returns ECS's names of the strategies.
func strategies() map[string]string {
	return map[string]string{"": "ROLLING", "rolling": "ROLLING", "blue-green": "BLUE_GREEN", "linear": "LINEAR", "canary": "CANARY"}
}

func (s *Scenario) validateDeployment(v Service) error {
	d := v.Deployment
	if d == nil {
		return nil
	}
	kind, known := strategies()[d.Strategy]
	stepped := kind == "LINEAR" || kind == "CANARY"
	switch {
	case !known:
		return fmt.Errorf("deployment.strategy is %q, expected rolling, blue-green, linear or canary", d.Strategy)
	case stepped && !v.routed():
		return fmt.Errorf("deployment.strategy %s needs load_balancer, gateway or lattice to shift the traffic", d.Strategy)
	case !stepped && (d.Percent != 0 || d.StepBake != 0):
		return errors.New("deployment.percent and step_bake are for linear and canary")
	case stepped && (d.Percent <= 0 || d.Percent > 100):
		return fmt.Errorf("deployment.percent is %g, expected a percentage of the traffic", d.Percent)
	}
	return s.validatePauses(d)
}

func (s *Scenario) validatePauses(d *Deployment) error {
	for _, stage := range d.PauseAt {
		if !slices.Contains(ecssim.PauseStages(), stage) {
			return fmt.Errorf("deployment.pause_at is %q, expected %s", stage, strings.Join(ecssim.PauseStages(), ", "))
		}
	}
	if !slices.Contains([]string{"", "rollback", "continue"}, d.PauseThen) {
		return fmt.Errorf("deployment.pause_then is %q, expected rollback or continue", d.PauseThen)
	}
	for _, t := range []time.Duration{d.StepBake, d.PauseFor, aws.ToDuration(d.Bake)} {
		if t < 0 || t%time.Minute != 0 {
			return fmt.Errorf("deployment has a time of %s, expected whole minutes", t)
		}
	}
	for _, name := range d.Alarms {
		if !slices.ContainsFunc(s.Alarms, func(a Alarm) bool { return a.Name == name }) {
			return fmt.Errorf("deployment.alarms names %q, expected an alarm of the scenario", name)
		}
	}
	return nil
}

// apply sets the configuration in the simulator's form.
func (d *Deployment) apply(out *ecssim.ServiceSpec) {
	if d == nil {
		return
	}
	out.Shift = &ecssim.ShiftSpec{
		Strategy: strategies()[d.Strategy], Percent: d.Percent, StepBake: d.StepBake,
		PauseAt: d.PauseAt, PauseFor: d.PauseFor, PauseThen: strings.ToUpper(d.PauseThen),
	}
	out.Bake, out.Alarms, out.AlarmsKeep = d.Bake, d.Alarms, d.Keep
	out.MinimumHealthyPercent, out.MaximumPercent = d.MinimumHealthy, d.Maximum
	if d.Early != nil {
		out.Early = &ecssim.EarlySpec{Percent: d.Early.Percent, Deferred: d.Early.Deferred}
	}
}

// Continue answers a waiting deployment, as an operator does: continue or
// rollback.
type Continue struct {
	Service string `yaml:"service"`
	Action  string `yaml:"action"`
}

func (c *Continue) valid(_ *Scenario, known map[string]bool) error {
	if !slices.Contains([]string{"", "continue", "rollback"}, c.Action) {
		return fmt.Errorf("action is %q, expected continue or rollback", c.Action)
	}
	return isKnown(known, c.Service)
}

func (c *Continue) play(r *Run) error {
	d, err := r.newestDeployment(c.Service)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(d.LifecycleHookDetails, func(h types.DeploymentLifecycleHookDetail) bool {
		return h.Status == types.DeploymentLifecycleHookStatusAwaitingAction
	})
	if i < 0 {
		r.note("an operator answers the deployment of %s, but it does not wait", c.Service)
		return nil
	}
	action := cmp.Or(c.Action, "continue")
	r.note("an operator answers the deployment of %s: %s", c.Service, action)
	_, err = r.ecs.ContinueServiceDeployment(context.Background(), &ecs.ContinueServiceDeploymentInput{
		ServiceDeploymentArn: d.ServiceDeploymentArn, HookId: d.LifecycleHookDetails[i].HookId,
		Action: types.DeploymentLifecycleHookAction(strings.ToUpper(action)),
	})
	return err
}

// stopDeployment rolls back the deployment in progress, as an operator does.
type stopDeployment ServiceTarget

func (t *stopDeployment) valid(_ *Scenario, known map[string]bool) error {
	return isKnown(known, t.Service)
}

func (t *stopDeployment) play(r *Run) error {
	d, err := r.newestDeployment(t.Service)
	if err != nil {
		return err
	}
	if d.FinishedAt != nil {
		r.note("an operator stops the deployment of %s, but it has already ended", t.Service)
		return nil
	}
	r.note("an operator stops the deployment of %s", t.Service)
	_, err = r.ecs.StopServiceDeployment(context.Background(), &ecs.StopServiceDeploymentInput{ServiceDeploymentArn: d.ServiceDeploymentArn})
	return err
}

func (r *Run) newestDeployment(service string) (types.ServiceDeployment, error) {
	cluster, name, _ := strings.Cut(service, "/")
	ctx := context.Background()
	list, err := r.ecs.ListServiceDeployments(ctx, &ecs.ListServiceDeploymentsInput{Cluster: aws.String(cluster), Service: aws.String(name)})
	if err != nil {
		return types.ServiceDeployment{}, err
	}
	if len(list.ServiceDeployments) == 0 {
		return types.ServiceDeployment{}, fmt.Errorf("%s has no service deployment", service)
	}
	out, err := r.ecs.DescribeServiceDeployments(ctx, &ecs.DescribeServiceDeploymentsInput{
		ServiceDeploymentArns: []string{aws.ToString(list.ServiceDeployments[0].ServiceDeploymentArn)},
	})
	if err != nil {
		return types.ServiceDeployment{}, err
	}
	return out.ServiceDeployments[0], nil
}
