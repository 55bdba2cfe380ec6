package ecssim

import (
	"math"

	"homeostat/shared/sim/ecssim/wire"
)

// The types of the threshold of the circuit breaker.
const (
	ThresholdBoundedPercent   = "BOUNDED_PERCENT"
	ThresholdUnboundedPercent = "UNBOUNDED_PERCENT"
	ThresholdCount            = "COUNT"
)

// The states of a monitor of a service deployment.
const (
	monitorDisabled  = "DISABLED"
	monitorWatching  = "MONITORING"
	monitorTriggered = "TRIGGERED"
	monitorDone      = "MONITORING_COMPLETE"
)

// breakerConfig is deploymentConfiguration.deploymentCircuitBreaker.
type breakerConfig struct {
	enable, rollback bool
	// consecutive is resetOnHealthyTask: a healthy task sets the count to 0.
	consecutive bool
	kind        string
	value       int
}

func defaultBreaker() breakerConfig {
	return breakerConfig{consecutive: true, kind: ThresholdBoundedPercent, value: breakerPercent}
}

func parseBreaker(in wire.Object) (breakerConfig, error) {
	c := defaultBreaker()
	c.enable, _ = in.Bool("enable")
	c.rollback, _ = in.Bool("rollback")
	if reset, ok := in.Bool("resetOnHealthyTask"); ok {
		c.consecutive = reset
	}
	if threshold := in.Object("thresholdConfiguration"); threshold != nil {
		c.kind = threshold.String("type")
		c.value, _ = threshold.Int("value")
	}
	return c, c.valid()
}

func (c breakerConfig) valid() error {
	switch {
	case c.kind == ThresholdBoundedPercent && c.value >= 1 && c.value <= 100,
		c.kind == ThresholdUnboundedPercent && c.value >= 1,
		c.kind == ThresholdCount && c.value >= 1:
		return nil
	}
	return wire.Errorf("InvalidParameterException", "Invalid circuit breaker threshold: type %s, value %d.", c.kind, c.value)
}

func (c breakerConfig) object() wire.Object {
	return wire.Object{
		"enable": c.enable, "rollback": c.rollback, "resetOnHealthyTask": c.consecutive,
		"thresholdConfiguration": wire.Object{"type": c.kind, "value": c.value},
	}
}

// BreakerThreshold returns the number of failures that open the circuit breaker,
// as announced on 1 July 2026. COUNT is value itself. UNBOUNDED_PERCENT is value
// percent of the desired count, rounded up. BOUNDED_PERCENT is the same, at least
// 3 and at most 200. The latest desired count applies, so a scaling activity
// moves the threshold of a deployment in progress.
func BreakerThreshold(kind string, value, desired int) int {
	if kind == ThresholdCount {
		return value
	}
	// The product is a whole number: 0.07*100 is more than 7 in floating point.
	threshold := int(math.Ceil(float64(value*desired) / 100))
	if kind == ThresholdBoundedPercent {
		return min(max(threshold, breakerLeast), breakerMost)
	}
	return max(threshold, 1)
}

// threshold returns the current threshold.
func (svc *service) threshold() int {
	c := svc.rollout.breaker
	return BreakerThreshold(c.kind, c.value, svc.desired)
}

// failedToRun counts a task that ended before RUNNING. The circuit breaker counts
// it in its first stage only: see constants.go.
func (d *deployment) failedToRun() {
	d.noteFailure()
	if !d.started || d.service.sim.config.Model.OneStage {
		d.breakerCounts()
	}
}

// failedCheck counts a task that was stopped for a failed health check.
func (d *deployment) failedCheck() {
	d.noteFailure()
	d.breakerCounts()
}

// noteFailure counts for failedTasks.
func (d *deployment) noteFailure() {
	if !d.proven {
		d.failed++
	}
}

func (d *deployment) breakerCounts() {
	if d.rollout != rolloutInProgress || d != d.service.primary() {
		return
	}
	d.failures++
	config := d.service.rollout.breaker
	if !config.enable || d.failures < d.service.threshold() {
		return
	}
	d.fail(causeBreaker, config.rollback)
}

// breakerHealthy resets the counts for a healthy task. A task that fails before its
// first health report resets nothing (change of December 2021). failedTasks then
// stays 0 (API reference of Deployment).
func (d *deployment) breakerHealthy() {
	d.failed, d.proven = 0, true
	if d.rollout == rolloutInProgress && d.service.rollout.breaker.consecutive {
		d.failures = 0
	}
}

// breakerStatus returns the circuit breaker of DescribeServiceDeployments.
func (r *serviceDeployment) breakerStatus() wire.Object {
	out := wire.Object{"status": monitorDisabled, "failureCount": r.failures(), "threshold": r.service.threshold()}
	switch {
	case !r.rollout.breaker.enable:
	case r.trippedBy == causeBreaker:
		out["status"] = monitorTriggered
	case r.open():
		out["status"] = monitorWatching
	default:
		out["status"] = monitorDone
	}
	return out
}
