package costs

import "maps"

// What the stack holds, whatever happens; a test of the stack compares.
const (
	Alarms     = 22
	Dashboards = 1
	Queues     = 4
	// MemoryMB and TimeoutSeconds are those of each function.
	MemoryMB       = 256.0
	TimeoutSeconds = 60.0
)

const (
	daysOfMonth  = 30
	ticksOfMonth = daysOfMonth * 24 * 60
	memoryGB     = MemoryMB / 1024
	gigabyte     = 1 << 30
	// pollers long-poll each queue for 20 seconds a call. Lambda goes down to two
	// of them, but not where a maximum concurrency is set.
	pollers, pollsOfMinute = 5, 3
	// keepDays is how long episodes are kept, evidenceDays evidence.
	keepDays, evidenceDays = 90, 2
	// overhead is what DynamoDB adds to an item for its index.
	overhead = 100
)

// What could not be measured here, and is assumed.
const (
	// ownSeconds of a call's own computing, and what a function waits for AWS.
	ownSeconds, dynamoSeconds, awsSeconds = 0.005, 0.010, 0.040
	// platformBytes is what Lambda itself logs of an invocation.
	platformBytes = 600
	// sqsRequests of one message: sent, received, deleted.
	sqsRequests = 3
)

// Month is what a month costs, by part, in USD.
type Month struct {
	Services, PerDay                                                 float64
	Lambda, SQS, Requests, Storage, Logs, Series, MetricReads, Watch float64
}

// Total is the whole.
func (m Month) Total() float64 {
	return m.Lambda + m.SQS + m.Requests + m.Storage + m.Logs + m.Series + m.MetricReads + m.Watch
}

// Idle is a month of an installation without a service.
func (f Figures) Idle() Month { return f.month(0, Rate{Used: newLedger(), Events: 1}) }

// Of is a month of so many services at the rate.
func (f Figures) Of(services float64, r Rate) Month { return f.month(services, r) }

func (f Figures) month(services float64, r Rate) Month {
	p := prices()
	events := services * r.PerDay * daysOfMonth
	used := r.Used.times(events / r.Events).plus(f.AtRest.Fixed.times(ticksOfMonth)).plus(f.AtRest.Added.times(services * ticksOfMonth))
	series := maps.Clone(f.AtRest.Fixed.Series)
	if events > 0 {
		maps.Copy(series, r.Used.Series)
	}
	m := Month{Services: services, PerDay: r.PerDay}
	m.Lambda = p.lambdaTime.of(seconds(used)*memoryGB) + p.lambdaCalls.of(used.Invocations)
	m.SQS = p.sqs.of(used.Invocations*sqsRequests + Queues*pollers*pollsOfMinute*60*24*daysOfMonth)
	m.Requests = p.reads.of(used.Reads) + p.writes.of(used.Writes)
	table, index := stored(services, r)
	m.Storage = p.storage.of(table+index) + p.recovery.of(table)
	logs := (used.LogBytes + used.Invocations*platformBytes) / gigabyte
	m.Logs = p.logs.of(logs) + p.logStorage.of(logs)
	m.Series = p.series.of(float64(len(series)))
	m.MetricReads = p.metricReads.of(used.MetricReads)
	m.Watch = p.alarms.of(Alarms+services*f.AtRest.Alarms) + p.dashboards.of(Dashboards)
	return m
}

// seconds is how long functions run for it, one call after the other.
func seconds(l *Ledger) float64 {
	dynamo := l.of("dynamodb")
	return l.Invocations*ownSeconds + dynamo*dynamoSeconds + (l.calls()-dynamo)*awsSeconds
}

// stored is the size of the table and of its index in GB, when the oldest
// episodes expire as fast as new ones come.
func stored(services float64, r Rate) (table, index float64) {
	if r.PerDay == 0 {
		return 0, 0
	}
	episodes := services * r.PerDay * keepDays * r.Episodes * (r.Episode + overhead) / gigabyte
	rest := services * (r.PerDay*evidenceDays*(r.Evidence+overhead) + r.Standing) / gigabyte
	return episodes + rest, episodes
}

// reach is how many services one sweep gets to look at before its time is up.
// every is how many ticks pass between two looks.
func (s Sweep) reach(every float64) float64 { return TimeoutSeconds / (seconds(s.Added) * every) }
