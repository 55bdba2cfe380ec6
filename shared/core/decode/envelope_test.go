package decode_test

import (
	"strings"
	"testing"

	"homeostat/shared/core/decode"
	"homeostat/shared/core/fleet"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func decodeEvents(raw string) []decode.Outcome { return decode.Events([]byte(raw)) }

const (
	alarmBody = `"alarmName":"cpu","state":{"value":"ALARM","reason":"high"},"previousState":{"value":"OK"},"configuration":{"metrics":[` +
		`{"id":"m1","metricStat":{"metric":{"namespace":"AWS/ECS","name":"CPUUtilization","dimensions":{"ClusterName":"shop","ServiceName":"web"}}}}]}`
	snsAlarm = `{"AlarmName":"cpu","AWSAccountId":"111111111111","NewStateValue":"ALARM","OldStateValue":"OK","NewStateReason":"high","StateChangeTime":"2026-11-02T08:15:30.000+0000",` +
		`"Region":"EU (Frankfurt)","AlarmArn":"arn:aws:cloudwatch:eu-central-1:123456789012:alarm:cpu","Trigger":{"MetricName":"CPUUtilization",` +
		`"Dimensions":[{"name":"ServiceName","value":"web"},{"name":"ClusterName","value":"shop"}]}}`
)

func TestAnAlarmIsTheSameInEveryWrapping(t *testing.T) {
	direct := `{"source":"aws.cloudwatch","alarmArn":"arn:aws:cloudwatch:eu-central-1:123456789012:alarm:cpu","accountId":"123456789012",` +
		`"time":"2026-11-02T08:15:30.000+0000","region":"eu-central-1","alarmData":{` + alarmBody + `}}`
	cases := []struct{ name, raw string }{
		{"over EventBridge", event("aws.cloudwatch", "CloudWatch Alarm State Change", "[]", `{`+alarmBody+`}`)},
		{"directly", direct},
		{"over SNS", string(inSNS(snsAlarm))},
		{"over SNS in a queue", string(inSQS(notified(snsAlarm)))},
		{"over SNS with raw delivery in a queue", string(inSQS(snsAlarm))},
		{"as a bare notification", notified(snsAlarm)},
		{"as a bare message", snsAlarm},
		{"directly, in a queue", string(inSQS(direct))},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := one(t, c.raw)
			got.ID, got.Record = "", nil
			assert.Equal(t, fleet.Trigger{
				Kind: fleet.AlarmChanged, At: got.At, Partition: "aws", Account: "123456789012", Region: "eu-central-1", Cluster: "shop", Service: "web",
				Alarm: fleet.Alarm{Name: "cpu", State: "ALARM", Previous: "OK", Metric: "CPUUtilization"}, Reason: "high",
			}, got)
			assert.Equal(t, "2026-11-02T08:15:30Z", got.At.Format("2006-01-02T15:04:05Z07:00"))
		})
	}
}

func TestTheServiceOfAnAlarm(t *testing.T) {
	metric := func(dimensions string) string {
		return `{"metricStat":{"metric":{"name":"M","dimensions":` + dimensions + `}}}`
	}
	cases := []struct{ name, metrics, want string }{
		{"no metrics", `[]`, "/"},
		{"a metric of a load balancer", `[` + metric(`{"LoadBalancer":"app/x"}`) + `]`, "/"},
		{"a metric of a cluster", `[` + metric(`{"ClusterName":"shop"}`) + `]`, "shop/"},
		{"an expression and a service's metric", `[{"expression":"m1*2"},` + metric(`{"LoadBalancer":"x"}`) + `,` + metric(`{"ClusterName":"shop","ServiceName":"web"}`) + `]`, "shop/web"},
		{"a cluster's metric before a service's", `[` + metric(`{"ClusterName":"other"}`) + `,` + metric(`{"ClusterName":"shop","ServiceName":"web"}`) + `]`, "shop/web"},
		{"the first of two services", `[` + metric(`{"ClusterName":"shop","ServiceName":"web"}`) + `,` + metric(`{"ClusterName":"shop","ServiceName":"api"}`) + `]`, "shop/web"},
		{"dimensions in another case", `[` + metric(`{"clustername":"shop","serviceName":"web"}`) + `]`, "/"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := one(t, event("aws.cloudwatch", "CloudWatch Alarm State Change", "[]", `{"alarmName":"a","state":{"value":"OK"},"configuration":{"metrics":`+c.metrics+`}}`))
			assert.Equal(t, c.want, got.Cluster+"/"+got.Service)
		})
	}
}

func TestEachRecordOfABatchStandsForItself(t *testing.T) {
	good := taskEvent(`{"lastStatus":"RUNNING"}`)
	outcomes := decode.Events(inSQS(good, `{"source":`, good, `{}`, taskEvent(`{"containers":{}}`), good))
	require.Len(t, outcomes, 6)
	for i, o := range outcomes {
		require.NotNil(t, o.Trigger.Record)
		assert.Equal(t, i, *o.Trigger.Record)
		assert.Equal(t, i == 1 || i == 3 || i == 4, o.Err != nil, "record %d", i)
	}
	assert.ErrorContains(t, outcomes[4].Err, "decoding Records[4]: decoding the event: detail.containers: expected a list, got an object")
}

