package ecssim

import (
	"testing"
	"time"

	"homeostat/shared/sim/ecssim/wire"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (w *world) elb(operation string, in wire.Object) wire.Object {
	w.t.Helper()
	out, err := w.Server().Invoke("elasticloadbalancing", operation, in)
	require.NoError(w.t, err)
	return out
}

// targetStates returns the states of the targets of web.
func (w *world) targetStates() (out []string) {
	for _, d := range w.elb("DescribeTargetHealth", wire.Object{"TargetGroupArn": w.TargetGroup("web")}).Objects("TargetHealthDescriptions") {
		out = append(out, d.Object("TargetHealth").String("State"))
	}
	return out
}

func TestTheHealthOfTargetsFollowsTheTasks(t *testing.T) {
	w := newWorld(t, Config{})
	first := w.image("1", Behaviour{Health: Health{Delay: Fixed(20 * time.Second)}})
	w.create(ServiceSpec{TaskDefinition: first, Desired: 2, LoadBalanced: true, Deregistration: 5 * time.Minute})
	seen := map[string]bool{}
	watch := func(d time.Duration) {
		for end := w.Now().Add(d); w.Now().Before(end); w.run(5 * time.Second) {
			for _, state := range w.targetStates() {
				seen[state] = true
			}
		}
	}
	watch(3 * time.Minute)
	assert.Equal(t, map[string]bool{"initial": true, "healthy": true}, seen)
	assert.Equal(t, []string{"healthy", "healthy"}, w.targetStates())
	w.deploy(w.image("2", Behaviour{Health: Health{Delay: Fixed(20 * time.Second)}}))
	watch(4 * time.Minute)
	assert.True(t, seen["draining"], "the old tasks finish their requests")
	out := w.elb("DescribeTargetHealth", wire.Object{"TargetGroupArn": w.TargetGroup("web"), "Targets": []any{wire.Object{"Id": "192.0.2.1", "Port": 80.0}}})
	health := out.Objects("TargetHealthDescriptions")[0].Object("TargetHealth")
	assert.Equal(t, "unused", health.String("State"))
	assert.Equal(t, "Target.NotRegistered", health.String("Reason"))
}

func TestALoadBalancerLeadsToItsTargetGroup(t *testing.T) {
	w := newWorld(t, Config{})
	w.create(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 1, LoadBalanced: true})
	balancer := w.elb("DescribeLoadBalancers", wire.Object{"Names": []any{"web"}}).Objects("LoadBalancers")[0]
	arn := balancer.String("LoadBalancerArn")
	assert.Contains(t, arn, ":"+"loadbalancer/"+LoadBalancerName(w.TargetGroup("web")), "the name in its metrics")
	listener := w.elb("DescribeListeners", wire.Object{"LoadBalancerArn": arn}).Objects("Listeners")[0]
	assert.Equal(t, w.TargetGroup("web"), listener.Objects("DefaultActions")[0].String("TargetGroupArn"))
	rule := w.elb("DescribeRules", wire.Object{"ListenerArn": listener.String("ListenerArn")}).Objects("Rules")[0]
	assert.Equal(t, "default", rule.String("Priority"))
	assert.Len(t, w.elb("DescribeRules", wire.Object{"RuleArns": []any{rule.String("RuleArn")}}).Objects("Rules"), 1)
	for _, filter := range []wire.Object{{"LoadBalancerArn": arn}, {"TargetGroupArns": []any{w.TargetGroup("web")}}, {"Names": []any{"web"}}, {}} {
		groups := w.elb("DescribeTargetGroups", filter).Objects("TargetGroups")
		require.Len(t, groups, 1)
		assert.Equal(t, w.TargetGroup("web"), groups[0].String("TargetGroupArn"))
	}
	attributes := w.elb("DescribeTargetGroupAttributes", wire.Object{"TargetGroupArn": w.TargetGroup("web")}).Objects("Attributes")
	assert.Equal(t, wire.Object{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}, attributes[0])
	for operation, in := range map[string]wire.Object{
		"DescribeLoadBalancers": {"Names": []any{"none"}}, "DescribeTargetGroups": {"TargetGroupArns": []any{"arn:none"}},
		"DescribeTargetHealth": {"TargetGroupArn": "arn:none"}, "DescribeListeners": {"ListenerArns": []any{"arn:none"}},
	} {
		_, err := w.Server().Invoke("elasticloadbalancing", operation, in)
		assert.ErrorContains(t, err, "NotFound", operation)
	}
}
