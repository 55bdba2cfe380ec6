package ecssim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/cloudwatch"
)

// The faults of a service's CPU metric.
const (
	MetricMissing  = "missing"  // nothing is published
	MetricLate     = "late"     // readable 15 min later than usual
	MetricNegative = "negative" // below zero
	MetricFraction = "fraction" // a share of 1 instead of percent
	MetricDoubled  = "doubled"  // each sample is published twice
)

// MetricTroubles returns all of them.
func MetricTroubles() []string {
	return []string{MetricMissing, MetricLate, MetricNegative, MetricFraction, MetricDoubled}
}

// BreakMetric gives the CPU metric of a service one of these faults; empty ends
// it.
func (s *Sim) BreakMetric(cluster, name, how string) error {
	if how != "" && !slices.Contains(MetricTroubles(), how) {
		return fmt.Errorf("a metric cannot be %q, expected %s", how, strings.Join(MetricTroubles(), ", "))
	}
	return s.withService(cluster, name, func(svc *service) error {
		svc.load.metricTrouble = how
		return nil
	})
}

// publishCPU publishes a point of the CPU metric, with its fault.
func (svc *service) publishCPU(p cloudwatch.Point, span int64, delay time.Duration) {
	switch svc.load.metricTrouble {
	case MetricMissing:
		return
	case MetricLate:
		delay += lateBy
	case MetricNegative:
		p.Sum, p.Min, p.Max = -p.Sum, -p.Max, -p.Min
	case MetricFraction:
		p.Sum, p.Min, p.Max = p.Sum/100, p.Min/100, p.Max/100
	case MetricDoubled:
		p.Add(p)
	}
	svc.series().cpu.Publish(p, span, delay)
}
