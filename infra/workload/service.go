package workload

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"
)

const (
	// The smallest task that Fargate runs.
	cpu      = 256
	memoryMB = 512
	webPort  = 8080
	// health is asked by the container itself and by its target group.
	health = "/health"

	minTasks   = 1
	maxTasks   = 5
	targetCPU  = 70
	graceful   = 30
	startGrace = 60
)

// serve is the shell that puts files in place and serves them at webPort.
const serve = "mkdir -p /tmp/www && cd /tmp/www && echo ok > health"

// newService is one Fargate service, with what ECS itself offers: health checks,
// a rolling update that never runs fewer tasks than wanted, the circuit breaker
// with rollback, and target tracking between one and five tasks. The desired
// count is left to those who steer it: a deploy would set it back.
func (p place) newService(id, command string, ports ...int) awsecs.FargateService {
	definition := awsecs.NewFargateTaskDefinition(p.stack, jsii.String(id+"Definition"), &awsecs.FargateTaskDefinitionProps{
		Cpu: jsii.Number(cpu), MemoryLimitMiB: jsii.Number(memoryMB),
	})
	p.repository.GrantPull(definition.ObtainExecutionRole())
	app := definition.AddContainer(jsii.String("app"), p.container(definition, id, command, ports))
	awscdk.Annotations_Of(app).AcknowledgeWarning(jsii.String("@aws-cdk/aws-ecs:ecrImageRequiresPolicy"),
		jsii.String("The sample's own repository may be pulled from; for another one its owner decides."))
	service := awsecs.NewFargateService(p.stack, jsii.String(id), &awsecs.FargateServiceProps{
		Cluster: p.cluster, TaskDefinition: definition, AssignPublicIp: jsii.Bool(true),
		VpcSubnets:        &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PUBLIC},
		MinHealthyPercent: jsii.Number(100), MaxHealthyPercent: jsii.Number(200),
		CircuitBreaker:         &awsecs.DeploymentCircuitBreaker{Enable: jsii.Bool(true), Rollback: jsii.Bool(true)},
		HealthCheckGracePeriod: awscdk.Duration_Seconds(jsii.Number(startGrace)),
		EnableECSManagedTags:   jsii.Bool(true), PropagateTags: awsecs.PropagatedTagSource_SERVICE,
	})
	service.AutoScaleTaskCount(&awsapplicationautoscaling.EnableScalingProps{
		MinCapacity: jsii.Number(minTasks), MaxCapacity: jsii.Number(maxTasks),
	}).ScaleOnCpuUtilization(jsii.String("Cpu"), &awsecs.CpuUtilizationScalingProps{TargetUtilizationPercent: jsii.Number(targetCPU)})
	enrol(service)
	return service
}

func (p place) container(definition awsecs.TaskDefinition, id, command string, ports []int) *awsecs.ContainerDefinitionOptions {
	mappings := make([]*awsecs.PortMapping, 0, len(ports))
	for _, port := range ports {
		mappings = append(mappings, &awsecs.PortMapping{ContainerPort: jsii.Number(port)})
	}
	return &awsecs.ContainerDefinitionOptions{
		Image:   awsecs.ContainerImage_FromRegistry(jsii.String(p.image), nil),
		Command: jsii.Strings("sh", "-c", serve+" && "+command), PortMappings: &mappings,
		HealthCheck: &awsecs.HealthCheck{
			Command:  jsii.Strings("CMD-SHELL", "wget -q -O /dev/null http://127.0.0.1:8080"+health+" || exit 1"),
			Interval: awscdk.Duration_Seconds(jsii.Number(10)), StartPeriod: awscdk.Duration_Seconds(jsii.Number(10)),
		},
		Logging: awsecs.LogDriver_AwsLogs(&awsecs.AwsLogDriverProps{LogGroup: p.logs, StreamPrefix: jsii.String(id)}),
		// An init process passes SIGTERM on, which the first process would ignore:
		// else each stop would take until it is killed.
		LinuxParameters: awsecs.NewLinuxParameters(definition, jsii.String("Linux"), &awsecs.LinuxParametersProps{InitProcessEnabled: jsii.Bool(true)}),
	}
}
