package bus_test

import (
	"maps"
	"net/http"
	"testing"
	"time"

	"homeostat/shared/sim/ecssim/bus"
	"homeostat/shared/sim/ecssim/wire"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const queueARN = "arn:aws:sqs:eu-central-1:111122223333:heal"

// ok calls an EventBridge operation that must succeed.
func (w world) ok(t *testing.T, operation string, in wire.Object) wire.Object {
	t.Helper()
	status, out := w.events(t, operation, in)
	require.Equal(t, http.StatusOK, status, "%s: %v", operation, out)
	return out
}

// refused returns the code and the message of an operation that must fail.
func (w world) refused(t *testing.T, operation string, in wire.Object) string {
	t.Helper()
	status, out := w.events(t, operation, in)
	require.Equal(t, http.StatusBadRequest, status)
	return out.String("__type") + ": " + out.String("message")
}

// targets returns a PutTargets request for the rule r.
func targets(list ...any) wire.Object { return wire.Object{"Rule": "r", "Targets": list} }

func sentEvent(more wire.Object) wire.Object {
	entry := wire.Object{"Source": "my.app", "DetailType": "Counted", "Detail": `{"n":1,"name":"web"}`}
	maps.Copy(entry, more)
	return wire.Object{"Entries": []any{entry}}
}

func TestARuleWithAScheduleFiresOnTheVirtualClock(t *testing.T) {
	for name, c := range map[string]struct {
		expression string
		want       int // events in three hours from midnight on
	}{
		"every half hour":     {"rate(30 minutes)", 6},
		"at two in the night": {"cron(0 2 * * ? *)", 1},
		"at noon":             {"cron(0 12 * * ? *)", 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.AddQueue(bus.QueueConfig{Name: "heal"})
			w.ok(t, "PutRule", wire.Object{"Name": "r", "ScheduleExpression": c.expression})
			w.ok(t, "PutTargets", targets(wire.Object{"Id": "1", "Arn": queueARN}))
			w.clock.advance(3*time.Hour + time.Second)
			got := w.Peek("heal")
			require.Len(t, got, c.want)
			for _, m := range got {
				assert.Contains(t, m.Body, `"detail-type":"Scheduled Event","source":"aws.events"`)
				assert.Contains(t, m.Body, `"resources":["arn:aws:events:eu-central-1:111122223333:rule/r"],"detail":{}`)
			}
		})
	}
}

func TestAScheduleEndsWithItsRuleAndRestsWhileItIsDisabled(t *testing.T) {
	w := newWorld(t)
	w.AddQueue(bus.QueueConfig{Name: "heal"})
	w.ok(t, "PutRule", wire.Object{"Name": "r", "ScheduleExpression": "rate(1 hour)"})
	w.ok(t, "PutTargets", targets(wire.Object{"Id": "1", "Arn": queueARN}))
	w.ok(t, "DisableRule", wire.Object{"Name": "r"})
	w.clock.advance(90 * time.Minute)
	assert.Empty(t, w.Peek("heal"))
	w.ok(t, "EnableRule", wire.Object{"Name": "r"})
	w.clock.advance(time.Hour)
	assert.Len(t, w.Peek("heal"), 1)
	w.ok(t, "PutRule", wire.Object{"Name": "r", "EventPattern": `{"source":["none"]}`})
	w.clock.advance(5 * time.Hour)
	assert.Len(t, w.Peek("heal"), 1, "the rule has no schedule any more")
	for _, expression := range []string{"rate(1 hours)", "cron(* *)", "at(2026-01-01T00:00:00)"} {
		assert.Contains(t, w.refused(t, "PutRule", wire.Object{"Name": "s", "ScheduleExpression": expression}), "ScheduleExpression is not valid")
	}
}

func TestDeliveriesToTargetsThatDoNotExistFailAndAreCounted(t *testing.T) {
	w := newWorld(t)
	w.AddQueue(bus.QueueConfig{Name: "heal"})
	w.AddQueue(bus.QueueConfig{Name: "dead"})
	topic := w.AddTopic("mail")
	w.ok(t, "PutRule", wire.Object{"Name": "r", "EventPattern": `{"source":["my.app"]}`})
	w.ok(t, "PutTargets", targets(
		wire.Object{"Id": "queue", "Arn": queueARN},
		wire.Object{"Id": "topic", "Arn": topic},
		wire.Object{"Id": "no-queue", "Arn": "arn:aws:sqs:eu-central-1:111122223333:none"},
		wire.Object{"Id": "function", "Arn": "arn:aws:lambda:eu-central-1:111122223333:function:f", "DeadLetterConfig": wire.Object{"Arn": "arn:aws:sqs:eu-central-1:111122223333:dead"}},
	))
	w.ok(t, "PutEvents", sentEvent(nil))
	w.clock.advance(time.Second)
	assert.Len(t, w.Peek("heal"), 1)
	assert.Len(t, w.Published(), 1)
	assert.Len(t, w.Peek("dead"), 1, "the dead-letter queue of the target")
	assert.Equal(t, 2, w.FailedDeliveries("r"))
	assert.Contains(t, w.refused(t, "PutTargets", targets(wire.Object{"Id": "1", "Arn": "heal"})), "Provided Arn is not in correct format.")
	assert.Contains(t, w.refused(t, "PutTargets", targets(wire.Object{"Id": "1", "Arn": queueARN + ".fifo"})), "SqsParameters must be specified")
}

