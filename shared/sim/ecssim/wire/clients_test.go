package wire_test

import (
	"net/http"
	"testing"
	"time"

	"homeostat/shared/sim/ecssim/wire"
	"homeostat/shared/sim/simtest/sdk"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	aastypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// instant returns a time with milliseconds, the finest precision of AWS's JSON
// answers.
func instant() time.Time { return time.Date(2026, 7, 1, 12, 30, 15, 250e6, time.UTC) }

// overBoth runs a test against a server in memory and behind a socket.
func overBoth(t *testing.T, s *wire.Server, test func(t *testing.T, config aws.Config)) {
	t.Helper()
	t.Run("in memory", func(t *testing.T) {
		test(t, sdk.Config(&http.Client{Transport: wire.Transport(s)}, sdk.Endpoint))
	})
	t.Run("over a socket", func(t *testing.T) {
		test(t, sdk.OverSocket(t, s))
	})
}

func TestTheECSClientReadsAnswersAndErrors(t *testing.T) {
	s := wire.NewServer()
	s.Handle("ecs", "UpdateService", func(in wire.Object) (wire.Object, error) {
		if in.String("cluster") == "gone" {
			return nil, &wire.Error{Code: "ClusterNotFoundException", Message: "Cluster not found."}
		}
		n, ok := in.Int("desiredCount")
		assert.True(t, ok, "desiredCount is a number")
		return wire.Object{"service": wire.Object{
			"serviceName": in.String("service"), "desiredCount": n, "createdAt": instant(),
			"deployments": []wire.Object{{"id": "ecs-svc/1", "status": "PRIMARY", "updatedAt": time.Time{}}},
			"tags":        []wire.Object(nil), "networkConfiguration": wire.Object(nil),
		}}, nil
	})
	overBoth(t, s, func(t *testing.T, config aws.Config) {
		client := ecs.NewFromConfig(config)
		out, err := client.UpdateService(t.Context(), &ecs.UpdateServiceInput{
			Cluster: aws.String("shop"), Service: aws.String("wéb \"<&>\""), DesiredCount: aws.Int32(7),
		})
		require.NoError(t, err)
		assert.Equal(t, "wéb \"<&>\"", *out.Service.ServiceName)
		assert.Equal(t, int32(7), out.Service.DesiredCount)
		assert.Equal(t, instant(), out.Service.CreatedAt.UTC())
		assert.Len(t, out.Service.Deployments, 1)
		assert.Nil(t, out.Service.Deployments[0].UpdatedAt, "a zero time is left out")

		_, err = client.UpdateService(t.Context(), &ecs.UpdateServiceInput{
			Cluster: aws.String("gone"), Service: aws.String("web"),
		})
		var gone *ecstypes.ClusterNotFoundException
		require.ErrorAs(t, err, &gone)
		assert.Equal(t, "Cluster not found.", gone.ErrorMessage())

		_, err = client.ListClusters(t.Context(), &ecs.ListClustersInput{})
		var unknown smithy.APIError
		require.ErrorAs(t, err, &unknown)
		assert.Equal(t, "UnknownOperationException", unknown.ErrorCode())
		assert.Contains(t, unknown.ErrorMessage(), "ListClusters")
	})
}

func TestTheECRClientReadsErrorFields(t *testing.T) {
	s := wire.NewServer()
	s.Handle("ecr", "BatchGetImage", func(in wire.Object) (wire.Object, error) {
		id := in.Objects("imageIds")[0]
		return wire.Object{"images": []wire.Object{{"imageId": id, "imageManifest": "{}"}}, "failures": []any{}}, nil
	})
	s.Handle("ecr", "DescribeImages", func(wire.Object) (wire.Object, error) {
		return nil, wire.Errorf("ImageNotFoundException", "no image %s", "v1")
	})
	overBoth(t, s, func(t *testing.T, config aws.Config) {
		client := ecr.NewFromConfig(config)
		out, err := client.BatchGetImage(t.Context(), &ecr.BatchGetImageInput{
			RepositoryName: aws.String("web"),
			ImageIds:       []ecrtypes.ImageIdentifier{{ImageTag: aws.String("v1")}},
		})
		require.NoError(t, err)
		assert.Equal(t, "v1", *out.Images[0].ImageId.ImageTag)
		_, err = client.DescribeImages(t.Context(), &ecr.DescribeImagesInput{RepositoryName: aws.String("web")})
		var missing *ecrtypes.ImageNotFoundException
		require.ErrorAs(t, err, &missing)
	})
}

func TestTheApplicationAutoScalingClientReadsMessages(t *testing.T) {
	s := wire.NewServer()
	s.Handle("application-autoscaling", "DescribeScalableTargets", func(wire.Object) (wire.Object, error) {
		return wire.Object{"ScalableTargets": []wire.Object{{
			"ResourceId": "service/shop/web", "MinCapacity": 1.0, "MaxCapacity": int32(5), "CreationTime": instant(),
		}}}, nil
	})
	s.Handle("application-autoscaling", "DeregisterScalableTarget", func(wire.Object) (wire.Object, error) {
		return nil, wire.Errorf("ObjectNotFoundException", "no such target")
	})
	overBoth(t, s, func(t *testing.T, config aws.Config) {
		client := applicationautoscaling.NewFromConfig(config)
		out, err := client.DescribeScalableTargets(t.Context(), &applicationautoscaling.DescribeScalableTargetsInput{
			ServiceNamespace: aastypes.ServiceNamespaceEcs,
		})
		require.NoError(t, err)
		assert.Equal(t, int32(5), *out.ScalableTargets[0].MaxCapacity)
		assert.Equal(t, int32(1), *out.ScalableTargets[0].MinCapacity)
		_, err = client.DeregisterScalableTarget(t.Context(), &applicationautoscaling.DeregisterScalableTargetInput{
			ServiceNamespace: aastypes.ServiceNamespaceEcs, ResourceId: aws.String("service/shop/web"),
			ScalableDimension: aastypes.ScalableDimensionECSServiceDesiredCount,
		})
		var missing *aastypes.ObjectNotFoundException
		require.ErrorAs(t, err, &missing)
		assert.Equal(t, "no such target", missing.ErrorMessage())
	})
}

func TestTheCloudWatchClientSpeaksCBOR(t *testing.T) {
	s := wire.NewServer()
	s.Handle("monitoring", "GetMetricData", func(in wire.Object) (wire.Object, error) {
		start, ok := in.Time("StartTime")
		assert.True(t, ok)
		assert.Equal(t, instant(), start)
		query := in.Objects("MetricDataQueries")[0]
		period, _ := query.Object("MetricStat").Int("Period")
		return wire.Object{"MetricDataResults": []wire.Object{{
			"Id": query.String("Id"), "StatusCode": "Complete", "Label": "CPU",
			"Timestamps": []time.Time{start}, "Values": []float64{float64(period), 0.5, -3, 1e300},
		}}}, nil
	})
	s.Handle("monitoring", "SetAlarmState", func(wire.Object) (wire.Object, error) {
		return nil, &wire.Error{Code: "ResourceNotFound", Message: "no alarm", Status: http.StatusNotFound}
	})
	s.Handle("monitoring", "PutMetricData", func(in wire.Object) (wire.Object, error) {
		assert.Len(t, in.Objects("MetricData"), 500)
		return nil, nil
	})
	s.Handle("monitoring", "DescribeAlarms", func(wire.Object) (wire.Object, error) {
		return wire.Object{"MetricAlarms": []wire.Object{{"AlarmName": "hot", "Threshold": 70, "Period": 60.0, "ActionsEnabled": true}}}, nil
	})
	overBoth(t, s, func(t *testing.T, config aws.Config) {
		client := cloudwatch.NewFromConfig(config)
		start, end := instant(), instant().Add(time.Hour)
		out, err := client.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
			StartTime: &start, EndTime: &end,
			MetricDataQueries: []cwtypes.MetricDataQuery{{Id: aws.String("cpu"), MetricStat: &cwtypes.MetricStat{
				Metric: &cwtypes.Metric{MetricName: aws.String("CPUUtilization")}, Period: aws.Int32(60), Stat: aws.String("Average"),
			}}},
		})
		require.NoError(t, err)
		assert.Equal(t, []float64{60, 0.5, -3, 1e300}, out.MetricDataResults[0].Values)
		assert.Equal(t, instant(), out.MetricDataResults[0].Timestamps[0].UTC())

		_, err = client.SetAlarmState(t.Context(), &cloudwatch.SetAlarmStateInput{
			AlarmName: aws.String("a"), StateValue: cwtypes.StateValueOk, StateReason: aws.String("r"),
		})
		var missing *cwtypes.ResourceNotFound
		require.ErrorAs(t, err, &missing)

		many := make([]cwtypes.MetricDatum, 500) // enough to be compressed
		for i := range many {
			many[i] = cwtypes.MetricDatum{MetricName: aws.String("requests"), Value: aws.Float64(float64(i) / 3)}
		}
		_, err = client.PutMetricData(t.Context(), &cloudwatch.PutMetricDataInput{Namespace: aws.String("n"), MetricData: many})
		require.NoError(t, err)

		alarms, err := client.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{})
		require.NoError(t, err)
		assert.InDelta(t, 70.0, *alarms.MetricAlarms[0].Threshold, 0)
		assert.Equal(t, int32(60), *alarms.MetricAlarms[0].Period)
	})
}

