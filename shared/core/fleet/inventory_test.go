package fleet_test

import (
	"fmt"
	"testing"
	"time"

	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
)

func TestTheInventoryIsFilledInShards(t *testing.T) {
	r := fleet.Inventory{Round: 1}
	for i := range fleet.ShardSize + 20 {
		r.Put(fleet.Member{Cluster: "shop", Service: fmt.Sprint("web-", i), Desired: 1})
	}
	assert.Len(t, r.Shards, 2)
	assert.Len(t, r.Shards[0], fleet.ShardSize)
	assert.Equal(t, 2, r.Count)

	r.Put(fleet.Member{Cluster: "shop", Service: "web-3", Desired: 7})
	assert.Len(t, r.Members(), fleet.ShardSize+20, "a known service is replaced")
	assert.Equal(t, 7, r.Shards[0][3].Desired)

	r.Drop("shop", "web-3")
	r.Drop("shop", "missing")
	r.Put(fleet.Member{Cluster: "shop", Service: "web-4", Desired: 9})
	assert.Equal(t, 9, r.Shards[0][3].Desired, "the members behind it moved up")
	r.Put(fleet.Member{Cluster: "shop", Service: "new"})
	assert.Equal(t, "new", r.Shards[0][fleet.ShardSize-1].Service, "its position is filled again")
}

func TestARoundRemovesMissingMembers(t *testing.T) {
	noon := fixture.Noon()
	r := fleet.Inventory{Round: 1}
	for _, name := range []string{"a", "b", "c"} {
		r.Put(fleet.Member{Cluster: "shop", Service: name})
	}
	assert.Empty(t, r.End(noon))
	assert.Equal(t, int64(2), r.Round)
	assert.Equal(t, noon, r.CompletedAt)

	r.Put(fleet.Member{Cluster: "shop", Service: "a"})
	r.At = fleet.Place{Cluster: "shop", Page: "2"}
	assert.Len(t, r.Members(), 3, "a round in progress removes nothing")
	r.Put(fleet.Member{Cluster: "shop", Service: "c"})
	gone := r.End(noon.Add(time.Minute))
	assert.Equal(t, "b", gone[0].Service)
	assert.Len(t, gone, 1)
	assert.Len(t, r.Members(), 2)
	assert.Equal(t, fleet.Place{}, r.At)
}
