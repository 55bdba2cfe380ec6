package ecssim

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/sim/ecssim/wire"
)

// revisionInService returns the only current revision of web.
func (w *world) revisionInService() ecstypes.ServiceRevision {
	w.t.Helper()
	svc := w.service()
	require.Len(w.t, svc.CurrentServiceRevisions, 1)
	out, err := w.ecs.DescribeServiceRevisions(w.t.Context(), &ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: []string{*svc.CurrentServiceRevisions[0].Arn}})
	require.NoError(w.t, err)
	return out.ServiceRevisions[0]
}

// requests returns the requests of the newest minute with data, by group.
func (w *world) requests() (out [2]float64) {
	for i, arn := range []string{w.TargetGroup("web"), w.AlternateGroup("web")} {
		if values := w.readGroup(arn, "RequestCount"); len(values) > 0 {
			out[i] = values[len(values)-1]
		}
	}
	return out
}

func TestDeploymentsAlternateTheTargetGroups(t *testing.T) {
	for _, strategy := range []string{"BLUE_GREEN", "LINEAR", "CANARY"} {
		t.Run(strategy, func(t *testing.T) {
			w := newWorld(t, Config{})
			spec := ShiftSpec{Strategy: strategy}
			if strategy != "BLUE_GREEN" {
				spec.Percent, spec.StepBake = 50, time.Minute
			}
			_, second := w.shifts(spec, Behaviour{CapacityRPS: 100})
			groups := []string{w.TargetGroup("web"), w.AlternateGroup("web")}
			for n, definition := range []string{"", second, w.image("3", Behaviour{CapacityRPS: 100})} {
				if definition != "" {
					w.deploy(definition)
					w.run(time.Hour)
				}
				r := w.revisionInService()
				require.Len(t, r.ResolvedConfiguration.LoadBalancers, 1)
				assert.Equal(t, groups[n%2], *r.ResolvedConfiguration.LoadBalancers[0].TargetGroupArn)
				assert.Contains(t, *r.ResolvedConfiguration.LoadBalancers[0].ProductionListenerRule, ":listener-rule/"+LoadBalancerName(groups[0])+"/")
				assert.Equal(t, groups[1], *r.LoadBalancers[0].AdvancedConfiguration.AlternateTargetGroupArn)
				want := [2]float64{}
				want[n%2] = 6000
				assert.Equal(t, want, w.requests(), "deployment %d", n)
				targets := w.elb("DescribeTargetHealth", wire.Object{"TargetGroupArn": groups[(n+1)%2]})
				assert.Empty(t, targets.Objects("TargetHealthDescriptions"), "the idle group has no targets")
			}
		})
	}
}

func TestTheRuleForwardsByWeight(t *testing.T) {
	w := newWorld(t, Config{})
	_, second := w.shifts(ShiftSpec{Strategy: "CANARY", Percent: 10, StepBake: 20 * time.Minute}, Behaviour{CapacityRPS: 100})
	weights := func() (out []int) {
		rules := w.elb("DescribeRules", wire.Object{}).Objects("Rules")
		require.Len(t, rules, 1, "one rule for both groups")
		for _, g := range rules[0].Objects("Actions")[0].Object("ForwardConfig").Objects("TargetGroups") {
			n, _ := g.Int("Weight")
			out = append(out, n)
		}
		return out
	}
	assert.Equal(t, []int{100, 0}, weights())
	w.deploy(second)
	w.run(10 * time.Minute)
	assert.Equal(t, []int{90, 10}, weights())
	w.run(time.Hour)
	assert.Equal(t, []int{0, 100}, weights())
	assert.Len(t, w.elb("DescribeTargetGroups", wire.Object{}).Objects("TargetGroups"), 2)
	assert.Len(t, w.elb("DescribeLoadBalancers", wire.Object{}).Objects("LoadBalancers"), 1)
}

