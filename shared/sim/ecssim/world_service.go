package ecssim

import (
	"cmp"
	"slices"
	"time"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/appautoscaling"
	"homeostat/shared/sim/ecssim/cloudwatch"
	"homeostat/shared/sim/ecssim/wire"
)

// AddCluster makes a cluster. An existing cluster stays unchanged.
func (s *Sim) AddCluster(name string) {
	s.locked(func() { s.addCluster(name) })
}

// ServiceSpec is a service in short. Zero fields take AWS's defaults.
type ServiceSpec struct {
	Cluster, Name, TaskDefinition string
	Desired                       int
	// MinimumHealthyPercent and MaximumPercent default to 100 and 200.
	MinimumHealthyPercent, MaximumPercent *int
	// LoadBalanced puts the service behind a target group of its name.
	// Deregistration is the target group's delay; zero means Config.DrainDelay.
	// With a strategy that shifts traffic it has an alternate target group too.
	LoadBalanced   bool
	Deregistration time.Duration
	// Gateway puts the service behind an ECS Gateway of its cluster, instead, and
	// Lattice behind VPC Lattice.
	Gateway     bool
	Lattice     bool
	GracePeriod time.Duration
	Breaker     *BreakerSpec
	// Shift is the deployment strategy and its pauses; nil means ROLLING.
	Shift *ShiftSpec
	// Bake is bakeTimeInMinutes; nil means ECS's default.
	Bake *time.Duration
	// Alarms roll back the deployment in progress when they go to ALARM. With
	// AlarmsKeep they fail it only.
	Alarms     []string
	AlarmsKeep bool
	// Early lets a rolling deployment succeed early; nil means never.
	Early *EarlySpec
	// LaunchType is FARGATE or EC2. Providers is a capacity provider strategy
	// instead of it.
	LaunchType string
	Providers  []ProviderSpec
	Tags       map[string]string
	Controller string
	// Daemon makes it a daemon service: one task on each instance, and no Desired.
	Daemon bool
	// Rebalancing is Availability Zone rebalancing; nil means on.
	Rebalancing *bool
	// HighResolution publishes metrics every 20 s.
	HighResolution bool
}

// ShiftSpec is a deployment strategy: ROLLING, BLUE_GREEN, LINEAR or CANARY, with
// the percent and the bake time of a step. At the lifecycle stages PauseAt it
// waits for ContinueServiceDeployment, at most PauseFor (a day). Then it rolls
// back, or continues with PauseThen CONTINUE.
type ShiftSpec struct {
	Strategy  string
	Percent   float64
	StepBake  time.Duration
	PauseAt   []string
	PauseFor  time.Duration
	PauseThen string
}

func (s *ShiftSpec) object(out wire.Object) {
	out["strategy"] = s.Strategy
	minutes := int(s.StepBake / time.Minute)
	switch {
	case s.Percent == 0:
	case s.Strategy == strategyLinear:
		out["linearConfiguration"] = wire.Object{"stepPercent": s.Percent, "stepBakeTimeInMinutes": minutes}
	case s.Strategy == strategyCanary:
		out["canaryConfiguration"] = wire.Object{"canaryPercent": s.Percent, "canaryBakeTimeInMinutes": minutes}
	}
	if len(s.PauseAt) == 0 {
		return
	}
	timeout := wire.Object{"action": cmp.Or(s.PauseThen, hookRollback)}
	if s.PauseFor > 0 {
		timeout["timeoutInMinutes"] = int(s.PauseFor / time.Minute)
	}
	out["lifecycleHooks"] = []wire.Object{{"targetType": "PAUSE", "lifecycleStages": s.PauseAt, "timeoutConfiguration": timeout}}
}

// EarlySpec is the early success criteria. Percent of the desired count must be healthy.
// With Deferred, the old tasks are removed after the success.
type EarlySpec struct {
	Percent  int
	Deferred bool
}

// BreakerSpec is the deployment circuit breaker. Kind and Value default to
// BOUNDED_PERCENT and 50. Cumulative is resetOnHealthyTask=false.
type BreakerSpec struct {
	Rollback   bool
	Kind       string
	Value      int
	Cumulative bool
}

// ProviderSpec is an item of a capacity provider strategy.
type ProviderSpec struct {
	Name         string
	Base, Weight int
}

