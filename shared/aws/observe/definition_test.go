package observe_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
)

func extra(environment map[string]string) map[string]any {
	var list []map[string]any
	for name, value := range environment {
		list = append(list, map[string]any{"name": name, "value": value})
	}
	return map[string]any{
		"environment": list, "memory": 400,
		"secrets": []map[string]any{{"name": "TOKEN", "valueFrom": "arn:aws:ssm:eu-central-1:123456789012:parameter/token"}},
		"logConfiguration": map[string]any{
			"logDriver": "awslogs", "options": map[string]any{"awslogs-group": "/shop/web", "awslogs-stream-prefix": "live"},
		},
	}
}

// revise registers a revision of the same family with this environment.
func (w *world) revise(tag string, memory int, environment map[string]string) string {
	return w.Define(tag, ecssim.Behaviour{}, func(spec *ecssim.TaskDefinitionSpec) {
		spec.CPU, spec.Memory, spec.Containers[0].Extra = 512, memory, extra(environment)
	})
}

func TestTwoRevisionsCanBeCompared(t *testing.T) {
	w := newWorld(t)
	w.steady()
	w.deploy(w.revise("v2", 1024, map[string]string{"STAGE": "live", "DB": "postgres://shop:secret@db"}), 10*time.Minute)
	w.deploy(w.revise("v3", 2048, map[string]string{"STAGE": "live", "DB": "postgres://shop:changed@db"}), 10*time.Minute)
	s := w.read(fleet.Needs{Revisions: true, Definitions: true})
	require.Len(t, s.History, 3)
	require.Empty(t, s.Unread)
	d := s.History[0].Target.Definition
	require.NotNil(t, d)
	require.Len(t, d.Containers, 1)
	values, parts := d.Containers[0].Values, d.Parts
	d.Containers[0].Values, d.Parts = nil, nil
	assert.Equal(t, &fleet.Definition{
		CPU: 512, Memory: 2048, Fargate: true,
		Containers: []fleet.ContainerDefinition{{
			Name: "app", Image: w.Sim.RegistryHost() + "/web:v3", Environment: []string{"DB", "STAGE"},
			Secrets: map[string]string{"TOKEN": "arn:aws:ssm:eu-central-1:123456789012:parameter/token"},
			Log:     "awslogs", LogGroup: "/shop/web", LogPrefix: "live", Memory: 400,
		}},
	}, d)
	d.Containers[0].Values, d.Parts = values, parts

	changes, known := fleet.Changes(s.History[1].Target, s.History[0].Target)
	assert.True(t, known)
	var what []string
	for _, c := range changes {
		what = append(what, c.What+" "+c.Name)
	}
	assert.Equal(t, []string{"memory ", "image app", "environment app/DB"}, what)
	text, err := json.Marshal(s)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "postgres", "values are never written")
	for name, digest := range values {
		assert.Regexp(t, `^[0-9a-f]{16}$`, digest)
		assert.NotContains(t, string(text), digest, name)
	}
}

func TestDefinitionsAreReadOnlyWhereTheyAreNeeded(t *testing.T) {
	w := newWorld(t)
	w.steady()
	w.deploy(w.Define("v2", ecssim.Behaviour{}), 10*time.Minute)
	before := w.Sim.Calls("ecs", "DescribeTaskDefinition").Made
	for _, r := range w.read(fleet.Needs{Revisions: true}).History {
		assert.Nil(t, r.Target.Definition)
	}
	assert.Equal(t, 1, w.Sim.Calls("ecs", "DescribeTaskDefinition").Made-before, "of the way back")
	for _, r := range w.read(fleet.Needs{Revisions: true, Definitions: true}).History {
		assert.NotNil(t, r.Target.Definition)
	}
	assert.Equal(t, 3, w.Sim.Calls("ecs", "DescribeTaskDefinition").Made-before, "of the way back and of what runs")
}

func TestTheSameDefinitionIsDescribedOnce(t *testing.T) {
	w := newWorld(t)
	w.steady()
	_, err := w.Client.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("shop"), Service: aws.String("web"), ForceNewDeployment: true})
	require.NoError(t, err)
	w.Run(10 * time.Minute)
	before := w.Sim.Calls("ecs", "DescribeTaskDefinition").Made
	s := w.read(fleet.Needs{Revisions: true, Definitions: true})
	require.Len(t, s.History, 2)
	assert.Equal(t, s.History[0].Target.Definition, s.History[1].Target.Definition)
	assert.Equal(t, 1, w.Sim.Calls("ecs", "DescribeTaskDefinition").Made-before)
}

func TestAfterARollbackBothItsEndsAreRead(t *testing.T) {
	w := newWorld(t)
	w.steady()
	w.deploy(w.Define("bad", ecssim.Behaviour{Exit: ecssim.Exit{Probability: 1, After: ecssim.Fixed(time.Second), Code: 1}}), 40*time.Minute)
	s := w.read(fleet.Needs{Revisions: true, Definitions: true})
	require.NotEmpty(t, s.History[0].RollbackTo)
	current, ok := s.Current()
	require.True(t, ok)
	require.NotNil(t, current.Definition)
	changes, known := fleet.Changes(current, s.History[0].Target)
	assert.True(t, known)
	require.Len(t, changes, 1)
	assert.Equal(t, fleet.ChangedImage, changes[0].What)
}

