package artefact_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"homeostat/shared/core/contract"
	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/ecssim/wire"
	"homeostat/tests/artefact"
	"homeostat/tests/runtimeapi"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	cluster    = "shop"
	service    = "web"
	repository = "shop/web"
	tag        = "stable"

	// ago is the age of the fleet by the wall clock. Functions read the wall
	// clock, so their events must be recent.
	ago = 50 * time.Minute
	// lambdaTimeout is the timeout of the functions.
	lambdaTimeout = 30 * time.Second
)

const actPolicy = `version: 1
mode: act
services:
  - match: {cluster: shop, service: web}
    scale: {min: 1, max: 5, cpu: 70}
    redeploy: {tag: stable}
`

// process is a running function.
type process interface {
	Invoke(ctx context.Context, payload []byte, deadline time.Time) (runtimeapi.Answer, error)
	Stop()
	Stdout() string
	Stderr() string
}

// starter starts a function against a Runtime API.
type starter func(context.Context, runtimeapi.Spec) (process, error)

// ours starts a function against the Runtime API of package runtimeapi.
func ours(ctx context.Context, spec runtimeapi.Spec) (process, error) {
	return runtimeapi.Start(ctx, spec)
}

// world is an account with one stable service, and the functions for it.
type world struct {
	t *testing.T
	*artefact.Account
	start     starter
	binaries  map[string]string
	policy    string
	now       time.Time // wall clock at the creation of the world
	functions map[string]process
	// before counts the changes of ECS before the functions started.
	before map[string]int
}

func newWorld(t *testing.T, binaries map[string]string, start starter) *world {
	t.Helper()
	now := time.Now()
	account, err := artefact.NewAccount(t.Context(), now.Add(-ago))
	require.NoError(t, err)
	w := &world{t: t, Account: account, start: start, binaries: binaries, now: now, functions: map[string]process{}}
	w.policy = w.file(w.compiled(actPolicy))
	t.Cleanup(w.stop)
	return w
}

// compiled returns a policy as the stack bundles it.
func (w *world) compiled(file string) string {
	w.t.Helper()
	p, err := policy.Parse("homeostat.yaml", []byte(file))
	require.NoError(w.t, err)
	data, err := p.Compiled()
	require.NoError(w.t, err)
	return string(data)
}

// file writes a bundled policy and returns its path.
func (w *world) file(compiled string) string {
	path := filepath.Join(w.t.TempDir(), "homeostat.json")
	require.NoError(w.t, os.WriteFile(path, []byte(compiled), 0o600))
	return path
}

// serve makes the service with one healthy task at 30 % CPU, and completes its
// first deployment.
func (w *world) serve(tags map[string]string) {
	w.Sim.AddCluster(cluster)
	w.Sim.PushImage(repository, tag, ecssim.Behaviour{})
	_, err := w.Sim.CreateService(ecssim.ServiceSpec{
		Cluster: cluster, Name: service, TaskDefinition: w.define(repository + ":" + tag), Desired: 1, LoadBalanced: true, Tags: tags,
	})
	require.NoError(w.t, err)
	w.load(func(time.Time) float64 { return 30 })
	w.until(-35 * time.Minute)
	w.forget()
}

func enrolled() map[string]string { return map[string]string{contract.TagMode: ""} }

func (w *world) load(rps func(time.Time) float64) {
	require.NoError(w.t, w.Sim.SetLoad(cluster, service, rps, 15*time.Second))
}

func (w *world) define(image string) (arn string) {
	arn, err := w.Sim.RegisterTaskDefinition(ecssim.TaskDefinitionSpec{
		Family: service, Containers: []ecssim.ContainerSpec{{Name: "app", Image: image}},
	})
	require.NoError(w.t, err)
	return arn
}

func (w *world) alarm() {
	require.NoError(w.t, w.Sim.PutAlarm(wire.Object{
		"AlarmName": "web-cpu-high", "Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Statistic": "Average",
		"Period": 60, "EvaluationPeriods": 2, "DatapointsToAlarm": 2, "Threshold": 70.0, "ComparisonOperator": "GreaterThanThreshold",
		"Dimensions": []wire.Object{{"Name": "ClusterName", "Value": cluster}, {"Name": "ServiceName", "Value": service}},
	}))
}

