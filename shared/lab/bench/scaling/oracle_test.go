package scaling

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

func TestTheOptimumKeepsATaskWhereARestartCostsMore(t *testing.T) {
	for _, c := range []struct {
		name    string
		needed  []int
		restart int
		cost    int
		plan    []int
	}{
		{"nothing is needed", []int{0, 0}, 5, 0, []int{0, 0}},
		{"what is needed at first may run already", []int{2, 2, 1}, 5, 5, []int{2, 2, 1}},
		{"a gap as long as a restart is kept", []int{2, 1, 1, 2}, 2, 8, []int{2, 2, 2, 2}},
		{"a longer gap is not", []int{2, 1, 1, 1, 2}, 2, 9, []int{2, 1, 1, 1, 2}},
		{"each level for itself", []int{3, 1, 1, 1, 2, 3}, 3, 11 + 3 + 3, []int{3, 2, 2, 2, 2, 3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cost, plan := optimalPlan(c.needed, c.restart)
			assert.Equal(t, c.cost, cost)
			assert.Equal(t, c.plan[0], plan[0])
			assert.GreaterOrEqual(t, slices.Min(subtract(plan, c.needed)), 0)
			assert.Equal(t, c.cost, billed(plan, c.restart))
		})
	}
}

func subtract(a, b []int) []int {
	out := make([]int, len(a))
	for i := range a {
		out[i] = a[i] - b[i]
	}
	return out
}

// billed returns the cost of a plan.
func billed(plan []int, restart int) (cost int) {
	for t, n := range plan {
		cost += n
		if t > 0 {
			cost += restart * max(0, n-plan[t-1])
		}
	}
	return cost
}

// The optimum by levels, the dynamic programme and the bills of both fleets agree.
func TestTheProgrammeIsTheOptimumByLevels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		needed := rapid.SliceOfN(rapid.IntRange(0, 6), 1, 60).Draw(t, "needed")
		restart := rapid.IntRange(0, 12).Draw(t, "restart")
		cost, plan := optimalPlan(needed, restart)
		p := program{needed: needed, seconds: 1, restart: restart, weight: make([]float64, len(needed)), price: math.Inf(1)}
		best, chosen := p.solve(true)
		assert.Equal(t, float64(cost), best)
		assert.Equal(t, cost, billed(plan, restart))
		assert.Equal(t, cost, billed(chosen, restart))
		for i, n := range needed {
			assert.GreaterOrEqual(t, plan[i], n)
			assert.GreaterOrEqual(t, chosen[i], n)
		}
	})
}

// No fleet costs less than the programme, with priced violations.
func TestNoFleetIsCheaperThanTheProgramme(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		needed := rapid.SliceOfN(rapid.IntRange(1, 5), 1, 40).Draw(t, "needed")
		weight := make([]float64, len(needed))
		fleet := make([]int, len(needed))
		for i := range needed {
			weight[i] = rapid.Float64Range(0, 10).Draw(t, "weight")
			fleet[i] = rapid.IntRange(1, 5).Draw(t, "fleet")
		}
		p := program{
			needed: needed, seconds: rapid.IntRange(1, 3).Draw(t, "seconds"), restart: rapid.IntRange(0, 9).Draw(t, "restart"),
			weight: weight, price: rapid.Float64Range(0, 4).Draw(t, "price"), least: 1,
		}
		costOf := func(fleet []int) (cost float64) {
			for i, n := range fleet {
				cost += p.slot(i, n)
				if i > 0 {
					cost += float64(p.restart * max(0, n-fleet[i-1]))
				}
			}
			return cost
		}
		best, chosen := p.solve(true)
		assert.LessOrEqual(t, best, costOf(fleet)+1e-9)
		assert.InDelta(t, best, costOf(chosen), 1e-9, "the fleet that is found costs that")
		again, _ := p.solve(false)
		assert.Equal(t, best, again)
	})
}

func TestTheBoundOfTheScoreIsBelowTheOptimumWithoutViolations(t *testing.T) {
	known := realizedDemandOf(spans(500, 8, 20, 80, 500, 8), plain(), 1)
	assert.Equal(t, 50, known.restart)
	assert.InDelta(t, 1, known.bound(1000, 1), 1e-9, "where a violation costs anything, none is best")
	// Without the peak: 1020 task-seconds, minus the peak's 9·(20+50), and 1600 of
	// 9600 requests violated. At the edges of the peak the mean of the surrounding
	// seconds is lower, so 2, 2, 2 and 1 of the ten tasks are not needed.
	cost, _ := optimalPlan(known.needed, known.restart)
	assert.Equal(t, 1020+9*20+9*50-2*7, cost)
	assert.InDelta(t, 1020.0/1636+0.001*100*1600/9600, known.bound(0.001, 1), 1e-9)
}

