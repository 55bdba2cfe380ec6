package rehearse_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/sim/rehearse"
)

const threeContainers = hour + `images:
  good: {}
  bad: {}
  proxy: {}
services:
  - cluster: shop
    service: web
    image: shop/web:v1
    runs: good
    desired: 1
    pin: true
    containers:
      - {name: setup, image: "shop/web:v1", first: true, exit_code: 0}
      - {name: envoy, image: "shop/envoy:v1", runs: proxy, essential: false, exit_code: none, reason: gone}
`

func TestTheContainersOfAServiceAreInItsDefinition(t *testing.T) {
	told := tell(t, threeContainers)
	out, err := told.run.ECS().DescribeTaskDefinition(context.Background(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("web")})
	require.NoError(t, err)
	var names []string
	for _, c := range out.TaskDefinition.ContainerDefinitions {
		names = append(names, *c.Name)
		assert.Equal(t, *c.Name != "envoy", *c.Essential, *c.Name)
		assert.Contains(t, *c.Image, "@sha256:", "pin names the digest")
	}
	assert.Equal(t, []string{"setup", "app", "envoy"}, names)
}

func TestAnExpectationNamesAContainer(t *testing.T) {
	for expected, want := range map[string]string{
		"{service: shop/web, image: good}":                      "",
		"{service: shop/web, image: bad}":                       `a task runs "good"`,
		"{service: shop/web, container: setup, image: good}":    "",
		"{service: shop/web, container: sidecar, image: proxy}": `a task has no container "sidecar"`,
	} {
		s, err := rehearse.Parse("s.yaml", []byte(threeContainers+"expect:\n  - "+expected+"\n"))
		require.NoError(t, err)
		run, err := rehearse.New(s, rehearse.Options{})
		require.NoError(t, err)
		require.NoError(t, run.Play(context.Background()))
		all := run.Result().Invariants
		assert.Equal(t, want, all[len(all)-1].Detail, expected)
	}
}
