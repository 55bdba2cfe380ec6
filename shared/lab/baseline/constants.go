package baseline

import (
	"math"
	"time"
)

// The defaults of AWS's scaling policies.
const (
	// defaultTarget is the CPU target in percent. The API has no default; this one
	// is the default of ECS Express Mode, see
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ExpressGatewayScalingTarget.html
	defaultTarget = 60
	// defaultCooldown is ScaleOutCooldown, ScaleInCooldown and the Cooldown of a
	// step policy, see
	// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html
	defaultCooldown = 5 * time.Minute
	// trackingHighPeriods and trackingLowTime are the evaluation times of the two
	// alarms of target tracking. Observed in AWS accounts; AWS does not document them.
	trackingHighPeriods = 3
	trackingLowTime     = 15 * time.Minute
	// trackingLowShare is the threshold of the low alarm, as a share of the target.
	// AWS documents "usually more than 10 % lower", see
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html
	trackingLowShare = 0.9
	// defaultThreshold is the CPU threshold of the step policy, in percent, see
	// https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
	defaultThreshold = 50
	// stepPeriods is the number of periods of its alarms, see
	// https://docs.aws.amazon.com/autoscaling/application/userguide/create-step-scaling-policy-cli.html
	stepPeriods = 2
	// gentleDivisor is the part of the tasks that a gentle scale-in removes: a
	// tenth. Chosen: AWS documents "more gradually" without a number.
	gentleDivisor = 10
)

// Predictive scaling, see
// https://docs.aws.amazon.com/autoscaling/application/userguide/aas-predictive-scaling-how-it-works.html
const (
	minHistory      = 24 * time.Hour
	maxHistory      = 14 * 24 * time.Hour
	forecastHorizon = 48 * time.Hour
	forecastRefresh = 6 * time.Hour
	// schedulingBuffer is the default of SchedulingBufferTime, see
	// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PredictiveScalingPolicyConfiguration.html
	schedulingBuffer = 5 * time.Minute
	// weekdayWeight is the weight of the same weekday in a forecast, relative to
	// another weekday. Chosen: AWS does not publish its models.
	weekdayWeight = 3
)

// The delay of the metrics after the end of a period. Calibrated: AWS measured
// 363 s and 86 s from a rise of the load to the scale-out. Half a period, three
// periods and these delays add up to that; tracking_test.go repeats it.
const (
	standardDelay = 153 * time.Second
	fastDelay     = 16 * time.Second
	// ownPeriod and ownDelay describe the request counts of Homeostat's signal.
	// Chosen: the shortest period of a CloudWatch alarm, and one period of delay.
	ownPeriod = 10 * time.Second
	ownDelay  = 10 * time.Second
)

const (
	standardPeriod = time.Minute      // ECS's default CPU metric
	fastPeriod     = 20 * time.Second // ECS's CPU metric of high resolution

	day    = 24   // hours
	hour   = 3600 // seconds
	minute = 60   // seconds

	// highMinuteQuantile is the part of the minutes that the fixed fleet serves.
	// Chosen: the benchmark scales its traces by the same quantile.
	highMinuteQuantile = 0.995
	// metricPrecision removes the error of sums of fractions: a metric on its
	// target is not above it.
	metricPrecision = 1e6
	// never is a second far before the start of a run.
	never = math.MinInt / 2
)
