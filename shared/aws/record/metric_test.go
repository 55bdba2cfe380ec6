package record_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"homeostat/shared/aws/record"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAMetricIsOneLineOfTheEmbeddedFormat(t *testing.T) {
	type object = map[string]any
	about := func(name, unit string, dimensions ...any) object {
		return object{
			"Timestamp": float64(noon.UnixMilli()),
			"CloudWatchMetrics": []any{object{
				"Namespace": "Homeostat", "Dimensions": []any{dimensions}, "Metrics": []any{object{"Name": name, "Unit": unit}},
			}},
		}
	}
	detail := map[string]string{"Service": "shop/web", "Function": "not this one"}
	for name, c := range map[string]struct {
		write func(*record.Metrics)
		want  object
	}{
		"a count for a reason": {
			func(m *record.Metrics) { m.Count("Decisions", "rollback", detail, noon) },
			object{"Decisions": 1.0, "Function": "heal", "Reason": "rollback", "Service": "shop/web", "_aws": about("Decisions", "Count", "Function", "Reason")},
		},
		"a count without one": {
			func(m *record.Metrics) { m.Count("Denied", "", nil, noon) },
			object{"Denied": 1.0, "Function": "heal", "_aws": about("Denied", "Count", "Function")},
		},
		"how long something took": {
			func(m *record.Metrics) { m.Duration("ReactionLatency", 1500*time.Millisecond, noon) },
			object{"ReactionLatency": 1500.0, "Function": "heal", "_aws": about("ReactionLatency", "Milliseconds", "Function")},
		},
		"a level, also of nothing": {
			func(m *record.Metrics) { m.Gauge("BudgetLeft", 0, detail, noon) },
			object{"BudgetLeft": 0.0, "Function": "heal", "Service": "shop/web", "_aws": about("BudgetLeft", "Count", "Function")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			c.write(&record.Metrics{Out: &out, Namespace: "Homeostat", Function: "heal"})
			assert.Equal(t, 1, bytes.Count(out.Bytes(), []byte("\n")))
			var line object
			require.NoError(t, json.Unmarshal(out.Bytes(), &line))
			assert.Equal(t, c.want, line)
		})
	}
}
