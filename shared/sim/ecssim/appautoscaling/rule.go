package appautoscaling

import (
	"cmp"
	"math"
	"slices"

	"homeostat/shared/sim/ecssim/wire"
)

// Rules returns the constraints of Application Auto Scaling that its model does not
// state.
func Rules() []wire.Rule {
	const put, register, reference = "PutScalingPolicy", "RegisterScalableTarget", "Application Auto Scaling API Reference, "
	rule := wire.NewRule
	return []wire.Rule{
		rule(put, "Step adjustments leave no gap and do not overlap.", reference+"StepAdjustment", stepsInOrder),
		rule(put, "A policy has the configuration of its type.", reference+put+", PolicyType", ownConfiguration),
		rule(register, "The minimum is at most the maximum.", reference+register+", MinCapacity", minimumFirst),
	}
}

// interval is the range of one step adjustment.
type interval struct{ lower, upper float64 }

func intervals(in wire.Object) (out []interval) {
	for _, step := range in.Object("StepScalingPolicyConfiguration").Objects("StepAdjustments") {
		i := interval{math.Inf(-1), math.Inf(1)}
		if n, ok := step.Float("MetricIntervalLowerBound"); ok {
			i.lower = n
		}
		if n, ok := step.Float("MetricIntervalUpperBound"); ok {
			i.upper = n
		}
		out = append(out, i)
	}
	slices.SortFunc(out, func(a, b interval) int { return cmp.Compare(a.lower, b.lower) })
	return out
}

func stepsInOrder(in wire.Object) *wire.Error {
	steps := intervals(in)
	for i, step := range steps {
		if step.lower >= step.upper {
			return wire.Errorf("ValidationException", "A step adjustment must have a lower bound less than its upper bound.")
		}
		if i == 0 || step.lower == steps[i-1].upper {
			continue
		}
		word := "overlap"
		if step.lower > steps[i-1].upper {
			word = "have a gap"
		}
		return wire.Errorf("ValidationException", "Step adjustment intervals must not %s.", word)
	}
	return nil
}

func ownConfiguration(in wire.Object) *wire.Error {
	steps, tracking := in.Object("StepScalingPolicyConfiguration") != nil, in.Object("TargetTrackingScalingPolicyConfiguration") != nil
	switch kind := in.String("PolicyType"); {
	case kind == "TargetTrackingScaling" && (steps || !tracking), kind == "StepScaling" && (tracking || !steps):
		return wire.Errorf("ValidationException", "A policy of the type %s needs its own configuration and no other one.", kind)
	case steps && tracking:
		return wire.Errorf("ValidationException", "Only one policy configuration can be specified.")
	}
	return nil
}

func minimumFirst(in wire.Object) *wire.Error {
	least, okLeast := in.Int("MinCapacity")
	most, okMost := in.Int("MaxCapacity")
	if !okLeast || !okMost || least <= most {
		return nil
	}
	return wire.Errorf("ValidationException", "Maximum capacity cannot be less than minimum capacity")
}
