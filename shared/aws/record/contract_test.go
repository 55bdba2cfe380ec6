package record_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	ctx  = context.Background()
	noon = fixture.Noon()
)

func death(task string, version int64, at time.Time) fleet.Evidence {
	return fleet.Evidence{
		Trigger: fleet.Trigger{Kind: fleet.TaskStopped, ID: fmt.Sprint(task, version), At: at, Task: task, Version: version, Deployment: "ecs-svc/1"},
		Cause:   fleet.AppExit, Family: fleet.FamilyRuntime,
	}
}

func TestEvidenceIsKeptOnceAndPendingUntilItIsFolded(t *testing.T) {
	onEvery(t, func(t *testing.T, s *record.Store) {
		fresh, err := s.Append(ctx, fixture.Web(), death("b", 4, noon.Add(time.Second)), noon)
		require.NoError(t, err)
		assert.True(t, fresh)
		fresh, err = s.Append(ctx, fixture.Web(), death("b", 4, noon.Add(time.Second)), noon)
		require.NoError(t, err)
		assert.False(t, fresh, "the same version of the same task is a duplicate")
		_, err = s.Append(ctx, fixture.Web(), death("a", 1, noon), noon)
		require.NoError(t, err)

		pending, err := s.Pending(ctx, fixture.Web())
		require.NoError(t, err)
		require.Len(t, pending, 2)
		assert.Equal(t, []string{"a", "b"}, []string{pending[0].Trigger.Task, pending[1].Trigger.Task}, "in order of time")
		assert.Equal(t, death("a", 1, noon), pending[0])

		require.NoError(t, s.Folded(ctx, fixture.Web(), pending[:1], noon))
		pending, err = s.Pending(ctx, fixture.Web())
		require.NoError(t, err)
		require.Len(t, pending, 1)
		assert.Equal(t, "b", pending[0].Trigger.Task)

		fresh, err = s.Append(ctx, fixture.Web(), death("a", 1, noon), noon)
		require.NoError(t, err)
		assert.False(t, fresh, "folded evidence is still known")
	})
}

func TestALeaseHasOneOwnerAndTokensGrow(t *testing.T) {
	onEvery(t, func(t *testing.T, s *record.Store) {
		first, ok, err := s.Acquire(ctx, fixture.Web(), "heal/1", noon)
		require.NoError(t, err)
		require.True(t, ok)
		_, ok, err = s.Acquire(ctx, fixture.Web(), "scale/1", noon.Add(time.Second))
		require.NoError(t, err)
		assert.False(t, ok, "somebody holds it")

		more, err := s.Release(ctx, &first)
		require.NoError(t, err)
		assert.False(t, more)
		second, ok, err := s.Acquire(ctx, fixture.Web(), "scale/1", noon.Add(2*time.Second))
		require.NoError(t, err)
		require.True(t, ok)
		assert.Greater(t, second.Token, first.Token)

		third, ok, err := s.Acquire(ctx, fixture.Web(), "sweep/1", noon.Add(time.Hour))
		require.NoError(t, err)
		require.True(t, ok, "a lease that has run out can be taken")
		more, err = s.Release(ctx, &second)
		require.NoError(t, err)
		assert.False(t, more, "who lost the lease has nothing to release")
		_, ok, err = s.Acquire(ctx, fixture.Web(), "heal/2", noon.Add(time.Hour+time.Second))
		require.NoError(t, err)
		assert.False(t, ok, "and did not release the next holder's")
		assert.Greater(t, third.Token, second.Token)
	})
}

func TestEvidenceDuringAnEvaluationLeadsToAnother(t *testing.T) {
	onEvery(t, func(t *testing.T, s *record.Store) {
		held, err := s.Announce(ctx, fixture.Web(), noon)
		require.NoError(t, err)
		assert.False(t, held)
		lease, ok, err := s.Acquire(ctx, fixture.Web(), "heal/1", noon)
		require.NoError(t, err)
		require.True(t, ok)

		held, err = s.Announce(ctx, fixture.Web(), noon.Add(time.Second))
		require.NoError(t, err)
		assert.True(t, held, "the announcer may go: the holder will see it")
		more, err := s.Release(ctx, &lease)
		require.NoError(t, err)
		assert.True(t, more, "the holder must look again")
		more, err = s.Release(ctx, &lease)
		require.NoError(t, err)
		assert.False(t, more)
		held, err = s.Announce(ctx, fixture.Web(), noon.Add(2*time.Second))
		require.NoError(t, err)
		assert.False(t, held)
	})
}

func TestAbandonReleasesTheLeaseInAnyCase(t *testing.T) {
	onEvery(t, func(t *testing.T, s *record.Store) {
		lease, _, err := s.Acquire(ctx, fixture.Web(), "heal/1", noon)
		require.NoError(t, err)
		_, err = s.Announce(ctx, fixture.Web(), noon)
		require.NoError(t, err)
		require.NoError(t, s.Abandon(ctx, lease))
		_, ok, err := s.Acquire(ctx, fixture.Web(), "heal/2", noon.Add(time.Second))
		require.NoError(t, err)
		assert.True(t, ok)
		require.NoError(t, s.Abandon(ctx, lease), "abandoning what is no longer ours is no error")
		_, ok, err = s.Acquire(ctx, fixture.Web(), "heal/3", noon.Add(time.Second))
		require.NoError(t, err)
		assert.False(t, ok, "and takes nothing from the next holder")
	})
}

