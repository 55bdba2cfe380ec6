package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"homeostat/shared/core/policy"

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
				p.For(web("team-7-api"), tags, "")
			}
		})
	}
}
