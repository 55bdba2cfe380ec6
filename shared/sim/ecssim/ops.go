package ecssim

import (
	"slices"
	"strconv"

	"homeostat/shared/sim/ecssim/wire"
)

// operations are handlers by the names of their operations.
type operations map[string]wire.Handler

// register tells the wire server everything that the model answers.
func (s *Sim) register() {
	s.handle("ecs", s.clusterOperations(), s.taskDefinitionOperations(), s.serviceOperations(),
		s.deploymentOperations(), s.taskOperations(), s.instanceOperations(), s.tagOperations())
	s.handle("ecr", s.ecrOperations())
	s.handle("monitoring", s.metricOperations(), s.alarmOperations())
	s.handle("logs", s.logOperations())
	s.handle("application-autoscaling", s.scalingOperations())
}

// handle registers handlers that run under the model's lock.
func (s *Sim) handle(service string, groups ...operations) {
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

// notModelled answers an operation that exists but that the model leaves out.
func notModelled(code, what string) wire.Handler {
	return func(wire.Object) (wire.Object, error) {
		return nil, wire.Errorf(code, "ecssim does not model %s", what)
	}
}

// page is one page of a list: as many items as the request's limit says (most
// by default and at the utmost), from its token on, and the token of the next
// page, "" on the last.
func page[T any](items []T, in wire.Object, limit, token string, most int) (part []T, next string, err error) {
	from := 0
	if text := in.String(token); text != "" {
		from, err = strconv.Atoi(text)
		if err != nil || from < 0 {
			return nil, "", wire.Errorf("InvalidParameterException", "Invalid token: %s", text)
		}
	}
	if n, ok := in.Int(limit); ok && n > 0 && n < most {
		most = n
	}
	from = min(from, len(items))
	to := min(from+most, len(items))
	if to < len(items) {
		next = strconv.Itoa(to)
	}
	return items[from:to], next, nil
}

// setToken adds the token of the next page, if there is one.
func setToken(out wire.Object, key, next string) wire.Object {
	if next != "" {
		out[key] = next
	}
	return out
}

// missing is an entry of failures for something that is not there.
func missing(arn string) wire.Object { return wire.Object{"arn": arn, "reason": "MISSING"} }

// includes reports whether a list of texts has one.
func includes(in wire.Object, key, text string) bool {
	return slices.Contains(in.Strings(key), text)
}

func contains(list []string, text string) bool {
	return slices.Contains(list, text)
}
