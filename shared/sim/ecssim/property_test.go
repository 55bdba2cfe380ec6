package ecssim

import (
	"testing"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim/wire"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// player makes random changes to one service and checks its invariants.
type player struct {
	*Sim
	svc      *service
	versions map[*task]int
	images   []string
	// allowed is the largest number of wanted tasks: the bound of maximumPercent,
	// or the number of tasks when the bound fell.
	allowed int
}

func behaviours() []Behaviour {
	return []Behaviour{
		{},
		{Exit: Exit{Probability: 1, After: Delay{Median: 3 * time.Minute, Sigma: 1}, Code: 1}},
		{Exit: Exit{Probability: 1, After: Fixed(time.Second), Code: 1}},
		{Health: Health{FailProbability: 0.6, FailAfter: Fixed(4 * time.Minute)}},
		{Health: Health{FailProbability: 1}},
		{FailToStart: StartFailure{Cause: fleet.LogDriver, Probability: 0.5}},
		{StartDelay: Fixed(10 * time.Minute)},
	}
}

func TestWhateverHappensTheSchedulerKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p := &player{Sim: New(Config{Seed: rapid.Uint64().Draw(r, "seed")}), versions: map[*task]int{}}
		p.AddCluster("shop")
		for _, b := range behaviours() {
			digest := p.PushImage("web", "x", b)
			arn, err := p.RegisterTaskDefinition(TaskDefinitionSpec{Family: "web", Containers: []ContainerSpec{{Name: "app", Image: "web@" + digest}}})
			require.NoError(r, err)
			p.images = append(p.images, arn)
		}
		minimum := rapid.SampledFrom([]int{0, 50, 100}).Draw(r, "minimum")
		maximum := rapid.SampledFrom([]int{100, 150, 200}).Draw(r, "maximum")
		_, err := p.CreateService(ServiceSpec{
			Cluster: "shop", Name: "web", TaskDefinition: p.images[0], Desired: rapid.IntRange(0, 6).Draw(r, "desired"),
			MinimumHealthyPercent: &minimum, MaximumPercent: &maximum,
			LoadBalanced: rapid.Bool().Draw(r, "balanced"),
			Breaker:      &BreakerSpec{Rollback: rapid.Bool().Draw(r, "rollback"), Kind: ThresholdCount, Value: 3},
		})
		require.NoError(r, err)
		p.svc = p.findCluster("shop").services[0]
		r.Repeat(map[string]func(*rapid.T){
			"deploy": func(r *rapid.T) {
				p.updated(r, wire.Object{"taskDefinition": rapid.SampledFrom(p.images).Draw(r, "image")})
			},
			"force": func(r *rapid.T) { p.updated(r, wire.Object{"forceNewDeployment": true}) },
			"scale": func(r *rapid.T) { p.updated(r, wire.Object{"desiredCount": rapid.IntRange(0, 6).Draw(r, "desired")}) },
			"stop": func(*rapid.T) {
				records := p.svc.records
				_, _ = p.call(p.stopServiceDeployment, wire.Object{"serviceDeploymentArn": records[len(records)-1].arn})
			},
			"lose":     func(*rapid.T) { p.LoseHost("shop", "web", 1) },
			"capacity": func(r *rapid.T) { p.SetCapacity(Capacity{NoFargate: rapid.Bool().Draw(r, "none")}) },
			"wait":     func(r *rapid.T) { p.wait(r, time.Duration(rapid.IntRange(1, 600).Draw(r, "seconds"))*time.Second) },
			"":         func(r *rapid.T) { p.check(r) },
		})
	})
}

func (p *player) updated(r *rapid.T, in wire.Object) {
	in["cluster"], in["service"] = "shop", "web"
	_, err := p.call(p.updateService, in)
	require.NoError(r, err)
}

// wait runs in steps of one event, and checks after each step.
func (p *player) wait(r *rapid.T, d time.Duration) {
	for end := p.Now().Add(d); ; p.check(r) {
		next, ok := p.Next()
		if !ok || next.After(end) {
			p.RunUntil(end)
			return
		}
		p.RunUntil(next)
	}
}

func (p *player) check(r *rapid.T) {
	wanted := 0
	for _, task := range p.svc.live {
		if task.desired == taskRunning {
			wanted++
		}
		require.NotEqual(r, taskStopped, task.last, "a stopped task is not alive")
		require.GreaterOrEqual(r, task.version, p.versions[task], "versions grow")
		p.versions[task] = task.version
	}
	_, most := p.svc.limits()
	require.LessOrEqual(r, wanted, max(most, p.allowed), "maximumPercent holds")
	p.allowed = max(most, min(p.allowed, wanted))
	p.checkCounts(r)
}

func (p *player) checkCounts(r *rapid.T) {
	object := p.svc.object()
	primaries, running, pending := 0, 0, 0
	for _, d := range object.Objects("deployments") {
		if d.String("status") == "PRIMARY" {
			primaries++
		}
		up, _ := d.Int("runningCount")
		starting, _ := d.Int("pendingCount")
		running, pending = running+up, pending+starting
	}
	require.Equal(r, 1, primaries, "never more than one PRIMARY")
	total, _ := object.Int("runningCount")
	waiting, _ := object.Int("pendingCount")
	require.Equal(r, total, running, "the deployments' running tasks add up")
	require.Equal(r, waiting, pending, "the deployments' pending tasks add up")
	open := 0
	for _, record := range p.svc.records {
		open += count(record.open())
	}
	require.LessOrEqual(r, open, 1, "never more than one service deployment in progress")
}
