package rehearse_test

import (
	"context"
	"strings"
	"testing"

	"homeostat/shared/sim/simtest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// shop returns a scenario of shop/web behind a load balancer, with a deployment.
// An operator registers a revision that answers every fifth request with 5xx.
func shop(deployment, steps string) string {
	return "scenario: s\nduration: 2h\nimages:\n  v1: {capacity_rps: 100}\n  v2: {capacity_rps: 100, error_rate: 0.2}\n" +
		"services:\n  - {cluster: shop, service: web, image: \"shop/web:v1\", desired: 2, runs: v1, load_balancer: true, load: [{at: 0s, rps: 100}], deployment: {" + deployment + "}}\n" +
		"alarms:\n  - {name: errors, service: shop/web, metric: errors, above: 60, for: 2}\n" +
		"steps:\n  - {at: 1m, push: {image: \"shop/web:v2\", runs: v2}}\n  - {at: 2m, register: {service: shop/web, image: \"shop/web:v2\"}}\n" + steps
}

func TestDeploymentsOfAScenario(t *testing.T) {
	for name, tt := range map[string]struct {
		yaml   string
		status types.ServiceDeploymentStatus
		failed [2]float64 // failing share of the requests of two hours
		note   string
	}{
		"a canary whose alarm fires goes back": {
			shop("strategy: canary, percent: 10, step_bake: 20m, bake: 5m, alarms: [errors]", ""),
			types.ServiceDeploymentStatusRollbackSuccessful,
			[2]float64{0.0003, 0.003},
			"",
		},
		"without its alarm it goes through": {
			shop("strategy: canary, percent: 10, step_bake: 20m, bake: 5m", ""),
			types.ServiceDeploymentStatusSuccessful,
			[2]float64{0.1, 0.2},
			"",
		},
		"a linear one is stopped by an operator": {
			shop("strategy: linear, percent: 20, step_bake: 10m", "  - {at: 20m, stop_deployment: {service: shop/web}}\n  - {at: 1h, stop_deployment: {service: shop/web}}\n"),
			types.ServiceDeploymentStatusRollbackSuccessful,
			[2]float64{0.005, 0.02},
			"an operator stops the deployment of shop/web, but it has already ended",
		},
		"a blue/green one waits for an answer, and goes back": {
			shop("strategy: blue-green, pause_at: [PRE_PRODUCTION_TRAFFIC_SHIFT], pause_for: 1h", "  - {at: 20m, continue: {service: shop/web, action: rollback}}\n"),
			types.ServiceDeploymentStatusRollbackSuccessful,
			[2]float64{0, 0},
			"an operator answers the deployment of shop/web: rollback",
		},
		"a rolling one waits for an answer, and goes on": {
			shop("pause_at: [PRE_SCALE_UP], minimum_healthy: 50, maximum: 150", "  - {at: 20m, continue: {service: shop/web}}\n  - {at: 1h, continue: {service: shop/web}}\n"),
			types.ServiceDeploymentStatusSuccessful,
			[2]float64{0.1, 0.2},
			"an operator answers the deployment of shop/web, but it does not wait",
		},
		"an alarm that is to keep what it finds leaves the deployment failed": {
			shop("alarms: [errors], keep: true, bake: 10m", ""),
			types.ServiceDeploymentStatusStopped,
			[2]float64{0.1, 0.2},
			"",
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := tell(t, tt.yaml)
			client := ecs.NewFromConfig(simtest.ConfigOf(d.run.Sim()))
			list, err := client.ListServiceDeployments(context.Background(), &ecs.ListServiceDeploymentsInput{
				Cluster: aws.String("shop"), Service: aws.String("web"),
			})
			require.NoError(t, err)
			assert.Equal(t, tt.status, list.ServiceDeployments[0].Status)
			stats := d.stats()
			share := (stats.FailedRequests - d.before.FailedRequests) / (stats.Requests - d.before.Requests)
			assert.GreaterOrEqual(t, share, tt.failed[0])
			assert.LessOrEqual(t, share, tt.failed[1])
			assert.Contains(t, strings.Join(d.notes, "\n"), tt.note)
		})
	}
}
