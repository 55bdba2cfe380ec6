//go:build e2e

package e2e

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/stretchr/testify/require"
)

type object = map[string]any

// sample is one of the repository's sample events, with other names and times.
type sample struct {
	Source     string   `json:"source"`
	DetailType string   `json:"detail-type"`
	Resources  []string `json:"resources"`
	Detail     object   `json:"detail"`
}

func readSample(t *testing.T, path string) sample {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, "events", path))
	require.NoError(t, err)
	var s sample
	require.NoError(t, json.Unmarshal(data, &s))
	return s
}

// put sends events to EventBridge, as AWS's services do.
func (c *cloud) put(t *testing.T, samples ...sample) {
	t.Helper()
	for _, s := range samples {
		detail, err := json.Marshal(s.Detail)
		require.NoError(t, err)
		out, err := c.events.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
			Source: aws.String(s.Source), DetailType: aws.String(s.DetailType), Detail: aws.String(string(detail)),
			Resources: s.Resources, Time: aws.Time(time.Now()),
		}}})
		require.NoError(t, err)
		require.Zero(t, out.FailedEntryCount, "%+v", out.Entries)
	}
}

// alarmOf returns the alarm of a service's CPU, gone to ALARM.
func alarmOf(t *testing.T, service string) sample {
	t.Helper()
	s := readSample(t, "cloudwatch/alarm.json")
	s.Detail["alarmName"] = "shop-" + service + "-cpu"
	metric := s.Detail["configuration"].(object)["metrics"].([]any)[0].(object)["metricStat"].(object)["metric"].(object)
	metric["dimensions"] = object{"ClusterName": cluster, "ServiceName": service}
	return s
}

// pushOf returns the push of an image, by its reference pinned by digest.
func pushOf(t *testing.T, repository, tag, image string) sample {
	t.Helper()
	_, digest, _ := strings.Cut(image, "@")
	s := readSample(t, "ecr/image-push.json")
	maps.Copy(s.Detail, object{"repository-name": repository, "image-tag": tag, "image-digest": digest})
	return s
}

// failureOf returns the end of a task of the service's current deployment. The
// task exited by itself after a while.
func (c *cloud) failureOf(t *testing.T, service, task string, created time.Time, lived time.Duration) sample {
	t.Helper()
	s := readSample(t, "ecs/task-stopped-app-exit.json")
	arn := "arn:aws:ecs:" + region + ":" + account + ":task/" + cluster + "/" + task
	stamp := func(share float64) string {
		return created.Add(time.Duration(share * float64(lived))).UTC().Format("2006-01-02T15:04:05.000Z")
	}
	maps.Copy(s.Detail, object{
		"group": "service:" + service, "startedBy": aws.ToString(c.primary(t, service).Id), "taskArn": arn,
		"taskDefinitionArn": aws.ToString(c.service(t, service).TaskDefinition),
		"createdAt":         stamp(0), "connectivityAt": stamp(0.05), "pullStartedAt": stamp(0.1), "pullStoppedAt": stamp(0.15),
		"startedAt": stamp(0.2), "stoppingAt": stamp(0.9), "executionStoppedAt": stamp(0.92), "stoppedAt": stamp(0.95), "updatedAt": stamp(0.95),
	})
	container := s.Detail["containers"].([]any)[0].(object)
	container["taskArn"], container["name"] = arn, "app"
	s.Resources = []string{arn}
	c.ended.Store(task, s.Detail)
	return s
}
