package ecssim

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// erlangC is the textbook formula, with powers and factorials: the share of
// requests that wait for one of so many servers.
func erlangC(servers int, load float64) float64 {
	sum, term := 0.0, 1.0
	for k := range servers {
		sum += term
		term *= load / float64(k+1)
	}
	last := term / (1 - load/float64(servers))
	return last / (sum + last)
}

// TestWaitsAreErlangs compares the load balancer's response times with Erlang's
// formula. The requests arrive at random.
func TestWaitsAreErlangs(t *testing.T) {
	for _, c := range []struct {
		tasks, slots int
		busy         float64
		noise        bool
	}{
		{1, 1, 0.5, false},
		{1, 1, 0.9, false},
		{2, 1, 0.8, false},
		{4, 5, 0.85, false},
		{10, 2, 0.95, false},
		{20, 1, 0.7, true},
		{10, 5, 0.8, true},
	} {
		t.Run(fmt.Sprintf("%d tasks of %d, %.0f %% busy, noise %t", c.tasks, c.slots, 100*c.busy, c.noise), func(t *testing.T) {
			const rps, idle = 50.0, 0.01
			w := newWorld(t, Config{Seed: 1})
			w.steady(ServiceSpec{LoadBalanced: true, Desired: c.tasks, TaskDefinition: w.image("1", Behaviour{
				CapacityRPS: rps, Slots: c.slots, ResponseTime: time.Duration(idle * float64(time.Second)),
			})})
			servers := c.tasks * c.slots
			load := c.busy * float64(servers)
			require.NoError(t, w.SetArrivals("shop", "web", Arrivals{
				Rate: func(time.Time) float64 { return c.busy * float64(c.tasks) * rps }, Step: time.Second, Noise: c.noise,
			}))
			w.run(2 * time.Hour)
			values := w.read("AWS/ApplicationELB", "TargetResponseTime", "Average", 60, 90)
			require.Len(t, values, 89)
			mean := 0.0
			for _, v := range values {
				mean += v / float64(len(values))
			}
			one := float64(c.slots) / rps
			want := erlangC(servers, load) / (float64(servers) - load) * one
			assert.InEpsilon(t, want, mean-idle, 0.02)
		})
	}
}

func TestTheObjectiveIsMissedWhereErlangSaysSo(t *testing.T) {
	for _, c := range []struct {
		name      string
		objective Objective
		tasks     int
		busy      float64
		want      bool
	}{
		{"of two servers at half the load one request in 8 waits longer, and so many may", Objective{Late: 0.13}, 2, 0.5, false},
		{"and where one in ten may", Objective{Late: 0.1}, 2, 0.5, true},
		{"which may wait twice as long", Objective{Late: 0.1, Wait: 200 * time.Millisecond}, 2, 0.5, false},
		{"big services bear more", Objective{}, 20, 0.79, false},
		{"than small ones", Objective{}, 2, 0.79, true},
		{"but some tasks are to be free", Objective{}, 20, 0.81, true},
		{"unless the objective allows it", Objective{Busy: 1}, 20, 0.81, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.steady(ServiceSpec{Desired: c.tasks, TaskDefinition: w.image("1", Behaviour{
				CapacityRPS: 10, Slots: 1, Objective: c.objective,
			})})
			w.load(c.busy * float64(c.tasks) * 10)
			before := w.Stats("shop", "web")
			w.run(time.Hour)
			after := w.Stats("shop", "web")
			want := 0.0
			if c.want {
				want = 3600
			}
			assert.InDelta(t, want, after.ViolationSeconds-before.ViolationSeconds, 1e-6)
			assert.InDelta(t, want*c.busy*float64(c.tasks)*10, after.ViolatingRequests, 1e-3)
		})
	}
}

// alone creates one task of 10 requests/s. Its requests wait 10 s at most.
func alone(t testing.TB) *world {
	w := newWorld(t, Config{})
	w.create(ServiceSpec{LoadBalanced: true, Desired: 1, TaskDefinition: w.image("1", Behaviour{
		CapacityRPS: 10, Slots: 1, ResponseTime: 100 * time.Millisecond,
	})})
	w.RunUntil(w.Now().Truncate(time.Minute).Add(10 * time.Minute))
	return w
}