func TestMemoryIsWrittenOnlyByItsReaderAndTheOwner(t *testing.T) {
	onEvery(t, func(t *testing.T, s *record.Store) {
		lease, _, err := s.Acquire(ctx, fixture.Web(), "heal/1", noon)
		require.NoError(t, err)
		m, err := s.Memory(ctx, fixture.Web())
		require.NoError(t, err)
		assert.Zero(t, m, "a service that was never seen")

		m.Rollbacks = []fleet.Rollback{{From: "ecs-svc/1", At: noon}}
		require.NoError(t, s.SaveMemory(ctx, lease, m))
		got, err := s.Memory(ctx, fixture.Web())
		require.NoError(t, err)
		assert.Equal(t, int64(1), got.Version)
		assert.Equal(t, m.Rollbacks, got.Rollbacks)

		err = s.SaveMemory(ctx, lease, m)
		require.Error(t, err, "somebody wrote since it was read")
		assert.Equal(t, fault.Retry, fault.ClassOf(err))
		require.NoError(t, s.SaveMemory(ctx, lease, got))

		next, ok, err := s.Acquire(ctx, fixture.Web(), "heal/2", noon.Add(time.Hour))
		require.NoError(t, err)
		require.True(t, ok)
		got, err = s.Memory(ctx, fixture.Web())
		require.NoError(t, err)
		err = s.SaveMemory(ctx, lease, got)
		require.Error(t, err, "the fencing token is an earlier holder's")
		assert.Equal(t, fault.Retry, fault.ClassOf(err))
		require.NoError(t, s.SaveMemory(ctx, next, got))
	})
}

func TestAnIntentIsCarriedOutOnce(t *testing.T) {
	onEvery(t, func(t *testing.T, s *record.Store) {
		first, _, err := s.Acquire(ctx, fixture.Web(), "heal/1", noon)
		require.NoError(t, err)
		done, err := s.Begin(ctx, first, "rollback ecs-svc/1", noon)
		require.NoError(t, err)
		assert.False(t, done)

		second, _, err := s.Acquire(ctx, fixture.Web(), "heal/2", noon.Add(time.Hour))
		require.NoError(t, err)
		done, err = s.Begin(ctx, second, "rollback ecs-svc/1", noon.Add(time.Hour))
		require.NoError(t, err)
		assert.False(t, done, "what a crashed holder began is taken over")
		_, err = s.Begin(ctx, first, "rollback ecs-svc/1", noon.Add(time.Hour))
		require.Error(t, err, "the crashed holder may not come back")
		assert.Equal(t, fault.Retry, fault.ClassOf(err))

		require.NoError(t, s.Complete(ctx, second, "rollback ecs-svc/1", fleet.Done))
		done, err = s.Begin(ctx, second, "rollback ecs-svc/1", noon.Add(time.Hour))
		require.NoError(t, err)
		assert.True(t, done)
	})
}

func TestFreezesOfAllThreeScopesAreFound(t *testing.T) {
	onEvery(t, func(t *testing.T, s *record.Store) {
		none, err := s.FreezesOf(ctx, fixture.Web())
		require.NoError(t, err)
		assert.Empty(t, none)
		for _, scope := range append(fixture.Web().Scopes(), "cluster:other", "service:shop/api") {
			require.NoError(t, s.SetFreeze(ctx, fixture.Home(), fleet.Freeze{Scope: scope, Frozen: true, Who: "ann", Until: noon}))
		}
		got, err := s.FreezesOf(ctx, fixture.Web())
		require.NoError(t, err)
		require.Len(t, got, 3)
		assert.Equal(t, fleet.Freeze{Scope: "account", Frozen: true, Who: "ann", Until: noon}, got[0])
	})
}

func TestEpisodesAreReadByServiceAndByDay(t *testing.T) {
	onEvery(t, func(t *testing.T, s *record.Store) {
		api := fixture.Ref("api")
		for i, ref := range []fleet.ServiceRef{fixture.Web(), api, fixture.Web(), fixture.Web()} {
			require.NoError(t, s.Journal(ctx, fleet.Episode{ID: fmt.Sprint("e", i), Ref: ref, At: noon.Add(time.Duration(i) * time.Hour)}))
		}
		require.NoError(t, s.Journal(ctx, fleet.Episode{ID: "e3", Ref: fixture.Web(), At: noon.Add(3 * time.Hour)}), "the same again is the same item")
		require.NoError(t, s.Journal(ctx, fleet.Episode{ID: "e9", Ref: fixture.Web(), At: noon.Add(48 * time.Hour)}))

		latest, err := s.Episodes(ctx, fixture.Web(), 2)
		require.NoError(t, err)
		require.Len(t, latest, 2)
		assert.Equal(t, []string{"e9", "e3"}, []string{latest[0].ID, latest[1].ID})

		day, err := s.EpisodesOfDay(ctx, fixture.Home(), noon)
		require.NoError(t, err)
		ids := make([]string, 0, len(day))
		for _, e := range day {
			ids = append(ids, e.ID)
		}
		assert.Equal(t, []string{"e0", "e1", "e2", "e3"}, ids)
	})
}

func BenchmarkMemoryRoundTrip(b *testing.B) {
	for _, backend := range backends(b) {
		b.Run(backend.name, func(b *testing.B) {
			s := newPlace(b, backend).Store
			lease, _, err := s.Acquire(ctx, fixture.Web(), "heal/1", noon)
			require.NoError(b, err)
			for b.Loop() {
				m, err := s.Memory(ctx, fixture.Web())
				require.NoError(b, err)
				require.NoError(b, s.SaveMemory(ctx, lease, m))
			}
		})
	}
}
