package bus_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"homeostat/shared/sim/ecssim/bus"
	"homeostat/shared/sim/ecssim/wire"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// queue calls an SQS operation on the queue q.
func (w world) queue(operation string, in wire.Object) (wire.Object, error) {
	if !in.Has("QueueUrl") {
		in["QueueUrl"] = "http://x/111122223333/q"
	}
	return w.server.Invoke("sqs", operation, in)
}

func (w world) attributes(t *testing.T) map[string]string {
	out, err := w.queue("GetQueueAttributes", wire.Object{"AttributeNames": []any{"All"}})
	require.NoError(t, err)
	attributes, _ := out["Attributes"].(map[string]string)
	return attributes
}

func TestTheAttributesOfAQueueAreChangedAndHaveAnEffect(t *testing.T) {
	w := newWorld(t)
	w.AddQueue(bus.QueueConfig{Name: "q"})
	w.clock.advance(time.Hour)
	_, err := w.queue("SetQueueAttributes", wire.Object{"Attributes": wire.Object{
		"VisibilityTimeout": "0", "DelaySeconds": "5", "MessageRetentionPeriod": "60", "MaximumMessageSize": "1024", "Policy": "{}", "ReceiveMessageWaitTimeSeconds": "20",
	}})
	require.NoError(t, err)
	got := w.attributes(t)
	for name, want := range map[string]string{
		"VisibilityTimeout": "0", "DelaySeconds": "5", "MessageRetentionPeriod": "60", "MaximumMessageSize": "1024", "Policy": "{}", "ReceiveMessageWaitTimeSeconds": "20",
	} {
		assert.Equal(t, want, got[name], name)
	}
	assert.NotEqual(t, got["CreatedTimestamp"], got["LastModifiedTimestamp"])
	_, err = w.queue("SendMessage", wire.Object{"MessageBody": strings.Repeat("x", 1025)})
	require.ErrorContains(t, err, "shorter than 1024 bytes")
	_, err = w.queue("SendMessage", wire.Object{"MessageBody": "x"})
	require.NoError(t, err)
	_, _, delayed := w.Depth("q")
	assert.Equal(t, 1, delayed)
	w.clock.advance(5 * time.Second)
	_, err = w.queue("ReceiveMessage", wire.Object{})
	require.NoError(t, err)
	w.clock.advance(time.Second)
	assert.Len(t, w.Peek("q"), 1, "a visibility timeout of zero shows it again")
	w.clock.advance(time.Minute)
	_, err = w.queue("ReceiveMessage", wire.Object{})
	require.NoError(t, err)
	w.clock.advance(time.Second)
	assert.Empty(t, w.Peek("q"), "its retention is over")
}

func TestAttributesThatSQSRefuses(t *testing.T) {
	w := newWorld(t)
	w.AddQueue(bus.QueueConfig{Name: "q"})
	before := w.attributes(t)
	for attribute, want := range map[[2]string]string{
		{"VisibilityTimeout", "43201"}:          "InvalidAttributeValue: Invalid value for the parameter VisibilityTimeout.",
		{"DelaySeconds", "901"}:                 "InvalidAttributeValue",
		{"MessageRetentionPeriod", "59"}:        "InvalidAttributeValue",
		{"MaximumMessageSize", "1023"}:          "InvalidAttributeValue",
		{"ReceiveMessageWaitTimeSeconds", "21"}: "InvalidAttributeValue",
		{"DelaySeconds", "x"}:                   "InvalidAttributeValue",
		{"RedrivePolicy", "{}"}:                 "InvalidParameterValue",
		{"FifoQueue", "true"}:                   "InvalidAttributeName: Unknown Attribute FifoQueue.",
	} {
		_, err := w.queue("SetQueueAttributes", wire.Object{"Attributes": wire.Object{"Policy": "p", attribute[0]: attribute[1]}})
		assert.ErrorContains(t, err, want)
	}
	assert.Equal(t, before, w.attributes(t), "a refused request changes nothing")
	_, err := w.server.Invoke("sqs", "CreateQueue", wire.Object{"QueueName": "a.fifo"})
	assert.ErrorContains(t, err, "ecssim does not model queues of the type FIFO")
}

func TestRequestsThatSQSRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		operation string
		in        wire.Object
		want      string
	}{
		"a name with a space":            {"CreateQueue", wire.Object{"QueueName": "a b"}, "InvalidParameterValue"},
		"a name of 81 characters":        {"CreateQueue", wire.Object{"QueueName": strings.Repeat("a", 81)}, "InvalidParameterValue"},
		"a body with a control letter":   {"SendMessage", wire.Object{"MessageBody": "a\x01"}, "InvalidMessageContents"},
		"a body with U+FFFE":             {"SendMessage", wire.Object{"MessageBody": "\uFFFE"}, "InvalidMessageContents"},
		"a wait of more than 20 seconds": {"ReceiveMessage", wire.Object{"WaitTimeSeconds": 21}, "WaitTimeSeconds"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.AddQueue(bus.QueueConfig{Name: "q"})
			_, err := w.queue(c.operation, c.in)
			require.ErrorContains(t, err, c.want)
			_, err = w.queue("SendMessage", wire.Object{"MessageBody": "tab\t, line\n and \U0001F600"})
			assert.NoError(t, err)
		})
	}
}

func TestQueuesAreTaggedAndListedByTheirDeadLetterQueue(t *testing.T) {
	w := newWorld(t)
	w.AddQueue(bus.QueueConfig{Name: "dead"})
	_, err := w.server.Invoke("sqs", "CreateQueue", wire.Object{
		"QueueName": "q", "tags": wire.Object{"a": "1"}, "Attributes": wire.Object{"VisibilityTimeout": "0"},
	})
	require.NoError(t, err)
	assert.Equal(t, "0", w.attributes(t)["VisibilityTimeout"])
	_, err = w.queue("TagQueue", wire.Object{"Tags": wire.Object{"b": "2"}})
	require.NoError(t, err)
	_, err = w.queue("UntagQueue", wire.Object{"TagKeys": []any{"a"}})
	require.NoError(t, err)
	tags, err := w.queue("ListQueueTags", wire.Object{})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"b": "2"}, tags["Tags"])
	sources := func() []string {
		out, err := w.server.Invoke("sqs", "ListDeadLetterSourceQueues", wire.Object{"QueueUrl": "http://x/111122223333/dead"})
		require.NoError(t, err)
		return out.Strings("queueUrls")
	}
	assert.Empty(t, sources())
	policy := `{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:111122223333:dead","maxReceiveCount":3}`
	_, err = w.queue("SetQueueAttributes", wire.Object{"Attributes": wire.Object{"RedrivePolicy": policy}})
	require.NoError(t, err)
	assert.Equal(t, []string{"http://ecssim.internal/111122223333/q"}, sources())
	_, err = w.queue("SetQueueAttributes", wire.Object{"Attributes": wire.Object{"RedrivePolicy": ""}})
	require.NoError(t, err)
	assert.Empty(t, sources(), "an empty policy removes it")
}

func TestQueuesAreListedInPagesOnRequest(t *testing.T) {
	w := newWorld(t)
	for i := range 3 {
		w.AddQueue(bus.QueueConfig{Name: fmt.Sprintf("q%d", i)})
	}
	out, err := w.server.Invoke("sqs", "ListQueues", wire.Object{"MaxResults": 2.0})
	require.NoError(t, err)
	assert.Len(t, out.Strings("QueueUrls"), 2)
	out, err = w.server.Invoke("sqs", "ListQueues", wire.Object{"MaxResults": 2.0, "NextToken": out.String("NextToken")})
	require.NoError(t, err)
	assert.Len(t, out.Strings("QueueUrls"), 1)
	assert.False(t, out.Has("NextToken"))
}

func TestTheVisibilityOfABatchChanges(t *testing.T) {
	w := newWorld(t)
	w.AddQueue(bus.QueueConfig{Name: "q"})
	w.Send("q", "a", 0)
	received, err := w.queue("ReceiveMessage", wire.Object{})
	require.NoError(t, err)
	handle := received.Objects("Messages")[0].String("ReceiptHandle")
	out, err := w.queue("ChangeMessageVisibilityBatch", wire.Object{"Entries": []any{
		wire.Object{"Id": "1", "ReceiptHandle": handle, "VisibilityTimeout": 0.0},
		wire.Object{"Id": "2", "ReceiptHandle": "bad", "VisibilityTimeout": 0.0},
	}})
	require.NoError(t, err)
	assert.Len(t, out.Objects("Successful"), 1)
	assert.Equal(t, "ReceiptHandleIsInvalid", out.Objects("Failed")[0].String("Code"))
	assert.Len(t, w.Peek("q"), 1)
}

