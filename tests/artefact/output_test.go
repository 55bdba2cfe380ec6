package artefact_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// emf is the part of an embedded metric line that CloudWatch reads.
type emf struct {
	Timestamp         int64 `json:"Timestamp"`
	CloudWatchMetrics []struct {
		Namespace  string     `json:"Namespace"`
		Dimensions [][]string `json:"Dimensions"`
		Metrics    []struct {
			Name string `json:"Name"`
			Unit string `json:"Unit"`
		} `json:"Metrics"`
	} `json:"CloudWatchMetrics"`
}

// atStart returns the messages that belong to no request.
func atStart() []string {
	return []string{"the policy cannot be read, so no action will be taken"}
}

// checkOutput checks the standard output of a function. Each line is a metric or
// a log record, in the form of Lambda and CloudWatch.
func checkOutput(t *testing.T, function string, f process) {
	t.Helper()
	for _, line := range lines(f.Stdout()) {
		var object map[string]json.RawMessage
		if !assert.NoError(t, json.Unmarshal([]byte(line), &object), "%s wrote a line that is no JSON object: %s", function, line) {
			continue
		}
		if _, metric := object["_aws"]; metric {
			checkMetric(t, line, object)
			continue
		}
		checkLog(t, line, object)
	}
}

func checkMetric(t *testing.T, line string, object map[string]json.RawMessage) {
	t.Helper()
	var m emf
	require.NoError(t, json.Unmarshal(object["_aws"], &m), line)
	assert.Positive(t, m.Timestamp, line)
	require.Len(t, m.CloudWatchMetrics, 1, line)
	set := m.CloudWatchMetrics[0]
	assert.Equal(t, "Homeostat", set.Namespace, line)
	require.NotEmpty(t, set.Metrics, line)
	for _, metric := range set.Metrics {
		var value float64
		assert.NoError(t, json.Unmarshal(object[metric.Name], &value), "a metric is a number: %s", line)
		assert.NotEmpty(t, metric.Unit, line)
	}
	require.Len(t, set.Dimensions, 1, line)
	for _, dimension := range set.Dimensions[0] {
		var value string
		assert.NoError(t, json.Unmarshal(object[dimension], &value), "a dimension is a text: %s", line)
		assert.NotEmpty(t, value, line)
	}
}

func checkLog(t *testing.T, line string, object map[string]json.RawMessage) {
	t.Helper()
	text := func(name string) (value string) {
		_ = json.Unmarshal(object[name], &value)
		return value
	}
	for _, name := range []string{"timestamp", "level", "message"} {
		assert.NotEmpty(t, text(name), "%s of %s", name, line)
	}
	for _, message := range atStart() {
		if text("message") == message {
			return
		}
	}
	assert.NotEmpty(t, text("requestId"), "a record of no request: %s", line)
	assert.Contains(t, text("functionArn"), ":function:homeostat-", line)
}

// logged returns the log records of a function with this message.
func (w *world) logged(function, message string) (found []map[string]any) {
	w.t.Helper()
	f := w.functions[function]
	f.Stop() // so that the output is complete
	for _, line := range lines(f.Stdout()) {
		var object map[string]any
		if json.Unmarshal([]byte(line), &object) == nil && object["message"] == message {
			found = append(found, object)
		}
	}
	return found
}

// counted returns the sum of a metric of a function, for one reason.
func (w *world) counted(function, metric, reason string) (sum float64) {
	w.t.Helper()
	f := w.functions[function]
	f.Stop()
	for _, line := range lines(f.Stdout()) {
		var object map[string]any
		if json.Unmarshal([]byte(line), &object) != nil || object["_aws"] == nil || object["Reason"] != reason {
			continue
		}
		if value, ok := object[metric].(float64); ok {
			sum += value
		}
	}
	return sum
}

func lines(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
}
