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
)

// gusty is the traffic of a service with ten busy tasks, which for some minutes
// jumps each minute to anything between a quarter and four times as much.
type gusty struct {
	chance *rand.Rand
	from   time.Time
	long   time.Duration
	gust   float64
}

// perSecond are the requests of the tick before a time.
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

// counts are the tasks that are asked for at each time from the burst's end on.
func (g *gusty) counts(until time.Duration) map[time.Duration]int {
	var s demand.State
	k, out := controller(), map[time.Duration]int{}
	for now := noon().Add(tick); now.Sub(g.from) <= g.long+until; now = now.Add(tick) {
		o := counted(now, g.perSecond(now))
		if !now.After(g.from) { // what a request costs is learned before
			o.CPU = []demand.Point{{At: now.Add(-tick), Period: tick, Value: 5 * o.Requests[0].Value / 200}}
			o.Running = []demand.Point{{At: now.Add(-tick), Period: tick, Value: 20}}
		}
		if e, ok := k.Step(&s, o, told()); ok {
			out[now.Sub(g.from)-g.long] = e.Tasks
		}
	}
	return out
}

// Once a burst is over other ways keep less for nothing, so the margin does not
// stay fat for the half day for which the errors of a burst are remembered.
func TestTheMarginOfABurstDoesNotStay(t *testing.T) {
	const steady, seeds = 6 * time.Hour, 20
	parts := []time.Duration{0, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour}
	for _, long := range []time.Duration{10 * time.Minute, 30 * time.Minute, time.Hour} {
		t.Run(fmt.Sprintf("a burst of %s", long), func(t *testing.T) {
			t.Parallel()
			before, during, after := 0.0, 0.0, make([]float64, len(parts))
			for seed := range uint64(seeds) {
				g := gusty{chance: rand.New(rand.NewPCG(seed, seed)), from: noon().Add(steady), long: long}
				counts := g.counts(parts[len(parts)-1])
				before += mean(counts, -long-time.Hour, -long) / seeds
				during += mean(counts, -long, 0) / seeds
				for i := range parts[1:] {
					after[i] += mean(counts, parts[i], parts[i+1]) / seeds
				}
			}
			var words strings.Builder
			for i := range parts[1:] {
				fmt.Fprintf(&words, ", %s to %s after %.1f", parts[i], parts[i+1], after[i])
			}
			t.Logf("tasks, means of seeds 0 to %d: before %.1f, during %.1f%s", seeds-1, before, during, words.String())
			assert.Greater(t, during, 2*before, "the burst asks for more")
			assert.Less(t, after[3]-before, 0.15*(during-before), "half an hour later")
			assert.Less(t, after[4]-before, 0.1*(during-before), "an hour later")
		})
	}
}

// mean is that of the counts from one time to before another.
func mean(counts map[time.Duration]int, from, to time.Duration) float64 {
	sum, n := 0, 0
	for at := from; at < to; at += tick {
		sum, n = sum+counts[at], n+1
	}
	return float64(sum) / float64(n)
}
