package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"homeostat/shared/core/policy"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/require"
)

// BenchmarkFor computes the effective values of one service.
func BenchmarkFor(b *testing.B) {
	tags := map[string]string{"homeostat:mode": "act"}
	var entries strings.Builder
	for i := range 100 {
		fmt.Fprintf(&entries, "  - match: {cluster: shop, service: \"team-%d-*\"}\n    scale: {min: 2, max: 9}\n", i)
	}
	for name, file := range map[string]string{
		"no file":      "version: 1\n",
		"two entries":  full,
		"all of scale": scaling,
		"100 entries":  "version: 1\nservices:\n" + entries.String(),
	} {
		p, err := policy.Parse("homeostat.yaml", []byte(file))
		require.NoError(b, err)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.For(fixture.Ref("team-7-api"), tags, "")
			}
		})
	}
}

// BenchmarkReadCompiled reads a policy with 1,000 entries, as a function does at
// its cold start.
func BenchmarkReadCompiled(b *testing.B) {
	var entries strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&entries, "  - match: {cluster: shop, service: team-%d}\n    scale: {min: 2, max: 9}\n    heal: {probe: true}\n", i)
	}
	p, err := policy.Parse("homeostat.yaml", []byte("version: 1\nservices:\n"+entries.String()))
	require.NoError(b, err)
	data, err := p.Compiled()
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		_, err := policy.ReadCompiled(data)
		require.NoError(b, err)
	}
}
