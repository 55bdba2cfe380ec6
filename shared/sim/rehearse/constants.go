package rehearse

import "time"

// The account of every rehearsal. AWS: the example account of its documentation.
const (
	account = "123456789012"
	region  = "eu-central-1"
	table   = "homeostat"
)

const (
	// defaultTick is the time between two calls of the sweep, as installed.
	defaultTick = time.Minute
	// leastTick is the shortest such time. AWS: EventBridge schedules no finer.
	leastTick = time.Minute
	// maxDuration is the longest scenario. Assumed: a year and a month.
	maxDuration = 400 * 24 * time.Hour
	// warmUp is the time that the fleet runs before the scenario begins, so that
	// tasks run and first deployments are complete. Assumed.
	warmUp = 15 * time.Minute
	// loadStep is the time between two readings of the traffic. Assumed: often
	// enough for metrics of one minute.
	loadStep = 15 * time.Second
	// countPeriod is the default period of a count. Assumed.
	countPeriod = 10 * time.Second
	// queueVisibility and queueReceives are the visibility timeout and the
	// maxReceiveCount of the queue of a function. Assumed.
	queueVisibility = time.Minute
	queueReceives   = 5
	// readTimeout is the time for the headers of a request. Assumed.
	readTimeout = 10 * time.Second
	// gcPercent is the garbage collector's target during a run. Assumed: a run makes
	// much garbage and holds little memory.
	gcPercent = 400
)
