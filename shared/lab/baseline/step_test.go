package baseline_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"homeostat/shared/lab/baseline"
	"homeostat/shared/sim/autoscaling"
)

func stepping(change func(*baseline.Step)) *baseline.Stepper {
	p := baseline.Stepping(baseline.Metric{Signal: baseline.CPU, Period: time.Minute}, 50)
	change(&p)
	return baseline.NewStepper(p)
}

// The user guide's example: 10 tasks, 60 %, then 70, 40 and 30.
func TestTheGuidesExampleIsPlayed(t *testing.T) {
	traffic := spans{{600, 500}, {60, 600}, {180, 550}, {60, 1.005 * 770}, {300, 700}, {60, 0.995 * 560}, {300, 650}, {60, 0.995 * 390}, {600, 500}}
	var counts []int
	for _, c := range play(t, plain(), traffic, 10, stepping(func(p *baseline.Step) { p.Cooldown = 0 })) {
		counts = append(counts, c.count)
	}
	assert.Equal(t, []int{11, 14, 13, 10}, counts)
}

func TestStepScaling(t *testing.T) {
	adding := func(first, second int) func(*baseline.Step) {
		return func(p *baseline.Step) {
			p.Out = autoscaling.StepPolicy{Adjustment: autoscaling.ChangeInCapacity, Steps: []autoscaling.Step{
				{Lower: 0, Upper: 20, Change: first}, {Lower: 20, Upper: math.Inf(1), Change: second},
			}}
		}
	}
	for name, c := range map[string]struct {
		tasks   int
		traffic spans
		policy  func(*baseline.Step)
		want    []change
	}{
		"between the steps nothing": {10, spans{{600, 590}, {600, 410}}, func(*baseline.Step) {}, nil},
		"one minute is not enough":  {10, spans{{600, 450}, {60, 900}, {600, 450}}, func(*baseline.Step) {}, nil},
		"during the cooldown of two a step of three adds one": {
			10, spans{{600, 450}, {120, 600}, {120, 900}, {60, 600}}, adding(2, 3), []change{{720, 12}, {780, 13}},
		},
		"during the cooldown of two a step of two adds nothing": {
			10, spans{{600, 450}, {120, 600}, {300, 720}}, adding(2, 3), []change{{720, 12}},
		},
		"after the cooldown it adds again": {
			10, spans{{600, 450}, {120, 600}, {360, 780}}, adding(2, 3), []change{{720, 12}, {1020, 14}},
		},
		"a quarter of four, with a minimum of two": {
			4,
			spans{{600, 190}, {121, 300}},
			func(p *baseline.Step) {
				p.Out = autoscaling.StepPolicy{
					Adjustment: autoscaling.PercentChangeInCapacity, Magnitude: 2,
					Steps: []autoscaling.Step{{Lower: 0, Upper: math.Inf(1), Change: 25}},
				}
			},
			[]change{{720, 6}},
		},
		"it scales in by steps, each after its cooldown": {
			10, spans{{600, 500}, {480, 100}}, func(*baseline.Step) {}, []change{{660, 7}, {960, 5}},
		},
		"a deployment holds scale-in": {
			10,
			spans{{600, 500}, {480, 100}},
			func(p *baseline.Step) { p.Deploying = func(int) bool { return true } },
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, play(t, plain(), c.traffic, c.tasks, stepping(c.policy)))
		})
	}
}
