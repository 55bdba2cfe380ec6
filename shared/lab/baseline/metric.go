package baseline

import (
	"math"
	"time"

	"homeostat/shared/sim/workload"
)

// Signal is what a metric is about.
type Signal int

const (
	// CPU is the average utilisation of the running tasks, in percent. It
	// cannot rise above 100, however much waits.
	CPU Signal = iota
	// Requests are those that arrived for each task that serves, in percent of
	// what one task can serve. They do not saturate.
	Requests
)

// Metric is a signal as it is published: a data point for each period, which
// can be seen some time after the period ended.
type Metric struct {
	Signal        Signal
	Period, Delay time.Duration
}

// StandardCPU is the CPU metric that ECS publishes by itself. Its delay is what
// is missing between three periods and the 363 s that AWS measured; see
// docs/designs/0006-the-baselines.md.
func StandardCPU() Metric {
	return Metric{Signal: CPU, Period: standardPeriod, Delay: standardDelay}
}

// FastCPU is the CPU metric in high resolution. Its delay follows from AWS's
// 86 s in the same way.
func FastCPU() Metric {
	return Metric{Signal: CPU, Period: fastPeriod, Delay: fastDelay}
}

// BalancerRequests is ALBRequestCountPerTarget, which has no high resolution.
// That it comes as late as the CPU is assumed.
func BalancerRequests() Metric {
	return Metric{Signal: Requests, Period: standardPeriod, Delay: standardDelay}
}

// OwnRequests is the signal that Homeostat is measured with: counts of 10 s,
// seen 10 s later. AWS offers it for custom metrics of high resolution.
func OwnRequests() Metric {
	return Metric{Signal: Requests, Period: ownPeriod, Delay: ownDelay}
}

// periods is how many data points a time has, at least 1.
func (m Metric) periods(d time.Duration) int { return max(1, int(d/m.Period)) }

// value is the data point of the period that ended in a second, if there is one.
func (m Metric) value(s *workload.Sim, end int) (value float64, known bool) {
	w := s.Window(end-workload.Seconds(m.Period), end)
	if m.Signal == Requests {
		if w.Ready <= 0 {
			return 0, false
		}
		value = 100 * w.Arrived / (w.Ready * s.Service.Rate)
	} else if value, known = w.CPU(); !known {
		return 0, false
	}
	// Sums of fractions are not exact, and a metric on its target is not above it.
	return math.Round(value*metricPrecision) / metricPrecision, true
}

// feed gives each data point once, in the second in which it can be seen.
type metricSeries struct {
	metric Metric
	next   int // the second in which the next one can be seen; 0 before the first
}

// due reports whether a data point can be seen now that could not before.
func (f *metricSeries) due(s *workload.Sim) (value float64, known, due bool) {
	if s.Second() < f.next {
		return 0, false, false
	}
	period, delay := workload.Seconds(f.metric.Period), workload.Seconds(f.metric.Delay)
	end := (s.Second() - delay) / period * period
	f.next = max(end, 0) + period + delay
	if end <= 0 {
		return 0, false, false
	}
	value, known = f.metric.value(s, end)
	return value, known, true
}

// alarm is a CloudWatch alarm: as many data points in a row as it evaluates
// must breach. A missing one leaves it without enough data.
type alarm struct {
	breaches func(value float64) bool
	of       int
	inARow   int
}

// add reports whether the alarm is in alarm after a data point.
func (a *alarm) add(value float64, known bool) bool {
	if !known || !a.breaches(value) {
		a.inARow = 0
		return false
	}
	a.inARow++
	return a.inARow >= a.of
}
