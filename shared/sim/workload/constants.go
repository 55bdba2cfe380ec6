package workload

import "time"

// The service of the benchmark. docs/benchmarks/scaling.md describes it.
const (
	// standardRate is the capacity of a busy task in requests/s, standardSlots the
	// number of requests that it serves at once, and standardTimeout the longest
	// wait of a request. Chosen: a request then takes 100 ms.
	standardRate    = 20
	standardSlots   = 2
	standardTimeout = 10 * time.Second
	// standardLate is the share of requests that may wait longer than standardWait
	// service times. standardBusy is the highest share of busy tasks. Chosen: the
	// objective of a web service; a variant of the benchmark has another one.
	standardLate = 0.1
	standardWait = 1
	standardBusy = 0.8
	// standardStart is the median time until the containers of a task run, and
	// standardSigma the standard deviation of its logarithm. Chosen: with half of
	// autoscaling.TargetHealthInterval the median is 40 s. AWS's test of high-resolution metrics implies 23 s until a task is
	// provisioned. Ten pulls of a 413 MB image on Fargate took 53 to 62 s.
	standardStart = 25 * time.Second
	standardSigma = 0.25
	// standardDrain is the time that a stopping task drains. Chosen: ECS's default
	// of 300 s would hide much of the savings of scaling.
	standardDrain = 30 * time.Second
	// standardBill is Fargate's minimum charge, see
	// https://aws.amazon.com/fargate/pricing/
	standardBill = time.Minute
	// standardMin and standardMax limit the desired count. Chosen: five times the
	// benchmark's peak of 20 tasks.
	standardMin = 1
	standardMax = 100
)

const (
	// windowSeconds is the length of the stored past. Chosen: a power of two above
	// the 15 minutes of the longest alarm.
	windowSeconds = 1 << 11
	// smoothingRadius is the number of seconds on both sides of a second in the mean
	// of an exact rate. Chosen: eleven seconds smooth the noise and keep a step.
	smoothingRadius = 5
	// normalFrom is the lowest mean for the normal approximation of Poisson's distribution.
	// Chosen: the two then differ by less than the noise of a run.
	normalFrom = 50
	// utilizationBuckets and backlogBuckets are the resolution of the latency
	// histograms: 2 % of utilization, and tenths of a second up to 12.8 s. Chosen:
	// above the timeout of the standard service.
	utilizationBuckets = 50
	backlogBuckets     = 128
	// bucketsPerSecond is the number of backlog buckets of one second.
	bucketsPerSecond = 10
	// maxUtilization limits the utilization in Erlang's formula. The formula diverges at 1.
	maxUtilization = 0.99
	// longestWait limits the formula's waiting time without a backlog, in seconds.
	// Requests that wait longer belong to the backlog of the next second.
	longestWait = 1.0
	// bisections is the number of halvings for a quantile. Chosen: they leave an
	// error of about 20 ns.
	bisections = 30
	// pastStart is the creation time of the initial tasks, in seconds. Chosen: an
	// hour before the start, so that they pay no minimum charge.
	pastStart = -3600
)
