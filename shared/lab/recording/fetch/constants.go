package fetch

import "time"

const (
	day = 24 * time.Hour
	// CloudWatch keeps data points of one minute, five minutes and one hour for
	// these times, see
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
	minutesRetention     = 15 * day
	fiveMinutesRetention = 63 * day
	hoursRetention       = 455 * day
	// minSpan is the shortest recording. Chosen: a shorter one shows no scaling.
	minSpan = 10 * time.Minute
	// arrivalDelay is the longest time after its end that a period may be without
	// data. Chosen: above the two to three minutes of ECS's metrics.
	arrivalDelay = 10 * time.Minute
	// unitsPerTask is the demand of one busy task in a second without request
	// counts. Chosen: hundredths, so that a low demand is more than one request.
	unitsPerTask = 100
	// maxNamedGaps is the number of gaps that an error lists. Chosen: one line.
	maxNamedGaps = 3
)