func TestABacklogIsWorkedOffOrGivenUp(t *testing.T) {
	for _, c := range []struct {
		name              string
		rps               float64
		seconds           int
		failed, violation float64
		response          float64
		cpu               float64
	}{
		// Five seconds at twice the capacity leave 50 waiting requests. Five
		// seconds later they are served. A request may wait 0.1 s, the time of
		// one request before it.
		{"what waits is worked off", 20, 5, 0, 9.9, 0.1 + (50*5/2+50*5/2)/100.0, 100 * 10 / 60.0},
		// After five seconds at 30/s, 100 requests wait, the longest possible
		// wait. Of the requests in the next five seconds a third finds room.
		{"what has waited for ten seconds is given up", 30, 10, 100, 19.9, 0.1 + (100*5/2+100*5+100*10/2)/200.0, 100 * 20 / 60.0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := alone(t)
			before := w.Stats("shop", "web")
			w.load(c.rps)
			w.run(time.Duration(c.seconds) * time.Second)
			w.load(0)
			w.run(5 * time.Minute)
			after := w.Stats("shop", "web")
			assert.InDelta(t, c.failed, after.FailedRequests-before.FailedRequests, 1e-6)
			assert.InDelta(t, c.violation, after.ViolationSeconds-before.ViolationSeconds, 0.05+1e-6)
			values := w.read("AWS/ApplicationELB", "TargetResponseTime", "Average", 60, 6)
			require.Len(t, values, 1)
			assert.InDelta(t, c.response, values[0], 1e-6)
			cpu := w.read("AWS/ECS", "CPUUtilization", "Average", 60, 6)
			assert.InDelta(t, c.cpu, slices.Max(cpu), 1e-6, "the CPU is busy as long as a request waits")
		})
	}
}

// TestBookingDoesNotDependOnWhenItIsDone reads the stats at random moments. Each
// read adds the results until then.
func TestBookingDoesNotDependOnWhenItIsDone(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		rates := rapid.SliceOfN(rapid.Float64Range(0, 40), 1, 10).Draw(r, "rates")
		looks := rapid.SliceOfN(rapid.IntRange(1, 5000), 0, 20).Draw(r, "looks")
		play := func(looks []int) Stats {
			w := alone(t)
			for _, ms := range looks {
				w.At(w.Now().Add(time.Duration(ms)*time.Millisecond*time.Duration(len(rates))), func() { w.Stats("shop", "web") })
			}
			for _, rps := range rates {
				w.load(rps)
				w.run(5 * time.Second)
			}
			w.load(0)
			w.run(time.Minute)
			return w.Stats("shop", "web")
		}
		a, b := play(nil), play(looks)
		assert.InDelta(r, a.FailedRequests, b.FailedRequests, 1e-6)
		assert.InDelta(r, a.ViolationSeconds, b.ViolationSeconds, 1e-6)
		assert.InDelta(r, a.ViolatingRequests, b.ViolatingRequests, 1e-6)
		assert.InDelta(r, a.Requests, b.Requests, 1e-6)
	})
}

func TestArrivalsAreDrawnForEachServiceAlone(t *testing.T) {
	counts := func(seed uint64, neighbour bool, tasks int) []float64 {
		w := newWorld(t, Config{Seed: seed})
		w.steady(ServiceSpec{LoadBalanced: true, Desired: tasks, TaskDefinition: w.image("1", Behaviour{CapacityRPS: 100})})
		if neighbour {
			_, err := w.CreateService(ServiceSpec{Cluster: "shop", Name: "other", Desired: 1, TaskDefinition: w.define("web:1")})
			require.NoError(t, err)
			require.NoError(t, w.SetArrivals("shop", "other", Arrivals{Rate: func(time.Time) float64 { return 20 }, Noise: true}))
		}
		require.NoError(t, w.SetArrivals("shop", "web", Arrivals{Rate: func(time.Time) float64 { return 30 }, Noise: true}))
		w.RunUntil(w.Now().Truncate(time.Hour).Add(2 * time.Hour))
		return w.read("AWS/ApplicationELB", "RequestCount", "Sum", 60, 60)
	}
	first := counts(1, false, 2)
	assert.Equal(t, first, counts(1, true, 3), "with other services and other counts")
	assert.NotEqual(t, first, counts(2, false, 2))
	sum, squares := 0.0, 0.0
	for _, n := range first {
		sum += n
		squares += n * n
	}
	n := float64(len(first))
	mean := sum / n
	assert.InDelta(t, 1800, mean, 4*math.Sqrt(1800/n), "30 a second")
	assert.InDelta(t, 1, (squares/n-mean*mean)/mean, 0.6, "as noisy as a Poisson process")
}

