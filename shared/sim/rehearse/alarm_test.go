package rehearse_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/sim/rehearse"
)

// TestAlarmsOfEveryMetric plays an image that becomes defective, and checks the
// time of each alarm's first ALARM.
func TestAlarmsOfEveryMetric(t *testing.T) {
	const yaml = hour + `images:
  v1: {capacity_rps: 50, response_time: 50ms, memory_mib: 128, memory_growth: 300, sick_after: 35m, sick_error_rate: 0.3, sick_response_time: 2s}
services:
  - {cluster: shop, service: web, image: "shop/web:stable", desired: 2, runs: v1, load_balancer: true, load: [{at: 0s, rps: 20}, {at: 40m, rps: 300}]}
alarms:
  - {name: cpu, service: shop/web, above: 70, for: 2}
  - {name: memory, service: shop/web, metric: memory, above: 60, for: 1}
  - {name: errors, service: shop/web, metric: errors, above: 50, for: 2, of: 3}
  - {name: latency, service: shop/web, metric: latency, statistic: p95, above: 1, for: 2}
  - {name: rejected, service: shop/web, metric: rejected, above: 10, for: 1}
  - {name: requests, service: shop/web, metric: requests, above: 10000, for: 1}
  - {name: idle, service: shop/web, below: 30, for: 2}
  - {name: any, rule: ALARM(errors) OR ALARM(latency)}
steps:
  - {at: 5m, set_alarm: {alarm: cpu, state: ALARM}}
`
	s, err := rehearse.Parse("s.yaml", []byte(yaml))
	require.NoError(t, err)
	run, err := rehearse.New(s, rehearse.Options{})
	require.NoError(t, err)
	raised := map[string]time.Duration{}
	run.Sim().Events(func(event []byte) {
		name, state := alarmEvent(t, event)
		if at := run.Sim().Now().Sub(run.Start()); state == "ALARM" && raised[name] == 0 && (at > 0 || name == "idle") {
			raised[name] = at
		}
	})
	require.NoError(t, run.Play(context.Background()))
	for name, want := range map[string][2]time.Duration{
		"cpu":      {5 * time.Minute, 5 * time.Minute}, // set by a step
		"memory":   {20 * time.Minute, 35 * time.Minute},
		"errors":   {20 * time.Minute, 26 * time.Minute}, // the warm-up counts: the image is 15 minutes old
		"latency":  {20 * time.Minute, 26 * time.Minute},
		"any":      {20 * time.Minute, 26 * time.Minute},
		"rejected": {40 * time.Minute, 44 * time.Minute},
		"requests": {40 * time.Minute, 44 * time.Minute},
	} {
		assert.GreaterOrEqual(t, raised[name], want[0], name)
		assert.LessOrEqual(t, raised[name], want[1], name)
	}
	assert.Negative(t, raised["idle"], "it was idle before the start already")
}

// alarmEvent returns the name and the new state in an alarm's event, or empty
// texts for another event.
func alarmEvent(t *testing.T, event []byte) (name, state string) {
	t.Helper()
	var e struct {
		Detail struct {
			AlarmName string
			State     any
		}
	}
	require.NoError(t, json.Unmarshal(event, &e))
	if value, ok := e.Detail.State.(map[string]any); ok {
		state, _ = value["value"].(string)
	}
	return e.Detail.AlarmName, state
}
