package fleet

import "time"

// Bounds of the memory of one service. They are chosen, so that the memory always
// fits one DynamoDB item of 400 kB
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html).
// Beyond a bound the oldest entries go.
const (
	// maxCohorts is the number of deployments.
	maxCohorts = 8
	// maxTasks is the number of tasks of each deployment.
	maxTasks = 100
	// maxActions is the number of past actions, without changes of the count.
	maxActions = 60
	// maxChanges is the number of past changes of the count. They are more frequent
	// than other actions, so they have a bound of their own.
	maxChanges = 60
	// maxProcessed is the number of event ids.
	maxProcessed = 60
	// maxBad is the number of quarantined images, and of rolled back pairs.
	maxBad = 100
	// maxPushes is the number of pending pushes.
	maxPushes = 10
	// DroppedAges is the number of ages in the record of dropped tasks: the power of two
	// of 32 hours, and those below.
	DroppedAges = 6
	// failureWindow is the age at which Forget drops a failed task. Chosen: three days
	// show a crash every few hours.
	failureWindow = 72 * time.Hour
	// maxIssues is the number of troubles outside of all revisions.
	maxIssues = 16
	// issueFor is the time after its latest event in which an open issue counts. AWS
	// Health sends updates while an issue is open. Chosen.
	issueFor = 12 * time.Hour
	// hostIssueFor is that time for a daemon that fails on a host: ECS tries again, and
	// no event ends it. Chosen.
	hostIssueFor = time.Hour
	// issueGrace is the time after the end of an issue in which it counts. Chosen:
	// failures are reported late.
	issueGrace = 15 * time.Minute
	// maxLives is the number of lasting records of deployments. Chosen: twice the
	// rollouts that an evaluation reads.
	maxLives = 20
	// maxDigests is the number of digests of a deployment. Source: a task definition
	// has at most ten containers (Amazon ECS service quotas).
	maxDigests = 10
	// leastFailed is the number of tasks that all must have failed to count as a
	// failing revision. Chosen: a single failure can be chance.
	leastFailed = 2
	// memoryWindow is the age at which Forget drops an entry. Chosen.
	memoryWindow = 24 * time.Hour
	// troubleWindow is the time without failures after which a trouble starts anew.
	// Chosen.
	troubleWindow = 30 * time.Minute
)

// Bounds of the inventory.
const (
	// ShardSize is the highest number of services in a shard. Chosen: one invocation
	// evaluates a shard within seconds.
	ShardSize = 500
	// shardBytes is the highest approximate size of a shard, in bytes, for any length
	// of names. Chosen below the 400 kB of a DynamoDB item.
	shardBytes = 300_000
	// memberBytes is the approximate size of a member without its names, in bytes.
	memberBytes = 120
)

// Metric periods and names.
const (
	// metricPeriod is the period of the ECS utilisation metrics by default.
	metricPeriod = time.Minute
	// highResolutionPeriod is the period of a service with high-resolution metrics
	// (docs/designs/0005).
	highResolutionPeriod = 20 * time.Second
	// maxAlarmName is the longest name of a CloudWatch alarm, in characters: AlarmName
	// of AWS's model (shared/sim/ecssim/wire/models/cloudwatch.json).
	maxAlarmName = 255
	// accountDigits is the length of an AWS account id.
	accountDigits = 12
)

// shortDigest is the number of hexadecimal digits of a digest in a text, as in the
// output of `docker images`.
const shortDigest = 12
