package workload

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

func ledgerOf(service Service) *Ledger {
	return newLedger(&Sim{Service: service})
}

func TestAnIdleServiceAnswersInItsServiceTime(t *testing.T) {
	l := ledgerOf(Standard())
	// Ten tasks with twenty slots at 1 % utilization: no request waits.
	l.withoutBacklog[10*(utilizationBuckets+1)] = 1000
	got := l.Latencies(0.5, 0.95, 0.99)
	for i, q := range []float64{0.5, 0.95, 0.99} {
		assert.InDelta(t, -math.Log(1-q)*0.1, got[i], 1e-4, "the quantile of an exponential time of 100 ms")
	}
}

func TestABacklogAddsItsWaitingTime(t *testing.T) {
	l := ledgerOf(Standard())
	l.withBacklog[40] = 10 // between 4 and 4.1 s
	assert.InDelta(t, 4.05+0.1*math.Ln2, l.Latencies(0.5)[0], 1e-3)
	l.withoutBacklog[10*(utilizationBuckets+1)] = 90
	got := l.Latencies(0.5, 0.95)
	assert.InDelta(t, -math.Log(0.5*100/90-10.0/90)*0.1, got[0], 1e-3, "the backlog is a tenth of the requests")
	assert.InDelta(t, 4.05+0.1*math.Ln2, got[1], 1e-3, "the slowest twentieth is half of that tenth")
}

func TestNoRequestsHaveNoLatency(t *testing.T) {
	assert.Equal(t, []float64{0}, ledgerOf(Standard()).Latencies(0.99))
}

// The quantiles match drawn waits and service times.
func TestWaitingIsAsErlangSays(t *testing.T) {
	service := Standard()
	l := ledgerOf(service)
	const tasks, bucket = 3, 40 // six slots, 81 % busy
	l.withoutBacklog[tasks*(utilizationBuckets+1)+bucket] = 1
	classes, _ := l.classes()
	r := rand.New(rand.NewPCG(1, 1))
	drawn := make([]float64, 400000)
	for i := range drawn {
		drawn[i] = r.ExpFloat64() * 0.1
		if r.Float64() < classes[0].waits {
			drawn[i] += min(r.ExpFloat64()/classes[0].decay, longestWait)
		}
	}
	slices.Sort(drawn)
	for i, got := range l.Latencies(0.5, 0.95, 0.99) {
		want := drawn[int(float64(len(drawn))*[]float64{0.5, 0.95, 0.99}[i])]
		assert.InEpsilon(t, want, got, 0.01)
	}
}
