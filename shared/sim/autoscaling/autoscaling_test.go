package autoscaling_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"homeostat/shared/sim/autoscaling"
)

// The examples come from the Application Auto Scaling user guide, "Step scaling
// policies".
func out() autoscaling.StepPolicy {
	return autoscaling.StepPolicy{Adjustment: autoscaling.PercentChangeInCapacity, Steps: []autoscaling.Step{
		{Lower: 0, Upper: 10, Change: 0}, {Lower: 10, Upper: 20, Change: 10}, {Lower: 20, Upper: math.Inf(1), Change: 30},
	}}
}

func in() autoscaling.StepPolicy {
	return autoscaling.StepPolicy{Adjustment: autoscaling.PercentChangeInCapacity, Steps: []autoscaling.Step{
		{Lower: -10, Upper: 0, Change: 0}, {Lower: -20, Upper: -10, Change: -10}, {Lower: math.Inf(-1), Upper: -20, Change: -30},
	}}
}

func TestTheGuidesExampleOfSteps(t *testing.T) {
	const threshold = 50
	for name, c := range map[string]struct {
		policy  autoscaling.StepPolicy
		current int
		metric  float64
		want    int
	}{
		"at 60 a tenth is added":                    {out(), 10, 60, 11},
		"at 70 three tenths, rounded down":          {out(), 11, 70, 14},
		"at 40 a tenth is removed, rounded down":    {in(), 14, 40, 13},
		"at 30 three tenths, rounded down":          {in(), 13, 30, 10},
		"below 60 nothing":                          {out(), 10, 59.9, 10},
		"below 70 still a tenth":                    {out(), 11, 69.9, 12},
		"above 40 nothing":                          {in(), 14, 40.1, 14},
		"above 30 still a tenth":                    {in(), 13, 30.1, 12},
		"on the threshold nothing":                  {out(), 10, 50, 10},
		"on the threshold nothing is removed":       {in(), 10, 50, 10},
		"a policy out does not care for low values": {out(), 10, 20, 10},
		"a policy in does not care for high values": {in(), 10, 80, 10},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, c.policy.Count(c.current, c.metric-threshold))
		})
	}
}

func TestAChangeIsRounded(t *testing.T) {
	percent, change, exact := autoscaling.PercentChangeInCapacity, autoscaling.ChangeInCapacity, autoscaling.ExactCapacity
	for name, c := range map[string]struct {
		adjustment                       autoscaling.Adjustment
		current, change, magnitude, want int
	}{
		"12.7 is 12":  {percent, 127, 10, 0, 139},
		"0.67 is 1":   {percent, 67, 1, 0, 68},
		"-0.58 is -1": {percent, 58, -1, 0, 57},
		"-6.67 is -6": {percent, 667, -1, 0, 661},
		"a quarter of four, with a minimum of two":  {percent, 4, 25, 2, 6},
		"less a quarter of four, with a minimum":    {percent, 4, -25, 2, 2},
		"a minimum that does not matter":            {percent, 40, 25, 2, 50},
		"no change, whatever the minimum":           {percent, 4, 0, 2, 4},
		"nothing has no percentage":                 {percent, 0, 50, 2, 0},
		"a number is added":                         {change, 3, 5, 0, 8},
		"a number is removed, and nothing below 0":  {change, 3, -5, 0, 0},
		"a minimum is for percentages":              {change, 3, 1, 2, 4},
		"a number is set":                           {exact, 3, 5, 0, 5},
		"more than all of it is removed in percent": {percent, 3, -200, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			policy := autoscaling.StepPolicy{
				Adjustment: c.adjustment, Magnitude: c.magnitude,
				Steps: []autoscaling.Step{{Lower: 0, Upper: math.Inf(1), Change: c.change}},
			}
			assert.Equal(t, c.want, policy.Count(c.current, 1))
		})
	}
}

func TestTargetTrackingCounts(t *testing.T) {
	for name, c := range map[string]struct {
		current        int
		metric, target float64
		want           int
	}{
		"at the target as many as there are":   {4, 60, 60, 4},
		"a little above it one more":           {4, 60.1, 60, 5},
		"saturated at a target of 80 %, 5/4":   {4, 100, 80, 5},
		"half the target, half the tasks":      {4, 30, 60, 2},
		"scaling in rounds up, so removes few": {10, 40, 70, 6},
		"no demand, no tasks":                  {3, 0, 70, 0},
		"a product that floats is no more":     {2, 0.7, 0.7, 2},
		"no target, no opinion":                {3, 90, 0, 3},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, autoscaling.TargetTrackingCount(c.current, c.metric, c.target))
		})
	}
}

func TestTheTrackedCountIsTheLeastThatKeepsTheTarget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		current := rapid.IntRange(1, 5000).Draw(t, "current")
		metric := rapid.Float64Range(0.1, 1000).Draw(t, "metric")
		target := rapid.Float64Range(1, 100).Draw(t, "target")
		work := float64(current) * metric
		count := autoscaling.TargetTrackingCount(current, metric, target)
		assert.LessOrEqual(t, work/float64(count), target*(1+1e-6))
		assert.GreaterOrEqual(t, work/(float64(count)-1+1e-12), target*(1-1e-6))
	})
}
