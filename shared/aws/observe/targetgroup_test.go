package observe

import (
	"testing"

	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
)

const elb = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:"

func TestTheTargetGroupsComeFromTheRevision(t *testing.T) {
	const blue, green = "targetgroup/web/0123456789abcdef", "targetgroup/web-alt/fedcba9876543210"
	rule := aws.String(elb + "listener-rule/app/shop/1111111111111111/2222222222222222/3333333333333333")
	both := []fleet.TargetGroup{{Group: blue, LoadBalancer: "app/shop/1111111111111111"}, {Group: green, LoadBalancer: "app/shop/1111111111111111"}}
	advanced := ecstypes.LoadBalancer{
		TargetGroupArn:        aws.String(elb + blue),
		AdvancedConfiguration: &ecstypes.AdvancedConfiguration{AlternateTargetGroupArn: aws.String(elb + green), ProductionListenerRule: rule},
	}
	connection := func(status ecstypes.GatewayRouteStatus) *ecstypes.ECSManagedResources {
		return &ecstypes.ECSManagedResources{GatewayConnections: []ecstypes.GatewayConnection{{
			GatewayRouteArn: aws.String("arn:aws:ecs:eu-central-1:123456789012:gateway-route/shop/public/web"), Status: status,
			Resources: &ecstypes.GatewayConnectionResourcesMemberHostSharedAlb{Value: []ecstypes.GatewayConnectionAlbResources{{
				LoadBalancerArn: aws.String(elb + "loadbalancer/app/shop/1111111111111111"),
				TargetGroupArn:  aws.String(elb + blue), AlternateTargetGroupArn: aws.String(elb + green),
			}}},
		}}}
	}
	for name, c := range map[string]struct {
		given ecstypes.ServiceRevision
		want  fleet.Revision
	}{
		"a worker has none": {},
		"a rolling service names no load balancer": {
			ecstypes.ServiceRevision{LoadBalancers: []ecstypes.LoadBalancer{{TargetGroupArn: aws.String(elb + blue)}}},
			fleet.Revision{Groups: []fleet.TargetGroup{{Group: blue}}},
		},
		"a shift of traffic has two": {
			ecstypes.ServiceRevision{
				LoadBalancers: []ecstypes.LoadBalancer{advanced},
				ResolvedConfiguration: &ecstypes.ResolvedConfiguration{LoadBalancers: []ecstypes.ServiceRevisionLoadBalancer{
					{TargetGroupArn: aws.String(elb + green), ProductionListenerRule: rule},
				}},
			},
			fleet.Revision{Groups: both, Serving: []string{green}},
		},
		"the rule of the resolved configuration names the load balancer": {
			ecstypes.ServiceRevision{
				LoadBalancers: []ecstypes.LoadBalancer{{TargetGroupArn: aws.String(elb + blue)}},
				ResolvedConfiguration: &ecstypes.ResolvedConfiguration{LoadBalancers: []ecstypes.ServiceRevisionLoadBalancer{
					{TargetGroupArn: aws.String(elb + blue), ProductionListenerRule: rule},
				}},
			},
			fleet.Revision{Groups: both[:1], Serving: []string{blue}},
		},
		"a gateway has two of its own": {
			ecstypes.ServiceRevision{EcsManagedResources: connection(ecstypes.GatewayRouteStatusActive)},
			fleet.Revision{Groups: both, Serving: []string{blue}},
		},
		"a failed route of a gateway is named": {
			ecstypes.ServiceRevision{EcsManagedResources: connection(ecstypes.GatewayRouteStatusUpdateFailed)},
			fleet.Revision{Groups: both, Serving: []string{blue}, FailedRoutes: []string{"web: UPDATE_FAILED"}},
		},
		"an Express service has those of its ingress": {
			ecstypes.ServiceRevision{EcsManagedResources: &ecstypes.ECSManagedResources{IngressPaths: []ecstypes.ManagedIngressPath{{
				LoadBalancer: &ecstypes.ManagedLoadBalancer{Arn: aws.String(elb + "loadbalancer/app/shop/1111111111111111")},
				TargetGroups: []ecstypes.ManagedTargetGroup{{Arn: aws.String(elb + blue)}, {Arn: aws.String(elb + green)}},
			}}}},
			fleet.Revision{Groups: both},
		},
		"a Network Load Balancer counts no requests": {
			ecstypes.ServiceRevision{LoadBalancers: []ecstypes.LoadBalancer{{
				TargetGroupArn:        aws.String(elb + blue),
				AdvancedConfiguration: &ecstypes.AdvancedConfiguration{ProductionListenerRule: aws.String(elb + "listener/net/shop/1111111111111111/2222222222222222")},
			}}},
			fleet.Revision{Groups: []fleet.TargetGroup{{Group: blue}}},
		},
		"empty parts are no groups": {
			ecstypes.ServiceRevision{
				LoadBalancers:         []ecstypes.LoadBalancer{{LoadBalancerName: aws.String("classic")}},
				ResolvedConfiguration: &ecstypes.ResolvedConfiguration{LoadBalancers: []ecstypes.ServiceRevisionLoadBalancer{{}}},
				EcsManagedResources:   &ecstypes.ECSManagedResources{GatewayConnections: []ecstypes.GatewayConnection{{}}, IngressPaths: []ecstypes.ManagedIngressPath{{}}},
			},
			fleet.Revision{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got fleet.Revision
			addTargetGroups(&got, &c.given)
			assert.Equal(t, c.want, got)
		})
	}
}
