package ecssim

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim/appautoscaling"
	"homeostat/shared/sim/ecssim/cloudwatch"
	"homeostat/shared/sim/ecssim/ecr"
	"homeostat/shared/sim/ecssim/wire"
)

// register adds all operations of the model to the wire server.
func (s *Sim) register() {
	s.handle("ecs", s.clusterOperations(), s.taskDefinitionOperations(), s.serviceOperations(),
		s.deploymentOperations(), s.taskOperations(), s.instanceOperations(), s.providerOperations(), s.tagOperations())
	s.server.Rules("ecs", s.lockedRules())
	s.server.Rules("monitoring", cloudwatch.Rules())
	s.server.Rules("ecr", ecr.Rules())
	s.server.Rules("application-autoscaling", appautoscaling.Rules())
	s.handle("ecr", s.ecr.Operations())
	s.handle("monitoring", s.cloudwatch.Operations())
	s.handle("logs", s.logs.Operations())
	s.handle("cloudformation", s.stacks.Operations())
	s.handle("elasticloadbalancing", s.elb.Operations())
	s.handle("ssm", s.ssm.Operations())
	s.handle("secretsmanager", s.secrets.Operations())
	s.handle("application-autoscaling", s.scaling.Operations())
}

// handle registers handlers that run under the model's lock.
func (s *Sim) handle(service string, groups ...wire.Operations) {
	for _, group := range groups {
		for name, h := range group {
			s.server.Handle(service, name, func(in wire.Object) (wire.Object, error) { return s.call(h, in) })
		}
	}
}

// call runs a handler as a step of the model.
func (s *Sim) call(h wire.Handler, in wire.Object) (out wire.Object, err error) {
	s.locked(func() { out, err = h(in) })
	return out, err
}

// missing is an entry of failures for a missing resource.
func missing(arn string) wire.Object { return wire.Object{"arn": arn, "reason": "MISSING"} }

// clusterOf returns the cluster in the ARN of a service, a task or a service
// deployment, or "".
func clusterOf(arn string) string {
	parts := strings.Split(arn, "/")
	if !strings.HasPrefix(arn, "arn:") || len(parts) < 3 {
		return ""
	}
	return parts[1]
}

func (s *Sim) tagOperations() wire.Operations {
	return wire.Operations{
		"TagResource":         s.tagResource,
		"UntagResource":       s.untagResource,
		"ListTagsForResource": s.listTags,
	}
}

// taggable reports whether such a resource of ECS exists.
func (s *Sim) taggable(arn string) bool {
	if td := s.findTaskDefinition(arn); td != nil && td.arn == arn {
		return true
	}
	if p := s.findProvider(arn); p != nil && p.String("capacityProviderArn") == arn {
		return true
	}
	for _, c := range s.clusters {
		if slices.ContainsFunc(c.instances, func(i *instance) bool { return i.arn == arn }) {
			return true
		}
		if c.arn == arn || c.tasks[fleet.NameOf(arn)] != nil && c.tasks[fleet.NameOf(arn)].arn == arn {
			return true
		}
		if svc := c.findService(arn); svc != nil && svc.arn == arn {
			return true
		}
	}
	return false
}

func (s *Sim) tagResource(in wire.Object) (wire.Object, error) {
	arn := in.String("resourceArn")
	if !s.taggable(arn) {
		return nil, wire.Errorf("ResourceNotFoundException", "The specified resource was not found: %s", arn)
	}
	s.account.Tags.Add(arn, "key", in.Objects("tags"))
	return wire.Object{}, nil
}

func (s *Sim) untagResource(in wire.Object) (wire.Object, error) {
	arn := in.String("resourceArn")
	if !s.taggable(arn) {
		return nil, wire.Errorf("ResourceNotFoundException", "The specified resource was not found: %s", arn)
	}
	s.account.Tags.Remove(arn, "key", in.Strings("tagKeys"))
	return wire.Object{}, nil
}

func (s *Sim) listTags(in wire.Object) (wire.Object, error) {
	arn := in.String("resourceArn")
	if !s.taggable(arn) {
		return nil, wire.Errorf("InvalidParameterException", "The specified resource was not found: %s", arn)
	}
	return wire.Object{"tags": s.account.Tags.Of(arn)}, nil
}

// clientToken is the key of a request that must have one effect, however often it is
// sent.
type clientToken struct{ operation, cluster, token string }

// tokenUse is the request that used a token first, and its answer.
type tokenUse struct {
	in, out wire.Object
	until   time.Time
}

// repeated returns the answer of an earlier request with the same client token; nil if
// there is none. AWS: developer guide, "Ensuring idempotency in Amazon ECS".
func (s *Sim) repeated(operation string, c *cluster, in wire.Object) (wire.Object, error) {
	token := in.String("clientToken")
	use, ok := s.tokens[clientToken{operation, c.name, token}]
	if token == "" || !ok || s.Now().After(use.until) {
		return nil, nil
	}
	if !reflect.DeepEqual(use.in, in) {
		if operation == "RunTask" {
			return nil, wire.Errorf("ConflictException", "The client token was already used by a request with other parameters.")
		}
		return nil, wire.Errorf("InvalidParameterException", "Creation of service was not idempotent.")
	}
	return use.out, nil
}

// remember keeps the answer of a request with a client token.
func (s *Sim) remember(operation string, c *cluster, in, out wire.Object) {
	if token := in.String("clientToken"); token != "" {
		s.tokens[clientToken{operation, c.name, token}] = tokenUse{in: in, out: out, until: s.Now().Add(tokenFor)}
	}
}
