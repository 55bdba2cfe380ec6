package ecssim

import "time"

// This file holds the numbers of the model of ECS, with unit and source. The word
// AWS stands before the documentation of a number. The word Measured stands before
// a measurement. The word Assumed marks a number that AWS does not publish.
//
// One choice of the model has no number. It matters most for the healing
// benchmark. It is the count of the circuit breaker (deployment.failedToRun,
// deployment.failedCheck):
//
//   - Stage 1 lasts until a task of the deployment is RUNNING. It counts tasks that
//     end before RUNNING.
//   - Stage 2 counts tasks that the scheduler stops for a failed health check. AWS
//     documents both stages (developer guide, circuit breaker).
//   - A task that reaches RUNNING and exits by itself counts in neither stage, even
//     before its first passed probe. AWS names no stage for it.
//   - Model.OneStage is the other reading. A task that ends before RUNNING then
//     counts for as long as the deployment lasts.
//   - A healthy task sets the count to 0 (resetOnHealthyTask). Assumed: healthy has
//     the scheduler's meaning, so a task without a check needs its 40 s.
//
// A worker with a crash after RUNNING therefore never opens the circuit breaker.

// Start and end of a task.
const (
	// defaultStart and startSigma are the median time from creation to RUNNING, and
	// the standard deviation of its logarithm. Assumed: a Fargate task that is up in
	// about half a minute.
	defaultStart = 35 * time.Second
	startSigma   = 0.15
	// provisionTenths and pullTenths are the tenths of that time until the task is
	// PENDING and until its image is pulled. Assumed.
	provisionTenths = 3
	pullTenths      = 8
	// defaultStop is the time from the order to stop to the end of the process.
	// Assumed.
	defaultStop = 2 * time.Second
	// defaultReady is the time from RUNNING until the application answers. Assumed.
	defaultReady = 5 * time.Second
	// defaultExit is the time from RUNNING to the exit of a failing task. Assumed.
	defaultExit = 10 * time.Second
	// defaultSpread is the time until each running task has met a defect.
	// Assumed.
	defaultSpread = 2 * time.Minute
	// instantExit is the longest life of a container that never shows as RUNNING.
	// Assumed.
	instantExit = 2 * time.Second
	// defaultStartTimeout is the longest wait for a container's dependencies. AWS: the
	// agent's default of ECS_CONTAINER_START_TIMEOUT, and of Fargate.
	defaultStartTimeout = 3 * time.Minute
	// defaultRestartPeriod is the time that a container must run before it can be
	// restarted. AWS: API reference of ContainerRestartPolicy, restartAttemptPeriod.
	defaultRestartPeriod = 5 * time.Minute
	// deletionInterval is the time after which ECS verifies that no task and no
	// deployment refers to a task definition under deletion. Assumed.
	deletionInterval = time.Minute
	// defaultStopTimeout is the time from SIGTERM to SIGKILL. AWS: API reference of
	// ContainerDefinition, default of stopTimeout.
	defaultStopTimeout = 30 * time.Second
	// deprovisionDelay is the time to release the network interface. Assumed.
	deprovisionDelay = 8 * time.Second
	// spotNotice is the warning before a Spot task ends. AWS: "two minutes",
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
	spotNotice = 2 * time.Minute
	// defaultDrain is the deregistration delay of a target group. Assumed: AWS's
	// own default is 300 s.
	defaultDrain = 30 * time.Second
	// stoppedFor is the time that a stopped task can be described. AWS: API
	// reference of DescribeTasks, "at least one hour".
	stoppedFor = time.Hour
	// defaultProtection is the time that a task is protected from scale-in. AWS:
	// API reference of UpdateTaskProtection, default of expiresInMinutes.
	defaultProtection = 2 * time.Hour
	// minimumBill is the least time that Fargate bills. AWS:
	// https://aws.amazon.com/fargate/pricing/
	minimumBill = time.Minute
	// outageExit is the median time from the start of an outage to the exit of a
	// task that depends on it. Assumed.
	outageExit = 30 * time.Second
	// leakSigma is the standard deviation of the logarithm of the time until a leak
	// fills the memory. Assumed.
	leakSigma = 0.05
)

