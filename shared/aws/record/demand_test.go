package record_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"
)

func TestDemandStatesAreReadAndWrittenInBatches(t *testing.T) {
	onEvery(t, func(t *testing.T, s *record.Store) {
		var refs []fleet.ServiceRef
		var all []fleet.DemandState
		for i := range 130 {
			ref := fixture.Ref(fmt.Sprint("web-", i))
			refs = append(refs, ref)
			all = append(all, fleet.DemandState{Ref: ref, State: []byte{byte(i), 0, 255}, Started: noon.Add(time.Duration(i) * time.Second)})
		}
		all[7].Scaling, all[7].ScalingAt = fleet.Scaling{Registered: true, Min: 2, Max: 8}, noon
		all[7].Known, all[7].HighResolution = true, true
		all[8].Known, all[8].SteadySince = true, noon.Add(time.Minute)
		all[9].Ran, all[9].RanAt, all[9].SuspectSince = 12, noon, noon.Add(time.Second)
		none, err := s.DemandStates(ctx, refs)
		require.NoError(t, err)
		assert.Empty(t, none, "nothing was learned yet")

		require.NoError(t, s.SaveDemandStates(ctx, all))
		found, err := s.DemandStates(ctx, append(refs, fixture.Web()))
		require.NoError(t, err)
		require.Len(t, found, 130)
		assert.Equal(t, all[7], found[refs[7].Key()])
		assert.Equal(t, all[8], found[refs[8].Key()])
		assert.Equal(t, all[9], found[refs[9].Key()])
		assert.Equal(t, all[129], found[refs[129].Key()])

		all[7].State = []byte("newer")
		require.NoError(t, s.SaveDemandStates(ctx, all[7:8]))
		found, err = s.DemandStates(ctx, refs[7:8])
		require.NoError(t, err)
		assert.Equal(t, []byte("newer"), found[refs[7].Key()].State, "the last writer wins")
	})
}
