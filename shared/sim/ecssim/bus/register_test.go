package bus_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"homeostat/shared/sim/ecssim/bus"
	"homeostat/shared/sim/ecssim/wire"
	"homeostat/shared/sim/simtest/sdk"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// world is a bus behind its wire server.
type world struct {
	*bus.Bus
	clock  *virtual
	server *wire.Server
}

func newWorld(t *testing.T) world {
	clock := newClock()
	w := world{bus.New(clock, 1), clock, wire.NewServer()}
	bus.Register(w.server, w.Bus, bus.Identity{Account: "111122223333", Region: "eu-central-1", Partition: "aws"})
	w.server.Check(func(problem string) { t.Error(problem) })
	return w
}

func (w world) config() aws.Config { return sdk.InMemory(w.server) }

// events calls an EventBridge operation. The module has no client of EventBridge
// here.
func (w world) events(t *testing.T, operation string, in wire.Object) (int, wire.Object) {
	body, err := json.Marshal(in)
	require.NoError(t, err)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://ecssim.invalid/", strings.NewReader(string(body)))
	require.NoError(t, err)
	r.Header.Set("X-Amz-Target", "AWSEvents."+operation)
	answer, err := wire.Transport(w.server).RoundTrip(r)
	require.NoError(t, err)
	var out wire.Object
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&out))
	return answer.StatusCode, out
}

func TestTheSQSClientSendsReceivesAndDeletes(t *testing.T) {
	w := newWorld(t)
	client := sqs.NewFromConfig(w.config())
	_, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("dead")})
	require.NoError(t, err)
	created, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{
		QueueName: aws.String("timers"),
		Attributes: map[string]string{
			"VisibilityTimeout": "60",
			"RedrivePolicy":     `{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:111122223333:dead","maxReceiveCount":"2"}`,
		},
	})
	require.NoError(t, err)
	assert.Equal(t, "http://ecssim.invalid/111122223333/timers", *created.QueueUrl)

	sent, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: created.QueueUrl, MessageBody: aws.String("wake up"), DelaySeconds: 900,
		MessageAttributes: map[string]sqstypes.MessageAttributeValue{
			"kind": {DataType: aws.String("String"), StringValue: aws.String("timer")},
		},
	})
	require.NoError(t, err)
	receive := func() []sqstypes.Message {
		out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
			QueueUrl: created.QueueUrl, MaxNumberOfMessages: 10,
			MessageSystemAttributeNames: []sqstypes.MessageSystemAttributeName{sqstypes.MessageSystemAttributeNameAll},
			MessageAttributeNames:       []string{"All"},
		})
		require.NoError(t, err)
		return out.Messages
	}
	assert.Empty(t, receive())
	w.clock.advance(15 * time.Minute)
	got := receive()
	require.Len(t, got, 1)
	assert.Equal(t, *sent.MessageId, *got[0].MessageId)
	assert.Equal(t, "1", got[0].Attributes["ApproximateReceiveCount"])
	assert.Equal(t, "timer", *got[0].MessageAttributes["kind"].StringValue)
	assert.Equal(t, *sent.MD5OfMessageAttributes, *got[0].MD5OfMessageAttributes)
	assert.Empty(t, receive(), "it is in flight")

	_, err = client.ChangeMessageVisibility(t.Context(), &sqs.ChangeMessageVisibilityInput{
		QueueUrl: created.QueueUrl, ReceiptHandle: got[0].ReceiptHandle, VisibilityTimeout: 0,
	})
	require.NoError(t, err)
	again := receive()
	require.Len(t, again, 1)
	_, err = client.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: created.QueueUrl, ReceiptHandle: got[0].ReceiptHandle})
	require.NoError(t, err, "a receipt of an earlier receive deletes nothing and is no error")
	_, inFlight, _ := w.Depth("timers")
	assert.Equal(t, 1, inFlight)
	w.clock.advance(time.Minute)
	require.Len(t, w.Peek("dead"), 1, "after two receives it is dead")

	var invalid *sqstypes.ReceiptHandleIsInvalid
	_, err = client.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: created.QueueUrl, ReceiptHandle: aws.String("x")})
	require.ErrorAs(t, err, &invalid)
}

