package appautoscaling

import (
	"math"
	"strings"
	"time"

	"homeostat/shared/sim/autoscaling"
	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/cloudwatch"
	"homeostat/shared/sim/ecssim/wire"
)

const (
	targetTracking = "TargetTrackingScaling"
	stepScaling    = "StepScaling"
)

// policy is a target-tracking or a step policy.
type policy struct {
	name, arn, kind string
	service         Scalable
	created         time.Time
	config          wire.Object         // unchanged, from the request
	alarms          []*cloudwatch.Alarm // made by target tracking

	target                float64
	scalesIn              bool
	outCooldown, cooldown time.Duration
	steps                 autoscaling.StepPolicy
}

// wanted returns the desired count of the policy.
func (p *policy) wanted(current int, value float64, a *cloudwatch.Alarm) int {
	if p.kind == targetTracking {
		return autoscaling.TargetTrackingCount(max(current, 1), value, p.target)
	}
	return p.steps.Count(current, value-a.Threshold())
}

// high and low return the alarms of target tracking; nil for a step policy.
func (p *policy) high() *cloudwatch.Alarm {
	if len(p.alarms) == 0 {
		return nil
	}
	return p.alarms[0]
}

func (p *policy) low() *cloudwatch.Alarm {
	if len(p.alarms) == 0 {
		return nil
	}
	return p.alarms[1]
}

// track reads a target-tracking configuration and makes its alarms.
func (s *Service) track(p *policy, in wire.Object) error {
	p.target, _ = in.Float("TargetValue")
	if p.target <= 0 {
		return wire.Errorf("ValidationException", "TargetValue must be greater than 0.")
	}
	disabled, _ := in.Bool("DisableScaleIn")
	p.scalesIn = !disabled
	p.outCooldown, p.cooldown = cooldownOf(in, "ScaleOutCooldown"), cooldownOf(in, "ScaleInCooldown")
	source, err := s.trackedMetric(p, in)
	if err != nil {
		return err
	}
	spec := func(side string) cloudwatch.AlarmSpec {
		return cloudwatch.AlarmSpec{
			Name:        "TargetTracking-" + p.service.ResourceID() + "-" + side + "-" + account.UUID(s.account.Names),
			Description: "DO NOT EDIT OR DELETE. For TargetTrackingScaling policy " + p.arn + ".", Action: p.arn,
		}
	}
	high := spec("AlarmHigh")
	high.Comparison, high.Threshold, high.Periods = "GreaterThanThreshold", p.target, highPeriods
	p.alarms = []*cloudwatch.Alarm{s.alarms.Put(high, source)}
	low := spec("AlarmLow")
	low.Comparison, low.Threshold, low.Periods = "LessThanThreshold", p.target*lowShare, lowPeriods
	p.alarms = append(p.alarms, s.alarms.Put(low, source))
	return nil
}

func cooldownOf(in wire.Object, key string) time.Duration {
	if n, ok := in.Int(key); ok {
		return time.Duration(n) * time.Second
	}
	return defaultCooldown
}

// trackedMetric returns the metric of the policy.
func (s *Service) trackedMetric(p *policy, in wire.Object) (cloudwatch.Source, error) {
	cluster, name, _ := strings.Cut(strings.TrimPrefix(p.service.ResourceID(), "service/"), "/")
	own := []cloudwatch.Dimension{{Name: "ClusterName", Value: cluster}, {Name: "ServiceName", Value: name}}
	if custom := in.Object("CustomizedMetricSpecification"); custom != nil {
		if queries := custom.Objects("Metrics"); len(queries) > 0 {
			none := cloudwatch.MetricSource(cloudwatch.NamespaceECS, "", "Average", cloudwatch.StandardSeconds, own)
			return s.alarms.Queries(none, queries, cloudwatch.StandardSeconds)
		}
		return cloudwatch.MetricSource(custom.String("Namespace"), custom.String("MetricName"), custom.String("Statistic"),
			cloudwatch.StandardSeconds, cloudwatch.DimensionsOf(custom.Objects("Dimensions"))).InUnit(custom.String("Unit")), nil
	}
	predefined := in.Object("PredefinedMetricSpecification")
	kind, high := strings.CutSuffix(predefined.String("PredefinedMetricType"), "HighResolution")
	period := int64(cloudwatch.StandardSeconds)
	if high {
		period = cloudwatch.HighResolutionSeconds
	}
	switch kind {
	case "ECSServiceAverageCPUUtilization":
		return cloudwatch.MetricSource(cloudwatch.NamespaceECS, "CPUUtilization", "Average", period, own), nil
	case "ECSServiceAverageMemoryUtilization":
		return cloudwatch.MetricSource(cloudwatch.NamespaceECS, "MemoryUtilization", "Average", period, own), nil
	case "ALBRequestCountPerTarget":
		balancer, group, ok := strings.Cut(predefined.String("ResourceLabel"), "/targetgroup/")
		if !ok {
			return cloudwatch.Source{}, wire.Errorf("ValidationException", "Invalid ResourceLabel: %s", predefined.String("ResourceLabel"))
		}
		return cloudwatch.MetricSource(cloudwatch.NamespaceELB, "RequestCountPerTarget", "Sum", period,
			[]cloudwatch.Dimension{{Name: "LoadBalancer", Value: balancer}, {Name: "TargetGroup", Value: "targetgroup/" + group}}), nil
	}
	return cloudwatch.Source{}, wire.Errorf("ValidationException", "ecssim does not model the metric %s", predefined.String("PredefinedMetricType"))
}

// step reads a step configuration. The caller of the API makes the alarms.
func (s *Service) step(p *policy, in wire.Object) error {
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
