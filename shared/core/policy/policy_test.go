package policy_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"homeostat/shared/core/policy"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const full = `version: 1
mode: observe
scale: {min: 2, max: 8, cpu: 60, cooldown_out: 30s}
services:
  - match: {cluster: shop, service: "web*"}
    mode: act
    redeploy:
      tag: stable
    scale:
      max: 20
  - match: {service: web-blue}
    heal:
      rollback: false
      false_rollback: 0.01
    limits: {actions_per_hour: 3}
`

func TestForAppliesLayersInOrder(t *testing.T) {
	p, err := policy.Parse("homeostat.yaml", []byte(full))
	require.NoError(t, err)

	tests := map[string]struct {
		service string
		tags    map[string]string
		limit   policy.Mode
		check   func(*testing.T, policy.Effective)
	}{
		"a service without the tag is not enrolled and off": {
			service: "web", check: func(t *testing.T, e policy.Effective) {
				assert.False(t, e.Enrolled)
				assert.Equal(t, policy.Off, e.Mode)
			},
		},
		"an empty tag enrols and leaves the mode to the policy": {
			service: "web", tags: map[string]string{"homeostat:mode": ""}, check: func(t *testing.T, e policy.Effective) {
				assert.True(t, e.Enrolled)
				assert.Equal(t, policy.Act, e.Mode)
			},
		},
		"the tag stands above the policy": {
			service: "web", tags: map[string]string{"homeostat:mode": "propose"}, check: func(t *testing.T, e policy.Effective) {
				assert.Equal(t, policy.Propose, e.Mode)
				assert.Equal(t, "tag homeostat:mode", e.ModeOrigin)
			},
		},
		"a tag that cannot be read is off": {
			service: "web", tags: map[string]string{"homeostat:mode": "Act!"}, check: func(t *testing.T, e policy.Effective) {
				assert.Equal(t, policy.Off, e.Mode)
				assert.Contains(t, e.ModeOrigin, "Act!")
			},
		},
		"the function's own limit caps the mode": {
			service: "web", tags: map[string]string{"homeostat:mode": "act"}, limit: policy.Observe, check: func(t *testing.T, e policy.Effective) {
				assert.Equal(t, policy.Observe, e.Mode)
				assert.Equal(t, "HOMEOSTAT_MODE", e.ModeOrigin)
			},
		},
		"a match overrides the file, the file overrides the built-in": {
			service: "web", tags: map[string]string{"homeostat:mode": ""}, check: func(t *testing.T, e policy.Effective) {
				assert.Equal(t, 2, e.Min)
				assert.Equal(t, 20, e.Max)
				assert.Equal(t, 60.0, e.CPU)
				assert.Equal(t, 30*time.Second, e.CooldownOut)
				assert.Equal(t, time.Duration(0), e.CooldownIn)
				assert.Equal(t, "stable", e.Tag)
				assert.True(t, e.Rollback)
			},
		},
		"of several matches each sets what it names and the later one wins": {
			service: "web-blue", tags: map[string]string{"homeostat:mode": ""}, check: func(t *testing.T, e policy.Effective) {
				assert.False(t, e.Rollback)
				assert.Equal(t, 0.01, e.FalseRollback)
				assert.Equal(t, 3, e.ActionsPerHour)
				assert.Equal(t, 20, e.Max)
			},
		},
		"the tag homeostat:rollback=never forbids rollbacks": {
			service: "web", tags: map[string]string{"homeostat:mode": "", "homeostat:rollback": "never"}, check: func(t *testing.T, e policy.Effective) {
				assert.False(t, e.Rollback)
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { tt.check(t, p.For(fixture.Ref(tt.service), tt.tags, tt.limit)) })
	}
}

func TestExplainNamesTheOriginOfEveryValue(t *testing.T) {
	p, err := policy.Parse("homeostat.yaml", []byte(full))
	require.NoError(t, err)
	got := map[string]policy.Setting{}
	for _, s := range p.Explain(fixture.Web(), map[string]string{"homeostat:mode": "act"}, "") {
		got[s.Path] = s
	}
	assert.Equal(t, policy.Setting{Path: "mode", Value: "act", Origin: "tag homeostat:mode"}, got["mode"])
	assert.Equal(t, policy.Setting{Path: "scale.max", Value: "20", Origin: "homeostat.yaml:10"}, got["scale.max"])
	assert.Equal(t, policy.Setting{Path: "scale.min", Value: "2", Origin: "homeostat.yaml:3"}, got["scale.min"])
	assert.Equal(t, policy.Setting{Path: "scale.cooldown_in", Value: "0s", Origin: "built-in default"}, got["scale.cooldown_in"])
}

func TestParseNamesLineColumnAndWhatWasExpected(t *testing.T) {
	tests := map[string]struct{ yaml, want string }{
		"unknown key":             {"version: 1\nscael: {min: 1}\n", `p.yaml:2:1: unknown field "scael"`},
		"wrong type":              {"version: 1\nscale:\n  min: many\n", `p.yaml:3:8: `},
		"bad mode":                {"version: 1\nmode: on\n", `p.yaml:2:7: mode is "on", expected off, observe, propose or act`},
		"missing version":         {"mode: act\n", `version is 0, expected 1`},
		"min above max":           {"version: 1\nscale: {min: 9}\n", `p.yaml:2:14: scale.min is 9, above scale.max, which is 5`},
		"min above max in match":  {"version: 1\nservices:\n  - match: {service: a}\n    scale: {max: 2, min: 3}\n", `p.yaml:4:26: scale.min is 3, above scale.max, which is 2`},
		"zero min":                {"version: 1\nscale: {min: 0}\n", `p.yaml:2:14: scale.min is 0, expected 1 to 5000; with scale.to_zero, such as 15m, it may be 0`},
		"cpu out of range":        {"version: 1\nscale: {cpu: 170}\n", `scale.cpu is 170, expected a percentage from 1 to 100`},
		"cpu not a number":        {"version: 1\nscale: {cpu: .nan}\n", `scale.cpu is NaN`},
		"negative cooldown":       {"version: 1\nscale: {cooldown_in: -5s}\n", `scale.cooldown_in is -5s, expected 0s to 24h`},
		"false rollback of one":   {"version: 1\nheal: {false_rollback: 1}\n", `expected a share above 0 and up to 0.5`},
		"empty match":             {"version: 1\nservices:\n  - mode: act\n", `match is empty`},
		"broken pattern":          {"version: 1\nservices:\n  - match: {service: \"[\"}\n", `is not a pattern`},
		"anchors":                 {"version: 1\nscale: &a {min: 1}\n", `p.yaml:2:8: anchors, aliases`},
		"two documents":           {"version: 1\n---\nversion: 1\n", `expected one document`},
		"not YAML":                {"version: [1\n", `p.yaml:1:`},
		"duplicate key":           {"version: 1\nmode: act\nmode: off\n", `p.yaml:3:1: `},
		"nested too deeply":       {"a: " + strings.Repeat("[", 100) + "\n", `p.yaml:1:1: nested too deeply`},
		"a list where a map goes": {"- 1\n- 2\n", `p.yaml:1:`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := policy.Parse("p.yaml", []byte(tt.yaml))
			require.Error(t, err)
			assert.Nil(t, p, "an invalid policy permits nothing")
			assert.Contains(t, err.Error(), tt.want)
		})
	}
}

