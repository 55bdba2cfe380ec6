// Package autoscaling is the arithmetic of AWS Application Auto Scaling: which
// desired count a policy asks for. It is what AWS's documentation says in words
// and examples; when a policy is asked, and how often, is its callers' business.
package autoscaling

import "math"

// TargetTrackingCount is the count that brings a metric that falls with each
// task back to its target: current*metric/target, rounded up. The user guide
// describes it in words ("scales out proportionally", "rounding up").
func TargetTrackingCount(current int, metric, target float64) int {
	if target <= 0 {
		return current
	}
	// A whisker less, so that 2*0.7/0.7 stays 2.
	return int(math.Ceil(float64(current)*metric/target - roundingError))
}

// Adjustment says what the number of a step means.
type Adjustment string

// The words are those of the API.
const (
	ChangeInCapacity        Adjustment = "ChangeInCapacity"
	ExactCapacity           Adjustment = "ExactCapacity"
	PercentChangeInCapacity Adjustment = "PercentChangeInCapacity"
)

// Step is what is done while the metric is within bounds, which are relative
// to the alarm's threshold; infinite where they are open.
type Step struct {
	Lower, Upper float64
	Change       int
}

// contains: above the threshold the lower bound belongs to the step, below it the
// upper one. On the threshold both readings are tried, out of the two policies
// that may end there.
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
	// Magnitude is by how many tasks a change in percent moves the count at
	// least; 0 is not used.
	Magnitude int
	Steps     []Step
}

// Count is the count that the policy asks for, when the metric is so far above
// its alarm's threshold; the current one where no step is about it.
func (p StepPolicy) Count(current int, distance float64) int {
	for _, step := range p.Steps {
		if step.contains(distance) {
			return p.adjust(current, step.Change)
		}
	}
	return current
}

// adjust applies a change. Of a percentage, fractions beyond 1 are cut off, and
// fractions of 1 are 1.
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

// GuideSteps are the two policies of the user guide's example around a threshold:
// nothing within 10 points of it, a tenth more within 20, three tenths beyond,
// and the same in.
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
