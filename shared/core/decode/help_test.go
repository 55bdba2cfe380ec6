package decode_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"homeostat/shared/core/decode"
	"homeostat/shared/core/fleet"

	"github.com/stretchr/testify/require"
)

// event returns an EventBridge event of account 123456789012 in eu-central-1.
func event(source, detailType, resources, detail string) string {
	return fmt.Sprintf(`{"version":"0","id":"e-1","detail-type":%q,"source":%q,"account":"123456789012","time":"2026-11-02T08:15:30Z",`+
		`"region":"eu-central-1","resources":%s,"detail":%s}`, detailType, source, resources, detail)
}

func taskEvent(detail string) string {
	return event("aws.ecs", "ECS Task State Change", "[]", detail)
}

// inSQS wraps bodies like a batch of a queue that Lambda delivers.
func inSQS(bodies ...string) []byte {
	records := make([]map[string]any, len(bodies))
	for i, body := range bodies {
		records[i] = map[string]any{
			"messageId": fmt.Sprint("m-", i), "receiptHandle": "r", "body": body, "eventSource": "aws:sqs",
			"eventSourceARN": "arn:aws:sqs:us-east-1:999999999999:other", "awsRegion": "us-east-1",
		}
	}
	return marshal(map[string]any{"Records": records})
}

func inSNS(messages ...string) []byte {
	records := make([]map[string]any, len(messages))
	for i, message := range messages {
		records[i] = map[string]any{
			"EventSource": "aws:sns", "EventVersion": "1.0",
			"Sns": map[string]any{"Type": "Notification", "MessageId": fmt.Sprint("m-", i), "TopicArn": topic, "Message": message},
		}
	}
	return marshal(map[string]any{"Records": records})
}

const topic = "arn:aws:sns:us-east-1:999999999999:alarms"

// notified returns the notification that SNS sends to a queue or an endpoint.
func notified(message string) string {
	return string(marshal(map[string]any{"Type": "Notification", "MessageId": "m", "TopicArn": topic, "Message": message}))
}

func marshal(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}

// one returns the trigger of raw, which must give exactly one and no error.
func one(t require.TestingT, raw string) fleet.Trigger {
	outcomes := decode.Events([]byte(raw))
	require.Len(t, outcomes, 1)
	require.NoError(t, outcomes[0].Err)
	require.NotEmpty(t, outcomes[0].Trigger.Kind)
	require.NotEmpty(t, outcomes[0].Trigger.ID)
	return outcomes[0].Trigger
}

// bad returns the error of raw, which must give exactly one.
func bad(t require.TestingT, raw string) error {
	outcomes := decode.Events([]byte(raw))
	require.Len(t, outcomes, 1)
	require.Error(t, outcomes[0].Err)
	return outcomes[0].Err
}

// samples returns the bare sample events and the batches.
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("../../../events/*/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	out := make(map[string][]byte, len(files))
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		out[file] = raw
	}
	return out
}
