package policy_test

import (
	"path"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"homeostat/shared/core/policy"
)

func TestOverlapConflicts(t *testing.T) {
	const because = " (for a service that also matches the entry of line 3; the later entry wins, so set both values there)"
	for name, c := range map[string]struct{ entries, want string }{
		"a minimum above the maximum of a later entry": {
			"  - match: {cluster: shop}\n    scale: {min: 4}\n  - match: {service: web}\n    scale: {max: 3}\n",
			"homeostat.yaml:6:12: scale.min is 4, above scale.max, which is 3" + because,
		},
		"a maximum below the minimum of a later entry": {
			"  - match: {service: \"web-*\"}\n    scale: {max: 3}\n  - match: {service: \"*-live\"}\n    scale: {min: 4}\n",
			"homeostat.yaml:6:18: scale.min is 4, above scale.max, which is 3" + because,
		},
		"a schedule above the maximum of a later entry": {
			"  - match: {cluster: shop}\n    scale: {schedules: [{cron: \"0 8 * * *\", for: 1h, min: 4}]}\n  - match: {service: web}\n    scale: {max: 3}\n",
			"homeostat.yaml:4:59: the schedule's min is 4, above scale.max, which is 3: give the schedule a max of its own" + because,
		},
		"no service matches both": {
			"  - match: {service: api}\n    scale: {min: 4}\n  - match: {service: web}\n    scale: {max: 3}\n", "",
		},
		"clusters keep them apart": {
			"  - match: {cluster: shop, service: web}\n    scale: {min: 4}\n  - match: {cluster: bar, service: web}\n    scale: {max: 3}\n", "",
		},
		"the later entry says both": {
			"  - match: {cluster: shop}\n    scale: {min: 4}\n  - match: {service: web}\n    scale: {min: 1, max: 3}\n", "",
		},
		"an entry that does not scale": {
			"  - match: {cluster: shop}\n    scale: {min: 4}\n  - match: {service: web}\n    mode: act\n", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := policy.Parse("homeostat.yaml", []byte("version: 1\nservices:\n"+c.entries))
			require.NoError(t, err, "the policy is valid: the service may not exist")
			err = p.OverlapConflicts()
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, c.want)
		})
	}
}

func TestPatternsOverlap(t *testing.T) {
	pattern := rapid.StringMatching(`[ab*?]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, name := pattern.Draw(t, "a"), pattern.Draw(t, "b"), rapid.StringMatching(`[ab]{0,6}`).Draw(t, "name")
		inA, err := path.Match(a, name)
		require.NoError(t, err)
		inB, err := path.Match(b, name)
		require.NoError(t, err)
		if inA && inB {
			assert.True(t, policy.PatternsOverlap(a, b), "%q matches both", name)
		}
	})
	for name, c := range map[string]struct {
		a, b string
		want bool
	}{
		"other names":               {"web", "api", false},
		"a beginning and an end":    {"web-*", "*-live", true},
		"beginnings that differ":    {"web-*", "api-*", false},
		"ends that differ":          {"*-live", "*-test", false},
		"one character more":        {"web", "web?", false},
		"a class is any of them":    {"web-[0-9]", "web-7", true},
		"a class is one":            {"web-[0-9]", "web-", false},
		"a star that stands itself": {`web\*`, "web-1", false},
		"anything":                  {"*", "web", true},
		"nothing and anything":      {"", "*", true},
	} {
		assert.Equal(t, c.want, policy.PatternsOverlap(c.a, c.b), name)
		assert.Equal(t, c.want, policy.PatternsOverlap(c.b, c.a), name)
	}
}
