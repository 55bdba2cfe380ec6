package appautoscaling

import "time"

// The alarms of target tracking. Measured: live accounts show alarms that compare
// 3 of 3 periods with the target, and 15 of 15 periods with 90 % of it.
const (
	highPeriods = 3
	lowPeriods  = 15
	lowShare    = 0.9
)

const (
	// defaultCooldown is the wait after a scale-out and after a scale-in of an ECS
	// service. AWS: API reference of TargetTrackingScalingPolicyConfiguration.
	defaultCooldown = 300 * time.Second
	// scalingWait is the wait for a new count before the activity is successful.
	// Assumed.
	scalingWait = 30 * time.Second
	// describeLimit is the number of results of a page. AWS: API reference of
	// DescribeScalableTargets, DescribeScalingPolicies and
	// DescribeScalingActivities.
	describeLimit = 50
)