func TestATargetGetsWhatItsInputSays(t *testing.T) {
	for name, c := range map[string]struct {
		target wire.Object
		want   string
	}{
		"a fixed text":             {wire.Object{"Input": `"fixed"`}, `"fixed"`},
		"a part":                   {wire.Object{"InputPath": "$.detail.name"}, `"web"`},
		"a part that is missing":   {wire.Object{"InputPath": "$.detail.none"}, ""},
		"a template of JSON":       {transformer(`{"service":<s>,"count":<n>,"rule":<aws.events.rule-name>}`), `{"service":"web","count":1,"rule":"r"}`},
		"a template of text":       {transformer(`"<s> has <n> of \"<none>\""`), `"web has 1 of \"\""`},
		"a word that is no path":   {transformer(`"<other> <s>"`), `"<other> web"`},
		"a template with an event": {transformer(`{"at":"<aws.events.event.ingestion-time>"}`), `{"at":"2026-07-01T00:00:00Z"}`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.AddQueue(bus.QueueConfig{Name: "heal"})
			w.ok(t, "PutRule", wire.Object{"Name": "r", "EventPattern": `{"source":["my.app"]}`})
			c.target["Id"], c.target["Arn"] = "1", queueARN
			w.ok(t, "PutTargets", targets(c.target))
			w.ok(t, "PutEvents", sentEvent(nil))
			w.clock.advance(time.Second)
			require.Len(t, w.Peek("heal"), 1)
			assert.Equal(t, c.want, w.Peek("heal")[0].Body)
		})
	}
}

func transformer(template string) wire.Object {
	return wire.Object{"InputTransformer": wire.Object{
		"InputPathsMap": wire.Object{"s": "$.detail.name", "n": "$.detail.n", "none": "$.detail.none"}, "InputTemplate": template,
	}}
}

func TestAnEventBusHasRulesAndEventsOfItsOwn(t *testing.T) {
	w := newWorld(t)
	w.AddQueue(bus.QueueConfig{Name: "heal"})
	made := w.ok(t, "CreateEventBus", wire.Object{"Name": "orders", "Description": "d"})
	arn := made.String("EventBusArn")
	assert.Equal(t, "arn:aws:events:eu-central-1:111122223333:event-bus/orders", arn)
	rule := w.ok(t, "PutRule", wire.Object{"Name": "r", "EventPattern": `{"source":["my.app"]}`, "EventBusName": arn})
	assert.Equal(t, "arn:aws:events:eu-central-1:111122223333:rule/orders/r", rule.String("RuleArn"))
	put := targets(wire.Object{"Id": "1", "Arn": queueARN})
	put["EventBusName"] = "orders"
	w.ok(t, "PutTargets", put)
	w.ok(t, "PutEvents", sentEvent(nil))
	w.clock.advance(time.Second)
	assert.Empty(t, w.Peek("heal"), "the default bus has no such rule")
	w.ok(t, "PutRule", wire.Object{"Name": "r", "EventPattern": `{"source":["my.app"]}`})
	w.ok(t, "PutTargets", targets(wire.Object{"Id": "1", "Arn": arn}))
	w.ok(t, "PutEvents", sentEvent(nil))
	w.ok(t, "PutEvents", sentEvent(wire.Object{"EventBusName": "orders"}))
	w.clock.advance(2 * time.Second)
	assert.Len(t, w.Peek("heal"), 2, "one event came directly, one through the default bus")
	assert.Contains(t, w.refused(t, "PutRule", wire.Object{"Name": "s", "ScheduleExpression": "rate(1 hour)", "EventBusName": "orders"}), "only on the default event bus")
	assert.Contains(t, w.refused(t, "DeleteEventBus", wire.Object{"Name": "orders"}), "it has rules")
	assert.Contains(t, w.refused(t, "DeleteEventBus", wire.Object{"Name": "default"}), "Cannot delete event bus default.")
	assert.Contains(t, w.refused(t, "CreateEventBus", wire.Object{"Name": "default"}), "ResourceAlreadyExistsException")
	assert.Contains(t, w.refused(t, "CreateEventBus", wire.Object{"Name": "a/b"}), "must not contain '/'")
	w.ok(t, "RemoveTargets", wire.Object{"Rule": "r", "EventBusName": "orders", "Ids": []any{"1"}})
	w.ok(t, "DeleteRule", wire.Object{"Name": "r", "EventBusName": "orders"})
	w.ok(t, "DeleteEventBus", wire.Object{"Name": "orders"})
	assert.Len(t, w.ok(t, "ListEventBuses", wire.Object{}).Objects("EventBuses"), 1)
	assert.Contains(t, w.refused(t, "DescribeEventBus", wire.Object{"Name": "orders"}), "Event bus orders does not exist.")
}

