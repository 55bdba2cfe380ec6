package ecssim

import (
	"math"
	"strings"
	"time"

	"homeostat/shared/ecssim/wire"
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
	steps                 []stepAdjustment
	adjustment            string
	magnitude             int
}

// stepAdjustment is a step: the bounds are relative to the alarm's threshold.
type stepAdjustment struct {
	lower, upper float64
	change       int
}

func (s *Sim) policyOf(arn string) *scalingPolicy {
	for _, p := range s.policies {
		if p.arn == arn {
			return p
		}
	}
	return nil
}

// holds reports whether a step is meant. Above the threshold a step begins at
// its lower bound, below it at its upper one; the other bound is not part of it.
func (step stepAdjustment) holds(distance float64) bool {
	if distance >= 0 && step.upper > 0 {
		return distance >= step.lower && distance < step.upper
	}
	return distance > step.lower && distance <= step.upper
}

// wanted is the count that the policy asks for.
func (p *scalingPolicy) wanted(current int, value float64, a *alarm) int {
	if p.kind == policyTargetTracking {
		return TargetTrackingCount(max(current, 1), value, p.target)
	}
	distance := value - a.threshold
	for _, step := range p.steps {
		if step.holds(distance) {
			return p.adjust(current, step.change)
		}
	}
	return current
}

// adjust applies a step: a share of the count moves it by MinAdjustmentMagnitude
// at least; fractions above 1 round down, below 1 up.
func (p *scalingPolicy) adjust(current, change int) int {
	switch p.adjustment {
	case "ExactCapacity":
		return change
	case "PercentChangeInCapacity":
		delta := float64(current*change) / 100
		move := math.Trunc(delta)
		if move == 0 && delta != 0 {
			move = math.Copysign(1, delta)
		}
		if magnitude := float64(p.magnitude); math.Abs(move) < magnitude {
			move = math.Copysign(magnitude, delta)
		}
		return max(0, current+int(move))
	}
	return max(0, current+change)
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
	p.adjustment, p.scalesIn = in.String("AdjustmentType"), true
	p.outCooldown, p.cooldown = cooldownOf(in, "Cooldown"), cooldownOf(in, "Cooldown")
	p.magnitude, _ = in.Int("MinAdjustmentMagnitude")
	p.steps = nil
	for _, item := range in.Objects("StepAdjustments") {
		step := stepAdjustment{lower: math.Inf(-1), upper: math.Inf(1)}
		if v, ok := item.Float("MetricIntervalLowerBound"); ok {
			step.lower = v
		}
		if v, ok := item.Float("MetricIntervalUpperBound"); ok {
			step.upper = v
		}
		step.change, _ = item.Int("ScalingAdjustment")
		p.steps = append(p.steps, step)
	}
	if len(p.steps) == 0 {
		return wire.Errorf("ValidationException", "StepAdjustments must not be empty.")
	}
	return nil
}
