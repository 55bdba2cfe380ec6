package bench

import (
	"bytes"
	"context"
	"strings"

	"homeostat/shared/sim/rehearse"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Homeostat is the name of the policy that the benchmark compares with the
// baselines.
const Homeostat = "homeostat"

// policy is a way to heal a service.
type policy struct {
	name, about string
	// onRequest policies are played only if they are named.
	onRequest bool
	// homeostat adds Homeostat to the simulated account.
	homeostat bool
	// heal is inserted into the heal section of the scenario's policy.
	heal string
	// breaker is ECS's circuit breaker, or nil.
	breaker *rehearse.Breaker
	// install prepares the run before the start of the clock. It may be nil.
	install func(context.Context, *rehearse.Run, *rehearse.Scenario) error
}

func policies() []policy {
	breaker := func(threshold int, cumulative bool) *rehearse.Breaker {
		return &rehearse.Breaker{Enable: true, Rollback: true, Threshold: threshold, Cumulative: cumulative}
	}
	return []policy{
		{name: Homeostat, about: "as installed, in mode act, without ECS's circuit breaker", homeostat: true},
		{name: "homeostat-with-ecs", about: "Homeostat beside ECS's circuit breaker at its default", onRequest: true, homeostat: true, breaker: breaker(0, false)},
		{name: "homeostat-probing", about: "Homeostat with heal.probe: it runs a task of the last good revision first", onRequest: true, homeostat: true, heal: "probe: true, "},
		{name: "ecs-default", about: "ECS's circuit breaker, BOUNDED_PERCENT 50, failures in a row", breaker: breaker(0, false)},
		{name: "ecs-default-cumulative", about: "the same, healthy tasks reset nothing", breaker: breaker(0, true)},
		{name: "ecs-count-1", about: "ECS's circuit breaker, COUNT 1", breaker: breaker(1, false)},
		{name: "ecs-count-2", about: "ECS's circuit breaker, COUNT 2, in a row", breaker: breaker(2, false)},
		{name: "ecs-count-2-cumulative", about: "the same, healthy tasks reset nothing", breaker: breaker(2, true)},
		{name: "ecs-count-3", about: "ECS's circuit breaker, COUNT 3, in a row", breaker: breaker(3, false)},
		{name: "ecs-count-3-cumulative", about: "the same, healthy tasks reset nothing", breaker: breaker(3, true)},
		{name: "ecs-alarms", about: "ECS's deployment alarms: 5xx responses of the tasks, and rejected requests of the load balancer", install: deploymentAlarms},
		{name: "rollback-on-any-failure", about: "the common Lambda: after any failed task, back to the previous revision", install: rollBackOnAnyFailure},
		{name: "none", about: "no healer"},
	}
}

// Policies returns the names of all policies and their descriptions.
func Policies() (names, abouts []string) {
	for _, p := range policies() {
		names, abouts = append(names, p.name), append(abouts, p.about)
	}
	return names, abouts
}

// policiesOf returns the named policies in their own order. No names means all
// policies that need no request.
func policiesOf(names []string) ([]policy, error) {
	wanted := map[string]bool{}
	for _, name := range names {
		wanted[name] = true
	}
	var out []policy
	for _, p := range policies() {
		if len(names) == 0 && !p.onRequest || wanted[p.name] {
			out = append(out, p)
			delete(wanted, p.name)
		}
	}
	for name := range wanted {
		known, _ := Policies()
		return nil, UnknownError{"policy", name, known}
	}
	return out, nil
}

// healKey is the start of the heal section in the scenarios' policies.
const healKey = "heal: {"

// read returns the scenario with the circuit breaker and the heal section of the
// policy. Runs do not change it, so they may share it.
func (p policy) read(s scenario) (*rehearse.Scenario, error) {
	out, err := rehearse.Parse(s.name, bytes.ReplaceAll(s.data, []byte(healKey), []byte(healKey+p.heal)))
	if err != nil {
		return nil, err
	}
	for i := range out.Services {
		out.Services[i].Breaker = p.breaker
	}
	return out, nil
}

// deploymentAlarms makes ECS watch the alarms of the scenario during a deployment.
func deploymentAlarms(ctx context.Context, run *rehearse.Run, s *rehearse.Scenario) error {
	for _, v := range s.Services {
		var names []string
		for _, a := range s.Alarms {
			if a.Service == v.Cluster+"/"+v.Service {
				names = append(names, a.Name)
			}
		}
		_, err := run.ECS().UpdateService(ctx, &ecs.UpdateServiceInput{
			Cluster: aws.String(v.Cluster), Service: aws.String(v.Service),
			DeploymentConfiguration: &types.DeploymentConfiguration{
				Alarms: &types.DeploymentAlarms{AlarmNames: names, Enable: true, Rollback: true},
			},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// last returns the text after the last separator.
func last(text, separator string) string { return text[strings.LastIndex(text, separator)+1:] }