func TestPoissonHasItsMeanAndVariance(t *testing.T) {
	e := newEntropy(1)
	for _, mean := range []float64{0.3, 4, 60, 99, 101, 5000} {
		const n = 100000
		sum, squares := 0.0, 0.0
		for range n {
			v := poisson(e.chance, mean)
			require.Equal(t, math.Trunc(v), v)
			sum += v
			squares += v * v
		}
		got := sum / n
		assert.InEpsilon(t, mean, got, 0.02)
		assert.InEpsilon(t, mean, squares/n-got*got, 0.03)
	}
	assert.Zero(t, poisson(e.chance, 0))
	assert.Zero(t, poisson(e.chance, math.NaN()))
}

func TestEachRunningTaskIsASample(t *testing.T) {
	for _, c := range []struct {
		name string
		high bool
		want float64
	}{{"a minute", false, 3}, {"20 seconds", true, 9}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			w.steady(ServiceSpec{TaskDefinition: w.image("1", Behaviour{}), Desired: 3, HighResolution: c.high})
			w.run(10 * time.Minute)
			assert.InDelta(t, c.want, w.read("AWS/ECS", "CPUUtilization", "SampleCount", 60, 6)[1], 0)
			assert.InDelta(t, c.want, w.read("AWS/ECS", "MemoryUtilization", "SampleCount", 60, 6)[1], 0)
		})
	}
}

func TestCountsOfTheLoadBalancerDoNotSaturate(t *testing.T) {
	w := newWorld(t, Config{})
	w.steady(ServiceSpec{LoadBalanced: true, HighResolution: true, Desired: 2, TaskDefinition: w.image("1", Behaviour{CapacityRPS: 10})})
	w.load(100)
	w.run(10 * time.Minute)
	assert.InDelta(t, 100, w.read("AWS/ECS", "CPUUtilization", "Average", 20, 2)[0], 1e-6)
	requests := w.read("AWS/ApplicationELB", "RequestCount", "Sum", 60, 5)
	assert.InDelta(t, 6000, requests[0], 1e-6)
	assert.InDelta(t, 3000, w.read("AWS/ApplicationELB", "RequestCountPerTarget", "Sum", 60, 5)[0], 1e-6)
	assert.Len(t, w.read("AWS/ApplicationELB", "RequestCount", "Sum", 20, 5), len(requests), "once a minute, whatever ECS's resolution")
}

func TestATaskIsBilledAMinuteAtLeast(t *testing.T) {
	for _, c := range []struct {
		name string
		spec ServiceSpec
		want float64
	}{
		// The task pulls for 21 of its 30 s to RUNNING, and is stopped after 10 s
		// more. The reaction takes 2 s, the stop 2 s, and the release of the
		// network 8 s.
		{"on Fargate", ServiceSpec{}, 60},
		{"a longer minute", ServiceSpec{LoadBalanced: true, Deregistration: 100 * time.Second}, 21 + 8 + 2 + 100 + 2 + 8},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, Config{})
			c.spec.TaskDefinition, c.spec.Desired = w.image("1", Behaviour{StartDelay: Fixed(30 * time.Second)}), 1
			w.create(c.spec)
			w.run(40 * time.Second)
			w.update(ecs.UpdateServiceInput{DesiredCount: aws.Int32(0)})
			w.run(10 * time.Minute)
			require.Zero(t, w.service().RunningCount)
			assert.InDelta(t, c.want, w.Stats("shop", "web").TaskSeconds, 1e-6)
		})
	}
}

func TestANewTargetWaitsForItsFirstCheck(t *testing.T) {
	wait := func(seed uint64, balanced bool) float64 {
		w := newWorld(t, Config{Seed: seed})
		w.create(ServiceSpec{Desired: 1, LoadBalanced: balanced, TaskDefinition: w.image("1", Behaviour{
			StartDelay: Fixed(30 * time.Second), Health: Health{Interval: 30 * time.Second},
		})})
		w.run(5 * time.Minute)
		return w.Stats("shop", "web").DowntimeSeconds - 37 // 2 s to react, 30 s to start, 5 s to become ready
	}
	least, most := math.Inf(1), 0.0
	for seed := range uint64(20) {
		v := wait(seed, true)
		least, most = min(least, v), max(most, v)
		assert.InDelta(t, 0, wait(seed, false), 1e-6, "without a load balancer there is nothing to wait for")
	}
	assert.GreaterOrEqual(t, least, 0.0)
	assert.Less(t, most, 30.0)
	assert.Greater(t, most-least, 15.0)
}
