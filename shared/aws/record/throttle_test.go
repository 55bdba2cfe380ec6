package record_test

import (
	"net/http"
	"testing"
	"time"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// call is one call of the store by the owner of the lease.
type call struct {
	name string
	do   func(s *record.Store, lease record.Lease) error
}

func calls() []call {
	return []call{
		{"keeping evidence", func(s *record.Store, _ record.Lease) error {
			fresh, err := s.Append(ctx, fixture.Web(), death("a", 1, noon), noon)
			if err == nil && !fresh {
				return fault.Terminalf("duplicate", "what was refused was kept all the same")
			}
			return err
		}},
		{"announcing evidence", func(s *record.Store, _ record.Lease) error {
			_, err := s.Announce(ctx, fixture.Web(), noon)
			return err
		}},
		{"reading evidence", func(s *record.Store, _ record.Lease) error { _, err := s.Pending(ctx, fixture.Web()); return err }},
		{"marking evidence", func(s *record.Store, _ record.Lease) error {
			return s.Folded(ctx, fixture.Web(), []fleet.Evidence{death("a", 1, noon)}, noon)
		}},
		{"taking the lease", func(s *record.Store, _ record.Lease) error {
			_, ok, err := s.Acquire(ctx, fixture.Web(), "scale/1", noon.Add(time.Hour))
			if err == nil && !ok {
				return fault.Terminalf("held", "what was refused was taken all the same")
			}
			return err
		}},
		{"releasing the lease", func(s *record.Store, lease record.Lease) error { _, err := s.Release(ctx, &lease); return err }},
		{"abandoning the lease", func(s *record.Store, lease record.Lease) error { return s.Abandon(ctx, lease) }},
		{"reading the memory", func(s *record.Store, _ record.Lease) error { _, err := s.Memory(ctx, fixture.Web()); return err }},
		{"saving the memory", func(s *record.Store, lease record.Lease) error { return s.SaveMemory(ctx, lease, fleet.Memory{}) }},
		{"beginning an intent", func(s *record.Store, lease record.Lease) error {
			_, err := s.Begin(ctx, lease, "new", noon)
			return err
		}},
		{"completing an intent", func(s *record.Store, lease record.Lease) error { return s.Complete(ctx, lease, "begun", fleet.Done) }},
		{"reading switches", func(s *record.Store, _ record.Lease) error { _, err := s.FreezesOf(ctx, fixture.Web()); return err }},
		{"setting a switch", func(s *record.Store, _ record.Lease) error {
			return s.SetFreeze(ctx, fixture.Home(), fleet.Freeze{Scope: "account"})
		}},
		{"writing an episode", func(s *record.Store, _ record.Lease) error {
			return s.Journal(ctx, fleet.Episode{ID: "e", Ref: fixture.Web(), At: noon})
		}},
		{"reading episodes", func(s *record.Store, _ record.Lease) error {
			_, err := s.EpisodesOfDay(ctx, fixture.Home(), noon)
			return err
		}},
	}
}

// begun returns the lease of every call, with an intent begun.
func begun(t *testing.T, s *record.Store) record.Lease {
	t.Helper()
	lease, ok, err := s.Acquire(ctx, fixture.Web(), "heal/1", noon)
	require.NoError(t, err)
	require.True(t, ok)
	_, err = s.Begin(ctx, lease, "begun", noon)
	require.NoError(t, err)
	return lease
}

// Every call meets every error of DynamoDB for "not now". The fault must be a
// Retry, nothing may be written, and the same call must then succeed.
func TestWhatIsThrottledIsForLaterAndLeavesNothingBehind(t *testing.T) {
	busy := map[string]mishap{
		"the table's throughput": refusal("ProvisionedThroughputExceededException"),
		"throttling":             refusal("ThrottlingException"),
		"the account's limit":    refusal("RequestLimitExceeded"),
		"another transaction":    refusal("TransactionConflictException"),
		"a fault of theirs":      refusal("InternalServerError"),
	}
	onEveryPlace(t, func(t *testing.T, p testStore) {
		for why, busy := range busy {
			for _, c := range calls() {
				t.Run(c.name+" meets "+why, func(t *testing.T) {
					p := newPlace(t, fresh(t, p.backend))
					lease := begun(t, p.Store)
					p.transport.failNext(busy)
					err := c.do(p.Store, lease)
					require.Error(t, err)
					assert.Equal(t, fault.Retry, fault.ClassOf(err))
					require.Empty(t, p.transport.faults, "the call was made")
					require.NoError(t, c.do(p.Store, lease), "the same call, when it is quiet again")
				})
			}
		}
	})
}

func TestATransactionThatIsCancelledIsForLater(t *testing.T) {
	for name, reasons := range map[string]string{
		"by another transaction": `[{"Code":"TransactionConflict"},{"Code":"None"}]`,
		"by throttling":          `[{"Code":"None"},{"Code":"ThrottlingError"}]`,
		"by its own condition":   `[{"Code":"None"},{"Code":"ConditionalCheckFailed"}]`,
	} {
		t.Run(name, func(t *testing.T) {
			onEveryPlace(t, func(t *testing.T, p testStore) {
				lease := begun(t, p.Store)
				p.transport.failNext(mishap{status: http.StatusBadRequest, refuse: `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","CancellationReasons":` + reasons + `}`})
				err := p.SaveMemory(ctx, lease, fleet.Memory{})
				assert.Equal(t, fault.Retry, fault.ClassOf(err))
				m, err := p.Memory(ctx, fixture.Web())
				require.NoError(t, err)
				assert.Zero(t, m)
			})
		})
	}
}

// The client of the functions tries again before the event is delivered again.
func TestAShortThrottleIsNotNoticed(t *testing.T) {
	onEveryPlace(t, func(t *testing.T, p testStore) {
		p.DynamoDB = dynamodb.New(p.client.Options(), func(o *dynamodb.Options) {
			o.Retryer = retry.NewStandard(func(r *retry.StandardOptions) {
				r.MaxAttempts = 4
				r.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
			})
		})
		p.transport.failNext(refusal("ThrottlingException"), refusal("ProvisionedThroughputExceededException"), refusal("InternalServerError"))
		fresh, err := p.Append(ctx, fixture.Web(), death("a", 1, noon), noon)
		require.NoError(t, err)
		assert.True(t, fresh)
		assert.Empty(t, p.transport.faults)
	})
}

// A lost answer belongs to a call that was carried out: the event is delivered
// again and must find its result.
func TestWhatWasDoneWithoutAnAnswerIsFoundAgain(t *testing.T) {
	onEveryPlace(t, func(t *testing.T, p testStore) {
		lost := func(err error) {
			t.Helper()
			require.ErrorIs(t, err, errLost)
			assert.Equal(t, fault.Retry, fault.ClassOf(err))
		}
		lease := begun(t, p.Store)

		p.transport.failNext(mishap{lose: true})
		_, err := p.Append(ctx, fixture.Web(), death("a", 1, noon), noon)
		lost(err)
		fresh, err := p.Append(ctx, fixture.Web(), death("a", 1, noon), noon)
		require.NoError(t, err)
		assert.False(t, fresh, "the evidence is kept once")

		p.transport.failNext(mishap{lose: true})
		_, err = p.Begin(ctx, lease, "rollback", noon)
		lost(err)
		done, err := p.Begin(ctx, lease, "rollback", noon)
		require.NoError(t, err)
		assert.False(t, done, "what was begun and not called may be called")

		p.transport.failNext(mishap{lose: true})
		lost(p.SaveMemory(ctx, lease, fleet.Memory{Notifications: fleet.Notifications{LastDecisionKey: "hello"}}))
		m, err := p.Memory(ctx, fixture.Web())
		require.NoError(t, err)
		assert.Equal(t, "hello", m.LastDecisionKey)
		assert.Equal(t, fault.Retry, fault.ClassOf(p.SaveMemory(ctx, lease, fleet.Memory{})), "and is not overwritten by who has not read it")

		p.transport.failNext(mishap{lose: true})
		lost(p.Journal(ctx, fleet.Episode{ID: "e", Ref: fixture.Web(), At: noon}))
		require.NoError(t, p.Journal(ctx, fleet.Episode{ID: "e", Ref: fixture.Web(), At: noon}))
		episodes, err := p.Episodes(ctx, fixture.Web(), 9)
		require.NoError(t, err)
		assert.Len(t, episodes, 1)

		p.transport.failNext(mishap{lose: true})
		_, _, err = p.Acquire(ctx, fixture.Web(), "scale/1", noon.Add(time.Hour))
		lost(err)
		_, ok, err := p.Acquire(ctx, fixture.Web(), "scale/1", noon.Add(time.Hour))
		require.NoError(t, err)
		assert.False(t, ok, "nobody knows that the lease is theirs, so it runs out")
	})
}
