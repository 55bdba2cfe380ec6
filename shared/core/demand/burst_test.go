package demand_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/core/demand"
	"homeostat/shared/sim/simtest/fixture"
)

// gusty is the traffic of a service with ten busy tasks. For some minutes it jumps
// each minute, to between a quarter and four times as much.
type gusty struct {
	chance *rand.Rand
	from   time.Time
	long   time.Duration
	gust   float64
}

// perSecond returns the requests a second in the tick before a time.
func (g *gusty) perSecond(now time.Time) float64 {
	since, rate := now.Sub(g.from), 200.0
	if since > 0 && since <= g.long {
		if since%time.Minute == tick {
			g.gust = math.Exp(0.7 * g.chance.NormFloat64())
		}
		rate *= g.gust
	}
	mean := rate * tick.Seconds()
	return math.Round(mean+math.Sqrt(mean)*g.chance.NormFloat64()) / tick.Seconds()
}

// counts returns the needed tasks by the time since the end of the burst.
func (g *gusty) counts(until time.Duration) map[time.Duration]int {
	var s demand.State
	k, out := controller(), map[time.Duration]int{}
	for now := fixture.Noon().Add(tick); now.Sub(g.from) <= g.long+until; now = now.Add(tick) {
		o := counted(now, g.perSecond(now))
		if !now.After(g.from) { // the cost of a request is learned before the burst
			o.CPU = []demand.Point{{At: now.Add(-tick), Period: tick, Value: 5 * o.Requests[0].Value / 200}}
			o.Running = []demand.Point{{At: now.Add(-tick), Period: tick, Value: 20}}
		}
		if e, ok := k.Step(&s, o, settings()); ok {
			out[now.Sub(g.from)-g.long] = e.Tasks
		}
	}
	return out
}

// After a burst, strategies with less headroom have a lower loss. The headroom thus
// falls long before the histogram forgets the errors of the burst.
func TestTheHeadroomOfABurstDoesNotStay(t *testing.T) {
	const steady, seeds = 6 * time.Hour, 20
	parts := []time.Duration{0, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour}
	for _, long := range []time.Duration{10 * time.Minute, 30 * time.Minute, time.Hour} {
		t.Run(fmt.Sprintf("a burst of %s", long), func(t *testing.T) {
			t.Parallel()
			before, during, after := 0.0, 0.0, make([]float64, len(parts))
			for seed := range uint64(seeds) {
				g := gusty{chance: rand.New(rand.NewPCG(seed, seed)), from: fixture.Noon().Add(steady), long: long}
				counts := g.counts(parts[len(parts)-1])
				before += mean(counts, -long-time.Hour, -long) / seeds
				during += mean(counts, -long, 0) / seeds
				for i := range parts[1:] {
					after[i] += mean(counts, parts[i], parts[i+1]) / seeds
				}
			}
			var list strings.Builder
			for i := range parts[1:] {
				fmt.Fprintf(&list, ", %s to %s after %.1f", parts[i], parts[i+1], after[i])
			}
			t.Logf("tasks, means of seeds 0 to %d: before %.1f, during %.1f%s", seeds-1, before, during, list.String())
			assert.Greater(t, during, 2*before, "the burst needs more")
			assert.Less(t, after[3]-before, 0.15*(during-before), "half an hour later")
			assert.Less(t, after[4]-before, 0.1*(during-before), "an hour later")
		})
	}
}

// mean returns the mean of the counts from one time to before another.
func mean(counts map[time.Duration]int, from, to time.Duration) float64 {
	sum, n := 0, 0
	for at := from; at < to; at += tick {
		sum, n = sum+counts[at], n+1
	}
	return float64(sum) / float64(n)
}
