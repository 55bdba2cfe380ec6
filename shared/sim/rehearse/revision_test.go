package rehearse_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/sim/rehearse"
)

const behaviours = `images:
  good: {capacity_rps: 100, start_delay: {median: 30s}}
  bad: {capacity_rps: 100, start_delay: {median: 30s}, exit_probability: 1, exit_after: {median: 10s}, exit_code: 1}
services:
  - {cluster: shop, service: web, image: "shop/web:v1", runs: good, desired: 2, mode: act, load_balancer: true}
`

func TestARevisionMayBehaveOtherwiseThanItsImage(t *testing.T) {
	for name, step := range map[string]string{
		"a revision with another command":       `register: {service: shop/web, container: {command: [serve, "--prot=8080"]}, runs: bad}`,
		"a service with another security group": `network: {service: shop/web, security_groups: [sg-0b], runs: bad}`,
	} {
		t.Run(name, func(t *testing.T) {
			d := tell(t, hour+behaviours+"steps:\n  - {at: 5m, "+step+"}\n"+
				"expect:\n  - {decision: rollback, reason: bad-revision, result: done, times: 1}\n  - {messages: {at_least: 1, before: 10m, service: shop/web}}\n  - {messages: {at_most: 2}}\n")
			for _, i := range d.run.Result().Invariants {
				assert.True(t, i.Held, "%s: %s", i.Name, i.Detail)
			}
		})
	}
}

func TestInventedEndsOfTasksCountForNothing(t *testing.T) {
	d := tell(t, hour+behaviours+"steps:\n  - {at: 5m, forge: {service: shop/web, tasks: 6}}\n"+
		"expect:\n  - {reason: unconfirmed-event}\n  - {decision: rollback, never: true}\n  - {messages: {at_most: 0}}\n  - {service: shop/web, image: good}\n")
	for _, i := range d.run.Result().Invariants {
		assert.True(t, i.Held, "%s: %s", i.Name, i.Detail)
	}
}

func TestAForcedDeploymentRepeatsTheRevision(t *testing.T) {
	d := tell(t, hour+behaviours+"steps:\n  - {at: 5m, force: {service: shop/web}}\n")
	g, ok := d.run.Sim().ServiceSummary("shop", "web")
	require.True(t, ok)
	assert.Equal(t, "web:1", g.TaskDefinition)
	assert.Contains(t, d.notes, "an operator forces a deployment of shop/web")
	out, err := d.run.ECS().ListServiceDeployments(t.Context(), &ecs.ListServiceDeploymentsInput{Cluster: aws.String("shop"), Service: aws.String("web")})
	require.NoError(t, err)
	assert.Len(t, out.ServiceDeployments, 2)
}

func TestTheAgeOfAServiceIsItsPast(t *testing.T) {
	d := tell(t, "scenario: s\nduration: 1m\n"+`images:
  good: {capacity_rps: 100, start_delay: {median: 30s}}
services:
  - {cluster: shop, service: web, image: "shop/web:v1", runs: good, desired: 2, mode: act, age: 720h}
`)
	out, err := d.run.ECS().DescribeServices(t.Context(), &ecs.DescribeServicesInput{Cluster: aws.String("shop"), Services: []string{"web"}})
	require.NoError(t, err)
	created := d.run.Start().Sub(aws.ToTime(out.Services[0].Deployments[0].CreatedAt))
	assert.GreaterOrEqual(t, created, 720*time.Hour)
	assert.Less(t, created, 721*time.Hour)
}

func TestWrongRevisionStepsAreNamed(t *testing.T) {
	for name, c := range map[string][2]string{
		"an unknown behaviour":           {"register: {service: shop/web, runs: worse}", `runs is "worse"`},
		"a network without groups":       {"network: {service: shop/web}", "network.security_groups is empty"},
		"a forced deployment of nothing": {"force: {service: shop/api}", `no service "shop/api"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := rehearse.Parse("s.yaml", []byte(hour+behaviours+"steps:\n  - {at: 5m, "+c[0]+"}\n"))
			require.ErrorContains(t, err, c[1])
		})
	}
}
