package scaling

import "time"

// The violation prices of the cost score: the value of one percentage point of
// violating requests, as a share of the cost. Chosen before the first measurement;
// the middle one is the default of the policy key scale.violation_price.
const (
	PriceLow  = 0.03
	PriceMid  = 0.1
	PriceHigh = 0.3
)

// The aims of the scaling benchmark. Chosen before the first measurement.
// docs/designs/0010 lists the aims that exclude one another.
const (
	// minBothShare is the lowest share of traces, in percent, with fewer violations
	// and fewer task-hours than an AWS policy.
	minBothShare = 80.0
	// minGain is how much lower, in percent, the median cost score must be.
	minGain = 25.0
	// minSameSignalShare and minOwnSignalShare are the lowest shares of traces, in
	// percent, with a lower cost score than a Kubernetes baseline: on the same
	// signal, and on Homeostat's own.
	minSameSignalShare = 200. / 3
	minOwnSignalShare  = 80.0
	// maxOracleRatio is the highest cost divided by the cost of the rate oracle
	// with as many violations.
	maxOracleRatio = 1.15
	// maxReactionDelay is the longest time to serve a step of the traffic, in
	// seconds after the start-up time of a task.
	maxReactionDelay = 30.0
)

// The modelled service.
const (
	// usualPeak is the number of tasks that the high minutes of a trace need.
	// Chosen: one task more or less then changes the cost by 5 %.
	usualPeak = 20
	// MaxPeak is the highest number of tasks that a trace can be scaled to. Chosen:
	// twice as many tasks fit into the 8-bit entries of a plan.
	MaxPeak = 100
	// stepStart is the start-up time of each task in the reaction measurement.
	// Chosen: the median of workload.Standard.
	stepStart = 40 * time.Second
)

// The metrics that Homeostat reads, in seconds. The delays are AWS's own
// measurements; baseline.StandardCPU and baseline.FastCPU explain them.
const (
	requestPeriod = 10  // chosen: the shortest period of a CloudWatch alarm
	requestDelay  = 10  // chosen: one period
	fastPeriod    = 20  // ECS's CPU metric of high resolution
	fastDelay     = 16  // calibrated, see baseline.FastCPU
	slowPeriod    = 60  // ECS's default CPU metric
	slowDelay     = 153 // calibrated, see baseline.StandardCPU
)

// Times in seconds.
const (
	minute = 60
	hour   = 3600
	day    = 24 * hour
	// initialSkip is the time at the start of a trace without measurement.
	// Chosen: 10 minutes, so that the missing history of a policy does not count.
	initialSkip = 600
	// warmUp is the time before the measured part for policies with a short memory.
	// Chosen: their longest window is 15 minutes, and two hours hold eight of them.
	warmUp = 2 * hour
	// watchedSpan is the part of a trace in a chart, and watchedPoints the highest
	// number of its points. Chosen: one point a minute.
	watchedSpan   = 6 * hour
	watchedPoints = 360
)

// Tuning.
const (
	// tuningSeed differs from all seeds of the results.
	tuningSeed = 0
	// tuningSpan is the end of each first half, in seconds. Chosen: one day holds a
	// whole daily cycle.
	tuningSpan = day
	// firstRoundSpan is the part of it for the first round with all settings.
	// Chosen: a sixth of the time. The better third of each policy, at least minKept
	// settings, goes to the second round.
	firstRoundSpan = 4 * hour
	minKept        = 3
	// fitMargin is the relative gain that replaces a number of the controller.
	// Chosen: half a thousandth, below which a score is chance.
	fitMargin = 0.0005
)

// fitFactors returns the values that a fit tries, as factors of the value in use.
// Chosen: a finer step changes the cost score by less than fitMargin.
func fitFactors() []float64 { return []float64{0.5, 0.7, 1.4, 2} }

// The variants of the sensitivity analysis.
const (
	// variantDays is the length of each trace in days, and variantSeed the only
	// seed. Chosen: eight variants then take minutes.
	variantDays = 2
	variantSeed = 1
)

// Steps of the traffic.
const (
	// steadyBefore and steadyAfter are the minutes of steady traffic on both sides
	// of a step. Chosen: longer than a start-up and the metric delay.
	steadyBefore = 5
	steadyAfter  = 10
	// steadyBand is the largest distance of a steady minute from the mean, as a
	// share. Chosen: above Poisson noise at the rates of the traces.
	steadyBand = 0.15
	// minStepFactor is the smallest rise of a step. Chosen: a doubling.
	minStepFactor = 2.0
)

// The oracles and the statistics.
const (
	// smoothingSpan is the averaging window for a trace of counts, in seconds.
	// Chosen: a minute, the interval of most traces.
	smoothingSpan = 60
	// slotsPerInterval is the number of decisions of the rate oracle in one interval
	// of a trace. Chosen: the rate is linear in between.
	slotsPerInterval = 6
	// startDraws is the number of draws for a quantile of the start-up time.
	// Chosen: the 95th percentile of 2000 draws varies by about 1 %.
	startDraws = 2000
	// slowestSigmas bounds the slowest start-up, in standard deviations of its
	// logarithm. Chosen: one start-up in 30,000 is slower.
	slowestSigmas = 4
	// resamples is the number of draws of the bootstrap. Chosen: the usual number
	// for percentile intervals (Efron and Tibshirani, An Introduction to the
	// Bootstrap, 1993).
	resamples = 1000
)

// maxLine is the longest line of a result file in bytes. Chosen: far above the
// longest choice or series.
const maxLine = 4 << 20

// maxPeerOutput is the number of characters of the peers' output in an error.
const maxPeerOutput = 1000
