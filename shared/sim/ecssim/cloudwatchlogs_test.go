package ecssim

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim/wire"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// logs calls CloudWatch Logs in the form of its clients, JSON 1.1.
func (w *world) logs(operation string, in wire.Object) (status int, out wire.Object) {
	body, err := json.Marshal(in)
	require.NoError(w.t, err)
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, "http://logs.ecssim.local/", bytes.NewReader(body))
	require.NoError(w.t, err)
	r.Header.Set("X-Amz-Target", "Logs_20140328."+operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	answer, err := w.Client().Do(r)
	require.NoError(w.t, err)
	defer func() { _ = answer.Body.Close() }()
	require.NoError(w.t, json.NewDecoder(answer.Body).Decode(&out))
	return answer.StatusCode, out
}

func messages(out wire.Object) []string {
	var texts []string
	for _, e := range out.Objects("events") {
		texts = append(texts, e.String("message"))
	}
	return texts
}

// talks gives the container a log group and a secret.
func talks(c *ContainerSpec) {
	c.LogGroup, c.Secrets = "/ecs/web", map[string]string{"DB_PASSWORD": "shop-db"}
}

func TestAFailedTaskLeavesItsLastLines(t *testing.T) {
	w := newWorld(t, Config{})
	w.create(ServiceSpec{Desired: 1, TaskDefinition: w.image("1", Behaviour{
		Exit: Exit{Probability: 1, After: Fixed(time.Minute), Code: 1}, Logs: []string{"one", "two password=swordfish", "three"},
	}, talks)})
	w.run(2 * time.Minute)
	require.NotEmpty(t, w.stops())
	task := w.describe(w.stops()[0].Detail.TaskArn)
	id := fleet.NameOf(*task.TaskArn)
	t.Run("in the group and the stream that its options name", func(t *testing.T) {
		status, out := w.logs("GetLogEvents", wire.Object{"logGroupName": "/ecs/web", "logStreamName": "app/app/" + id})
		require.Equal(t, 200, status)
		assert.Equal(t, []string{"one", "two password=swordfish", "three"}, messages(out))
		last, _ := out.Objects("events")[2].Int("timestamp")
		assert.InDelta(t, task.ExecutionStoppedAt.UnixMilli(), last, 1, "the last of them as it fails")
	})
	t.Run("the newest first if not all fit", func(t *testing.T) {
		_, out := w.logs("GetLogEvents", wire.Object{"logGroupName": "/ecs/web", "logStreamName": "app/app/" + id, "limit": 2})
		assert.Equal(t, []string{"two password=swordfish", "three"}, messages(out))
		_, out = w.logs("GetLogEvents", wire.Object{
			"logGroupName": "/ecs/web", "logStreamName": "app/app/" + id, "limit": 2, "nextToken": out.String("nextBackwardToken"),
		})
		assert.Equal(t, []string{"one"}, messages(out))
		_, out = w.logs("GetLogEvents", wire.Object{"logGroupName": "/ecs/web", "logStreamName": "app/app/" + id, "limit": 1, "startFromHead": true})
		assert.Equal(t, []string{"one"}, messages(out))
		_, out = w.logs("GetLogEvents", wire.Object{
			"logGroupName": "/ecs/web", "logStreamName": "app/app/" + id, "nextToken": out.String("nextForwardToken"),
		})
		assert.Equal(t, []string{"two password=swordfish", "three"}, messages(out))
	})
	t.Run("they are found by term and time", func(t *testing.T) {
		_, out := w.logs("FilterLogEvents", wire.Object{"logGroupName": "/ecs/web", "filterPattern": "password -one", "logStreamNamePrefix": "app/"})
		assert.Equal(t, []string{"two password=swordfish"}, messages(out))
		assert.Equal(t, "app/app/"+id, out.Objects("events")[0].String("logStreamName"))
		_, out = w.logs("FilterLogEvents", wire.Object{"logGroupName": "/ecs/web", "endTime": task.StartedAt.UnixMilli()})
		assert.Empty(t, messages(out))
	})
	t.Run("streams and groups are listed", func(t *testing.T) {
		_, out := w.logs("DescribeLogStreams", wire.Object{"logGroupName": "/ecs/web", "orderBy": "LastEventTime", "descending": true})
		assert.Equal(t, "app/app/"+id, out.Objects("logStreams")[0].String("logStreamName"))
		_, out = w.logs("DescribeLogGroups", wire.Object{"logGroupNamePrefix": "/ecs"})
		assert.Len(t, out.Objects("logGroups"), 1)
	})
	t.Run("what is not there is an error", func(t *testing.T) {
		for _, in := range []wire.Object{
			{"logGroupName": "/ecs/no", "logStreamName": "x"},
			{"logGroupName": "/ecs/web", "logStreamName": "app/app/0"},
		} {
			status, out := w.logs("GetLogEvents", in)
			assert.Equal(t, 400, status)
			assert.Equal(t, "ResourceNotFoundException", out.String("__type"))
		}
	})
	t.Run("they are kept for a time only", func(t *testing.T) {
		w.run(7 * time.Hour)
		status, _ := w.logs("GetLogEvents", wire.Object{"logGroupName": "/ecs/web", "logStreamName": "app/app/" + id})
		assert.Equal(t, 400, status)
	})
}

