package workload

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"
)

const (
	// cpu and memoryMB describe the smallest task of Fargate.
	cpu      = 256
	memoryMB = 512
	webPort  = 8080
	// health is the path of the health checks of the container and of its target
	// group.
	health = "/health"

	minTasks   = 1
	maxTasks   = 5
	targetCPU  = 70
	graceful   = 30
	startGrace = 60
)

// serve is the shell command that creates the files to serve at webPort.
const serve = "mkdir -p /tmp/www && cd /tmp/www && echo ok > health"

// newService creates a Fargate service with health checks, rolling updates at
// 100 % healthy tasks and the circuit breaker with rollback. Target tracking
// scales it between one and five tasks. It sets no desired count, because a deploy
// would reset the count of the scaler.
func (p environment) newService(id, command string, ports ...int) awsecs.FargateService {
	definition := awsecs.NewFargateTaskDefinition(p.stack, jsii.String(id+"Definition"), &awsecs.FargateTaskDefinitionProps{
		Cpu: jsii.Number(cpu), MemoryLimitMiB: jsii.Number(memoryMB),
	})
	p.repository.GrantPull(definition.ObtainExecutionRole())
	app := definition.AddContainer(jsii.String("app"), p.container(definition, id, command, ports))
	awscdk.Annotations_Of(app).AcknowledgeWarning(jsii.String("@aws-cdk/aws-ecs:ecrImageRequiresPolicy"),
		jsii.String("The execution role may pull from the sample's own repository; the owner of another repository grants its access."))
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

// container returns the container of a service.
func (p environment) container(definition awsecs.TaskDefinition, id, command string, ports []int) *awsecs.ContainerDefinitionOptions {
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
		// The init process forwards SIGTERM. Without it, the first process ignores
		// SIGTERM, and each stop waits for SIGKILL.
		LinuxParameters: awsecs.NewLinuxParameters(definition, jsii.String("Linux"), &awsecs.LinuxParametersProps{InitProcessEnabled: jsii.Bool(true)}),
	}
}