// Health checks and restarts.
const (
	// unhealthyThreshold is the number of failed probes in a row that make a target
	// unhealthy. AWS: the default of a target group of an Application Load Balancer.
	unhealthyThreshold = 2
	// healthyThreshold is the number of passed probes in a row that make an unhealthy
	// target healthy again. A new target needs one. AWS: the same page.
	healthyThreshold = 5
	// checkInterval, checkTimeout and checkRetries are the defaults of a container
	// health check. AWS: API reference of HealthCheck.
	checkInterval = 30 * time.Second
	checkTimeout  = 5 * time.Second
	checkRetries  = 3
	// uncheckedWait is the time from RUNNING until the scheduler counts a task
	// without a check. AWS: API reference of DeploymentConfiguration,
	// minimumHealthyPercent.
	uncheckedWait = 40 * time.Second
	// tokenFor is the time that a client token is remembered. AWS: developer guide,
	// "Ensuring idempotency in Amazon ECS", 24 hours.
	tokenFor = 24 * time.Hour
	// MaxBackoff is the longest wait between two starts of a task that never
	// reaches RUNNING. AWS: "service throttle logic".
	MaxBackoff = 27 * time.Minute
	// firstBackoff is the first such wait; each failed round doubles it. Assumed.
	firstBackoff = 10 * time.Second
	// impairedLevel is the number of failed rounds before ECS sends
	// SERVICE_TASK_START_IMPAIRED. Assumed.
	impairedLevel = 3
	// resolveTries is the number of failed resolutions of an image before ECS goes
	// on without digests. Assumed.
	resolveTries = 3
)

// The circuit breaker. AWS: API reference of ThresholdConfiguration and of
// ServiceDeploymentCircuitBreaker; announced on 1 July 2026.
const (
	breakerPercent = 50  // default threshold, percent of the desired count
	breakerLeast   = 3   // tasks, lower bound of BOUNDED_PERCENT
	breakerMost    = 200 // tasks, upper bound of BOUNDED_PERCENT
)

// The scheduler.
const (
	// reaction is the time from a change to the scheduler's pass. Assumed.
	reaction = 2 * time.Second
	// launchesPerPass is the number of tasks that one pass starts at most. Assumed:
	// it keeps a service below its quota of 500 launches a minute.
	launchesPerPass = 16
	// placementRetry is the wait after a failed placement. Assumed.
	placementRetry = time.Minute
	// rebalanceAfter is the time that ECS watches an uneven spread before it moves
	// tasks. Assumed.
	rebalanceAfter = 5 * time.Minute
	// steadyEvery is the time between two SERVICE_STEADY_STATE events of a steady
	// service. AWS: "six hours",
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages.html
	steadyEvery = 6 * time.Hour
	// serviceEvents is the number of messages of DescribeServices. AWS: API
	// reference of Service, events.
	serviceEvents = 100
	// regionZones is the number of Availability Zones of a Region. Assumed.
	regionZones = 3
	// instanceSlots is the number of slots of a container instance. Assumed.
	instanceSlots = 4
	// registeredCPU and registeredMemory are the CPU units and the MiB of an instance
	// that registers without its resources. Assumed: 4 vCPU and 7.5 GiB.
	registeredCPU    = 4096
	registeredMemory = 7680
	// newestAgent is the version of the container agent. Assumed.
	newestAgent = "1.98.0"
	// agentUpdateTime is the time of an update of the agent. Assumed.
	agentUpdateTime = time.Minute
	// leastCPU and leastMemory are the CPU units and the MiB of the smallest task.
	// AWS: task sizes of Fargate. Assumed: a slot of an instance is as large.
	leastCPU    = 256
	leastMemory = 512
	// defaultEphemeralGiB is the ephemeral storage of a Fargate task. AWS: the default
	// of platform version 1.4.0.
	defaultEphemeralGiB = 20
)

