package cli

import (
	"testing"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/core/policy"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestExplainSaysWhatHoldsNowWhereThereAreSchedules(t *testing.T) {
	const mornings = `the schedule "0 8 * * MON-FRI" Europe/Berlin (p.yaml:3)`
	parse := func(text string) policy.Effective {
		p, err := policy.Parse("p.yaml", []byte(text))
		require.NoError(t, err)
		return p.For(fleet.ServiceRef{Cluster: "shop", Service: "web"}, nil, "")
	}
	at := func(hour int) time.Time { return time.Date(2027, 7, 5, hour, 30, 0, 0, time.UTC) }
	e := parse("version: 1\nscale:\n  schedules: [{cron: \"0 8 * * MON-FRI\", zone: Europe/Berlin, for: 10h, min: 4}]\n")
	assert.Equal(t, []policy.Setting{
		{Path: "scale.min now", Value: "1", Origin: "the policy"},
		{Path: "scale.max now", Value: "5", Origin: "the policy"},
		{Path: "scale.min next", Value: "4 from 2027-07-05T06:00:00Z", Origin: mornings},
	}, scheduled(e, at(3)))
	assert.Equal(t, []policy.Setting{
		{Path: "scale.min now", Value: "4", Origin: mornings},
		{Path: "scale.max now", Value: "5", Origin: "the policy"},
		{Path: "scale.min next", Value: "4 from 2027-07-06T06:00:00Z", Origin: mornings},
	}, scheduled(e, at(12)))
	assert.Empty(t, scheduled(parse("version: 1\n"), at(12)))
}
