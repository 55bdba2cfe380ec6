package ecssim

import "homeostat/shared/ecssim/wire"

// throttle answers a share of the calls with ThrottlingException.
type throttle struct {
	service, operation string
	probability        float64
}

// SetThrottle throttles calls of an operation ("" is all of the service) with
// a probability; 0 ends it. The services are named as in wire.Server.Handle.
func (s *Sim) SetThrottle(service, operation string, probability float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.throttles {
		if t := &s.throttles[i]; t.service == service && t.operation == operation {
			t.probability = probability
			return
		}
	}
	s.throttles = append(s.throttles, throttle{service, operation, probability})
}

func (s *Sim) throttled(service, operation string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.throttles {
		if t.service == service && (t.operation == "" || t.operation == operation) &&
			t.probability > 0 && s.entropy.faults.Float64() < t.probability {
			return wire.Errorf("ThrottlingException", "Rate exceeded")
		}
	}
	return nil
}
