package record

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"homeostat/shared/core/contract"
)

// Metrics writes CloudWatch's embedded metric format, one JSON object a line.
// Lambda ships it from the standard output of the function. It is safe for
// concurrent use.
type Metrics struct {
	Out       io.Writer
	Namespace string
	// Function is the value of the dimension of that name.
	Function string

	mu sync.Mutex
}

// Count adds one to a metric. detail is a property for log queries and not a
// dimension, so that it does not create further metrics.
func (m *Metrics) Count(name, reason string, detail map[string]string, now time.Time) {
	m.put(name, 1, "Count", reason, detail, now)
}

// Duration records a duration, in milliseconds.
func (m *Metrics) Duration(name string, d time.Duration, now time.Time) {
	m.put(name, float64(d.Milliseconds()), "Milliseconds", "", nil, now)
}

// Gauge records a level.
func (m *Metrics) Gauge(name string, level int, detail map[string]string, now time.Time) {
	m.put(name, float64(level), "Count", "", detail, now)
}

func (m *Metrics) put(name string, value float64, unit, reason string, detail map[string]string, now time.Time) {
	dimensions := []string{contract.DimensionFunction}
	line := map[string]any{name: value, contract.DimensionFunction: m.Function}
	if reason != "" {
		dimensions, line[contract.DimensionReason] = append(dimensions, contract.DimensionReason), reason
	}
	for k, v := range detail {
		if _, taken := line[k]; !taken {
			line[k] = v
		}
	}
	line["_aws"] = map[string]any{
		"Timestamp": now.UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{
			"Namespace": m.Namespace, "Dimensions": [][]string{dimensions},
			"Metrics": []any{map[string]string{"Name": name, "Unit": unit}},
		}},
	}
	body, err := json.Marshal(line)
	if err != nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	// A failed write of a metric must not stop a decision.
	_, _ = fmt.Fprintf(m.Out, "%s\n", body)
}
