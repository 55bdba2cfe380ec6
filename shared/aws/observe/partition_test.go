package observe_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/simtest"
	"homeostat/shared/sim/simtest/fixture"
)

// The functions have an account and a region, but no partition. Each ARN that they
// build must be of the region's partition.
func TestARevisionIsReadByTheARNOfItsPartition(t *testing.T) {
	for region, partition := range map[string]string{"eu-central-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"} {
		t.Run(partition, func(t *testing.T) {
			w := simtest.New(t, ecssim.Config{Region: region})
			w.Serve(w.Define("live", ecssim.Behaviour{}), "act")
			o := w.Observer()

			account := fleet.Account{ID: fixture.Account, Region: region}
			members, _, complete, err := o.Part(t.Context(), account, fleet.Place{}, 80)
			require.NoError(t, err)
			require.True(t, complete)
			require.Len(t, members, 1)
			facts, err := o.Facts(t.Context(), account, members)
			require.NoError(t, err)
			assert.Contains(t, facts, members[0].Revision, "ECS knows the revision by this ARN")

			s, err := o.Snapshot(t.Context(), members[0].Ref(account), fleet.Needs{Revisions: true, Tag: "live"}, w.Sim.Now())
			require.NoError(t, err)
			assert.Empty(t, s.Unread)
			require.NotEmpty(t, s.History)
			assert.Contains(t, s.History[0].ARN, "arn:"+partition+":ecs:"+region+":")
			require.NotNil(t, s.Watched, "the image is found in the registry of the partition")
			assert.NotEmpty(t, s.Watched.Digest)
		})
	}
}