func TestParseReportsEveryFaultAtOnce(t *testing.T) {
	_, err := policy.Parse("p.yaml", []byte("version: 2\nmode: on\nscale: {cpu: 0}\n"))
	require.Error(t, err)
	assert.Len(t, strings.Split(err.Error(), "\n"), 3)
}

func TestAnEmptyFileWithVersionIsTheDefault(t *testing.T) {
	p, err := policy.Parse("p.yaml", []byte("version: 1\n"))
	require.NoError(t, err)
	tags := map[string]string{"homeostat:mode": ""}
	assert.Equal(t, policy.Default().For(fixture.Web(), tags, ""), p.For(fixture.Web(), tags, ""))
	assert.Equal(t, policy.Observe, p.For(fixture.Web(), tags, "").Mode)
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte("version: 1\nscale: {min: 1, max: 1}\n"))
	f.Add([]byte("a: &a [*a]\n"))
	f.Add([]byte("{{{{"))
	f.Add([]byte("version: 1\nservices: [{match: {service: x}, mode: act}]"))
	f.Add([]byte(scaling))
	f.Add([]byte("version: 1\nscale: {min: 0, to_zero: 15m, schedules: [{cron: \"*/5 1-3 29 2 SUN\", zone: UTC, for: 1h, min: 2}]}\n"))
	f.Add([]byte("version: 1\nscale: {metric: {expression: \"IF(m1, 'x')\", metrics: {m1: {namespace: A, name: B, stat: p9, period: 30s}}, per_task: 1e9}}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := policy.Parse("p.yaml", data)
		if err != nil {
			if p != nil {
				t.Fatal("an invalid policy must be nil")
			}
			if strings.TrimSpace(err.Error()) == "" {
				t.Fatal("an error without a message")
			}
			return
		}
		e := p.For(fixture.Web(), map[string]string{"homeostat:mode": ""}, "")
		if !e.Mode.Valid() || e.Min < 0 || (e.Min < 1 && e.ToZero == 0) || e.CPU < 1 || e.CPU > 100 || e.ActionsPerHour < 0 {
			t.Fatalf("a parsed policy gave %+v", e)
		}
		if !(e.ViolationPrice > 0) || math.IsInf(e.ViolationPrice, 0) || !(e.RateIn > 0) || e.ChangesPerHour < 0 || e.StepIn < 0 || e.StepOut < 0 {
			t.Fatalf("a parsed policy scales by %+v", e.Scaling)
		}
		noon := time.Date(2027, 3, 28, 12, 0, 0, 0, time.UTC)
		if b := e.BoundsAt(noon); (b.Min > b.Max && e.Min <= e.Max) || b.Min < 0 || (b.Min < 1 && e.ToZero == 0) || b.Why == "" {
			t.Fatalf("a parsed policy has the bounds %+v", b)
		}
		if at, tasks := e.Upcoming(noon); !at.IsZero() && (!at.After(noon) || tasks < 1) {
			t.Fatalf("a parsed policy foresees %d at %s", tasks, at)
		}
	})
}
