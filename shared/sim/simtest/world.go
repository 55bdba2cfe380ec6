// Package simtest builds the simulated account that tests share: the cluster
// shop, the service shop/web and a store, behind real SDK clients. Only tests
// use it.
package simtest

import (
	"testing"
	"time"

	"homeostat/shared/aws/observe"
	"homeostat/shared/aws/record"
	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/ecssim/dynamo"
	"homeostat/shared/sim/simtest/fixture"
	"homeostat/shared/sim/simtest/sdk"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	// Container is the name of the container in the task definitions of Define.
	Container = "app"
	// Table is the name of the table of NewStore.
	Table = "homeostat"
	// tasks is the desired count of the service of Serve.
	tasks = 3
	// steadyAfter is the time that a service of three tasks gets to become
	// steady. Assumed: Serve checks that it is enough.
	steadyAfter = 5 * time.Minute
)

// World is a simulated account with the cluster shop.
type World struct {
	Sim *ecssim.Sim
	// Config is the configuration of clients of this account, in memory.
	Config aws.Config
	// Client is a client of Amazon ECS.
	Client *ecs.Client
	// Digests are the digests of the images of Define, by tag.
	Digests map[string]string

	t testing.TB
}

// New returns a world with the cluster shop and no service.
func New(t testing.TB, config ecssim.Config) *World {
	sim := ecssim.New(config)
	sim.AddCluster(fixture.Cluster)
	cfg := ConfigOf(sim)
	if config.Region != "" {
		cfg.Region = config.Region
	}
	return &World{Sim: sim, Config: cfg, Client: ecs.NewFromConfig(cfg), Digests: map[string]string{}, t: t}
}

// ConfigOf returns a configuration for clients of a simulator, in memory.
func ConfigOf(sim *ecssim.Sim) aws.Config {
	cfg := sdk.InMemory(sim.Server())
	cfg.Region = fixture.Region
	return cfg
}

// Run moves the clock on.
func (w *World) Run(d time.Duration) { w.Sim.RunUntil(w.Sim.Now().Add(d)) }

// Define pushes the image web with a tag, and registers a revision of the family
// web that runs it.
func (w *World) Define(tag string, b ecssim.Behaviour, change ...func(*ecssim.TaskDefinitionSpec)) (arn string) {
	w.Digests[tag] = w.Sim.PushImage(fixture.Service, tag, b)
	spec := ecssim.TaskDefinitionSpec{
		Family: fixture.Service, Containers: []ecssim.ContainerSpec{{Name: Container, Image: fixture.Service + ":" + tag}},
	}
	for _, f := range change {
		f(&spec)
	}
	arn, err := w.Sim.RegisterTaskDefinition(spec)
	require.NoError(w.t, err)
	return arn
}

// Image returns the image of Define with a tag and its digest.
func (w *World) Image(tag string) fleet.Image {
	return fleet.Image{Registry: w.Sim.RegistryHost(), Repository: fixture.Service, Tag: tag, Digest: w.Digests[tag]}
}

// Create creates shop/web with three tasks and the tag of a mode.
func (w *World) Create(definition, mode string, change ...func(*ecssim.ServiceSpec)) {
	w.t.Helper()
	spec := ecssim.ServiceSpec{
		Cluster: fixture.Cluster, Name: fixture.Service, TaskDefinition: definition, Desired: tasks, Tags: Mode(mode),
	}
	for _, f := range change {
		f(&spec)
	}
	_, err := w.Sim.CreateService(spec)
	require.NoError(w.t, err)
}

// Serve is Create, and waits until the service is steady.
func (w *World) Serve(definition, mode string, change ...func(*ecssim.ServiceSpec)) {
	w.t.Helper()
	w.Create(definition, mode, change...)
	w.Run(steadyAfter)
	s := w.Service()
	assert.Equal(w.t, s.DesiredCount, s.RunningCount, "running tasks of shop/web")
	assert.Len(w.t, s.Deployments, 1, "deployments of shop/web")
}

// Service returns the description of shop/web.
func (w *World) Service() ecstypes.Service {
	w.t.Helper()
	out, err := w.Client.DescribeServices(w.t.Context(), &ecs.DescribeServicesInput{
		Cluster: aws.String(fixture.Cluster), Services: []string{fixture.Service},
	})
	require.NoError(w.t, err)
	require.Len(w.t, out.Services, 1)
	return out.Services[0]
}

// Observer returns an observer of the account.
func (w *World) Observer() *observe.Observer {
	return &observe.Observer{
		ECS: w.Client, ECR: ecr.NewFromConfig(w.Config), CloudWatch: cloudwatch.NewFromConfig(w.Config),
		Scaling: applicationautoscaling.NewFromConfig(w.Config), Region: w.Config.Region,
	}
}

// NewStore adds DynamoDB to a simulator, and returns a store with a table in it.
// Call it once, before the first request.
func NewStore(t testing.TB, sim *ecssim.Sim) *record.Store {
	t.Helper()
	sim.Server().Mount(dynamo.TargetPrefix, dynamo.New())
	db := dynamodb.NewFromConfig(ConfigOf(sim))
	require.NoError(t, record.MakeTable(t.Context(), db, Table))
	return &record.Store{DynamoDB: db, Table: Table}
}

// Mode returns the tag that enrolls a service with a mode.
func Mode(mode string) map[string]string { return map[string]string{contract.TagMode: mode} }
