//go:build !race

package workload

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryServiceUsesTheFeaturesOfECS(t *testing.T) {
	made := synthesised(t, Options{})
	for _, name := range services() {
		t.Run(name, func(t *testing.T) {
			_, p := made.only("AWS::ECS::Service", name)
			assert.Equal(t, "FARGATE", p["LaunchType"])
			assert.Subset(t, p["DeploymentConfiguration"], object{
				"MinimumHealthyPercent": 100.0, "MaximumPercent": 200.0,
				"DeploymentCircuitBreaker": object{"Enable": true, "Rollback": true},
			})
			assert.NotContains(t, p, "DesiredCount", "a deploy does not reset the count")
			assert.Equal(t, object{"Type": "ECS"}, p["DeploymentController"], "rolling updates are ECS's own")
			assert.Equal(t, 60.0, p["HealthCheckGracePeriodSeconds"])
			network := p["NetworkConfiguration"].(object)["AwsvpcConfiguration"].(object)
			assert.Equal(t, "ENABLED", network["AssignPublicIp"])
		})
	}
}

func TestEveryContainerHasAHealthCheck(t *testing.T) {
	made := synthesised(t, Options{})
	for _, name := range services() {
		t.Run(name, func(t *testing.T) {
			_, p := made.only("AWS::ECS::TaskDefinition", name)
			assert.Equal(t, "256", p["Cpu"])
			assert.Equal(t, "512", p["Memory"])
			containers := p["ContainerDefinitions"].([]any)
			require.Len(t, containers, 1)
			app := containers[0].(object)
			check := app["HealthCheck"].(object)["Command"].([]any)
			assert.Equal(t, []any{"CMD-SHELL", "wget -q -O /dev/null http://127.0.0.1:8080/health || exit 1"}, check)
			assert.Equal(t, object{"InitProcessEnabled": true, "Capabilities": object{}}, app["LinuxParameters"])
			command := app["Command"].([]any)[2].(string)
			assert.True(t, strings.HasPrefix(command, "mkdir -p /tmp/www && cd /tmp/www && echo ok > health && "), command)
			assert.Contains(t, command, "httpd", "the file is served")
		})
	}
}

func TestEveryServiceTracksItsCPUBetweenOneAndFiveTasks(t *testing.T) {
	made := synthesised(t, Options{})
	for _, name := range services() {
		t.Run(name, func(t *testing.T) {
			id, target := made.only("AWS::ApplicationAutoScaling::ScalableTarget", name)
			assert.Subset(t, target, object{
				"MinCapacity": 1.0, "MaxCapacity": 5.0, "ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount",
			})
			_, policy := made.only("AWS::ApplicationAutoScaling::ScalingPolicy", name)
			assert.Equal(t, ref(id), policy["ScalingTargetId"])
			assert.Equal(t, "TargetTrackingScaling", policy["PolicyType"])
			assert.Equal(t, object{
				"PredefinedMetricSpecification": object{"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}, "TargetValue": 70.0,
			}, policy["TargetTrackingScalingPolicyConfiguration"])
		})
	}
}