func TestThePolicyOfAnEventBus(t *testing.T) {
	w := newWorld(t)
	assert.Contains(t, w.refused(t, "RemovePermission", wire.Object{"StatementId": "a"}), "EventBus does not have a policy.")
	assert.Contains(t, w.refused(t, "PutPermission", wire.Object{"Action": "events:PutRule", "Principal": "*", "StatementId": "a"}), "'action' is not supported")
	for _, sid := range []string{"a", "b", "a"} {
		w.ok(t, "PutPermission", wire.Object{"Action": "events:PutEvents", "Principal": "222233334444", "StatementId": sid})
	}
	w.ok(t, "RemovePermission", wire.Object{"StatementId": "b"})
	assert.JSONEq(t, `{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":"events:PutEvents",
		"Principal":{"AWS":"arn:aws:iam::222233334444:root"},"Resource":"arn:aws:events:eu-central-1:111122223333:event-bus/default"}]}`,
		w.ok(t, "DescribeEventBus", wire.Object{}).String("Policy"))
	w.ok(t, "RemovePermission", wire.Object{"RemoveAllPermissions": true})
	assert.False(t, w.ok(t, "DescribeEventBus", wire.Object{}).Has("Policy"))
}

func TestRulesAndTargetsAreListedInPages(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"b", "a", "r"} {
		w.ok(t, "PutRule", wire.Object{"Name": name, "EventPattern": `{"source":["x"]}`, "RoleArn": "arn:aws:iam::111122223333:role/r"})
	}
	w.ok(t, "PutTargets", targets(wire.Object{"Id": "1", "Arn": queueARN}, wire.Object{"Id": "2", "Arn": queueARN, "RetryPolicy": wire.Object{"MaximumRetryAttempts": 3}}))
	page := w.ok(t, "ListRules", wire.Object{"Limit": 2})
	require.Len(t, page.Objects("Rules"), 2)
	assert.Equal(t, "a", page.Objects("Rules")[0].String("Name"))
	assert.Equal(t, "arn:aws:iam::111122223333:role/r", page.Objects("Rules")[0].String("RoleArn"))
	page = w.ok(t, "ListRules", wire.Object{"Limit": 2, "NextToken": page.String("NextToken")})
	assert.Len(t, page.Objects("Rules"), 1)
	assert.False(t, page.Has("NextToken"))
	page = w.ok(t, "ListTargetsByRule", wire.Object{"Rule": "r", "Limit": 1})
	page = w.ok(t, "ListTargetsByRule", wire.Object{"Rule": "r", "NextToken": page.String("NextToken")})
	require.Len(t, page.Objects("Targets"), 1)
	assert.NotNil(t, page.Objects("Targets")[0].Object("RetryPolicy"))
	assert.Equal(t, []string{"r"}, w.ok(t, "ListRuleNamesByTarget", wire.Object{"TargetArn": queueARN}).Strings("RuleNames"))
}

func TestTagsOfRules(t *testing.T) {
	w := newWorld(t)
	w.ok(t, "PutRule", wire.Object{"Name": "r", "EventPattern": `{"source":["x"]}`, "Tags": []any{wire.Object{"Key": "a", "Value": "1"}}})
	rule := wire.Object{"ResourceARN": "arn:aws:events:eu-central-1:111122223333:rule/r"}
	w.ok(t, "TagResource", wire.Object{"ResourceARN": rule["ResourceARN"], "Tags": []any{wire.Object{"Key": "b", "Value": "2"}}})
	w.ok(t, "UntagResource", wire.Object{"ResourceARN": rule["ResourceARN"], "TagKeys": []any{"a"}})
	assert.Equal(t, "b", w.ok(t, "ListTagsForResource", rule).Objects("Tags")[0].String("Key"))
	w.ok(t, "DeleteRule", wire.Object{"Name": "r"})
	assert.Contains(t, w.refused(t, "ListTagsForResource", rule), "Rule r does not exist on EventBus default.")
}

func TestAPatternIsTestedAgainstAnEvent(t *testing.T) {
	w := newWorld(t)
	const event = `{"id":"1","account":"1","source":"my.app","time":"2026-07-01T00:00:00Z","region":"r","resources":[],"detail-type":"x"}`
	test := func(pattern, event string) wire.Object { return wire.Object{"EventPattern": pattern, "Event": event} }
	for pattern, want := range map[string]bool{`{"source":["my.app"]}`: true, `{"source":["other"]}`: false} {
		got, _ := w.ok(t, "TestEventPattern", test(pattern, event)).Bool("Result")
		assert.Equal(t, want, got)
	}
	assert.Contains(t, w.refused(t, "TestEventPattern", test(`{"source":"my.app"}`, event)), "InvalidEventPatternException")
	assert.Contains(t, w.refused(t, "TestEventPattern", test(`{"source":["a"]}`, `{"id":"1"}`)), "Event must contain the field account.")
}
