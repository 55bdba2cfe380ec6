// Package autoscaling implements the arithmetic of AWS Application Auto Scaling:
// the desired count of a policy. It follows the words and examples of AWS's
// documentation. The callers decide when to evaluate a policy.
package autoscaling

import "math"

// TargetTrackingCount returns the count that brings a metric back to its target:
// current*metric/target, rounded up. The user guide describes it in words ("scales
// out proportionally", "rounding up").
func TargetTrackingCount(current int, metric, target float64) int {
	if target <= 0 {
		return current
	}
	return int(math.Ceil(float64(current)*metric/target - roundingError))
}

// Adjustment is the meaning of the number in a step.
type Adjustment string

// The adjustment types of the API.
const (
	ChangeInCapacity        Adjustment = "ChangeInCapacity"
	ExactCapacity           Adjustment = "ExactCapacity"
	PercentChangeInCapacity Adjustment = "PercentChangeInCapacity"
)

// Step is the change within bounds relative to the alarm's threshold. An open bound
// is infinite.
type Step struct {
	Lower, Upper float64
	Change       int
}

// contains reports whether the step covers a distance. Above the threshold the
// lower bound belongs to the step, below it the upper bound. On the threshold both
// readings apply, because either policy may end there.
func (s Step) contains(distance float64) bool {
	from := distance >= s.Lower && distance < s.Upper
	until := distance > s.Lower && distance <= s.Upper
	switch {
	case distance > 0:
		return from
	case distance < 0:
		return until
	}
	return from || until
}

// StepPolicy is a step scaling policy without its alarm.
type StepPolicy struct {
	Adjustment Adjustment
	// Magnitude is the minimum number of tasks that a change in percent moves. 0
	// means none.
	Magnitude int
	Steps     []Step
}

// Count returns the desired count for a metric at a distance from the alarm's
// threshold. Without a matching step it returns the current count.
func (p StepPolicy) Count(current int, distance float64) int {
	for _, step := range p.Steps {
		if step.contains(distance) {
			return p.adjust(current, step.Change)
		}
	}
	return current
}

// adjust applies a change. It cuts fractions of a percentage above 1 and rounds
// fractions below 1 up.
func (p StepPolicy) adjust(current, change int) int {
	switch p.Adjustment {
	case ExactCapacity:
		return change
	case PercentChangeInCapacity:
		delta := float64(current*change) / 100
		move := math.Trunc(delta)
		if move == 0 && delta != 0 {
			move = math.Copysign(1, delta)
		}
		if magnitude := float64(p.Magnitude); delta != 0 && math.Abs(move) < magnitude {
			move = math.Copysign(magnitude, delta)
		}
		return max(0, current+int(move))
	}
	return max(0, current+change)
}

// GuideSteps returns the two policies of the user guide's example. They do nothing
// within 10 points of the threshold, change the count by 10 % within 20 points, and
// by 30 % beyond.
func GuideSteps() (out, in StepPolicy) {
	out = StepPolicy{Adjustment: PercentChangeInCapacity, Steps: []Step{
		{Lower: 0, Upper: guideFirstBound, Change: 0},
		{Lower: guideFirstBound, Upper: guideSecondBound, Change: guideFirstChange},
		{Lower: guideSecondBound, Upper: math.Inf(1), Change: guideSecondChange},
	}}
	in = StepPolicy{Adjustment: PercentChangeInCapacity, Steps: []Step{
		{Lower: -guideFirstBound, Upper: 0, Change: 0},
		{Lower: -guideSecondBound, Upper: -guideFirstBound, Change: -guideFirstChange},
		{Lower: math.Inf(-1), Upper: -guideSecondBound, Change: -guideSecondChange},
	}}
	return out, in
}