func TestTheSQSClientSendsAndDeletesBatches(t *testing.T) {
	w := newWorld(t)
	w.AddQueue(bus.QueueConfig{Name: "q"})
	client := sqs.NewFromConfig(w.config())
	found, err := client.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("q")})
	require.NoError(t, err)
	out, err := client.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{
		QueueUrl: found.QueueUrl,
		Entries: []sqstypes.SendMessageBatchRequestEntry{
			{Id: aws.String("1"), MessageBody: aws.String("a")},
			{Id: aws.String("2"), MessageBody: aws.String("b"), DelaySeconds: 901},
		},
	})
	require.NoError(t, err)
	require.Len(t, out.Successful, 1)
	require.Len(t, out.Failed, 1)
	assert.Equal(t, "InvalidParameterValue", *out.Failed[0].Code)

	got, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: found.QueueUrl})
	require.NoError(t, err)
	deleted, err := client.DeleteMessageBatch(t.Context(), &sqs.DeleteMessageBatchInput{
		QueueUrl: found.QueueUrl,
		Entries: []sqstypes.DeleteMessageBatchRequestEntry{
			{Id: aws.String("1"), ReceiptHandle: got.Messages[0].ReceiptHandle},
			{Id: aws.String("2"), ReceiptHandle: aws.String("bad")},
		},
	})
	require.NoError(t, err)
	assert.Len(t, deleted.Successful, 1)
	assert.Len(t, deleted.Failed, 1)

	_, err = client.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{
		QueueUrl: found.QueueUrl,
		Entries: []sqstypes.SendMessageBatchRequestEntry{
			{Id: aws.String("1"), MessageBody: aws.String("a")}, {Id: aws.String("1"), MessageBody: aws.String("b")},
		},
	})
	var repeated *sqstypes.BatchEntryIdsNotDistinct
	require.ErrorAs(t, err, &repeated)
}

func TestQueuesAreListedDescribedAndPurged(t *testing.T) {
	w := newWorld(t)
	w.AddQueue(bus.QueueConfig{Name: "heal", Visibility: time.Minute, MaxReceives: 5, DeadLetter: "dead"})
	w.AddQueue(bus.QueueConfig{Name: "dead"})
	w.Send("heal", "now", 0)
	w.Send("heal", "later", time.Minute)
	client := sqs.NewFromConfig(w.config())
	listed, err := client.ListQueues(t.Context(), &sqs.ListQueuesInput{QueueNamePrefix: aws.String("he")})
	require.NoError(t, err)
	require.Len(t, listed.QueueUrls, 1)
	read := func() map[string]string {
		out, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
			QueueUrl: &listed.QueueUrls[0], AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameAll},
		})
		require.NoError(t, err)
		return out.Attributes
	}
	got := read()
	assert.Equal(t, "1", got["ApproximateNumberOfMessages"])
	assert.Equal(t, "1", got["ApproximateNumberOfMessagesDelayed"])
	assert.Equal(t, "60", got["VisibilityTimeout"])
	assert.JSONEq(t, `{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:111122223333:dead","maxReceiveCount":5}`, got["RedrivePolicy"])
	_, err = client.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: &listed.QueueUrls[0]})
	require.NoError(t, err)
	w.clock.advance(time.Hour)
	assert.Equal(t, "0", read()["ApproximateNumberOfMessages"])

	var missing *sqstypes.QueueDoesNotExist
	_, err = client.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: aws.String("http://x/1/none")})
	require.ErrorAs(t, err, &missing)
	var other *sqstypes.QueueNameExists
	_, err = client.CreateQueue(t.Context(), &sqs.CreateQueueInput{
		QueueName: aws.String("heal"), Attributes: map[string]string{"VisibilityTimeout": "61"},
	})
	require.ErrorAs(t, err, &other)
}

func TestRulesAreMadeOverTheWireAndCarryEvents(t *testing.T) {
	w := newWorld(t)
	w.AddQueue(bus.QueueConfig{Name: "heal"})
	status, out := w.events(t, "PutRule", wire.Object{"Name": "tasks", "EventPattern": `{"source":["my.app"],"detail":{"n":[1]}}`})
	require.Equal(t, http.StatusOK, status)
	assert.Equal(t, "arn:aws:events:eu-central-1:111122223333:rule/tasks", out.String("RuleArn"))
	_, out = w.events(t, "PutTargets", wire.Object{"Rule": "tasks", "Targets": []any{
		map[string]any{"Id": "1", "Arn": "arn:aws:sqs:eu-central-1:111122223333:heal"},
		map[string]any{"Id": "2", "Arn": "arn:aws:sqs:eu-central-1:111122223333:heal", "Input": `"fixed"`},
		map[string]any{"Id": "3", "Arn": "arn:aws:sqs:eu-central-1:111122223333:heal", "InputPath": "$.detail"},
	}})
	assert.Empty(t, out.Objects("FailedEntries"))
	entry := map[string]any{"Source": "my.app", "DetailType": "Counted", "Detail": `{"n":1}`}
	send := func() {
		_, out := w.events(t, "PutEvents", wire.Object{"Entries": []any{entry}})
		n, _ := out.Int("FailedEntryCount")
		require.Zero(t, n)
		w.clock.advance(time.Second)
	}
	send()
	got := w.Peek("heal")
	require.Len(t, got, 3)
	var event map[string]any
	require.NoError(t, json.Unmarshal([]byte(got[0].Body), &event))
	assert.Equal(t, "Counted", event["detail-type"])
	assert.Equal(t, "2026-07-01T00:00:00Z", event["time"])
	assert.Equal(t, `"fixed"`, got[1].Body)
	assert.JSONEq(t, `{"n":1}`, got[2].Body, "the part of the event at InputPath")

	_, _ = w.events(t, "DisableRule", wire.Object{"Name": "tasks"})
	send()
	assert.Len(t, w.Peek("heal"), 3, "a disabled rule matches nothing")
	_, out = w.events(t, "DescribeRule", wire.Object{"Name": "tasks"})
	assert.Equal(t, "DISABLED", out.String("State"))
	_, _ = w.events(t, "EnableRule", wire.Object{"Name": "tasks"})
	_, out = w.events(t, "ListRules", wire.Object{"NamePrefix": "ta"})
	assert.Len(t, out.Objects("Rules"), 1)
	_, out = w.events(t, "ListTargetsByRule", wire.Object{"Rule": "tasks"})
	assert.Len(t, out.Objects("Targets"), 3)

	status, _ = w.events(t, "DeleteRule", wire.Object{"Name": "tasks"})
	assert.Equal(t, http.StatusBadRequest, status, "it has targets")
	_, _ = w.events(t, "RemoveTargets", wire.Object{"Rule": "tasks", "Ids": []any{"1", "2", "3"}})
	status, _ = w.events(t, "DeleteRule", wire.Object{"Name": "tasks"})
	assert.Equal(t, http.StatusOK, status)
	_, out = w.events(t, "DescribeRule", wire.Object{"Name": "tasks"})
	assert.Equal(t, "ResourceNotFoundException", out.String("__type"))
}

func TestPutEventsRefusesWhatAWSRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		entry map[string]any
		code  string
	}{
		"a source of AWS's own":   {map[string]any{"Source": "aws.ecs", "DetailType": "x", "Detail": "{}"}, "NotAuthorizedForSourceException"},
		"a detail that is a list": {map[string]any{"Source": "a", "DetailType": "x", "Detail": "[]"}, "MalformedDetail"},
		"no detail type":          {map[string]any{"Source": "a", "Detail": "{}"}, "InvalidArgument"},
		"another event bus":       {map[string]any{"Source": "a", "DetailType": "x", "Detail": "{}", "EventBusName": "b"}, "ResourceNotFoundException"},
	} {
		t.Run(name, func(t *testing.T) {
			_, out := newWorld(t).events(t, "PutEvents", wire.Object{"Entries": []any{c.entry}})
			entries := out.Objects("Entries")
			require.Len(t, entries, 1)
			assert.Equal(t, c.code, entries[0].String("ErrorCode"))
		})
	}
	w := newWorld(t)
	w.AllowAWSSources(true)
	_, out := w.events(t, "PutEvents", wire.Object{"Entries": []any{map[string]any{"Source": "aws.ecs", "DetailType": "x", "Detail": "{}"}}})
	assert.NotEmpty(t, out.Objects("Entries")[0].String("EventId"))
	_, out = w.events(t, "PutRule", wire.Object{"Name": "r", "EventPattern": `{"a":[{"regex":"x"}]}`})
	assert.Equal(t, "InvalidEventPatternException", out.String("__type"))
	_, out = w.events(t, "ListRules", wire.Object{"EventBusName": "other"})
	assert.Equal(t, "ResourceNotFoundException", out.String("__type"))
}

func TestWhatIsPublishedToATopicIsKeptAndReachesQueues(t *testing.T) {
	w := newWorld(t)
	w.AddQueue(bus.QueueConfig{Name: "mail"})
	client := sns.NewFromConfig(w.config())
	made, err := client.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String("notify")})
	require.NoError(t, err)
	_, err = client.Subscribe(t.Context(), &sns.SubscribeInput{
		TopicArn: made.TopicArn, Protocol: aws.String("sqs"), Endpoint: aws.String("arn:aws:sqs:eu-central-1:111122223333:mail"),
	})
	require.NoError(t, err)
	_, err = client.Publish(t.Context(), &sns.PublishInput{TopicArn: made.TopicArn, Subject: aws.String("s"), Message: aws.String("rolled back")})
	require.NoError(t, err)
	published := w.Published()
	require.Len(t, published, 1)
	assert.Equal(t, "rolled back", published[0].Message)
	assert.Equal(t, *made.TopicArn, published[0].TopicARN)
	require.Len(t, w.Peek("mail"), 1)
	assert.Contains(t, w.Peek("mail")[0].Body, `"Message":"rolled back"`)
	topics, err := client.ListTopics(t.Context(), &sns.ListTopicsInput{})
	require.NoError(t, err)
	assert.Len(t, topics.Topics, 1)
	_, err = client.Publish(t.Context(), &sns.PublishInput{TopicArn: aws.String("arn:none"), Message: aws.String("m")})
	assert.ErrorContains(t, err, "NotFound")
}