func TestTheOraclePaysTheOptimumAndViolatesNothing(t *testing.T) {
	for _, trace := range traffic.Generated() {
		if trace.Seconds() > 48*hour {
			trace.Requests = trace.Requests[:24*hour/trace.Step]
		}
		scaled, err := trace.ScaledTo(workload.Standard().Capacities()[20])
		require.NoError(t, err)
		start := RunInput{Service: workload.Standard(), Trace: scaled, Seed: 3}
		// The first tasks cannot start at once, so the first seconds are skipped.
		got := Measure(scaled, start.Service, start.Seed, initialSkip, oracle().Settings[0].New(start))
		known := realizedDemandOf(scaled, start.Service, start.Seed).after(initialSkip)
		optimum, _ := optimalPlan(known.needed, known.restart)
		ratio := got.TaskHours * hour / float64(optimum)
		t.Logf("%-12s %.3f of the optimum, %.4f %% violating", trace.Name, ratio, got.Violating)
		// The remaining violations come from the backlog of several full seconds in
		// a row.
		assert.Less(t, got.Violating, 0.15, trace.Name)
		assert.InDelta(t, 1, ratio, 0.08, trace.Name)
	}
}

func TestTheRateOracleHasAFrontier(t *testing.T) {
	trace := traffic.Generated()[2]
	scaled, err := trace.ScaledTo(workload.Standard().Capacities()[20])
	require.NoError(t, err)
	known := realizedDemandOf(scaled, workload.Standard(), 1)
	optimum, _ := optimalPlan(known.needed, known.restart)
	var points []Point
	j := Job{Traces: []traffic.Trace{scaled}, Service: workload.Standard(), Seeds: []uint64{1}, Half: Whole}
	require.NoError(t, Play(t.Context(), j, []Policy{rateOracle(scaled)}, func(s Sample) error {
		points = append(points, Point{s.Run.Violating, s.Run.TaskHours * hour / float64(optimum)})
		return nil
	}))
	frontier := Frontier(points)
	require.Greater(t, len(frontier), 2)
	for _, p := range points {
		assert.LessOrEqual(t, costAt(frontier, p.Violating), p.CostRatio+1e-9, "nothing is better than the frontier")
	}
	assert.Less(t, frontier[0].Violating, 0.5, "it does not know the noise of a second")
	t.Log(frontier)
}

func TestTheFrontierIsTheLowerHull(t *testing.T) {
	frontier := Frontier([]Point{{2, 1.4}, {0, 2}, {1, 1.8}, {4, 1}, {3, 1.9}, {0, 2.5}})
	assert.Equal(t, []Point{{0, 2}, {2, 1.4}, {4, 1}}, frontier)
	assert.InDelta(t, 1.7, costAt(frontier, 1), 1e-9)
	assert.InDelta(t, 1.2, costAt(frontier, 3), 1e-9)
	assert.Equal(t, 1.0, costAt(frontier, 9))
	assert.Equal(t, 2.0, costAt(frontier, 0))
	assert.Equal(t, 1.5, costAt(Frontier([]Point{{1, 1.5}}), 0))
	assert.True(t, math.IsNaN(costAt(nil, 1)))
}

func TestTheMostAheadIsTheHighestOfAWindow(t *testing.T) {
	assert.Equal(t, []int{3, 3, 3, 2, 1, 1}, mostAhead([]int{1, 2, 3, 2, 1, 1}, 2)[0:6])
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.IntRange(0, 9), 1, 40).Draw(t, "values")
		more := rapid.IntRange(0, 9).Draw(t, "more")
		for i, got := range mostAhead(values, more) {
			assert.Equal(t, slices.Max(values[i:min(len(values), i+more+1)]), got)
		}
	})
}

func TestTheDelaysAreThoseThatTheRunWillDraw(t *testing.T) {
	start := RunInput{Service: workload.Standard(), Trace: spans(10, 8), Seed: 5}
	d := newDelays(start)
	sim := workload.New(start.Service, start.Trace, 1, 5)
	sim.SetDesired(4)
	for i, task := range sim.Tasks()[1:] {
		assert.Equal(t, task.Ready-task.Created, d.of(i))
	}
	d.took(3)
	sim.SetDesired(6)
	assert.Equal(t, sim.Tasks()[4].Ready, d.of(0))
	assert.Equal(t, sim.Tasks()[5].Ready, d.of(1))
	d.of(500)
	assert.InDelta(t, 40, startQuantile(start.Service, 0.5), 2)
	assert.Greater(t, startQuantile(start.Service, 0.95), 50)
}
