package peers

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/sim/traffic"
	"homeostat/shared/sim/workload"
)

// steady returns a service with a constant start-up time and one slot per task, for
// calculations by hand.
func steady(start int) workload.Service {
	s := workload.Standard()
	s.Rate, s.StartSigma, s.HealthInterval = 100, 0, 0
	s.StartMedian = time.Duration(start) * time.Second
	s.Timeout = 0 // surplus requests are rejected, so no backlog keeps the CPU busy
	s.Min, s.Max = 2, 100
	return s
}

// stepped returns traffic without noise: requests/s before and after a second.
func stepped(low, high float64, at, length int) traffic.Trace {
	t := traffic.Trace{Name: "step", Step: 1}
	for i := range length {
		if i < at {
			t.Requests = append(t.Requests, low)
		} else {
			t.Requests = append(t.Requests, high)
		}
	}
	return t
}

// change is a new desired count, in seconds after the step.
type change struct{ after, to int }

// play runs a policy in a bubble and returns its changes.
func play(t *testing.T, v Setting, service workload.Service, trace traffic.Trace, tasks, at int) (changes []change, blind int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		scaler := v.scaler(trace.Seconds())
		sim := workload.New(service, trace, tasks, 1)
		for !sim.Over() {
			before := sim.Desired()
			scaler.Scale(sim)
			if sim.Desired() != before {
				changes = append(changes, change{sim.Second() - at, sim.Desired()})
			}
			sim.Step()
		}
		if h, ok := scaler.(*Horizontal); ok {
			blind = h.blind
		}
	})
	return changes, blind
}

// Starting pods do not count yet. A saturated CPU therefore multiplies the ready
// ones by at most 1/target, once per start-up.
func TestTheHPAClimbsAStepAsItsStartingPodsLetIt(t *testing.T) {
	changes, blind := play(t, Setting{Policy: HPA, Target: 60, Down: downscaleStabilisation}, steady(45), stepped(110, 1000, 600, 1800), 2, 600)
	var counts []int
	for i, c := range changes {
		counts = append(counts, c.to)
		if i > 0 {
			apart := c.after - changes[i-1].after
			assert.True(t, 60 <= apart && apart <= 105, "a start of 45 s and fresh metrics lie between two steps, not %d s", apart)
		}
	}
	assert.Equal(t, []int{4, 7, 12, 17}, counts, "⌈2/0.6⌉, ⌈4/0.6⌉, ⌈7/0.6⌉, ⌈10/0.6⌉")
	assert.LessOrEqual(t, changes[0].after, 45)
	assert.Equal(t, 1, blind, "only the first sync has no sample")
}

// A rate of all pods ignores their readiness, so no start-up lies between two
// steps. Only the controller's limit applies: twice as many pods, or four more.
func TestKEDAClimbsAStepAsFastAsTheControllerMay(t *testing.T) {
	v := Default(KEDA, false)
	v.Target, v.Window = 60, 30*time.Second
	changes, _ := play(t, v, steady(45), stepped(110, 1000, 600, 1200), 2, 600)
	var counts []int
	for i, c := range changes {
		counts = append(counts, c.to)
		if i > 0 {
			assert.Equal(t, syncPeriod, c.after-changes[i-1].after)
		}
	}
	assert.Equal(t, []int{4, 8, 16, 17}, counts, "at last ⌈1000/60⌉")
}

func TestTheControllerKeepsWithinItsTolerance(t *testing.T) {
	v := Default(KEDA, false)
	v.Target = 60
	for name, c := range map[string]struct {
		rate float64
		want []int
	}{
		"a tenth more than two can do is kept":     {130, nil},
		"more than a tenth asks for one more":      {140, []int{3}},
		"a tenth less than the least is the least": {100, nil},
	} {
		t.Run(name, func(t *testing.T) {
			changes, _ := play(t, v, steady(45), stepped(110, c.rate, 300, 900), 2, 300)
			var counts []int
			for _, change := range changes {
				counts = append(counts, change.to)
			}
			assert.Equal(t, c.want, counts)
		})
	}
}

func TestAScaleInWaitsForItsStabilisationWindow(t *testing.T) {
	for name, c := range map[string]struct {
		down             time.Duration
		earliest, latest int
	}{
		"five minutes, the default": {downscaleStabilisation, 300, 360},
		"one minute":                {time.Minute, 60, 120},
	} {
		t.Run(name, func(t *testing.T) {
			v := Setting{Policy: KEDA, Target: 50, Window: 30 * time.Second, Down: c.down}
			changes, _ := play(t, v, steady(45), stepped(500, 150, 600, 1200), 10, 600)
			if assert.NotEmpty(t, changes) {
				assert.Equal(t, 3, changes[len(changes)-1].to)
				assert.True(t, c.earliest <= changes[0].after && changes[0].after <= c.latest, "%d s", changes[0].after)
			}
		})
	}
}

// The same signal through the pods' own metric. The controller assumes a share of
// the load for each starting pod.
func TestTheHPAOnHomeostatsSignalCountsStartingPods(t *testing.T) {
	v := Default(HPA, true)
	v.Target = 60
	changes, _ := play(t, v, steady(45), stepped(110, 1000, 600, 1800), 2, 600)
	assert.Equal(t, []change{{30, 4}, {45, 8}, {60, 16}, {75, 17}}, changes)
}
