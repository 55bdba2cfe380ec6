package baseline

import (
	"math"
	"time"

	"homeostat/shared/sim/workload"
)

// Signal is the quantity that a metric measures.
type Signal int

const (
	// CPU is the average utilization of the running tasks, in percent. It never
	// exceeds 100, even with a backlog.
	CPU Signal = iota
	// Requests is the number of arrivals for each ready task, in percent of the
	// capacity of a task. It does not saturate.
	Requests
)

// Metric is a published signal. Each period has one data point, readable after a
// delay.
type Metric struct {
	Signal        Signal
	Period, Delay time.Duration
}

// StandardCPU is ECS's default CPU metric. docs/designs/0006-the-baselines.md
// derives its delay.
func StandardCPU() Metric {
	return Metric{Signal: CPU, Period: standardPeriod, Delay: standardDelay}
}

// FastCPU is the CPU metric in high resolution.
func FastCPU() Metric {
	return Metric{Signal: CPU, Period: fastPeriod, Delay: fastDelay}
}

// BalancerRequests is ALBRequestCountPerTarget. It has no high resolution, and its
// delay is assumed to be that of the CPU metric.
func BalancerRequests() Metric {
	return Metric{Signal: Requests, Period: standardPeriod, Delay: standardDelay}
}

// OwnRequests is Homeostat's signal in the benchmark. AWS offers its period for
// custom metrics of high resolution.
func OwnRequests() Metric {
	return Metric{Signal: Requests, Period: ownPeriod, Delay: ownDelay}
}

// periods returns the number of data points in a time, at least 1.
func (m Metric) periods(d time.Duration) int { return max(1, int(d/m.Period)) }

// value returns the data point of the period with the given end, if there is one.
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

// metricSeries returns each data point once, in the first second in which it is
// readable.
type metricSeries struct {
	metric Metric
	next   int // the second of the next data point; 0 before the first
}

// due returns the newest data point if it became readable since the last call.
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

// alarm is a CloudWatch alarm: a number of consecutive data points must breach. A
// missing data point leaves it without enough data.
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
