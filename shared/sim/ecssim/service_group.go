package ecssim

import (
	"strings"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/wire"
)

// Blue/green, linear and canary deployments alternate two target groups: the tasks of
// each deployment register with the group that the deployment before did not use. AWS:
// developer guide, "Application Load Balancer resources for blue/green deployments".

// groupPair returns the target group of the service and its alternate one; "" for none.
func (svc *service) groupPair() [2]string {
	if svc.gateway() {
		return [2]string{svc.gatewayGroup(0), svc.gatewayGroup(1)}
	}
	for _, lb := range svc.setup.Objects("loadBalancers") {
		if arn := lb.String("targetGroupArn"); arn != "" {
			return [2]string{arn, lb.Object("advancedConfiguration").String("alternateTargetGroupArn")}
		}
	}
	return [2]string{}
}

// chooseGroup gives a deployment that shifts traffic the group that its blue
// deployment does not use.
func (d *deployment) chooseGroup() {
	if d.plan == nil || !d.plan.shifted() || d.service.groupPair()[1] == "" {
		return
	}
	d.group = 1 - d.plan.blue.group
	d.revision.group = d.group
}

// targetGroup returns the ARN of the target group of the task, or "".
func (t *task) targetGroup() string {
	pair := t.service.groupPair()
	if t.deployment != nil && pair[1] != "" {
		return pair[t.deployment.group]
	}
	return pair[0]
}

// gateway reports whether an ECS Gateway routes requests to the service. It has no load
// balancer of its own.
func (svc *service) gateway() bool { return len(svc.setup.Objects("gatewayConnectors")) > 0 }

// lattice reports whether VPC Lattice routes requests to the service. Its target groups
// publish no metrics here.
func (svc *service) lattice() bool { return len(svc.setup.Objects("vpcLatticeConfigurations")) > 0 }

// gatewayGroup returns the ARN of a target group that the gateway made.
func (svc *service) gatewayGroup(n int) string {
	name := "ecs-gw-" + svc.name
	if n > 0 {
		name += "-alt"
	}
	return svc.sim.account.ARN("elasticloadbalancing", "targetgroup/"+clip(name)+"/"+resourceID(svc.arn+name))
}

// balancerName returns the LoadBalancer dimension of the metrics of a service. Assumed:
// the services of a cluster share the load balancer of a gateway, and each other target
// group has its own one, of the same name and id.
func (svc *service) balancerName() string {
	if svc.gateway() {
		return "app/" + clip("ecs-gw-"+svc.cluster.name) + "/" + resourceID(svc.cluster.arn)
	}
	return LoadBalancerName(svc.groupPair()[0])
}

// clip returns a name that is short enough for Elastic Load Balancing. AWS: API
// reference of CreateTargetGroup, Name.
func clip(name string) string { return name[:min(len(name), groupName)] }

func resourceID(of string) string { return account.Digest(of)[7:23] }

// balancing adds the load balancing of a revision: the group of its tasks, and the
// resources of the gateway.
func (r *revision) balancing(out wire.Object) {
	svc := r.service
	pair := svc.groupPair()
	if pair[0] == "" {
		return
	}
	if svc.gateway() {
		out["ecsManagedResources"] = wire.Object{"gatewayConnections": []wire.Object{r.connection()}}
		return
	}
	resolved := wire.Object{"targetGroupArn": pair[0]}
	if pair[1] != "" {
		resolved["targetGroupArn"] = pair[r.group]
		rule := svc.setup.Objects("loadBalancers")[0].Object("advancedConfiguration").String("productionListenerRule")
		if rule != "" {
			resolved["productionListenerRule"] = rule
		}
	}
	out["resolvedConfiguration"] = wire.Object{"loadBalancers": []wire.Object{resolved}}
}

// connection returns the connection of the service with its gateway. The group of the
// revision comes first.
func (r *revision) connection() wire.Object {
	svc := r.service
	elb := func(rest string) string { return svc.sim.account.ARN("elasticloadbalancing", rest) }
	balancer := svc.balancerName()
	listener := balancer + "/" + resourceID("listener "+balancer)
	return wire.Object{
		"portName": svc.setup.Objects("gatewayConnectors")[0].String("portName"), "accessType": "PRIVATE", "status": svc.route(),
		"gatewayArn":      svc.sim.account.ARN("ecs", "gateway/"+svc.cluster.name+"/gateway"),
		"gatewayRouteArn": svc.sim.account.ARN("ecs", "gateway-route/"+svc.cluster.name+"/gateway/"+svc.name),
		"resources": wire.Object{"hostSharedAlb": []wire.Object{{
			"loadBalancerArn": elb("loadbalancer/" + balancer), "listenerArn": elb("listener/" + listener),
			"listenerRuleArn": elb("listener-rule/" + listener + "/" + resourceID("rule "+svc.arn)),
			"targetGroupArn":  svc.gatewayGroup(r.group), "alternateTargetGroupArn": svc.gatewayGroup(1 - r.group),
		}}},
	}
}

// route returns the status of the gateway's route to the service.
func (svc *service) route() string {
	if svc.routeStatus != "" {
		return svc.routeStatus
	}
	return "ACTIVE"
}

// SetRoute sets the status of the gateway's route to a service, such as UPDATE_FAILED;
// empty is ACTIVE.
func (s *Sim) SetRoute(cluster, name, status string) error {
	return s.withService(cluster, name, func(svc *service) error {
		svc.routeStatus = status
		return nil
	})
}

// AlternateGroup returns the ARN of the alternate target group of a load balanced
// service.
func (s *Sim) AlternateGroup(service string) string { return s.TargetGroup(clip(service + "-alt")) }

// listenerRule returns the ARN of the rule that sends production traffic to a service.
func (s *Sim) listenerRule(service string) string {
	balancer := LoadBalancerName(s.TargetGroup(service))
	listener := balancer + "/" + resourceID("listener "+balancer)
	return s.account.ARN("elasticloadbalancing", "listener-rule/"+listener+"/"+resourceID("rule "+service))
}

// groupOf returns the "targetgroup/NAME/ID" of an ARN.
func groupOf(arn string) string { return arn[strings.LastIndexByte(arn, ':')+1:] }

// balancing reports whether a request puts the service behind a load balancer, a gateway
// or VPC Lattice.
func balancing(in wire.Object) bool {
	return len(in.Objects("loadBalancers")) > 0 || len(in.Objects("gatewayConnectors")) > 0 || len(in.Objects("vpcLatticeConfigurations")) > 0
}

// TargetGroups returns the LoadBalancer dimension of the metrics of a service, and the
// TargetGroup dimensions: the primary group first, then the alternate one. They are
// empty for a service without a load balancer. own is false if other services share
// the load balancer.
func (s *Sim) TargetGroups(cluster, name string) (balancer string, groups []string, own bool) {
	_ = s.withService(cluster, name, func(svc *service) error {
		for _, arn := range svc.groupPair() {
			if arn != "" {
				groups = append(groups, groupOf(arn))
			}
		}
		if len(groups) > 0 {
			balancer, own = svc.balancerName(), !svc.gateway()
		}
		return nil
	})
	return balancer, groups, own
}
