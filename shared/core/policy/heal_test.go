package policy_test

import (
	"testing"
	"time"

	"homeostat/shared/core/policy"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseReadsEveryHealKey(t *testing.T) {
	p, err := policy.Parse("homeostat.yaml", []byte(`version: 1
heal:
  rollback_alarms: [web-5xx, web-slow]
  suspect_for: 6h
  depends_on: [payments-db]
  probe: true
  proceed: true
  stuck_after: 0s
  spot_fallback: false
  spot_return_after: 2h
  drain_hosts: true
  memory_step: 30
  memory_max: 4096
  max_task_age: 168h
  cap_restarts: true
  refresh_secrets: true
  restore_images: true
  restore_network: true
limits: {mass_failure: 0.5}
`))
	require.NoError(t, err)
	e := p.For(fixture.Web(), nil, "")
	want := policy.Default().For(fixture.Web(), nil, "").Healing
	want.RollbackAlarms, want.DependsOn = []string{"web-5xx", "web-slow"}, []string{"payments-db"}
	want.SuspectFor, want.StuckAfter, want.SpotReturnAfter, want.MaxTaskAge = 6*time.Hour, 0, 2*time.Hour, 7*24*time.Hour
	want.Probe, want.Proceed, want.SpotFallback, want.DrainHosts, want.CapRestarts, want.RefreshSecrets, want.RestoreImages = true, true, false, true, true, true, true
	want.RestoreNetwork = true
	want.MemoryStep, want.MemoryMax = 30, 4096
	assert.Equal(t, want, e.Healing)
	assert.InDelta(t, 0.5, e.MassFailure, 0)
}

func TestCostlyActionsAreOffByDefault(t *testing.T) {
	e := policy.Default().For(fixture.Web(), nil, "")
	assert.False(t, e.Probe || e.Proceed || e.DrainHosts || e.CapRestarts || e.RefreshSecrets || e.RestoreImages)
	assert.Zero(t, e.MemoryStep)
	assert.Zero(t, e.MaxTaskAge)
}

func TestParseRefusesInvalidHealKeys(t *testing.T) {
	for name, c := range map[string]struct{ line, want string }{
		"a suspicion of no time":           {"suspect_for: 1m", "homeostat.yaml:3:16: heal.suspect_for is 1m0s, expected 10m to 720h"},
		"stuck after a minute":             {"stuck_after: 1m", "homeostat.yaml:3:16: heal.stuck_after is 1m0s, expected 5m to 24h, or 0s for never"},
		"tasks that live for a minute":     {"max_task_age: 1m", "homeostat.yaml:3:17: heal.max_task_age is 1m0s, expected 1h to 8760h, or 0s for never"},
		"a memory step that is too small":  {"memory_step: 5", "homeostat.yaml:3:16: heal.memory_step is 5, expected 25 to 50 percent, or 0 for never"},
		"more memory than any task has":    {"memory_max: 1000000", "homeostat.yaml:3:15: heal.memory_max is 1000000, expected 512 to 122880 MiB"},
		"an alarm without a name":          {`rollback_alarms: [""]`, "a name is empty"},
		"a key that nobody knows":          {"rollback_alarm: [a]", "unknown field"},
		"a share of failures that is none": {"probe: false\nlimits: {mass_failure: 0}", "limits.mass_failure is 0, expected a share above 0 and up to 1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := policy.Parse("homeostat.yaml", []byte("version: 1\nheal:\n  "+c.line+"\n"))
			assert.ErrorContains(t, err, c.want)
		})
	}
}
