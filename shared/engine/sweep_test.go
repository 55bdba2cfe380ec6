package engine_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/aws/record"
	"homeostat/shared/core/fault"
	"homeostat/shared/core/fleet"
	"homeostat/shared/sim/ecssim"
	"homeostat/shared/sim/simtest"
	"homeostat/shared/sim/simtest/fixture"
)

// sweep returns the scheduled tick for the whole account.
func (w *world) sweep(id string) string {
	return w.alarm(id, func(event map[string]any) {
		event["source"], event["detail-type"], event["detail"] = "aws.scheduler", "Scheduled Event", map[string]any{}
		event["resources"] = []string{"arn:aws:scheduler:eu-central-1:123456789012:schedule/default/homeostat"}
	})
}

func (w *world) set(desired int32) {
	_, err := w.Client.UpdateService(w.t.Context(), &ecs.UpdateServiceInput{
		Cluster: aws.String("shop"), Service: aws.String("web"), DesiredCount: aws.Int32(desired),
	})
	require.NoError(w.t, err)
}

func TestASweepEvaluatesServicesThatAreNotIdle(t *testing.T) {
	w := newWorld(t, "act")
	w.set(1)
	w.Sim.RunUntil(w.Sim.Now().Add(5 * time.Minute))
	assert.Empty(t, w.deliver(w.sweep("t-1")))
	assert.Empty(t, w.episodes, "a service at its minimum with all its tasks needs no look")
	assert.Equal(t, 1, w.Sim.Calls("monitoring", "GetMetricData").Made, "and its load is read with everybody's")

	w.set(3)
	w.busy()
	assert.Empty(t, w.deliver(w.sweep("t-2")))
	require.Len(t, w.episodes, 1, "a service above its minimum is looked at; one without the tag is not")
	assert.Equal(t, fixture.Web(), w.last().Ref)
	assert.Equal(t, fleet.Tick, w.last().Trigger.Kind)
	assert.Equal(t, fleet.ScaleOut, w.last().Decision.Kind, "a sweep finds what no event told")
	assert.EqualValues(t, 5, w.Service().DesiredCount)
}

func TestASweepFindsPendingEvidence(t *testing.T) {
	w := newWorld(t, "act")
	w.busy()
	w.observer.during = func() { panic("a nil map") }
	assert.Empty(t, w.deliver(w.alarm("a-1")))
	w.Sim.RunUntil(w.Sim.Now().Add(2 * time.Minute))
	assert.Empty(t, w.deliver(w.sweep("t-1")))
	require.Len(t, w.last().Evidence, 1)
	assert.Equal(t, "a-1", w.last().Evidence[0].Trigger.ID)
	m, err := w.store.Memory(t.Context(), fixture.Web())
	require.NoError(t, err)
	assert.True(t, m.Hot())
}

func TestASweepThatCannotListComesAgain(t *testing.T) {
	w := newWorld(t, "act")
	for _, operation := range []string{"ListClusters", "ListServices", "DescribeServices"} {
		w.Sim.SetThrottle("ecs", operation, 1)
		_, err := w.Invoke(t.Context(), []byte(w.sweep(operation)))
		assert.Equal(t, fault.Retry, fault.ClassOf(err), operation)
		w.Sim.SetThrottle("ecs", operation, 0)
	}
}

func TestAPushOfAnUnusedImageIsDropped(t *testing.T) {
	w := newWorld(t, "act")
	w.Sim.PushImage("unused", "live", ecssim.Behaviour{})
	w.run(10 * time.Second)
	assert.Equal(t, 2, w.metrics.counts["Dropped/no-service"], "each of its two deliveries")
	assert.Empty(t, w.episodes)
}

// lossy is a connection that breaks once, at the nth call of an operation.
type lossy struct {
	http.RoundTripper
	operation string
	n         int
}

func (l *lossy) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+l.operation) {
		if l.n--; l.n == 0 {
			return nil, errors.New("the connection broke")
		}
	}
	return l.RoundTripper.RoundTrip(r)
}

func TestWhereverTheStoreIsLostTheServiceIsChangedOnce(t *testing.T) {
	for operation, calls := range map[string]int{"PutItem": 3, "UpdateItem": 5, "GetItem": 1, "Query": 2, "TransactWriteItems": 1} {
		for n := range calls {
			t.Run(fmt.Sprintf("at call %d of %s", n+1, operation), func(t *testing.T) {
				w := newWorld(t, "act")
				w.busy()
				cfg := w.Config
				cfg.HTTPClient = &http.Client{Transport: &lossy{w.Sim.Client().Transport, operation, n + 1}}
				store := &record.Store{DynamoDB: dynamodb.NewFromConfig(cfg), Table: simtest.Table}
				w.Engine = w.instance("test/1", store, w.deps.Services)
				event := w.alarm("a-1")
				assert.Equal(t, []string{"m-0"}, w.deliver(event))
				assert.Equal(t, 1, w.metrics.counts["Retries/aws-unreachable"])

				w.Sim.RunUntil(w.Sim.Now().Add(2 * time.Minute))
				assert.Empty(t, w.deliver(event))
				assert.EqualValues(t, 5, w.Service().DesiredCount)
				assert.Equal(t, 1, w.Sim.Calls("ecs", "UpdateService").Made, "the service is updated once")
				pending, err := store.Pending(t.Context(), fixture.Web())
				require.NoError(t, err)
				assert.Empty(t, pending, "no evidence is left behind")
			})
		}
	}
}