func TestTopicsHaveAttributesTagsAndSubscriptions(t *testing.T) {
	w := newWorld(t)
	w.AddQueue(bus.QueueConfig{Name: "q"})
	call := func(operation string, in wire.Object) wire.Object {
		t.Helper()
		out, err := w.server.Invoke("sns", operation, in)
		require.NoError(t, err)
		return out
	}
	arn := call("CreateTopic", wire.Object{
		"Name": "mail", "Attributes": wire.Object{"DisplayName": "Mail"}, "Tags": []any{wire.Object{"Key": "a", "Value": "1"}},
	}).String("TopicArn")
	topic := wire.Object{"TopicArn": arn}
	call("SetTopicAttributes", wire.Object{"TopicArn": arn, "AttributeName": "Policy", "AttributeValue": "{}"})
	subscribe := wire.Object{"TopicArn": arn, "Protocol": "sqs", "Endpoint": "arn:aws:sqs:eu-central-1:111122223333:q", "Attributes": wire.Object{"RawMessageDelivery": "true"}}
	subscription := call("Subscribe", subscribe).String("SubscriptionArn")
	assert.Equal(t, subscription, call("Subscribe", subscribe).String("SubscriptionArn"), "the same endpoint is the same subscription")
	attributes, _ := call("GetTopicAttributes", topic)["Attributes"].(map[string]string)
	assert.Equal(t, [4]string{"Mail", "{}", "1", "111122223333"}, [4]string{attributes["DisplayName"], attributes["Policy"], attributes["SubscriptionsConfirmed"], attributes["Owner"]})
	call("Publish", wire.Object{"TopicArn": arn, "Message": "plain"})
	assert.Equal(t, "plain", w.Peek("q")[0].Body, "raw delivery has no envelope")
	call("SetSubscriptionAttributes", wire.Object{"SubscriptionArn": subscription, "AttributeName": "RawMessageDelivery", "AttributeValue": "false"})
	of, _ := call("GetSubscriptionAttributes", wire.Object{"SubscriptionArn": subscription})["Attributes"].(map[string]string)
	assert.Equal(t, "false", of["RawMessageDelivery"])
	assert.Len(t, call("ListSubscriptions", wire.Object{}).Objects("Subscriptions"), 1)
	call("TagResource", wire.Object{"ResourceArn": arn, "Tags": []any{wire.Object{"Key": "b", "Value": "2"}}})
	call("UntagResource", wire.Object{"ResourceArn": arn, "TagKeys": []any{"a"}})
	assert.Equal(t, "b", call("ListTagsForResource", wire.Object{"ResourceArn": arn}).Objects("Tags")[0].String("Key"))
	_, err := w.server.Invoke("sns", "Subscribe", wire.Object{"TopicArn": arn, "Protocol": "pigeon", "Endpoint": "x"})
	require.ErrorContains(t, err, "Does not support this protocol string: pigeon")
	call("Unsubscribe", wire.Object{"SubscriptionArn": subscription})
	assert.Empty(t, call("ListSubscriptionsByTopic", topic).Objects("Subscriptions"))
	for operation, in := range map[string]wire.Object{
		"SetTopicAttributes":        {"TopicArn": arn, "AttributeName": "Colour"},
		"Subscribe":                 {"TopicArn": arn, "Protocol": "sqs", "Attributes": wire.Object{"FilterPolicy": "{}"}},
		"CreateTopic":               {"Name": "mail.fifo"},
		"GetSubscriptionAttributes": {"SubscriptionArn": subscription},
	} {
		_, err := w.server.Invoke("sns", operation, in)
		assert.Error(t, err, operation)
	}
	call("DeleteTopic", topic)
	call("DeleteTopic", topic)
	_, err = w.server.Invoke("sns", "GetTopicAttributes", topic)
	assert.ErrorContains(t, err, "NotFound")
}