func TestTheUsualLastWordsFitTheEnd(t *testing.T) {
	for name, c := range map[string]struct {
		image Behaviour
		act   func(*world)
		want  string
	}{
		"a panic":              {Behaviour{Exit: Exit{Probability: 1, After: Fixed(time.Minute), Code: 2}}, nil, "panic: runtime error"},
		"the work is done":     {Behaviour{Exit: Exit{Probability: 1, After: Fixed(time.Minute)}}, nil, "nothing left to do"},
		"memory":               {Behaviour{Exit: Exit{Probability: 1, After: Fixed(time.Minute), OOM: true}}, nil, "memory is almost exhausted"},
		"a health check":       {Behaviour{Health: Health{FailProbability: 1, FailAfter: Fixed(time.Minute)}}, nil, "GET /health timed out"},
		"a secret":             {Behaviour{}, func(w *world) { w.wrongSecret() }, "password rejected"},
		"a dependency is down": {Behaviour{DependsOn: []string{"db"}}, func(w *world) { w.SetOutage(Outage{Kind: "db", Until: w.Now().Add(time.Hour)}) }, "cannot reach db"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.create(ServiceSpec{Desired: 1, LoadBalanced: true, TaskDefinition: w.image("1", c.image, talks)})
			w.run(30 * time.Second)
			if c.act != nil {
				c.act(w)
			}
			w.run(5 * time.Minute)
			_, out := w.logs("FilterLogEvents", wire.Object{"logGroupName": "/ecs/web"})
			text := strings.Join(messages(out), "\n")
			assert.Contains(t, text, c.want)
			assert.Contains(t, text, "DB_PASSWORD="+w.SecretValue("shop-db"), "a careless application, for those who must redact")
		})
	}
}

// wrongSecret rotates the secret to a value that the dependency rejects.
func (w *world) wrongSecret() {
	w.BreakSecret(SecretTrouble{Secret: "shop-db", How: SecretWrong, Until: w.Now().Add(time.Hour)})
}

func TestATaskWithoutAwslogsWritesNowhere(t *testing.T) {
	w := newWorld(t, Config{})
	w.create(ServiceSpec{Desired: 1, TaskDefinition: w.image("1", Behaviour{Exit: Exit{Probability: 1, After: Fixed(time.Minute)}}, func(c *ContainerSpec) {
		c.Extra = map[string]any{"logConfiguration": wire.Object{"logDriver": "splunk"}}
	})})
	w.run(5 * time.Minute)
	_, out := w.logs("DescribeLogGroups", wire.Object{})
	assert.Empty(t, out.Objects("logGroups"))
}