// CreateService creates a service and returns its ARN.
func (s *Sim) CreateService(spec ServiceSpec) (arn string, err error) {
	in := wire.Object{
		"cluster": spec.Cluster, "serviceName": spec.Name, "taskDefinition": spec.TaskDefinition,
		"desiredCount": spec.Desired, "deploymentConfiguration": spec.deployment(),
		"healthCheckGracePeriodSeconds": int(spec.GracePeriod.Seconds()),
		"networkConfiguration": wire.Object{"awsvpcConfiguration": wire.Object{
			"subnets": []string{"subnet-0a", "subnet-0b", "subnet-0c"}, "securityGroups": []string{"sg-0a"}, "assignPublicIp": "DISABLED",
		}},
	}
	if spec.Daemon {
		in["schedulingStrategy"] = schedulingDaemon
		delete(in, "desiredCount")
	}
	if spec.Controller != "" {
		in["deploymentController"] = wire.Object{"type": spec.Controller}
	}
	spec.routing(s, in)
	if spec.Deregistration > 0 {
		s.locked(func() { s.drains[s.TargetGroup(spec.Name)] = spec.Deregistration })
	}
	if spec.Rebalancing != nil && !*spec.Rebalancing {
		in["availabilityZoneRebalancing"] = "DISABLED"
	}
	if spec.HighResolution {
		in["monitoring"] = wire.Object{"metricConfigurations": []wire.Object{{
			"metricNames": []string{"CPUUtilization", "MemoryUtilization"}, "resolutionSeconds": cloudwatch.HighResolutionSeconds,
		}}}
	}
	spec.placement(in)
	out, err := s.call(s.createService, in)
	return out.Object("service").String("serviceArn"), err
}

// routing adds the load balancer, the gateway or VPC Lattice.
func (spec *ServiceSpec) routing(s *Sim, in wire.Object) {
	if spec.LoadBalanced {
		balancer := wire.Object{"targetGroupArn": s.TargetGroup(spec.Name), "containerName": "app", "containerPort": 80}
		if spec.Shift != nil && spec.Shift.Strategy != "" && spec.Shift.Strategy != strategyRolling {
			balancer["advancedConfiguration"] = wire.Object{
				"alternateTargetGroupArn": s.AlternateGroup(spec.Name), "productionListenerRule": s.listenerRule(spec.Name),
				"roleArn": s.account.ARN("iam", "role/ecs-load-balancers"),
			}
		}
		in["loadBalancers"] = []wire.Object{balancer}
	}
	if spec.Gateway {
		in["gatewayConnectors"] = []wire.Object{{"portName": "http"}}
	}
	if spec.Lattice {
		group := s.account.ARN("vpc-lattice", "targetgroup/tg-"+resourceID(spec.Name))
		in["vpcLatticeConfigurations"] = []wire.Object{{
			"targetGroupArn": group, "portName": "http", "roleArn": s.account.ARN("iam", "role/ecs-lattice"),
		}}
	}
}

func (spec *ServiceSpec) placement(in wire.Object) {
	if spec.LaunchType != "" {
		in["launchType"] = spec.LaunchType
	}
	if len(spec.Providers) > 0 {
		items := make([]wire.Object, len(spec.Providers))
		for i, p := range spec.Providers {
			items[i] = wire.Object{"capacityProvider": p.Name, "base": p.Base, "weight": p.Weight}
		}
		in["capacityProviderStrategy"] = items
	}
	keys := make([]string, 0, len(spec.Tags))
	for key := range spec.Tags {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	tags := make([]wire.Object, len(keys))
	for i, key := range keys {
		tags[i] = wire.Object{"key": key, "value": spec.Tags[key]}
	}
	in["tags"] = tags
}

func (spec *ServiceSpec) deployment() wire.Object {
	out := wire.Object{}
	if e := spec.Early; e != nil {
		out["earlySuccessCriteria"] = earlyConfig{enable: true, deferred: e.Deferred, percent: e.Percent}.object()
	}
	if spec.MinimumHealthyPercent != nil {
		out["minimumHealthyPercent"] = *spec.MinimumHealthyPercent
	}
	if spec.MaximumPercent != nil {
		out["maximumPercent"] = *spec.MaximumPercent
	}
	if len(spec.Alarms) > 0 {
		out["alarms"] = wire.Object{"alarmNames": spec.Alarms, "enable": true, "rollback": !spec.AlarmsKeep}
	}
	if spec.Shift != nil {
		spec.Shift.object(out)
	}
	if spec.Bake != nil {
		out["bakeTimeInMinutes"] = int(*spec.Bake / time.Minute)
	}
	if b := spec.Breaker; b != nil {
		breaker := wire.Object{"enable": true, "rollback": b.Rollback, "resetOnHealthyTask": !b.Cumulative}
		if b.Kind != "" {
			breaker["thresholdConfiguration"] = wire.Object{"type": b.Kind, "value": b.Value}
		}
		out["deploymentCircuitBreaker"] = breaker
	}
	return out
}

// TargetGroup returns the ARN of the target group of a load balanced service.
func (s *Sim) TargetGroup(service string) string {
	return s.account.ARN("elasticloadbalancing", "targetgroup/"+service+"/"+account.Digest(service)[7:23])
}

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

// SetEvaluation sets the EvaluationState of an alarm, such as EVALUATION_ERROR; empty
// for none. It reports whether the alarm exists.
func (s *Sim) SetEvaluation(alarm, state string) (found bool) {
	s.locked(func() { found = s.cloudwatch.SetEvaluation(alarm, state) })
	return found
}

// RegisterScalableTarget registers a service with Application Auto Scaling.
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
