//go:build !race

package main

import (
	"encoding/json"
	"strings"
	"testing"

	"homeostat/shared/core/contract"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// widgets returns the widgets of the dashboard by title, with REF for references.
func (t template) widgets() map[string]string {
	t.t.Helper()
	_, p := t.only("AWS::CloudWatch::Dashboard", "Dashboard")
	parts := p["DashboardBody"].(object)["Fn::Join"].([]any)[1].([]any)
	var body strings.Builder
	for _, part := range parts {
		if text, ok := part.(string); ok {
			body.WriteString(text)
		} else {
			body.WriteString("REF")
		}
	}
	var page struct {
		Widgets []struct{ Properties json.RawMessage }
	}
	require.NoError(t.t, json.Unmarshal([]byte(body.String()), &page))
	widgets := map[string]string{}
	for _, w := range page.Widgets {
		var named struct{ Title string }
		require.NoError(t.t, json.Unmarshal(w.Properties, &named))
		widgets[named.Title] = string(w.Properties)
	}
	return widgets
}

func TestTheDashboardShowsTheMetrics(t *testing.T) {
	widgets := synthesised(t, options{}).widgets()
	for name, wanted := range map[string][]string{
		"Reaction latency (95th percentile)": {contract.MetricLatency, `"p95"`},
		"Decisions":                          {contract.MetricDecisions},
		"Actions: carried out (act) and suppressed (the rest)": {contract.MetricActions},
		"Rollbacks, effective and ineffective":                 {contract.MetricRollbacks},
		"Lowest remaining budget of a service":                 {contract.MetricBudgetLeft, `"Minimum"`},
		"Denied by AWS":                                        {contract.MetricDenied},
		"Actions that failed":                                  {contract.MetricActionsFailed},
		"Failed and retried events":                            {contract.MetricFailed, contract.MetricRetries},
		"Age of the oldest message":                            {"ApproximateAgeOfOldestMessage"},
		"First reason of recorded decisions":                   {contract.MetricReasons},
		"Decisions by reason":                                  {`message = \"decided\"`, "reasons.0"},
		"Alarms of Homeostat itself":                           {"alarms"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, widgets, name)
			for _, part := range wanted {
				assert.Contains(t, widgets[name], part)
			}
		})
	}
	assert.Len(t, widgets, 12)
}

// The searches are plain text, so the test compares them with the dimensions of the
// metrics.
func TestSearchesUseTheDimensionsOfTheMetrics(t *testing.T) {
	for _, widget := range synthesised(t, options{}).widgets() {
		for _, search := range strings.Split(widget, "SEARCH(")[1:] {
			assert.True(t, strings.HasPrefix(search, "'{Homeostat,Function,Reason} MetricName="), search)
		}
	}
}