// Deployments.
const (
	// defaultMinimum and defaultMaximum are the healthy percents of a service. AWS:
	// API reference of DeploymentConfiguration.
	defaultMinimum = 100
	defaultMaximum = 200
	// defaultBake is the time that the alarms of a rolling deployment are watched
	// after it is steady. AWS: "less than 5 minutes". Assumed: the exact time.
	defaultBake = 3 * time.Minute
	// shiftBake is the same for a deployment that shifts traffic. AWS: the default
	// of ECS.
	shiftBake = 15 * time.Minute
	// shiftTime is the time that the load balancer takes to move traffic. Assumed.
	shiftTime = 10 * time.Second
	// latticeScaledUp and latticeShifted are the waits of ECS with VPC Lattice, at
	// POST_SCALE_UP and after each change of the weights. AWS: developer guide, "VPC
	// Lattice resources for blue/green deployments". Assumed: a bake time goes on
	// meanwhile.
	latticeScaledUp = 3 * time.Minute
	latticeShifted  = 90 * time.Second
	// linearPercent, linearBake and linearLeast are the default step in percent,
	// the default bake time in minutes and the smallest step. AWS: API reference of
	// LinearConfiguration.
	linearPercent = 10
	linearBake    = 6
	linearLeast   = 3
	// canaryPercent, canaryBake and canaryLeast are the same for the canary. AWS:
	// API reference of CanaryConfiguration.
	canaryPercent = 5
	canaryBake    = 10
	canaryLeast   = 0.1
	// maxStepBake is the longest bake time of a step. AWS: the same pages.
	maxStepBake = 1440 * time.Minute
	// hookTimeout and maxHookTimeout are the default and the longest timeout of a
	// hook. AWS: API reference of DeploymentLifecycleHookTimeoutConfiguration.
	hookTimeout    = 1440 * time.Minute
	maxHookTimeout = 20160 * time.Minute
	// maxHooks is the number of hooks of a service. Assumed.
	maxHooks = 10
	// platformVersion is the newest platform version of Fargate. AWS: Linux
	// platform versions of Fargate.
	platformVersion = "1.4.0"
)

// Requests of one task.
const (
	// defaultCapacity is in requests a second. Assumed.
	defaultCapacity = 100
	// defaultResponse is the mean time of a request in an idle task. Assumed.
	defaultResponse = 50 * time.Millisecond
	// defaultTimeout is the longest wait of a request. Assumed.
	defaultTimeout = 10 * time.Second
	// defaultMemory is in percent of the task's memory. Assumed.
	defaultMemory = 30
	// defaultLate is the share of requests that may wait longer than their work
	// takes. defaultBusy is the largest share of busy tasks, with room for a burst.
	// Assumed.
	defaultLate = 0.1
	defaultBusy = 0.8
	// normalAbove is the largest mean of an exact Poisson draw. A larger mean takes
	// a normal distribution. Assumed: the difference is below the noise.
	normalAbove = 100
)

// Metrics and logs.
const (
	// tick is the time between two passes of the metrics: the period of high
	// resolution. AWS: resolutionSeconds of a service's monitoring.
	tick = 20 * time.Second
	// standardDelay and highResolutionDelay are the times until a metric of ECS can
	// be read, after its period. Measured: target tracking acts on AWS 363 s and
	// 86 s after a step. These delays give the same: half a period, three periods
	// and the delay. AWS publishes neither delay.
	standardDelay       = 150 * time.Second
	highResolutionDelay = 14 * time.Second
	// balancerDelay is the same for the metrics of the load balancer. Assumed.
	balancerDelay = time.Minute
	// countDelay is the same for a metric that the application publishes. Assumed:
	// AWS publishes no number for PutMetricData.
	countDelay = 10 * time.Second
	// lateBy is the extra delay of a late metric. Assumed.
	lateBy = 15 * time.Minute
	// lineGap is the time between two log lines. Assumed.
	lineGap = 100 * time.Millisecond
	// logsFor is the time that log lines are kept. Assumed: it bounds the memory of
	// a long run.
	logsFor = 6 * time.Hour
)

// Limits of requests. AWS: API reference of the operations.
const (
	describeServicesLimit    = 10  // DescribeServices
	describeTasksLimit       = 100 // DescribeTasks
	describeDeploymentsLimit = 20  // DescribeServiceDeployments, DescribeServiceRevisions
	describeInstancesLimit   = 100 // DescribeContainerInstances
	updateInstancesLimit     = 10  // UpdateContainerInstancesState
	runTaskLimit             = 10  // RunTask, count
	strategyItems            = 20  // capacity provider strategy
	strategyWeight           = 1000
	strategyBase             = 100000
	listServicesPage         = 10  // ListServices without maxResults
	listPage                 = 100 // the other List operations
)

// secretSuffix is the length of the hyphen and the six letters that Secrets
// Manager adds to the name in an ARN.
const secretSuffix = 7

// sourceAge is the age of all secrets and parameters at the start. Assumed: they are
// older than any task.
const sourceAge = 90 * 24 * time.Hour

// groupName is the greatest length of the name of a target group or load balancer, in
// characters. AWS: API reference of CreateTargetGroup, Name.
const groupName = 32