// person calls UpdateService as an operator does.
func (w *world) person(change func(*ecs.UpdateServiceInput)) {
	in := &ecs.UpdateServiceInput{Cluster: aws.String(cluster), Service: aws.String(service)}
	change(in)
	_, err := w.ECS.UpdateService(w.t.Context(), in)
	require.NoError(w.t, err)
}

// until moves the virtual clock to an offset from the wall clock.
func (w *world) until(offset time.Duration) { w.Sim.RunUntil(w.now.Add(offset)) }

// forget drops the messages of the functions so far, and starts counting calls.
func (w *world) forget() {
	for _, function := range contract.Functions() {
		w.Take(function)
	}
	w.before = w.writes()
}

// writes counts the calls that change ECS.
func (w *world) writes() map[string]int {
	out := map[string]int{}
	for _, operation := range []string{"UpdateService", "StopServiceDeployment", "RegisterTaskDefinition", "StopTask"} {
		out[operation] = w.Sim.Calls("ecs", operation).Made
	}
	return out
}

func (w *world) assertUntouched() {
	w.t.Helper()
	assert.Equal(w.t, w.before, w.writes(), "calls that change something")
}

// function returns the running process of a function. It starts the process at
// its first event.
func (w *world) function(name string) process {
	return w.started(name, w.Function(name, w.binaries[name], w.policy))
}

func (w *world) started(name string, spec runtimeapi.Spec) process {
	if f := w.functions[name]; f != nil {
		return f
	}
	f, err := w.start(w.t.Context(), spec)
	require.NoError(w.t, err)
	w.functions[name] = f
	return f
}

// stop ends the processes and checks their output.
func (w *world) stop() {
	for name, f := range w.functions {
		f.Stop()
		checkOutput(w.t, name, f)
	}
}

func (w *world) invoke(function string, payload []byte) runtimeapi.Answer {
	w.t.Helper()
	answer, err := w.function(function).Invoke(w.t.Context(), payload, time.Now().Add(lambdaTimeout))
	require.NoError(w.t, err)
	return answer
}

// deliver sends messages in batches of ten, as SQS does, and expects that all
// succeed.
func (w *world) deliver(function string, bodies []string) {
	w.t.Helper()
	for from := 0; from < len(bodies); from += 10 {
		raw, err := artefact.Batch(function, bodies[from:min(from+10, len(bodies))]...)
		require.NoError(w.t, err)
		answer := w.invoke(function, raw)
		require.False(w.t, answer.Failed, "%s", answer.Payload)
		require.JSONEq(w.t, `{"batchItemFailures":[]}`, string(answer.Payload))
	}
}

func (w *world) described() ecstypes.Service {
	w.t.Helper()
	out, err := w.ECS.DescribeServices(w.t.Context(), &ecs.DescribeServicesInput{Cluster: aws.String(cluster), Services: []string{service}})
	require.NoError(w.t, err)
	require.Len(w.t, out.Services, 1)
	return out.Services[0]
}

// images returns the images of the service's running tasks, by digest.
func (w *world) images() []string {
	w.t.Helper()
	list, err := w.ECS.ListTasks(w.t.Context(), &ecs.ListTasksInput{Cluster: aws.String(cluster), ServiceName: aws.String(service)})
	require.NoError(w.t, err)
	require.NotEmpty(w.t, list.TaskArns)
	tasks, err := w.ECS.DescribeTasks(w.t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String(cluster), Tasks: list.TaskArns})
	require.NoError(w.t, err)
	var out []string
	for _, task := range tasks.Tasks {
		for _, c := range task.Containers {
			out = append(out, aws.ToString(c.ImageDigest))
		}
	}
	return out
}

// episodes returns the episodes of the service, newest first.
func (w *world) episodes() []fleet.Episode {
	w.t.Helper()
	out, err := w.Store.Episodes(w.t.Context(), w.Service(cluster, service), 100)
	require.NoError(w.t, err)
	return out
}

// decided returns the only episode of that decision with a completed action.
func (w *world) decided(kind fleet.DecisionKind) fleet.Episode {
	w.t.Helper()
	var found []fleet.Episode
	for _, e := range w.episodes() {
		if e.Decision.Kind == kind && e.Result.Status == fleet.Done {
			found = append(found, e)
		}
	}
	require.Len(w.t, found, 1, "episodes of a %s that was carried out", kind)
	return found[0]
}

func (w *world) memory() fleet.Memory {
	w.t.Helper()
	m, err := w.Store.Memory(w.t.Context(), w.Service(cluster, service))
	require.NoError(w.t, err)
	return m
}
