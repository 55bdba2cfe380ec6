package ecssim

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAServiceOfNoTasksIsDeployedAtOnce(t *testing.T) {
	w := newWorld(t, Config{})
	w.create(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 0})
	w.run(5 * time.Second)
	w.assertSteady(0)
	out, err := w.ecs.DescribeServiceRevisions(t.Context(), &ecs.DescribeServiceRevisionsInput{
		ServiceRevisionArns: []string{*w.record().TargetServiceRevision.Arn},
	})
	require.NoError(t, err)
	assert.Nil(t, out.ServiceRevisions[0].ContainerImages[0].ImageDigest, "with no task there is no digest")
}

func TestASidecarEndsWithItsTask(t *testing.T) {
	w := newWorld(t, Config{})
	w.PushImage("web", "1", Behaviour{Exit: Exit{Probability: 1, After: Fixed(time.Minute), Code: 9}})
	arn, err := w.RegisterTaskDefinition(TaskDefinitionSpec{Family: "web", CPU: 512, Memory: 1024, Containers: []ContainerSpec{
		{Name: "proxy", Image: "envoy:1", Sidecar: true}, {Name: "app", Image: "web:1"},
	}})
	require.NoError(t, err)
	w.create(ServiceSpec{TaskDefinition: arn, Desired: 1})
	w.run(3 * time.Minute)
	containers := w.stops()[0].Detail.Containers
	assert.Equal(t, []int{143, 9}, []int{*containers[0].ExitCode, *containers[1].ExitCode})
	assert.NotEqual(t, containers[0].ImageDigest, containers[1].ImageDigest)
}

func TestTheHealthOfATaskIsThatOfItsContainer(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{Health: Health{FailProbability: 1, FailAfter: Fixed(10 * time.Minute)}}, withCheck), Desired: 1})
	health := func() ecstypes.HealthStatus { return w.running()[0].Containers[0].HealthStatus }
	assert.Equal(t, ecstypes.HealthStatusHealthy, health())
	for range 600 {
		w.run(time.Second)
		if health() == ecstypes.HealthStatusUnhealthy {
			return
		}
	}
	t.Fatal("it never became UNHEALTHY")
}

func TestClustersAreMadeOverTheWire(t *testing.T) {
	w := newWorld(t, Config{})
	made, err := w.ecs.CreateCluster(t.Context(), &ecs.CreateClusterInput{
		ClusterName: aws.String("other"), Tags: []ecstypes.Tag{{Key: aws.String("a"), Value: aws.String("b")}},
	})
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:ecs:eu-central-1:123456789012:cluster/other", *made.Cluster.ClusterArn)
	out, err := w.ecs.DescribeClusters(t.Context(), &ecs.DescribeClustersInput{
		Clusters: []string{*made.Cluster.ClusterArn}, Include: []ecstypes.ClusterField{ecstypes.ClusterFieldTags},
	})
	require.NoError(t, err)
	assert.Len(t, out.Clusters[0].Tags, 1)
}

func TestARepositoryWithImagesIsDeletedByForceOnly(t *testing.T) {
	w := newWorld(t, Config{})
	w.PushImage("web", "1", Behaviour{})
	_, err := w.ecr.DeleteRepository(t.Context(), &ecr.DeleteRepositoryInput{RepositoryName: aws.String("web")})
	require.ErrorContains(t, err, "RepositoryNotEmptyException")
	_, err = w.ecr.DeleteRepository(t.Context(), &ecr.DeleteRepositoryInput{RepositoryName: aws.String("web"), Force: true})
	require.NoError(t, err)
	_, err = w.ecr.GetAuthorizationToken(t.Context(), &ecr.GetAuthorizationTokenInput{})
	require.NoError(t, err)
}

func TestAnAlarmByQuery(t *testing.T) {
	w := newWorld(t, Config{})
	_, err := w.cw.PutMetricAlarm(t.Context(), &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("query"), EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(1), TreatMissingData: aws.String("ignore"),
		ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanOrEqualToThreshold,
		AlarmActions:       []string{"arn:aws:sns:eu-central-1:123456789012:pager"},
		Tags:               []cwtypes.Tag{{Key: aws.String("a"), Value: aws.String("b")}},
		Metrics: []cwtypes.MetricDataQuery{{Id: aws.String("m1"), ReturnData: aws.Bool(true), MetricStat: &cwtypes.MetricStat{
			Period: aws.Int32(60), Stat: aws.String("Maximum"), Metric: &cwtypes.Metric{Namespace: aws.String("Test"), MetricName: aws.String("Errors")},
		}}},
	})
	require.NoError(t, err)
	w.put("Errors", 1)
	w.run(2 * time.Minute)
	a := w.alarmState("query")
	assert.Equal(t, cwtypes.StateValueAlarm, a.StateValue)
	assert.Contains(t, string(w.first("CloudWatch Alarm State Change").raw), `"metrics":[{"id":"m1"`)
	tags, err := w.cw.ListTagsForResource(t.Context(), &cloudwatch.ListTagsForResourceInput{ResourceARN: a.AlarmArn})
	require.NoError(t, err)
	assert.Len(t, tags.Tags, 1)
	paged, err := w.cw.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{ActionPrefix: aws.String("arn:aws:sns")})
	require.NoError(t, err)
	assert.Len(t, paged.MetricAlarms, 1)
}

func TestEventsOfServicesThatTheModelDoesNotPlay(t *testing.T) {
	w := newWorld(t, Config{})
	w.Emit("aws.health", "AWS Health Event", []string{"shop|web"}, map[string]string{"service": "ECS"})
	require.Len(t, w.events, 1)
	assert.Contains(t, string(w.events[0].raw), `"resources":["shop|web"],"detail":{"service":"ECS"}`)
}

func TestCapacityProvidersShareByWeight(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 8, Providers: []ProviderSpec{
		{Name: "FARGATE", Base: 2, Weight: 1}, {Name: "FARGATE_SPOT", Weight: 2},
	}})
	have := map[string]int{}
	for _, task := range w.running() {
		have[*task.CapacityProviderName]++
	}
	assert.Equal(t, map[string]int{"FARGATE": 4, "FARGATE_SPOT": 4}, have, "two of base, then one to two")
}