func TestTheSQSClientReadsQueryCompatibleErrors(t *testing.T) {
	s := wire.NewServer()
	s.Handle("sqs", "GetQueueUrl", func(in wire.Object) (wire.Object, error) {
		return nil, wire.Errorf("QueueDoesNotExist", "The specified queue does not exist.")
	})
	s.Handle("sqs", "GetQueueAttributes", func(in wire.Object) (wire.Object, error) {
		assert.Equal(t, []string{"All"}, in.Strings("AttributeNames"))
		return wire.Object{"Attributes": map[string]string{"DelaySeconds": "0"}}, nil
	})
	overBoth(t, s, func(t *testing.T, config aws.Config) {
		client := sqs.NewFromConfig(config)
		_, err := client.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("q")})
		var missing *sqstypes.QueueDoesNotExist
		require.ErrorAs(t, err, &missing)
		assert.Equal(t, "AWS.SimpleQueueService.NonExistentQueue", missing.ErrorCode())
		out, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
			QueueUrl:       aws.String(*config.BaseEndpoint + "/123456789012/q"),
			AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameAll},
		})
		require.NoError(t, err)
		assert.Equal(t, "0", out.Attributes["DelaySeconds"])
	})
}

func TestTheSNSAndSTSClientsSpeakQuery(t *testing.T) {
	s := wire.NewServer()
	s.Handle("sns", "Publish", func(in wire.Object) (wire.Object, error) {
		if in.String("TopicArn") == "gone" {
			return nil, &wire.Error{Code: "NotFound", Message: "Topic does not exist", Status: http.StatusNotFound}
		}
		kind := in.Object("MessageAttributes").Object("kind")
		assert.Equal(t, "String", kind.String("DataType"))
		assert.Equal(t, "heal", kind.String("StringValue"))
		return wire.Object{"MessageId": "<1&2>"}, nil
	})
	s.Handle("sns", "GetTopicAttributes", func(wire.Object) (wire.Object, error) {
		return wire.Object{"Attributes": map[string]string{"TopicArn": "arn", "Owner": "me"}}, nil
	})
	s.Handle("sns", "ListTopics", func(wire.Object) (wire.Object, error) {
		return wire.Object{"Topics": []wire.Object{{"TopicArn": "a"}, {"TopicArn": "b"}}}, nil
	})
	s.Handle("sts", "GetCallerIdentity", func(wire.Object) (wire.Object, error) {
		return wire.Object{"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:root", "UserId": "u"}, nil
	})
	overBoth(t, s, func(t *testing.T, config aws.Config) {
		client := sns.NewFromConfig(config)
		out, err := client.Publish(t.Context(), &sns.PublishInput{
			TopicArn: aws.String("arn"), Message: aws.String("hällo & bye"),
			MessageAttributes: map[string]snstypes.MessageAttributeValue{
				"kind": {DataType: aws.String("String"), StringValue: aws.String("heal")},
			},
		})
		require.NoError(t, err)
		assert.Equal(t, "<1&2>", *out.MessageId)
		_, err = client.Publish(t.Context(), &sns.PublishInput{TopicArn: aws.String("gone"), Message: aws.String("m")})
		var missing *snstypes.NotFoundException
		require.ErrorAs(t, err, &missing)

		attributes, err := client.GetTopicAttributes(t.Context(), &sns.GetTopicAttributesInput{TopicArn: aws.String("arn")})
		require.NoError(t, err)
		assert.Equal(t, map[string]string{"TopicArn": "arn", "Owner": "me"}, attributes.Attributes)
		topics, err := client.ListTopics(t.Context(), &sns.ListTopicsInput{})
		require.NoError(t, err)
		assert.Len(t, topics.Topics, 2)

		me, err := sts.NewFromConfig(config).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
		require.NoError(t, err)
		assert.Equal(t, "123456789012", *me.Account)
	})
}
