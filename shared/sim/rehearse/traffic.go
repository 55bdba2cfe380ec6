package rehearse

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/traffic"
)

// Trace is recorded traffic: in place, or in a file with the rows t_s,requests.
// After its end the last count continues.
type Trace struct {
	File string `yaml:"file"`
	// Every is the interval of Requests, in whole seconds.
	Every    time.Duration `yaml:"every"`
	Requests []float64     `yaml:"requests"`
	// Peak scales the trace, so that its busiest minutes (the 99.5th percentile)
	// have so many requests a second; 0 does not scale it.
	Peak float64 `yaml:"peak"`
}

func (t *Trace) valid() error {
	switch {
	case t == nil:
		return nil
	case (t.File != "") == (len(t.Requests) > 0):
		return fmt.Errorf("trace: expected one of file and requests")
	case len(t.Requests) > 0 && (t.Every < time.Second || t.Every%time.Second != 0):
		return fmt.Errorf("trace.every is %s, expected whole seconds", t.Every)
	case t.Peak < 0 || math.IsInf(t.Peak, 0) || math.IsNaN(t.Peak):
		return fmt.Errorf("trace.peak is %g, expected requests a second", t.Peak)
	}
	for i, n := range t.Requests {
		if n < 0 || math.IsInf(n, 0) || math.IsNaN(n) {
			return fmt.Errorf("trace.requests[%d] is %g, expected a number of requests", i, n)
		}
	}
	return nil
}

// read returns the trace with its peak.
func (t *Trace) read() (traffic.Trace, error) {
	out := traffic.Trace{Name: "trace", Step: int(t.Every / time.Second), Requests: t.Requests}
	if t.File != "" {
		data, err := os.ReadFile(t.File)
		if err != nil {
			return out, err
		}
		if out, err = traffic.Read(t.File, bytes.NewReader(data)); err != nil {
			return out, err
		}
	}
	if t.Peak > 0 {
		return out.ScaledTo(t.Peak)
	}
	return out, nil
}

// arrivals returns the trace from an instant on. A trace of seconds is exact:
// noise is for longer intervals.
func (t *Trace) arrivals(from time.Time, noise bool) (ecssim.Arrivals, error) {
	trace, err := t.read()
	if err != nil {
		return ecssim.Arrivals{}, err
	}
	step := loadStep
	if noise || trace.Step < int(loadStep/time.Second) {
		step = time.Second
	}
	return ecssim.Arrivals{Step: step, Noise: noise && trace.Step > 1, Rate: func(at time.Time) float64 {
		second := int(at.Sub(from) / time.Second)
		rate, _ := trace.Rate(min(max(second, 0), trace.Seconds()-1))
		return rate
	}}, nil
}

// arrivals returns the traffic of a service from the start, or nil.
func (r *Run) arrivals(v Service) (*ecssim.Arrivals, error) {
	switch {
	case v.Trace != nil:
		a, err := v.Trace.arrivals(r.start, v.Noise)
		return &a, err
	case len(v.Load) > 0:
		a := ecssim.Arrivals{Rate: r.demand(v.Load), Step: loadStep, Noise: v.Noise}
		if v.Noise {
			a.Step = time.Second
		}
		return &a, nil
	}
	return nil, nil
}

// Traffic replaces the traffic on a service by a rate, or by a trace from now on.
type Traffic struct {
	Service string  `yaml:"service"`
	RPS     float64 `yaml:"rps"`
	Trace   *Trace  `yaml:"trace"`
	// Noise makes the requests of each second a Poisson draw.
	Noise bool `yaml:"noise"`
}

func (t *Traffic) valid(_ *Scenario, known map[string]bool) error {
	if err := isKnown(known, t.Service); err != nil {
		return err
	}
	if t.RPS < 0 || math.IsInf(t.RPS, 0) || math.IsNaN(t.RPS) {
		return fmt.Errorf("traffic.rps is %g, expected requests a second", t.RPS)
	}
	if t.RPS > 0 && t.Trace != nil {
		return fmt.Errorf("traffic.rps and traffic.trace exclude each other, expected one of them")
	}
	return t.Trace.valid()
}

func (t *Traffic) play(r *Run) error {
	cluster, service, _ := strings.Cut(t.Service, "/")
	a := ecssim.Arrivals{Rate: func(time.Time) float64 { return t.RPS }, Noise: t.Noise}
	if t.Trace != nil {
		var err error
		if a, err = t.Trace.arrivals(r.sim.Now(), t.Noise); err != nil {
			return err
		}
		r.note("the traffic on %s follows a trace", t.Service)
	} else {
		r.note("the traffic on %s is %g requests/s", t.Service, t.RPS)
	}
	return r.sim.SetArrivals(cluster, service, a)
}

// Metrics are the delays of AWS's metrics; zero means ecssim's default.
type Metrics struct {
	Delay               time.Duration `yaml:"delay"`
	HighResolutionDelay time.Duration `yaml:"high_resolution_delay"`
	LoadBalancerDelay   time.Duration `yaml:"load_balancer_delay"`
}

func (m Metrics) validate() error {
	if m.Delay < 0 || m.HighResolutionDelay < 0 || m.LoadBalancerDelay < 0 {
		return misplaced{"metrics", fmt.Errorf("metrics: a delay is negative, expected 0s or more")}
	}
	return nil
}
