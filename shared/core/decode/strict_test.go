package decode_test

import (
	"fmt"
	"strings"
	"testing"

	"homeostat/shared/core/decode"
	"homeostat/shared/core/fault"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestInputThatIsNotAnEventIsAnError(t *testing.T) {
	deep := strings.Repeat("[", 511) + strings.Repeat("]", 511)
	cases := []struct {
		name, raw, code, message string
	}{
		{"nothing", "", "invalid-json", "expected a JSON object, got nothing"},
		{"blanks", " \n\t", "invalid-json", "expected a JSON object, got nothing"},
		{"no JSON", "hello", "invalid-json", "invalid character 'h' at start of value, at byte 0"},
		{"a cut-off object", `{"source":`, "invalid-json", "source: unexpected EOF, at byte 10"},
		{"two objects", `{"source":"x"}{"source":"x"}`, "invalid-json", "expected the end of the text, got '{' at byte 14"},
		{"a text after the object", `{"source":"x"} ""`, "invalid-json", `expected the end of the text, got '"' at byte 15`},
		{"a wrong literal, deep down", `{"source":"x","detail":{"a":[1,{"b":nul}]}}`, "invalid-json", "detail.a[1].b: invalid character '}' in literal null (expecting 'l'), at byte 39"},
		{"a missing comma", `{"source":"x","detail":{"a":[1 2]}}`, "invalid-json", "detail.a[1]: invalid character '2' after array element (expecting ',' or ']'), at byte 31"},
		{"a key that is no text", `{"source":"x","detail":{7:1}}`, "invalid-json", "detail: object member name must be a string, at byte 24"},
		{"the wrong bracket", `{"source":["x"}`, "invalid-json", "source[1]: invalid character '}' after array element (expecting ',' or ']'), at byte 14"},
		{"a list", `[{"source":"aws.ecs"}]`, "wrong-type", "the event: expected an object, got a list"},
		{"a text", `"aws.ecs"`, "wrong-type", "the event: expected an object, got a text"},
		{"null", `null`, "wrong-type", "the event: expected an object, got null"},
		{"a trailing comma", `{"source":"aws.ecs",}`, "invalid-json", "invalid character ',' at start of value, at byte 19"},
		{"a byte order mark", "\xef\xbb\xbf{}", "invalid-json", `invalid character '\ufeff' at start of value, at byte 0`},
		{"invalid UTF-8", "{\"source\":\"\xff\"}", "invalid-utf8", "expected UTF-8, got an invalid byte at 11"},
		{"no source", `{"detail-type":"ECS Task State Change","detail":{}}`, "no-source", "source: expected a text, got nothing"},
		{"a null source", `{"source":null}`, "no-source", "source: expected a text, got nothing"},
		{"an empty source", `{"source":""}`, "no-source", "source: expected a text, got nothing"},
		{"a source in another case", `{"Source":"aws.ecs"}`, "no-source", "source: expected a text, got nothing"},
		{"a source that is a list", `{"source":["aws.ecs"]}`, "wrong-type", "source: expected a text, got a list"},
		{"a key twice", `{"source":"aws.ecs","source":"aws.ecs"}`, "duplicate-key", "source: expected the key once, got it twice"},
		{"a key twice, once escaped", `{"source":"aws.ecs","sourc\u0065":"aws.ecs"}`, "duplicate-key", "source: expected the key once"},
		{"a key twice among many", `{"source":"aws.ecs",` + manyKeys(100) + `"k7":1}`, "duplicate-key", "k7: expected the key once, got it twice"},
		{"an unknown key twice, deep down", `{"source":"x","detail":{"a":[1,{"b":1,"b":2}]}}`, "duplicate-key", "detail.a[1].b: expected the key once"},
		{"513 levels", `{"source":"x","detail":{"a":` + deep + `}}`, "too-deep", "at most 512 nested"},
		{"an event over 1 MiB", `{"source":"x","pad":"` + strings.Repeat("x", decode.MaxEvent) + `"}`, "too-large", "at most 1048576 bytes"},
		{"an input over the limit", strings.Repeat(" ", decode.MaxInput+1), "too-large", "at most 16777216 bytes"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := bad(t, c.raw)
			assert.ErrorContains(t, err, c.message)
			assert.Equal(t, fault.Drop, fault.ClassOf(err))
			assert.Equal(t, c.code, fault.CodeOf(err))
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestAKnownFieldOfTheWrongTypeIsAnError(t *testing.T) {
	cases := []struct{ name, raw, message string }{
		{"detail is a text", event("aws.ecs", "ECS Task State Change", "[]", `"STOPPED"`), "detail: expected an object, got a text"},
		{"detail is a list", event("aws.ecs", "ECS Task State Change", "[]", `[]`), "detail: expected an object, got a list"},
		{"detail of an unknown event is a text", event("aws.ecs", "Else", "[]", `"x"`), "detail: expected an object, got a text"},
		{"resources are an object", event("aws.ecs", "ECS Task State Change", "{}", `{}`), "resources: expected a list, got an object"},
		{"a resource is a number", event("aws.ecs", "ECS Task State Change", "[1]", `{}`), "resources[0]: expected a text, got a number"},
		{"containers are an object", taskEvent(`{"containers":{}}`), "detail.containers: expected a list, got an object"},
		{"a container is a text", taskEvent(`{"containers":[{},"web"]}`), "detail.containers[1]: expected an object, got a text"},
		{"a container is null", taskEvent(`{"containers":[null]}`), "detail.containers[0]: expected an object, got null"},
		{"an exit code is a text", taskEvent(`{"containers":[{"exitCode":"1"}]}`), "detail.containers[0].exitCode: expected a whole number, got a text"},
		{"an exit code is broken", taskEvent(`{"containers":[{"exitCode":1.5}]}`), "detail.containers[0].exitCode: expected a whole number, got 1.5"},
		{"an exit code is too big", taskEvent(`{"containers":[{"exitCode":1e99}]}`), "detail.containers[0].exitCode: expected a whole number, got 1e99"},
		{"a reason is an object", taskEvent(`{"stoppedReason":{}}`), "detail.stoppedReason: expected a text, got an object"},
		{"a version is a text", taskEvent(`{"version":"3"}`), "detail.version: expected a whole number, got a text"},
		{"a status is a boolean", taskEvent(`{"lastStatus":true}`), "detail.lastStatus: expected a text, got a boolean"},
		{"a time is a number", taskEvent(`{"startedAt":1793607329}`), "detail.startedAt: expected a text, got a number"},
		{"the event's time is a number", `{"source":"aws.ecs","detail-type":"x","time":1}`, "time: expected a text, got a number"},
		{"the account is a number", `{"source":"aws.ecs","detail-type":"x","account":123456789012}`, "account: expected a text, got a number"},
		{"the detail-type is a number", `{"source":"aws.ecs","detail-type":7}`, "detail-type: expected a text, got a number"},
		{"tags are a text", event("aws.ecr", "ECR Image Scan", "[]", `{"image-tags":"latest"}`), "detail.image-tags: expected a list, got a text"},
		{"a count is a text", event("aws.ecr", "ECR Image Scan", "[]", `{"finding-severity-counts":{"HIGH":"1"}}`), "HIGH: expected a whole number, got a text"},
		{"a state is a text", event("aws.cloudwatch", "CloudWatch Alarm State Change", "[]", `{"alarmName":"a","state":"ALARM"}`), "detail.state: expected an object, got a text"},
		{"a maximum is reached as a text", event("aws.application-autoscaling", "Application Auto Scaling Scaling Activity State Change", "[]", `{"scaledToMax":"true"}`), "detail.scaledToMax: expected true or false"},
		{"a timer's detail is a text", `{"source":"homeostat.timer","detail":"{}"}`, "detail: expected an object, got a text"},
		{"records are an object", `{"Records":{}}`, "Records: expected a list, got an object"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := bad(t, c.raw)
			assert.ErrorContains(t, err, "decoding the event: ")
			assert.ErrorContains(t, err, c.message)
		})
	}
}

func TestWhatStrictnessDoesNotForbid(t *testing.T) {
	deep := strings.Repeat("[", 510) + strings.Repeat("]", 510)
	cases := []struct{ name, raw string }{
		{"unknown fields", `{"source":"x","detail-type":"y","extra":{"any":[1,null]}}`},
		{"512 levels", `{"source":"x","detail-type":"y","detail":{"a":` + deep + `}}`},
		{"an event of exactly 1 MiB", pad(decode.MaxEvent)},
		{"a null list", event("aws.ecs", "ECS Task State Change", "null", `{"containers":null,"lastStatus":"STOPPED"}`)},
		{"null texts", taskEvent(`{"stoppedReason":null,"lastStatus":"STOPPED","stopCode":null,"version":null}`)},
		{"a null detail", event("aws.ecs", "ECS Task State Change", "[]", `null`)},
		{"null in a list of texts", event("aws.ecr", "ECR Image Scan", "[null]", `{"image-tags":[null,"1.0"]}`)},
		{"the same key in two objects", `{"source":"x","detail":{"source":"y"}}`},
		{"the same key in another case", `{"source":"x","Source":"y"}`},
		{"escapes", `{"source":"\u0061ws.ecs","detail-type":"a\/b\n\ud83d\ude00"}`},
		{"half a surrogate", `{"source":"x","detail-type":"\ud83d"}`},
		{"white space around", " \r\n\t{\"source\" : \"x\" }\n"},
		{"a whole number with a fraction of nothing", taskEvent(`{"lastStatus":"STOPPED","containers":[{"exitCode":1.0}]}`)},
		{"a time that cannot be read", taskEvent(`{"lastStatus":"RUNNING","startedAt":"yesterday"}`)},
		{"a field called Records", `{"source":"x","Records":1}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { one(t, c.raw) })
	}
}

// pad returns an unknown event of exactly size bytes.
func pad(size int) string {
	const head, tail = `{"source":"x","pad":"`, `"}`
	return head + strings.Repeat("x", size-len(head)-len(tail)) + tail
}

func TestABatchMayBeLargerThanAnEvent(t *testing.T) {
	outcomes := decode.Events(inSQS(pad(decode.MaxEvent), pad(decode.MaxEvent+1), pad(100)))
	require.Len(t, outcomes, 3)
	assert.NoError(t, outcomes[0].Err)
	assert.Equal(t, "too-large", fault.CodeOf(outcomes[1].Err))
	assert.NoError(t, outcomes[2].Err)
}

func TestAnObjectOfManyKeysIsReadInLinearTime(t *testing.T) {
	var raw strings.Builder
	raw.WriteString(`{"source":"aws.ecr","detail-type":"ECR Image Scan","detail":{"repository-name":"r","finding-severity-counts":{"a":1`)
	for i := range 60_000 {
		raw.WriteString(`,"k`)
		raw.WriteString(strings.Repeat("0", 5))
		for n := i; n > 0; n /= 10 {
			raw.WriteByte(byte('0' + n%10))
		}
		raw.WriteString(`x":1`)
	}
	trigger := one(t, raw.String()+`}}}`)
	assert.Len(t, trigger.Scan.Findings, 60_001)
	assert.ErrorContains(t, bad(t, raw.String()+`,"k00000x":2}}}`), "expected the key once")
}

// manyKeys returns a number of members with different keys.
func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"k%d":%d,`, i, i)
	}
	return b.String()
}

func TestManyDifferentKeysAreNoDuplicates(t *testing.T) {
	for _, n := range []int{40, 46, 47, 48, 49, 1000} {
		for _, outcome := range decode.Events([]byte(`{"source":"aws.ecs",` + manyKeys(n) + `"last":1}`)) {
			require.NoError(t, outcome.Err, "%d keys", n)
		}
	}
}
