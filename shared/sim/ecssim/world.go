package ecssim

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"homeostat/shared/sim/ecssim/account"
	"homeostat/shared/sim/ecssim/cloudwatch"
	"homeostat/shared/sim/ecssim/wire"
)

// AddCluster makes a cluster; one that is there stays as it is.
func (s *Sim) AddCluster(name string) {
	s.locked(func() { s.addCluster(name) })
}

// TaskDefinitionSpec is a task definition in short. CPU and Memory are in
// units and MiB; 0 is 256 and 512.
type TaskDefinitionSpec struct {
	Family      string
	CPU, Memory int
	// TaskRole and ExecutionRole are names of roles; empty is none.
	TaskRole, ExecutionRole string
	Containers              []ContainerSpec
}

// ContainerSpec is a container in short. An Image without a registry that
// names an ECR repository of the Sim is taken from there.
type ContainerSpec struct {
	Name, Image string
	// Sidecar is a container that is not essential.
	Sidecar bool
	// HealthCheck gives it a container health check, StartPeriod its grace.
	HealthCheck bool
	StartPeriod time.Duration
	// NoVersionConsistency lets each task resolve the tag anew.
	NoVersionConsistency bool
	// Environment and Secrets are by variable; a secret is named as in Secrets
	// Manager.
	Environment, Secrets map[string]string
	// LogGroup makes it write to CloudWatch Logs, in streams that begin with
	// its name.
	LogGroup string
	// Extra members of the container definition, by their wire names.
	Extra map[string]any
}

// RegisterTaskDefinition registers a revision and returns its ARN.
func (s *Sim) RegisterTaskDefinition(spec TaskDefinitionSpec) (arn string, err error) {
	containers := make([]wire.Object, len(spec.Containers))
	for i, c := range spec.Containers {
		containers[i] = s.containerObject(c)
	}
	in := wire.Object{
		"family": spec.Family, "networkMode": "awsvpc", "requiresCompatibilities": []string{launchFargate},
		"cpu": fmt.Sprint(max(spec.CPU, 256)), "memory": fmt.Sprint(max(spec.Memory, 512)),
		"containerDefinitions": containers,
	}
	for key, role := range map[string]string{"taskRoleArn": spec.TaskRole, "executionRoleArn": spec.ExecutionRole} {
		if role != "" {
			in[key] = s.account.Role(role)
		}
	}
	out, err := s.call(s.registerTaskDefinition, in)
	return out.Object("taskDefinition").String("taskDefinitionArn"), err
}

func (s *Sim) containerObject(c ContainerSpec) wire.Object {
	s.mu.Lock()
	image := s.own(c.Image)
	s.mu.Unlock()
	out := wire.Object{"name": c.Name, "image": image, "essential": !c.Sidecar}
	if c.HealthCheck {
		out["healthCheck"] = wire.Object{
			"command":  []string{"CMD-SHELL", "curl -f http://localhost/ || exit 1"},
			"interval": 30, "timeout": 5, "retries": 3, "startPeriod": int(c.StartPeriod.Seconds()),
		}
	}
	if c.NoVersionConsistency {
		out["versionConsistency"] = "disabled"
	}
	if len(c.Environment) > 0 {
		out["environment"] = pairs(c.Environment, "value", func(text string) string { return text })
	}
	if len(c.Secrets) > 0 {
		out["secrets"] = pairs(c.Secrets, "valueFrom", s.secretARN)
	}
	if c.LogGroup != "" {
		out["logConfiguration"] = wire.Object{"logDriver": "awslogs", "options": map[string]string{
			"awslogs-group": c.LogGroup, "awslogs-region": s.config.Region, "awslogs-stream-prefix": c.Name,
		}}
	}
	maps.Copy(out, c.Extra)
	return out
}

// pairs are a map as a list of structures, by name.
func pairs(in map[string]string, key string, value func(string) string) []wire.Object {
	var out []wire.Object
	for _, name := range slices.Sorted(maps.Keys(in)) {
		out = append(out, wire.Object{"name": name, key: value(in[name])})
	}
	return out
}

// secretARN is the ARN of a secret with the letters that Secrets Manager adds;
// what is an ARN already stays as it is.
func (s *Sim) secretARN(name string) string {
	if strings.HasPrefix(name, "arn:") {
		return name
	}
	return s.account.ARN("secretsmanager", "secret:"+name+"-"+account.Digest(name)[7:13])
}

// ServiceSpec is a service in short; zero fields take AWS's defaults.
type ServiceSpec struct {
	Cluster, Name, TaskDefinition string
	Desired                       int
	// MinimumHealthyPercent and MaximumPercent: nil is 100 and 200.
	MinimumHealthyPercent, MaximumPercent *int
	// LoadBalanced puts it behind a target group named after the service.
	// Deregistration is the target group's delay; zero is Config.DrainDelay.
	LoadBalanced   bool
	Deregistration time.Duration
	GracePeriod    time.Duration
	Breaker        *BreakerSpec
	// Shift is the deployment strategy and its pauses; nil is ROLLING.
	Shift *ShiftSpec
	// Bake is bakeTimeInMinutes; nil is ECS's default.
	Bake *time.Duration
	// Alarms roll a deployment back that they fire during; with AlarmsKeep they
	// fail it only.
	Alarms     []string
	AlarmsKeep bool
	// LaunchType is FARGATE or EC2; Providers is a capacity provider strategy
	// instead of it.
	LaunchType string
	Providers  []ProviderSpec
	Tags       map[string]string
	Controller string
	// Rebalancing is Availability Zone rebalancing; nil is on.
	Rebalancing *bool
	// HighResolution publishes metrics every 20 s.
	HighResolution bool
}

// ShiftSpec is a deployment strategy: ROLLING, BLUE_GREEN, LINEAR or CANARY, with
// the percent and the bake time of a step. PauseAt are lifecycle stages at
// which it waits for ContinueServiceDeployment, PauseFor (a day) at most; then
// it goes back, or on with PauseThen CONTINUE.
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

// BreakerSpec is the deployment circuit breaker. Kind and Value default to
// BOUNDED_PERCENT and 50; Cumulative is resetOnHealthyTask=false.
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
	if spec.Controller != "" {
		in["deploymentController"] = wire.Object{"type": spec.Controller}
	}
	if spec.LoadBalanced {
		in["loadBalancers"] = []wire.Object{{
			"targetGroupArn": s.TargetGroup(spec.Name), "containerName": "app", "containerPort": 80,
		}}
	}
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

// TargetGroup is the ARN of the target group of a service that CreateService
// puts behind a load balancer.
func (s *Sim) TargetGroup(service string) string {
	return s.account.ARN("elasticloadbalancing", "targetgroup/"+service+"/"+account.Digest(service)[7:23])
}
