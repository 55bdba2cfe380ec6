package ecssim

import (
	"math"
	"time"
)

// Arrivals is the traffic on a service.
type Arrivals struct {
	// Rate is the mean number of requests a second at an instant. It must depend
	// on its argument alone; it runs under the model's lock and must not use the
	// Sim.
	Rate func(t time.Time) float64
	// Step is how often Rate is read anew; 0 is never again.
	Step time.Duration
	// Noise makes the number of requests in each step, or in each second without
	// a step, a Poisson draw with that mean. The draws are the service's own: who
	// scales it does not change them.
	Noise bool
}

// SetLoad replaces the traffic on a service by demand in requests a second,
// which is read now and then every step (0: never again). See Arrivals.
func (s *Sim) SetLoad(cluster, name string, demand func(t time.Time) float64, step time.Duration) error {
	return s.SetArrivals(cluster, name, Arrivals{Rate: demand, Step: step})
}

// SetArrivals replaces the traffic on a service.
func (s *Sim) SetArrivals(cluster, name string, a Arrivals) error {
	if a.Noise && a.Step <= 0 {
		a.Step = time.Second
	}
	return s.withService(cluster, name, func(svc *service) error {
		l := &svc.load
		l.epoch++
		l.arrivals = a
		if a.Noise && l.noise == nil {
			l.noise = s.entropy.arrivals(svc.arn)
		}
		svc.nextLoad(l.epoch)
		return nil
	})
}

// nextLoad reads the traffic, and again after a step.
func (svc *service) nextLoad(epoch int) {
	l := &svc.load
	if l.epoch != epoch {
		return
	}
	mean := 0.0
	if l.arrivals.Rate != nil {
		mean = l.arrivals.Rate(svc.sim.Now())
	}
	if mean = max(0, mean); !math.IsNaN(mean) {
		svc.arrive(mean)
	}
	if l.arrivals.Rate != nil && l.arrivals.Step > 0 {
		svc.sim.after(l.arrivals.Step, func() { svc.nextLoad(epoch) })
	}
}

// arrive changes the traffic from now on.
func (svc *service) arrive(mean float64) {
	l := &svc.load
	rate := mean
	if l.arrivals.Noise {
		step := l.arrivals.Step.Seconds()
		rate = poisson(l.noise, mean*step) / step
	}
	if mean == l.mean && rate == l.rate {
		return
	}
	svc.settle()
	l.mean, l.rate = mean, rate
	svc.watchOverload()
}