func TestWhatADiffOfRevisionsNeedsComesBackAsItWasRegistered(t *testing.T) {
	w := newWorld(t, Config{})
	in := &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("web"), Cpu: aws.String("512"), Memory: aws.String("1024"), NetworkMode: ecstypes.NetworkModeAwsvpc,
		RequiresCompatibilities: []ecstypes.Compatibility{ecstypes.CompatibilityFargate},
		TaskRoleArn:             aws.String("arn:aws:iam::123456789012:role/web"), ExecutionRoleArn: aws.String("arn:aws:iam::123456789012:role/pull"),
		RuntimePlatform:  &ecstypes.RuntimePlatform{CpuArchitecture: ecstypes.CPUArchitectureArm64},
		EphemeralStorage: &ecstypes.EphemeralStorage{SizeInGiB: 30},
		ContainerDefinitions: []ecstypes.ContainerDefinition{{
			Name: aws.String("app"), Image: aws.String("nginx"), Cpu: 256, Memory: aws.Int32(900), Essential: aws.Bool(true),
			Environment: []ecstypes.KeyValuePair{{Name: aws.String("MODE"), Value: aws.String("fast")}},
			Secrets:     []ecstypes.Secret{{Name: aws.String("KEY"), ValueFrom: aws.String("arn:aws:ssm:eu-central-1:123456789012:parameter/key")}},
			Command:     []string{"serve"}, StopTimeout: aws.Int32(60),
			LogConfiguration: &ecstypes.LogConfiguration{LogDriver: ecstypes.LogDriverAwslogs, Options: map[string]string{
				"awslogs-group": "/ecs/web", "awslogs-region": "eu-central-1", "awslogs-stream-prefix": "app",
			}},
			HealthCheck:   &ecstypes.HealthCheck{Command: []string{"CMD-SHELL", "true"}, StartPeriod: aws.Int32(30)},
			RestartPolicy: &ecstypes.ContainerRestartPolicy{Enabled: aws.Bool(true), IgnoredExitCodes: []int32{0}},
		}},
	}
	_, err := w.ecs.RegisterTaskDefinition(t.Context(), in)
	require.NoError(t, err)
	out, err := w.ecs.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("web:1")})
	require.NoError(t, err)
	td := out.TaskDefinition
	assert.Equal(t, []any{in.Cpu, in.Memory, in.TaskRoleArn, in.ExecutionRoleArn, in.RuntimePlatform, in.EphemeralStorage},
		[]any{td.Cpu, td.Memory, td.TaskRoleArn, td.ExecutionRoleArn, td.RuntimePlatform, td.EphemeralStorage})
	want, got := in.ContainerDefinitions[0], td.ContainerDefinitions[0]
	assert.Equal(t, []any{want.Environment, want.Secrets, want.LogConfiguration, want.HealthCheck, want.RestartPolicy, want.Memory, want.Cpu, want.Command, want.StopTimeout},
		[]any{got.Environment, got.Secrets, got.LogConfiguration, got.HealthCheck, got.RestartPolicy, got.Memory, got.Cpu, got.Command, got.StopTimeout})
}

func TestTheShortFormOfATaskDefinition(t *testing.T) {
	w := newWorld(t, Config{})
	arn, err := w.RegisterTaskDefinition(TaskDefinitionSpec{
		Family: "web", CPU: 512, Memory: 1024, TaskRole: "web", ExecutionRole: "pull",
		Containers: []ContainerSpec{{
			Name: "app", Image: "nginx", LogGroup: "/ecs/web",
			Environment: map[string]string{"B": "2", "A": "1"}, Secrets: map[string]string{"KEY": "shop-db"},
		}},
	})
	require.NoError(t, err)
	out, err := w.ecs.DescribeTaskDefinition(t.Context(), &ecs.DescribeTaskDefinitionInput{TaskDefinition: &arn})
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:iam::123456789012:role/web", *out.TaskDefinition.TaskRoleArn)
	c := out.TaskDefinition.ContainerDefinitions[0]
	assert.Equal(t, []string{"A", "B"}, []string{*c.Environment[0].Name, *c.Environment[1].Name}, "in the order of their names")
	assert.Regexp(t, `^arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop-db-[0-9a-f]{6}$`, *c.Secrets[0].ValueFrom)
	assert.Equal(t, "/ecs/web", c.LogConfiguration.Options["awslogs-group"])
}
