package ecssim

import (
	"homeostat/shared/sim/ecssim/appautoscaling"
	"homeostat/shared/sim/ecssim/wire"
)

// PutAlarm puts a metric alarm, with the members of PutMetricAlarm.
func (s *Sim) PutAlarm(in wire.Object) error {
	_, err := s.call(s.cloudwatch.PutMetricAlarm, in)
	return err
}

// PutCompositeAlarm puts a composite alarm, with the members of the API's
// operation.
func (s *Sim) PutCompositeAlarm(in wire.Object) error {
	_, err := s.call(s.cloudwatch.PutCompositeAlarm, in)
	return err
}

// RegisterScalableTarget lets Application Auto Scaling scale a service.
func (s *Sim) RegisterScalableTarget(cluster, service string, minimum, maximum int) error {
	_, err := s.call(s.scaling.RegisterScalableTarget, wire.Object{
		"ServiceNamespace": appautoscaling.Namespace, "ScalableDimension": appautoscaling.Dimension,
		"ResourceId": "service/" + cluster + "/" + service, "MinCapacity": minimum, "MaxCapacity": maximum,
	})
	return err
}

// PutTargetTracking adds a target-tracking policy on the service's average CPU.
func (s *Sim) PutTargetTracking(cluster, service, name string, targetPercent float64) error {
	return s.PutScalingPolicy(wire.Object{
		"PolicyName": name, "ServiceNamespace": appautoscaling.Namespace, "ScalableDimension": appautoscaling.Dimension,
		"ResourceId": "service/" + cluster + "/" + service, "PolicyType": "TargetTrackingScaling",
		"TargetTrackingScalingPolicyConfiguration": wire.Object{
			"TargetValue":                   targetPercent,
			"PredefinedMetricSpecification": wire.Object{"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
		},
	})
}

// PutScalingPolicy adds a policy, with the members of the API's operation.
func (s *Sim) PutScalingPolicy(in wire.Object) error {
	_, err := s.call(s.scaling.PutScalingPolicy, in)
	return err
}
