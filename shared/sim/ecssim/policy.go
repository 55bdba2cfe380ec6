package ecssim

import (
	"math"
	"strings"
	"time"

	"homeostat/shared/sim/autoscaling"
	"homeostat/shared/sim/ecssim/wire"
)

const (
	policyTargetTracking = "TargetTrackingScaling"
	policyStep           = "StepScaling"

	// The alarms that target tracking makes, as live accounts show them: 3 of 3
	// periods above the target, 15 of 15 below 90 % of it.
	highPeriods = 3
	lowPeriods  = 15
	lowShare    = 0.9
)

// scalingPolicy is a target-tracking or a step policy.
type scalingPolicy struct {
	name, arn, kind string
	service         *service
	created         time.Time
	config          wire.Object // as it came
	alarms          []*alarm    // that target tracking made

	target                float64
	scalesIn              bool
	outCooldown, cooldown time.Duration
	steps                 autoscaling.StepPolicy
}

func (s *Sim) policyOf(arn string) *scalingPolicy {
	for _, p := range s.policies {
		if p.arn == arn {
			return p
		}
	}
	return nil
}

// wanted is the count that the policy asks for.
func (p *scalingPolicy) wanted(current int, value float64, a *alarm) int {
	if p.kind == policyTargetTracking {
		return autoscaling.TargetTrackingCount(max(current, 1), value, p.target)
	}
	return p.steps.Count(current, value-a.threshold)
}

// high and low are the alarms of target tracking; nil for a step policy.
func (p *scalingPolicy) high() *alarm {
	if len(p.alarms) == 0 {
		return nil
	}
	return p.alarms[0]
}

func (p *scalingPolicy) low() *alarm {
	if len(p.alarms) == 0 {
		return nil
	}
	return p.alarms[1]
}

// track reads a target-tracking configuration and makes its alarms.
func (s *Sim) track(p *scalingPolicy, in wire.Object) error {
	p.target, _ = in.Float("TargetValue")
	if p.target <= 0 {
		return wire.Errorf("ValidationException", "TargetValue must be greater than 0.")
	}
	disabled, _ := in.Bool("DisableScaleIn")
	p.scalesIn = !disabled
	p.outCooldown, p.cooldown = cooldownOf(in, "ScaleOutCooldown"), cooldownOf(in, "ScaleInCooldown")
	template, err := s.trackedMetric(p, in)
	if err != nil {
		return err
	}
	high, low := template, template
	high.comparison, high.threshold = "GreaterThanThreshold", p.target
	high.evaluate, high.breaches = highPeriods, highPeriods
	low.comparison, low.threshold = "LessThanThreshold", p.target*lowShare
	low.evaluate, low.breaches = lowPeriods, lowPeriods
	p.alarms = nil
	for i, a := range []*alarm{&high, &low} {
		a.name = "TargetTracking-" + s.resourceID(p.service) + "-" + []string{"AlarmHigh-", "AlarmLow-"}[i] + uuidOf(s.entropy.names)
		a.description = "DO NOT EDIT OR DELETE. For TargetTrackingScaling policy " + p.arn + "."
		a.enabled, a.missing = true, missingDefault
		a.actions = map[string][]string{stateAlarm: {p.arn}}
		s.install(a)
		p.alarms = append(p.alarms, s.findAlarm(a.name))
	}
	return nil
}

func cooldownOf(in wire.Object, key string) time.Duration {
	if n, ok := in.Int(key); ok {
		return time.Duration(n) * time.Second
	}
	return defaultCooldown
}

// trackedMetric is an alarm on the policy's metric.
func (s *Sim) trackedMetric(p *scalingPolicy, in wire.Object) (alarm, error) {
	svc := p.service
	a := alarm{
		namespace: namespaceECS, statistic: "Average", period: standardSeconds,
		dimensions: []dimension{{dimensionCluster, svc.cluster.name}, {dimensionService, svc.name}},
	}
	if custom := in.Object("CustomizedMetricSpecification"); custom != nil {
		if queries := custom.Objects("Metrics"); len(queries) > 0 {
			return a, s.watchQueries(&a, queries, standardSeconds)
		}
		a.namespace, a.metric, a.statistic = custom.String("Namespace"), custom.String("MetricName"), custom.String("Statistic")
		a.dimensions = dimensionsOf(custom.Objects("Dimensions"), "Name", "Value")
		return a, nil
	}
	predefined := in.Object("PredefinedMetricSpecification")
	kind, high := strings.CutSuffix(predefined.String("PredefinedMetricType"), "HighResolution")
	if high {
		a.period = highResolution
	}
	switch kind {
	case "ECSServiceAverageCPUUtilization":
		a.metric = "CPUUtilization"
	case "ECSServiceAverageMemoryUtilization":
		a.metric = "MemoryUtilization"
	case "ALBRequestCountPerTarget":
		balancer, group, ok := strings.Cut(predefined.String("ResourceLabel"), "/targetgroup/")
		if !ok {
			return a, wire.Errorf("ValidationException", "Invalid ResourceLabel: %s", predefined.String("ResourceLabel"))
		}
		a.namespace, a.metric, a.statistic = namespaceELB, "RequestCountPerTarget", "Sum"
		a.dimensions = []dimension{{"LoadBalancer", balancer}, {"TargetGroup", "targetgroup/" + group}}
	default:
		return a, wire.Errorf("ValidationException", "ecssim does not model the metric %s", predefined.String("PredefinedMetricType"))
	}
	return a, nil
}

// step reads a step configuration. Its alarms are the caller's.
func (s *Sim) step(p *scalingPolicy, in wire.Object) error {
	p.scalesIn = true
	p.outCooldown, p.cooldown = cooldownOf(in, "Cooldown"), cooldownOf(in, "Cooldown")
	p.steps = autoscaling.StepPolicy{Adjustment: autoscaling.Adjustment(in.String("AdjustmentType"))}
	p.steps.Magnitude, _ = in.Int("MinAdjustmentMagnitude")
	for _, item := range in.Objects("StepAdjustments") {
		step := autoscaling.Step{Lower: math.Inf(-1), Upper: math.Inf(1)}
		if v, ok := item.Float("MetricIntervalLowerBound"); ok {
			step.Lower = v
		}
		if v, ok := item.Float("MetricIntervalUpperBound"); ok {
			step.Upper = v
		}
		step.Change, _ = item.Int("ScalingAdjustment")
		p.steps.Steps = append(p.steps.Steps, step)
	}
	if len(p.steps.Steps) == 0 {
		return wire.Errorf("ValidationException", "StepAdjustments must not be empty.")
	}
	return nil
}
