package ecssim

import (
	"encoding/json"
	"testing"
	"time"

	"homeostat/shared/sim/ecssim/wire"
	"homeostat/shared/sim/simtest/sdk"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// world is a Sim under test, with its clients and its emitted events.
type world struct {
	*Sim
	t      testing.TB
	ecs    *ecs.Client
	ecr    *ecr.Client
	cw     *cloudwatch.Client
	aas    *applicationautoscaling.Client
	events []event
}

// event is the tested part of an emitted event.
type event struct {
	DetailType string   `json:"detail-type"`
	Source     string   `json:"source"`
	Resources  []string `json:"resources"`
	Detail     struct {
		EventName, Reason, LastStatus, DesiredStatus string
		StopCode, StoppedReason, TaskArn, StartedBy  string
		TaskDefinitionArn                            string
		Version                                      int
		Containers                                   []struct {
			ExitCode    *int
			Reason      string
			ImageDigest string
		}
	} `json:"detail"`
	raw []byte
}

// models holds the service models, read once for all tests.
var models = wire.NewModels()

func newWorld(t testing.TB, config Config) *world {
	config.Models = models
	w := &world{Sim: New(config), t: t}
	w.Server().Check(func(problem string) { t.Errorf("an answer does not fit the model: %s", problem) })
	w.Server().Warn(func(text string) { t.Errorf("a request is not read: %s", text) })
	w.Events(func(raw []byte) {
		var e event
		require.NoError(t, json.Unmarshal(raw, &e))
		e.raw = raw
		w.events = append(w.events, e)
	})
	w.connect(sdk.Config(w.Client(), sdk.Endpoint))
	w.AddCluster("shop")
	return w
}

func (w *world) connect(config aws.Config) {
	config.Region = w.config.Region
	w.ecs, w.ecr = ecs.NewFromConfig(config), ecr.NewFromConfig(config)
	w.cw, w.aas = cloudwatch.NewFromConfig(config), applicationautoscaling.NewFromConfig(config)
}

// run moves the clock on.
func (w *world) run(d time.Duration) { w.RunUntil(w.Now().Add(d)) }

// define registers a revision of the family "web" with one container.
func (w *world) define(image string, change ...func(*ContainerSpec)) string {
	c := ContainerSpec{Name: "app", Image: image}
	for _, f := range change {
		f(&c)
	}
	arn, err := w.RegisterTaskDefinition(TaskDefinitionSpec{Family: "web", Containers: []ContainerSpec{c}})
	require.NoError(w.t, err)
	return arn
}

// image pushes an image with a behaviour and returns a task definition of it.
func (w *world) image(tag string, b Behaviour, change ...func(*ContainerSpec)) string {
	w.PushImage("web", tag, b)
	return w.define("web:"+tag, change...)
}

func withCheck(c *ContainerSpec) { c.HealthCheck = true }

// steady creates the service "web" and waits until it is steady.
func (w *world) steady(spec ServiceSpec) {
	w.create(spec)
	w.run(3 * time.Minute)
	require.EqualValues(w.t, spec.Desired, w.service().RunningCount)
	require.Equal(w.t, ecstypes.DeploymentRolloutStateCompleted, w.service().Deployments[0].RolloutState)
	w.events = nil
}

func (w *world) create(spec ServiceSpec) {
	spec.Cluster, spec.Name = "shop", "web"
	_, err := w.CreateService(spec)
	require.NoError(w.t, err)
}

func (w *world) service() ecstypes.Service {
	out, err := w.ecs.DescribeServices(w.t.Context(), &ecs.DescribeServicesInput{
		Cluster: aws.String("shop"), Services: []string{"web"}, Include: []ecstypes.ServiceField{ecstypes.ServiceFieldTags},
	})
	require.NoError(w.t, err)
	require.Empty(w.t, out.Failures)
	return out.Services[0]
}

func (w *world) update(in ecs.UpdateServiceInput) {
	in.Cluster, in.Service = aws.String("shop"), aws.String("web")
	_, err := w.ecs.UpdateService(w.t.Context(), &in)
	require.NoError(w.t, err)
}

// deploy updates the service to a task definition.
func (w *world) deploy(definition string) {
	w.update(ecs.UpdateServiceInput{TaskDefinition: &definition})
}

// record returns the newest service deployment.
func (w *world) record() ecstypes.ServiceDeployment {
	list, err := w.ecs.ListServiceDeployments(w.t.Context(), &ecs.ListServiceDeploymentsInput{
		Cluster: aws.String("shop"), Service: aws.String("web"),
	})
	require.NoError(w.t, err)
	out, err := w.ecs.DescribeServiceDeployments(w.t.Context(), &ecs.DescribeServiceDeploymentsInput{
		ServiceDeploymentArns: []string{aws.ToString(list.ServiceDeployments[0].ServiceDeploymentArn)},
	})
	require.NoError(w.t, err)
	return out.ServiceDeployments[0]
}

// running returns the wanted tasks of the service.
func (w *world) running() []ecstypes.Task {
	list, err := w.ecs.ListTasks(w.t.Context(), &ecs.ListTasksInput{Cluster: aws.String("shop"), ServiceName: aws.String("web")})
	require.NoError(w.t, err)
	if len(list.TaskArns) == 0 {
		return nil
	}
	out, err := w.ecs.DescribeTasks(w.t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("shop"), Tasks: list.TaskArns})
	require.NoError(w.t, err)
	return out.Tasks
}

// named returns the events of a name, for service actions and deployments.
func (w *world) named(name string) []event {
	var out []event
	for _, e := range w.events {
		if e.Detail.EventName == name {
			out = append(out, e)
		}
	}
	return out
}

// stops returns the events of tasks that reached STOPPED.
func (w *world) stops() []event {
	var out []event
	for _, e := range w.events {
		if e.DetailType == "ECS Task State Change" && e.Detail.LastStatus == "STOPPED" {
			out = append(out, e)
		}
	}
	return out
}

func (w *world) assertSteady(desired int) {
	w.t.Helper()
	svc := w.service()
	assert.EqualValues(w.t, desired, svc.DesiredCount, "desired")
	assert.EqualValues(w.t, desired, svc.RunningCount, "running")
	require.Len(w.t, svc.Deployments, 1)
	assert.Equal(w.t, ecstypes.DeploymentRolloutStateCompleted, svc.Deployments[0].RolloutState)
}

// alarmNames returns the names of all metric alarms.
func (w *world) alarmNames() []string {
	out, err := w.cw.DescribeAlarms(w.t.Context(), &cloudwatch.DescribeAlarmsInput{})
	require.NoError(w.t, err)
	var names []string
	for _, a := range out.MetricAlarms {
		names = append(names, *a.AlarmName)
	}
	return names
}

// fire sets an alarm to ALARM.
func (w *world) fire(name string) {
	_, err := w.cw.SetAlarmState(w.t.Context(), &cloudwatch.SetAlarmStateInput{
		AlarmName: &name, StateValue: "ALARM", StateReason: aws.String("by hand"),
	})
	require.NoError(w.t, err)
}
