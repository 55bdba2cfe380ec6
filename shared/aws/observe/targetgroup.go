package observe

import (
	"slices"
	"strings"

	"homeostat/shared/core/fleet"

	"github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// addTargetGroups adds the target groups of a service revision. Blue/green, linear and
// canary deployments alternate two of them. Services of an ECS Gateway and Express
// services have none of their own: the managed resources name theirs.
func addTargetGroups(out *fleet.Revision, r *ecstypes.ServiceRevision) {
	for _, lb := range r.LoadBalancers {
		balancer, alternate := "", ""
		if a := lb.AdvancedConfiguration; a != nil {
			balancer, alternate = balancerOf(aws.ToString(a.ProductionListenerRule)), aws.ToString(a.AlternateTargetGroupArn)
		}
		addGroup(out, aws.ToString(lb.TargetGroupArn), balancer)
		addGroup(out, alternate, balancer)
	}
	if c := r.ResolvedConfiguration; c != nil {
		for _, lb := range c.LoadBalancers {
			group := aws.ToString(lb.TargetGroupArn)
			addGroup(out, group, balancerOf(aws.ToString(lb.ProductionListenerRule)))
			addServing(out, group)
		}
	}
	if managed := r.EcsManagedResources; managed != nil {
		addManaged(out, managed)
	}
}

// addManaged adds the target groups that ECS made for a gateway or an Express service.
func addManaged(out *fleet.Revision, managed *ecstypes.ECSManagedResources) {
	for _, c := range managed.GatewayConnections {
		if strings.HasSuffix(string(c.Status), "_FAILED") {
			out.FailedRoutes = append(out.FailedRoutes, fleet.NameOf(aws.ToString(c.GatewayRouteArn))+": "+string(c.Status))
		}
		shared, ok := c.Resources.(*ecstypes.GatewayConnectionResourcesMemberHostSharedAlb)
		if !ok {
			continue
		}
		for _, alb := range shared.Value {
			balancer := balancerOf(aws.ToString(alb.LoadBalancerArn))
			addGroup(out, aws.ToString(alb.TargetGroupArn), balancer)
			addGroup(out, aws.ToString(alb.AlternateTargetGroupArn), balancer)
			addServing(out, aws.ToString(alb.TargetGroupArn))
		}
	}
	for _, path := range managed.IngressPaths {
		balancer := ""
		if path.LoadBalancer != nil {
			balancer = balancerOf(aws.ToString(path.LoadBalancer.Arn))
		}
		for _, g := range path.TargetGroups {
			addGroup(out, aws.ToString(g.Arn), balancer)
		}
	}
}

// addGroup adds a group by its ARN, or the load balancer of a known group.
func addGroup(out *fleet.Revision, arn, balancer string) {
	if arn == "" {
		return
	}
	name := lastPart(arn)
	at := slices.IndexFunc(out.Groups, func(g fleet.TargetGroup) bool { return g.Group == name })
	if at < 0 {
		out.Groups = append(out.Groups, fleet.TargetGroup{Group: name, LoadBalancer: balancer})
	} else if out.Groups[at].LoadBalancer == "" {
		out.Groups[at].LoadBalancer = balancer
	}
}

func addServing(out *fleet.Revision, arn string) {
	if name := lastPart(arn); name != "" && !slices.Contains(out.Serving, name) {
		out.Serving = append(out.Serving, name)
	}
}

// lastPart returns "targetgroup/NAME/ID" of an ARN.
func lastPart(arn string) string { return arn[strings.LastIndexByte(arn, ':')+1:] }

// balancerOf returns "app/NAME/ID" of the ARN of an Application Load Balancer, of its
// listener or of a rule; empty for another ARN. Source: Elastic Load Balancing in the
// Service Authorization Reference, resource types.
func balancerOf(arn string) string {
	_, path, _ := strings.Cut(lastPart(arn), "/")
	parts := strings.Split(path, "/")
	if len(parts) < 3 || parts[0] != "app" {
		return ""
	}
	return strings.Join(parts[:3], "/")
}

// servingGroups returns the revisions with tasks in each target group, while a
// deployment is in progress; nil otherwise.
func servingGroups(s *fleet.Snapshot) map[string]string {
	latest, ok := s.Latest()
	if !ok || !latest.InProgress() {
		return nil
	}
	serving := map[string]string{}
	for _, r := range s.History {
		if r.Target.ARN != latest.Source && r.Target.ARN != latest.Target.ARN {
			continue
		}
		for _, g := range r.Target.Serving {
			if _, known := serving[g]; !known {
				serving[g] = r.Target.ARN
			}
		}
	}
	return serving
}