func TestARollbackReturnsToTheGroupOfTheBlueTasks(t *testing.T) {
	w := newWorld(t, Config{})
	_, second := w.shifts(ShiftSpec{Strategy: "CANARY", Percent: 10, StepBake: 20 * time.Minute}, Behaviour{CapacityRPS: 100})
	w.deploy(second)
	w.run(10 * time.Minute)
	_, err := w.ecs.StopServiceDeployment(t.Context(), &ecs.StopServiceDeploymentInput{ServiceDeploymentArn: w.record().ServiceDeploymentArn})
	require.NoError(t, err)
	w.run(10 * time.Minute)
	assert.Equal(t, [2]float64{6000, 0}, w.requests())
	assert.Equal(t, w.TargetGroup("web"), *w.revisionInService().ResolvedConfiguration.LoadBalancers[0].TargetGroupArn)
}

func TestARollingServiceHasOneGroup(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{CapacityRPS: 100}), Desired: 2, LoadBalanced: true})
	w.load(100)
	w.deploy(w.image("2", Behaviour{CapacityRPS: 100}))
	w.run(20 * time.Minute)
	r := w.revisionInService()
	assert.Equal(t, w.TargetGroup("web"), *r.ResolvedConfiguration.LoadBalancers[0].TargetGroupArn)
	assert.Nil(t, r.ResolvedConfiguration.LoadBalancers[0].ProductionListenerRule)
	assert.Nil(t, r.EcsManagedResources)
	assert.Equal(t, [2]float64{6000, 0}, w.requests())
	assert.Empty(t, w.readGroup("", "RequestCount"), "nothing reads the sum of one group")
}

func TestAGatewayNamesTheGroupsInTheRevision(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{CapacityRPS: 100}), Desired: 2, Gateway: true})
	w.load(100)
	w.run(10 * time.Minute)
	assert.Empty(t, w.service().LoadBalancers, "the service has none of its own")
	r := w.revisionInService()
	assert.Nil(t, r.ResolvedConfiguration)
	require.Len(t, r.EcsManagedResources.GatewayConnections, 1)
	connection := r.EcsManagedResources.GatewayConnections[0]
	assert.Equal(t, ecstypes.GatewayRouteStatusActive, connection.Status)
	alb := connection.Resources.(*ecstypes.GatewayConnectionResourcesMemberHostSharedAlb).Value[0]
	values := w.values("AWS/ApplicationELB", "RequestCount", "Sum", 60, 5, dimensionsOf(*alb.TargetGroupArn, *alb.LoadBalancerArn))
	assert.InDelta(t, 6000, values[0], 1e-6)
	assert.NotEqual(t, *alb.TargetGroupArn, *alb.AlternateTargetGroupArn)
	require.NoError(t, w.SetRoute("shop", "web", "UPDATE_FAILED"))
	assert.Equal(t, ecstypes.GatewayRouteStatusUpdateFailed, w.revisionInService().EcsManagedResources.GatewayConnections[0].Status)
	health := w.elb("DescribeTargetHealth", wire.Object{"TargetGroupArn": *alb.TargetGroupArn})
	assert.Len(t, health.Objects("TargetHealthDescriptions"), 2)
}

func TestADeploymentWaitsForLattice(t *testing.T) {
	took := func(lattice bool) time.Duration {
		w := newWorld(t, Config{})
		first, second := w.image("1", Behaviour{CapacityRPS: 100}), w.image("2", Behaviour{CapacityRPS: 100})
		bake := time.Duration(0)
		w.steady(ServiceSpec{
			TaskDefinition: first, Desired: 2, LoadBalanced: !lattice, Lattice: lattice, Bake: &bake,
			Shift: &ShiftSpec{Strategy: "LINEAR", Percent: 50},
		})
		w.load(100)
		w.deploy(second)
		begin := w.Now()
		_, most := w.way(time.Hour)
		assert.Equal(t, int32(4), most, "both sets of tasks run")
		return w.Now().Sub(begin)
	}
	more := took(true) - took(false)
	want := latticeScaledUp + 3*(latticeShifted-shiftTime) // the test traffic, and two weights
	assert.InDelta(t, want.Seconds(), more.Seconds(), 60, "the health checks begin at random times")
}
