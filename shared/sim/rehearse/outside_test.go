package rehearse_test

import (
	"testing"
	"time"

	"homeostat/shared/sim/rehearse"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestABareFleetIsPlayedWithoutHomeostat(t *testing.T) {
	for _, c := range []struct {
		name string
		bare bool
		runs string
	}{
		{"with Homeostat the bad image is rolled back", false, "good"},
		{"without it, the bad image stays", true, "bad"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := rehearse.Parse("bare.yaml", []byte(`
scenario: a bad image is deployed
duration: 15m
policy: "version: 1"
images:
  good: {}
  bad: {exit_probability: 1, exit_after: {median: 5s}, exit_code: 1}
services:
  - {cluster: shop, service: web, image: "shop/web:stable", runs: good, desired: 2, mode: act}
steps:
  - {at: 1m, push: {image: "shop/web:stable", runs: bad, force: shop/web}}
`))
			require.NoError(t, err)
			run, err := rehearse.New(s, rehearse.Options{Seed: 1, Bare: c.bare})
			require.NoError(t, err)
			require.NoError(t, run.Play(t.Context()))
			g, ok := run.Sim().ServiceSummary("shop", "web")
			require.True(t, ok)
			assert.Equal(t, c.runs, run.Behaviour(g.Digest))
			assert.Equal(t, c.bare, len(run.Result().Services[0].Episodes) == 0)
			assert.Equal(t, run.Start().Add(15*time.Minute), run.End())
		})
	}
}
