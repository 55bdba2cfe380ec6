package ecssim

import "homeostat/shared/sim/ecssim/wire"

// register tells the wire server everything that the model answers.
func (s *Sim) register() {
	s.handle("ecs", s.clusterOperations(), s.taskDefinitionOperations(), s.serviceOperations(),
		s.deploymentOperations(), s.taskOperations(), s.instanceOperations(), s.tagOperations())
	s.handle("ecr", s.ecr.Operations())
	s.handle("monitoring", s.cloudwatch.Operations())
	s.handle("logs", s.logs.Operations())
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

// missing is an entry of failures for something that is not there.
func missing(arn string) wire.Object { return wire.Object{"arn": arn, "reason": "MISSING"} }
