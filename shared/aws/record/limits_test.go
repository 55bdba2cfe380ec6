package record_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/simtest/fixture"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// narrow reads small pages, so that a few items need many of them.
type narrow struct {
	record.DynamoDB
	limit int32
	pages int
}

func (n *narrow) Query(ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	asked := *in
	if asked.Limit == nil || *asked.Limit > n.limit {
		asked.Limit = aws.Int32(n.limit)
	}
	n.pages++
	return n.DynamoDB.Query(ctx, &asked, o...)
}

func TestEveryPageIsRead(t *testing.T) {
	onEveryPlace(t, func(t *testing.T, p testStore) {
		var folded []fleet.Evidence
		for i := range 40 {
			e := death(fmt.Sprintf("task-%02d", i), 1, noon.Add(time.Duration(i)*time.Second))
			_, err := p.Append(ctx, fixture.Web(), e, noon)
			require.NoError(t, err)
			if i < 25 {
				folded = append(folded, e)
			}
			require.NoError(t, p.Journal(ctx, fleet.Episode{ID: fmt.Sprintf("e%02d", i), Ref: fixture.Web(), At: noon.Add(time.Duration(i) * time.Second)}))
		}
		// Full pages without pending evidence are not the end.
		require.NoError(t, p.Folded(ctx, fixture.Web(), folded, noon))

		small := &narrow{DynamoDB: p.client, limit: 7}
		p.DynamoDB = small
		pending, err := p.Pending(ctx, fixture.Web())
		require.NoError(t, err)
		require.Len(t, pending, 15)
		assert.Equal(t, "task-25", pending[0].Trigger.Task)
		assert.GreaterOrEqual(t, small.pages, 40/7)

		day, err := p.EpisodesOfDay(ctx, fixture.Home(), noon)
		require.NoError(t, err)
		require.Len(t, day, 40)
		assert.Equal(t, []string{"e00", "e39"}, []string{day[0].ID, day[39].ID})

		latest, err := p.Episodes(ctx, fixture.Web(), 5)
		require.NoError(t, err)
		require.Len(t, latest, 5)
		assert.Equal(t, "e39", latest[0].ID)
	})
}

// DynamoDB ends a page at one megabyte, whatever the limit of the query.
func TestAStormOfLargeEventsIsReadWhole(t *testing.T) {
	onEvery(t, func(t *testing.T, s *record.Store) {
		for i := range 120 {
			e := death(fmt.Sprintf("task-%03d", i), 1, noon)
			e.Trigger.Reason = strings.Repeat("x", 20_000)
			_, err := s.Append(ctx, fixture.Web(), e, noon)
			require.NoError(t, err)
		}
		pending, err := s.Pending(ctx, fixture.Web())
		require.NoError(t, err)
		assert.Len(t, pending, 120)
	})
}

// written writes one item of every kind at a time.
func written(t *testing.T, p testStore, at time.Time) {
	t.Helper()
	lease, _, err := p.Acquire(ctx, fixture.Web(), "heal/1", at)
	require.NoError(t, err)
	_, err = p.Append(ctx, fixture.Web(), death("a", 1, at), at)
	require.NoError(t, err)
	_, err = p.Begin(ctx, lease, "rollback", at)
	require.NoError(t, err)
	require.NoError(t, p.SaveMemory(ctx, lease, fleet.Memory{Notifications: fleet.Notifications{LastDecisionKey: "hello"}}))
	require.NoError(t, p.Journal(ctx, fleet.Episode{ID: "e", Ref: fixture.Web(), At: at}))
	require.NoError(t, p.SetFreeze(ctx, fixture.Home(), fleet.Freeze{Scope: "account", Frozen: true}))
}