func TestADefinitionThatCannotBeReadIsNamed(t *testing.T) {
	w := newWorld(t)
	w.steady()
	w.answer(map[string]string{"DescribeTaskDefinition": `{"__type": "ClientException", "message": "Unable to describe task definition."}`})
	s := w.read(fleet.Needs{Revisions: true, Definitions: true})
	assert.NotContains(t, s.Unread, "revisions", "what else is known of them stays")
	assert.Contains(t, s.Unread["definitions"], "describing task definition web:1")
	_, known := fleet.Changes(s.History[0].Target, s.History[0].Target)
	assert.False(t, known)
}

func TestAMissingSizeIsZero(t *testing.T) {
	w := newWorld(t)
	w.steady()
	w.answer(map[string]string{"DescribeTaskDefinition": `{"taskDefinition": {
		"compatibilities": ["EC2"], "taskRoleArn": "arn:aws:iam::123456789012:role/web", "executionRoleArn": "arn:aws:iam::123456789012:role/pull",
		"volumes": [{"name": "tmp"}, {"name": "data"}], "containerDefinitions": [{"name": "app", "image": "nginx", "memory": 300}]}}`})
	d := w.read(fleet.Needs{Revisions: true, Definitions: true}).History[0].Target.Definition
	d.Parts = nil
	assert.Equal(t, &fleet.Definition{
		TaskRole: "arn:aws:iam::123456789012:role/web", ExecutionRole: "arn:aws:iam::123456789012:role/pull",
		Containers: []fleet.ContainerDefinition{{Name: "app", Image: "nginx", Memory: 300}},
	}, d)
}

func TestWhileDeployingTheRolloutsAreRead(t *testing.T) {
	w := newWorld(t)
	w.steady()
	needs := fleet.Needs{WhileDeploying: true, Definitions: true}
	assert.Empty(t, w.read(needs).History)
	assert.Zero(t, w.Sim.Calls("ecs", "ListServiceDeployments").Made)
	w.deploy(w.Define("v2", ecssim.Behaviour{}), 5*time.Second)
	s := w.read(needs)
	require.Len(t, s.History, 2)
	assert.NotNil(t, s.History[0].Target.Definition)
}

func TestWhetherTheImagesOfWhatRunsExistIsLookedUp(t *testing.T) {
	w := newWorld(t)
	w.steady()
	require.True(t, w.Sim.DeleteImage("web", w.Digests["v1"]))
	assert.Empty(t, w.read(fleet.Needs{Revisions: true}).History[0].Target.Images, "not needed, not looked up")
	needs := fleet.Needs{Revisions: true, CurrentImages: true}
	assert.Equal(t, []fleet.CheckedImage{{Image: w.Image("v1").Pinned(), State: fleet.ImageGone}}, w.read(needs).History[0].Target.Images)
	w.Sim.SetThrottle("ecr", "DescribeImages", 1)
	images := w.read(needs).History[0].Target.Images
	require.Len(t, images, 1)
	assert.Equal(t, fleet.ImageUnknown, images[0].State, "a throttle is no missing image")
	assert.Contains(t, images[0].Why, "describing image")
}

func TestADefinitionTellsTheRolesOfItsContainers(t *testing.T) {
	w := newWorld(t)
	arn := w.Define("v2", ecssim.Behaviour{}, func(spec *ecssim.TaskDefinitionSpec) {
		spec.Containers[0].HealthCheck = true
		spec.Containers[0].Extra = map[string]any{
			"dependsOn":     []map[string]any{{"containerName": "setup", "condition": "SUCCESS"}},
			"restartPolicy": map[string]any{"enabled": true, "restartAttemptPeriod": 60},
		}
		spec.Containers = append(spec.Containers, ecssim.ContainerSpec{
			Name: "setup", Image: "setup:1", Sidecar: true, Extra: map[string]any{"restartPolicy": map[string]any{"enabled": false}},
		})
	})
	d, err := w.Definition(t.Context(), arn)
	require.NoError(t, err)
	require.Len(t, d.Containers, 2)
	app, setup := d.Containers[0], d.Containers[1]
	assert.True(t, app.HealthCheck)
	assert.True(t, app.Restarts)
	assert.False(t, app.NonEssential)
	assert.Equal(t, []fleet.Dependency{{Container: "setup", Condition: "SUCCESS"}}, app.DependsOn)
	assert.Equal(t, fleet.ContainerDefinition{Name: "setup", Image: "setup:1", NonEssential: true}, setup)

	_, err = w.Definition(t.Context(), "gone:7")
	assert.ErrorContains(t, err, "describing task definition gone:7")
}
