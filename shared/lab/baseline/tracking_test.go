package baseline_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"homeostat/shared/lab/baseline"
	"homeostat/shared/sim/workload"
)

// AWS measured 363 s from a rise of the load to the scale-out on the metric of 60
// s, and 86 s on that of 20 s. The rise comes in the middle of a period, so that
// period is not above the target yet.
func TestTheTriggerTimesThatAWSPublished(t *testing.T) {
	for name, c := range map[string]struct {
		metric     baseline.Metric
		rise, want int
	}{
		"on the metric of 60 s": {baseline.StandardCPU(), 3630, 363},
		"on the metric of 20 s": {baseline.FastCPU(), 3610, 86},
	} {
		t.Run(name, func(t *testing.T) {
			changes := play(t, plain(), spans{{c.rise, 500}, {600, 900}}, 10, baseline.NewTracker(tracking(c.metric, 80)))
			require.NotEmpty(t, changes)
			assert.Equal(t, change{c.rise + c.want, 12}, changes[len(changes)-1], "ten tasks at 90 % are 11.25 at 80 %")
		})
	}
}

// tracking keeps the fleet while the metric is between 45 % and 80 %. The rise from
// 50 % then causes the first action.
func tracking(m baseline.Metric, target float64) baseline.TargetTracking {
	p := baseline.Tracking(m)
	p.Target, p.Low = target, 0.5
	return p
}

func minutely(change func(*baseline.TargetTracking)) *baseline.Tracker {
	p := baseline.Tracking(baseline.Metric{Signal: baseline.CPU, Period: time.Minute})
	p.Target = 50
	change(&p)
	return baseline.NewTracker(p)
}

func TestTargetTracking(t *testing.T) {
	nothing := func(*baseline.TargetTracking) {}
	for name, c := range map[string]struct {
		tasks   int
		traffic spans
		policy  func(*baseline.TargetTracking)
		want    []change
	}{
		"on its target nothing happens": {4, spans{{3600, 200}}, nothing, nil},
		"a little below it neither":     {4, spans{{3600, 181}}, nothing, nil},
		"two minutes above it are not enough": {
			4, spans{{600, 200}, {120, 390}, {600, 200}}, nothing, nil,
		},
		"three are, and the count is in proportion": {
			4, spans{{600, 200}, {180, 390}, {120, 200}}, nothing, []change{{780, 8}},
		},
		"what saturates hides how much is needed": {
			4, spans{{600, 200}, {280, 2000}}, nothing, []change{{780, 8}},
		},
		"while it cools down the same is no larger scale-out, and afterwards it goes on from what runs": {
			4, spans{{600, 200}, {600, 2000}}, nothing, []change{{780, 8}, {1080, 16}},
		},
		"a larger one passes: from the four that ran when the first began": {
			4, spans{{600, 200}, {180, 300}, {60, 600}, {60, 200}}, nothing, []change{{780, 6}, {840, 8}},
		},
		"without a cooldown each minute acts": {
			4,
			spans{{600, 200}, {300, 4000}},
			func(p *baseline.TargetTracking) { p.OutCooldown = 0 },
			[]change{{780, 8}, {840, 16}},
		},
		"where the cooldown counts what runs, each minute acts too": {
			4,
			spans{{600, 200}, {300, 4000}},
			func(p *baseline.TargetTracking) { p.Restart = true },
			[]change{{780, 8}, {840, 16}},
		},
		"it scales in after 15 minutes, to what keeps the target": {
			10, spans{{600, 500}, {1000, 180}}, nothing, []change{{1500, 4}},
		},
		"fourteen minutes are not enough": {
			10, spans{{600, 500}, {840, 180}, {600, 500}}, nothing, nil,
		},
		"by a tenth at once, if that is how it is": {
			30,
			spans{{600, 1500}, {1500, 540}},
			func(p *baseline.TargetTracking) { p.ScaleIn = baseline.Tenth },
			[]change{{1500, 27}, {1800, 25}},
		},
		"by one task at least": {
			5,
			spans{{600, 250}, {1000, 90}},
			func(p *baseline.TargetTracking) { p.ScaleIn = baseline.Tenth },
			[]change{{1500, 4}},
		},
		"a deployment holds scale-in until it is over": {
			10,
			spans{{600, 500}, {1400, 180}},
			func(p *baseline.TargetTracking) { p.Deploying = func(s int) bool { return s >= 1400 && s < 1790 } },
			[]change{{1800, 4}},
		},
		"a deployment does not hold scale-out": {
			4,
			spans{{600, 200}, {180, 390}, {120, 200}},
			func(p *baseline.TargetTracking) { p.Deploying = func(int) bool { return true } },
			[]change{{780, 8}},
		},
		"a scale-in cools down before the next, for which the alarm need not ring anew": {
			10, spans{{900, 180}, {1500, 90}}, nothing, []change{{900, 4}, {1200, 2}},
		},
		"a scale-in's cooldown does not hold scale-out, which ends it": {
			10, spans{{900, 180}, {300, 380}}, nothing, []change{{900, 4}, {1080, 8}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, play(t, plain(), c.traffic, c.tasks, minutely(c.policy)))
		})
	}
}

func TestBoundsLimitTheCount(t *testing.T) {
	service := plain()
	service.Min, service.Max = 3, 6
	assert.Equal(t, []change{{180, 6}}, play(t, service, spans{{600, 2000}}, 4, minutely(func(*baseline.TargetTracking) {})))
	assert.Equal(t, []change{{900, 3}}, play(t, service, spans{{1200, 0}}, 4, minutely(func(*baseline.TargetTracking) {})))
}

// Without running tasks there is no data, and missing data is not low utilization.
func TestWithoutDataNothingIsDone(t *testing.T) {
	service := plain()
	service.StartMedian = 20 * time.Minute
	s := workload.New(service, spans{{3000, 0}}, 0, 1)
	s.SetDesired(5)
	by := minutely(func(*baseline.TargetTracking) {})
	for s.Second() < 1200+14*60 {
		by.Scale(s)
		s.Step()
		require.Equal(t, 5, s.Desired())
	}
	for !s.Over() {
		by.Scale(s)
		s.Step()
	}
	assert.Equal(t, 1, s.Desired(), "with data it scales in")
}

func TestTheDelayedMetricIsNoFresherThanItIs(t *testing.T) {
	p := baseline.Tracking(baseline.OwnRequests())
	p.HighFor = 10 * time.Second
	for rise := 3600; rise < 3610; rise++ {
		changes := play(t, plain(), spans{{rise, 550}, {600, 5500}}, 10, baseline.NewTracker(p))
		require.NotEmpty(t, changes)
		after := changes[0].second - rise
		assert.GreaterOrEqual(t, after, 10+1, "a data point with the rise ends after it and comes 10 s later")
		assert.LessOrEqual(t, after, 20, "counts do not need a whole period to be above the target")
	}
}

func TestRequestsDoNotSaturate(t *testing.T) {
	p := baseline.Tracking(baseline.OwnRequests())
	assert.Equal(t, 50, play(t, plain(), spans{{600, 300}, {60, 3000}}, 5, baseline.NewTracker(p))[0].count,
		"ten times the requests of five tasks at 60 %")
}