func TestRecordsThatCarryNothing(t *testing.T) {
	good := `{"body":"{\"source\":\"x\"}"}`
	cases := []struct{ name, record, message string }{
		{"an empty body", `{"body":""}`, "Records[0]: expected an SQS body or an SNS message, got neither"},
		{"a null body", `{"body":null}`, "Records[0]: expected an SQS body or an SNS message, got neither"},
		{"a body that is an object", `{"body":{}}`, "Records[0].body: expected a text, got an object"},
		{"a number", `7`, "Records[0]: expected an object, got a number"},
		{"null", `null`, "Records[0]: expected an object, got null"},
		{"an object of S3", `{"eventSource":"aws:s3","s3":{}}`, "Records[0]: expected an SQS body or an SNS message, got neither"},
		{"a notification without a message", `{"Sns":{}}`, "Records[0]: expected an SQS body or an SNS message, got neither"},
		{"a notification that is a text", `{"Sns":"x"}`, "Records[0].Sns: expected an object, got a text"},
		{"a message that is no JSON", `{"Sns":{"Message":"hello"}}`, "decoding Records[0]: decoding the event: invalid character 'h' at start of value, at byte 0"},
		{"a batch within a batch", `{"body":"{\"Records\":[]}"}`, "source: expected a text, got nothing"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			outcomes := decodeEvents(`{"Records":[` + c.record + `,` + good + `]}`)
			require.Len(t, outcomes, 2)
			assert.ErrorContains(t, outcomes[0].Err, c.message)
			assert.NoError(t, outcomes[1].Err)
		})
	}
	t.Run("no records give nothing", func(t *testing.T) { assert.Empty(t, decodeEvents(`{"Records":[]}`)) })
}

func TestEnvelopesMayBeNestedUpToALimit(t *testing.T) {
	inner := taskEvent(`{"lastStatus":"RUNNING"}`)
	assert.Equal(t, fleet.TaskRunning, one(t, string(inSQS(notified(inner)))).Kind)
	assert.Equal(t, fleet.TaskRunning, one(t, string(inSQS(notified(notified(inner))))).Kind)
	for range 5 {
		inner = notified(inner)
	}
	assert.ErrorContains(t, bad(t, inner), "envelopes around an event")
}

func TestAccountAndRegionComeFromTheEvent(t *testing.T) {
	got := one(t, string(inSQS(taskEvent(`{"lastStatus":"RUNNING"}`))))
	assert.Equal(t, "123456789012 eu-central-1", got.Account+" "+got.Region)
	got = one(t, string(inSNS(snsAlarm)))
	assert.Equal(t, "123456789012 eu-central-1", got.Account+" "+got.Region)
	got = one(t, strings.Replace(snsAlarm, `"AlarmArn":"arn:aws:cloudwatch:eu-central-1:123456789012:alarm:cpu",`, "", 1))
	assert.Equal(t, "111111111111 ", got.Account+" "+got.Region, "a place's name is no region")
}

func TestTheIDOfAnEventWithoutOneComesFromItsBytes(t *testing.T) {
	bare := one(t, snsAlarm).ID
	assert.Len(t, bare, 32)
	assert.Equal(t, bare, one(t, string(inSQS(snsAlarm))).ID)
	assert.Equal(t, bare, one(t, string(inSQS(notified(snsAlarm)))).ID)
	assert.NotEqual(t, bare, one(t, strings.Replace(snsAlarm, "high", "low", 1)).ID)
	assert.Equal(t, "e-1", one(t, taskEvent(`{}`)).ID)
}

func TestEveryRetirementOfARecordCountsAsThatRecord(t *testing.T) {
	retirement := event("aws.health", "AWS Health Event", `["shop|web","shop|api"]`, `{"service":"ECS","eventTypeCode":"AWS_ECS_TASK_PATCHING_RETIREMENT"}`)
	outcomes := decode.Events(inSQS(retirement, taskEvent(`{}`)))
	require.Len(t, outcomes, 3)
	for i, want := range []int{0, 0, 1} {
		assert.Equal(t, want, *outcomes[i].Trigger.Record)
	}
}

func TestTimestamps(t *testing.T) {
	cases := []struct{ text, want string }{
		{"2026-11-02T08:15:30Z", "2026-11-02T08:15:30Z"},
		{"2026-11-02T08:15:30.618059641Z", "2026-11-02T08:15:30.618059641Z"},
		{"2026-11-02T08:15:30.490+0000", "2026-11-02T08:15:30.49Z"},
		{"2026-11-02T10:15:30+0200", "2026-11-02T08:15:30Z"},
		{"2026-11-02T10:15:30+02:00", "2026-11-02T08:15:30Z"},
		{"2026-11-02", "0001-01-01T00:00:00Z"},
		{"9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00Z"},
		{"", "0001-01-01T00:00:00Z"},
	}
	for _, c := range cases {
		got := one(t, `{"source":"x","time":"`+c.text+`"}`)
		assert.Equal(t, c.want, got.At.Format("2006-01-02T15:04:05.999999999Z07:00"), c.text)
	}
}
