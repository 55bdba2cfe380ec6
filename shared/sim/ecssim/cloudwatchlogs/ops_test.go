package cloudwatchlogs_test

import (
	"testing"
	"time"

	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/ecssim/wire"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newServer returns a Sim's server that checks answers against AWS's models.
func newServer(t *testing.T) *wire.Server {
	server := ecssim.New(ecssim.Config{}).Server()
	server.Check(func(problem string) { t.Error(problem) })
	return server
}

func TestADeletedLogGroupIsGone(t *testing.T) {
	server, web := newServer(t), wire.Object{"logGroupName": "/ecs/web"}
	_, err := server.Invoke("logs", "CreateLogGroup", web)
	require.NoError(t, err)
	_, err = server.Invoke("logs", "DeleteLogGroup", web)
	require.NoError(t, err)
	left, err := server.Invoke("logs", "DescribeLogGroups", wire.Object{})
	require.NoError(t, err)
	assert.Empty(t, left.Objects("logGroups"))
	_, err = server.Invoke("logs", "DeleteLogGroup", web)
	assert.ErrorContains(t, err, "The specified log group does not exist.")
}

// events returns PutLogEvents entries at offsets from the simulator's start.
func events(offsets ...time.Duration) []any {
	start := time.Date(2026, 1, 5, 6, 0, 0, 0, time.UTC)
	out := make([]any, len(offsets))
	for i, offset := range offsets {
		out[i] = wire.Object{"timestamp": float64(start.Add(offset).UnixMilli()), "message": offset.String()}
	}
	return out
}

func TestEventsAreWrittenAndRead(t *testing.T) {
	server := newServer(t)
	group, stream := wire.Object{"logGroupName": "g"}, wire.Object{"logGroupName": "g", "logStreamName": "s"}
	call := func(operation string, in wire.Object) wire.Object {
		t.Helper()
		out, err := server.Invoke("logs", operation, in)
		require.NoError(t, err)
		return out
	}
	call("CreateLogGroup", wire.Object{"logGroupName": "g", "tags": wire.Object{"a": "1"}})
	_, err := server.Invoke("logs", "PutLogEvents", wire.Object{"logGroupName": "g", "logStreamName": "s", "logEvents": events(0)})
	require.ErrorContains(t, err, "The specified log stream does not exist.")
	call("CreateLogStream", stream)
	_, err = server.Invoke("logs", "CreateLogStream", stream)
	require.ErrorContains(t, err, "ResourceAlreadyExistsException")
	described := call("DescribeLogStreams", group).Objects("logStreams")[0]
	assert.True(t, described.Has("creationTime"))
	assert.False(t, described.Has("lastEventTimestamp"), "it has no events")
	put := func(offsets ...time.Duration) wire.Object {
		return call("PutLogEvents", wire.Object{"logGroupName": "g", "logStreamName": "s", "logEvents": events(offsets...)})
	}
	put(-time.Hour, -time.Minute)
	put(-30 * time.Minute)
	assert.Equal(t, wire.Object{"tooNewLogEventStartIndex": 1}, put(0, 3*time.Hour, 4*time.Hour).Object("rejectedLogEventsInfo"))
	assert.Equal(t, wire.Object{"tooOldLogEventEndIndex": 2}, put(-20*24*time.Hour, -20*24*time.Hour).Object("rejectedLogEventsInfo"))
	read := func() (texts []string) {
		for _, e := range call("GetLogEvents", stream).Objects("events") {
			texts = append(texts, e.String("message"))
		}
		return texts
	}
	assert.Equal(t, []string{"-1h0m0s", "-30m0s", "-1m0s", "0s"}, read(), "in the order of their times")
	for _, offsets := range [][]time.Duration{{0, -time.Minute}, {-25 * time.Hour, 0}} {
		_, err = server.Invoke("logs", "PutLogEvents", wire.Object{"logGroupName": "g", "logStreamName": "s", "logEvents": events(offsets...)})
		require.ErrorContains(t, err, "InvalidParameterException")
	}
	call("DeleteLogStream", stream)
	assert.Empty(t, call("DescribeLogStreams", group).Objects("logStreams"))
}

func TestARetentionPolicyDeletesOldEvents(t *testing.T) {
	sim := ecssim.New(ecssim.Config{})
	server := sim.Server()
	server.Check(func(problem string) { t.Error(problem) })
	group, stream := wire.Object{"logGroupName": "g"}, wire.Object{"logGroupName": "g", "logStreamName": "s"}
	_, err := server.Invoke("logs", "CreateLogGroup", group)
	require.NoError(t, err)
	_, err = server.Invoke("logs", "CreateLogStream", stream)
	require.NoError(t, err)
	_, err = server.Invoke("logs", "PutLogEvents", wire.Object{"logGroupName": "g", "logStreamName": "s", "logEvents": events(-time.Hour, 0)})
	require.NoError(t, err)
	_, err = server.Invoke("logs", "PutRetentionPolicy", wire.Object{"logGroupName": "g", "retentionInDays": 2.0})
	require.ErrorContains(t, err, "retentionInDays")
	_, err = server.Invoke("logs", "PutRetentionPolicy", wire.Object{"logGroupName": "g", "retentionInDays": 1.0})
	require.NoError(t, err)
	groups, err := server.Invoke("logs", "DescribeLogGroups", wire.Object{})
	require.NoError(t, err)
	days, _ := groups.Objects("logGroups")[0].Int("retentionInDays")
	assert.Equal(t, 1, days)
	count := func() int {
		out, err := server.Invoke("logs", "GetLogEvents", stream)
		require.NoError(t, err)
		return len(out.Objects("events"))
	}
	assert.Equal(t, 2, count())
	sim.RunUntil(sim.Now().Add(24 * time.Hour))
	assert.Equal(t, 1, count())
	_, err = server.Invoke("logs", "DeleteRetentionPolicy", group)
	require.NoError(t, err)
	sim.RunUntil(sim.Now().Add(24 * time.Hour))
	assert.Equal(t, 1, count(), "without a policy events stay")
}

func TestTagsOfLogGroups(t *testing.T) {
	server := newServer(t)
	_, err := server.Invoke("logs", "CreateLogGroup", wire.Object{"logGroupName": "g", "tags": wire.Object{"a": "1"}})
	require.NoError(t, err)
	const arn = "arn:aws:logs:eu-central-1:123456789012:log-group:g"
	_, err = server.Invoke("logs", "TagResource", wire.Object{"resourceArn": arn, "tags": wire.Object{"b": "2"}})
	require.NoError(t, err)
	_, err = server.Invoke("logs", "UntagResource", wire.Object{"resourceArn": arn, "tagKeys": []any{"a"}})
	require.NoError(t, err)
	out, err := server.Invoke("logs", "ListTagsForResource", wire.Object{"resourceArn": arn})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"b": "2"}, out["tags"])
	_, err = server.Invoke("logs", "ListTagsForResource", wire.Object{"resourceArn": arn + "x"})
	assert.ErrorContains(t, err, "ResourceNotFoundException")
}

func TestLogGroupsAreListedByTheirClass(t *testing.T) {
	server := newServer(t)
	for name, class := range map[string]string{"plain": "", "rare": "INFREQUENT_ACCESS"} {
		in := wire.Object{"logGroupName": name}
		if class != "" {
			in["logGroupClass"] = class
		}
		_, err := server.Invoke("logs", "CreateLogGroup", in)
		require.NoError(t, err)
	}
	for class, want := range map[string]string{"STANDARD": "plain", "INFREQUENT_ACCESS": "rare"} {
		out, err := server.Invoke("logs", "DescribeLogGroups", wire.Object{"logGroupClass": class})
		require.NoError(t, err)
		require.Len(t, out.Objects("logGroups"), 1)
		assert.Equal(t, want, out.Objects("logGroups")[0].String("logGroupName"))
	}
}