// expiries returns the lifetime of each item, by the first part of its sort key;
// negative for an item without an expiry.
func expiries(t *testing.T, p testStore, at time.Time) map[string]time.Duration {
	t.Helper()
	out := map[string]time.Duration{}
	items, err := p.client.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String(p.Table)})
	require.NoError(t, err)
	for _, i := range items.Items {
		name, _, _ := strings.Cut(i["sk"].(*types.AttributeValueMemberS).Value, "#")
		out[name] = -1
		if n, ok := i["expires"].(*types.AttributeValueMemberN); ok {
			var seconds int64
			_, err := fmt.Sscan(n.Value, &seconds)
			require.NoError(t, err, "TTL wants whole seconds")
			out[name] = time.Unix(seconds, 0).Sub(at)
		}
	}
	return out
}

const day = 24 * time.Hour

func TestTheJournalExpiresAndWhatIsKnownDoesNot(t *testing.T) {
	onEveryPlace(t, func(t *testing.T, p testStore) {
		written(t, p, noon)
		assert.Equal(t, map[string]time.Duration{
			"evidence": 2 * day, "intent": 14 * day, "episode": 90 * day, "memory": -1, "lease": -1, "switch": -1,
		}, expiries(t, p, noon))
	})
}

// DynamoDBs that are programs of their own remove expired items within about a
// minute, once the attribute of the expiry is set.
func TestWhatHasExpiredIsRemoved(t *testing.T) {
	for _, b := range backends(t) {
		t.Run(b.name, func(t *testing.T) {
			if b.url == "" {
				t.Skip("removes nothing by itself")
			}
			t.Parallel()
			p := newPlace(t, b)
			withoutIndex(t, &p)
			_, err := p.client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
				TableName:               aws.String(p.Table),
				TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("expires"), Enabled: aws.Bool(true)},
			})
			require.NoError(t, err)
			now := time.Now()
			written(t, p, now.Add(-3*day))
			require.Eventually(t, func() bool {
				left := expiries(t, p, now)
				_, evidence := left["evidence"]
				return !evidence && len(left) == 5
			}, 100*time.Second, time.Second, "evidence of three days ago goes; the rest stays")
		})
	}
}

// withoutIndex puts the store on a table without an index: DynamoDB Local removes
// nothing from a table with one.
func withoutIndex(t *testing.T, p *testStore) {
	t.Helper()
	attribute := func(n string) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: aws.String(n), AttributeType: types.ScalarAttributeTypeS}
	}
	p.Table += "-plain"
	_, err := p.client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: aws.String(p.Table), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{attribute("pk"), attribute("sk")},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash}, {AttributeName: aws.String("sk"), KeyType: types.KeyTypeRange},
		},
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := p.client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(p.Table)})
		require.NoError(t, err)
	})
}

// atOnce runs the same call many times at once and counts the results that are
// true. All other results must be Retry faults.
func atOnce(t *testing.T, do func() (bool, error)) int {
	t.Helper()
	var won atomic.Int32
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			ok, err := do()
			if err != nil {
				assert.Equal(t, fault.Retry, fault.ClassOf(err), err)
			} else if ok {
				won.Add(1)
			}
		})
	}
	group.Wait()
	return int(won.Load())
}

func TestOfManyAtOnceOneWins(t *testing.T) {
	onEvery(t, func(t *testing.T, s *record.Store) {
		assert.Equal(t, 1, atOnce(t, func() (bool, error) { return s.Append(ctx, fixture.Web(), death("a", 1, noon), noon) }), "evidence is new once")
		assert.Equal(t, 1, atOnce(t, func() (bool, error) {
			_, ok, err := s.Acquire(ctx, fixture.Web(), "heal/1", noon)
			return ok, err
		}), "the lease has one holder")
		lease, _, err := s.Acquire(ctx, fixture.Web(), "heal/1", noon.Add(time.Hour))
		require.NoError(t, err)
		assert.Equal(t, 1, atOnce(t, func() (bool, error) {
			err := s.SaveMemory(ctx, lease, fleet.Memory{})
			return err == nil, err
		}), "a version is written once")
		_ = atOnce(t, func() (bool, error) { return s.Announce(ctx, fixture.Web(), noon) })
		_, err = s.Release(ctx, &lease)
		require.NoError(t, err)
		assert.EqualValues(t, 8, lease.Seen, "no announcement is lost")
	})
}
