package costs

import "maps"

// The fixed resources of the stack. A test of the stack compares them.
const (
	Alarms     = 22
	Dashboards = 1
	Queues     = 4
	// MemoryMB and TimeoutSeconds are the settings of each function.
	MemoryMB       = 256.0
	TimeoutSeconds = 60.0
)

const (
	daysOfMonth  = 30
	ticksOfMonth = daysOfMonth * 24 * 60
	memoryGB     = MemoryMB / 1024
	gigabyte     = 1 << 30
	// pollers long-poll each queue for 20 seconds a call. Lambda reduces them to
	// two, but not with a maximum concurrency.
	pollers, pollsOfMinute = 5, 3
	// keepDays is the retention of episodes, and evidenceDays that of evidence.
	keepDays, evidenceDays = 90, 2
	// overhead is the index overhead of an item in DynamoDB, in bytes.
	overhead = 100
)

// Assumptions without a measurement.
const (
	// ownSeconds is the computing time of an invocation. dynamoSeconds and awsSeconds
	// are the times of a call to DynamoDB and to another service.
	ownSeconds, dynamoSeconds, awsSeconds = 0.005, 0.010, 0.040
	// platformBytes is the size of Lambda's own log of an invocation.
	platformBytes = 600
	// sqsRequests counts the send, the receive and the delete of one message.
	sqsRequests = 3
)

// Month holds the cost of a month by part, in USD.
type Month struct {
	Services, PerDay                                                 float64
	Lambda, SQS, Requests, Storage, Logs, Series, MetricReads, Watch float64
}

// Total returns the sum of all parts.
func (m Month) Total() float64 {
	return m.Lambda + m.SQS + m.Requests + m.Storage + m.Logs + m.Series + m.MetricReads + m.Watch
}

// Idle returns a month of an installation without services.
func (f Figures) Idle() Month { return f.month(0, Rate{Used: newLedger(), Events: 1}) }

// Of returns a month of a number of services at a rate.
func (f Figures) Of(services float64, r Rate) Month { return f.month(services, r) }

func (f Figures) month(services float64, r Rate) Month {
	p := prices()
	events := services * r.PerDay * daysOfMonth
	used := r.Used.times(events / r.Events).plus(f.Stable.Fixed.times(ticksOfMonth)).plus(f.Stable.Added.times(services * ticksOfMonth))
	series := maps.Clone(f.Stable.Fixed.Series)
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
	m.Watch = p.alarms.of(Alarms+services*f.Stable.Alarms) + p.dashboards.of(Dashboards)
	return m
}

// seconds returns the run time of the functions, with all calls in sequence.
func seconds(l *Ledger) float64 {
	dynamo := l.of("dynamodb")
	return l.Invocations*ownSeconds + dynamo*dynamoSeconds + (l.calls()-dynamo)*awsSeconds
}

// stored returns the size of the table and of its index in GB, when episodes
// expire at the rate of new ones.
func stored(services float64, r Rate) (table, index float64) {
	if r.PerDay == 0 {
		return 0, 0
	}
	episodes := services * r.PerDay * keepDays * r.Episodes * (r.Episode + overhead) / gigabyte
	rest := services * (r.PerDay*evidenceDays*(r.Evidence+overhead) + r.Standing) / gigabyte
	return episodes + rest, episodes
}

// reach returns the number of services that one sweep evaluates before its
// timeout. every is the number of ticks between two evaluations of a service.
func (s Sweep) reach(every float64) float64 { return TimeoutSeconds / (seconds(s.Added) * every) }
