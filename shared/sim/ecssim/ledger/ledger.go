// Package ledger is the table of the rules of AWS. Each rule has a source, with the code
// and the test in the simulator. A rule that the simulator does not follow says so.
// docs/ecssim-rules.md is made from the table.
package ledger

// Rule is a rule of AWS. A rule that is followed names its code and its test. A rule that
// is not followed says in Missing what happens instead.
type Rule struct {
	Topic, Rule string
	// Source is the document with its page. A year in brackets is the edition that was
	// read; without one it is the API reference of 2026.
	Source string
	// Code is a file below shared/sim/ecssim and a function or constant in it:
	// "task_health.go newChecks". Test is a folder below shared/sim/ecssim and a test:
	// ". TestHealth".
	Code, Test string
	Missing    string
}

// The documents.
const (
	api       = "Amazon ECS API Reference, "
	guide     = "Amazon ECS Developer Guide, "
	scaling   = "Application Auto Scaling User Guide, "
	watch     = "Amazon CloudWatch User Guide, "
	bridge    = "Amazon EventBridge User Guide, "
	balancers = "Elastic Load Balancing User Guide, "
	registry  = "Amazon ECR User Guide, "
	database  = "Amazon DynamoDB Developer Guide, "
)

// All returns the rules by topic, in the order of the page.
func All() []Rule {
	var out []Rule
	for _, topic := range []struct {
		name  string
		rules []Rule
	}{
		{"Tasks", tasks()},
		{"Health", health()},
		{"Deployments", deployments()},
		{"Circuit breaker", breaker()},
		{"Placement and capacity", capacity()},
		{"Definitions and images", definitions()},
		{"Metrics and alarms", metrics()},
		{"Scaling", autoScaling()},
		{"Events", events()},
		{"DynamoDB", dynamo()},
	} {
		for _, r := range topic.rules {
			r.Topic = topic.name
			out = append(out, r)
		}
	}
	return out
}

func tasks() []Rule {
	return []Rule{
		{Rule: "A task goes from PROVISIONING over PENDING, ACTIVATING and RUNNING to DEACTIVATING, STOPPING, DEPROVISIONING and STOPPED.", Source: guide + "Task lifecycle", Code: "task.go taskState", Test: ". TestTheLifeOfATask"},
		{Rule: "The version of a task grows with each change of its state.", Source: guide + "Task state change events", Code: "task.go enter", Test: ". TestTheLifeOfATask"},
		{Rule: "The events have the fields and types of AWS's examples.", Source: guide + "Task state change events", Code: "task_event.go emitTask", Test: ". TestShapeOfEvents"},
		{Rule: "A process has the stop timeout of its container, by default 30 s; then it is killed and the exit code is 137.", Source: api + "ContainerDefinition, stopTimeout", Code: "task.go terminate", Test: ". TestTheStopTimeoutEndsAProcess"},
		{Rule: "A stopped task can be described for an hour.", Source: api + "DescribeTasks", Code: "constants.go stoppedFor", Test: ". TestStoppedTasksCanBeDescribedForAnHour"},
		{Rule: "A task without load balancer that ended is replaced; one that never ran waits longer each time, up to 27 minutes.", Source: guide + "Amazon ECS service throttle logic", Code: "service_placement.go Backoff", Test: ". TestTheBackoffGrowsToTwentySevenMinutes"},
		{Rule: "A container waits for the condition of the containers that it depends on, at most for their start timeout.", Source: api + "ContainerDependency", Code: "task_launch.go dependencies", Test: ". TestContainersWaitForTheirDependencies"},
		{Rule: "A restart policy restarts a container that ran for its period, except after an ignored exit code.", Source: api + "ContainerRestartPolicy", Code: "task_restart.go restarts", Test: ". TestARestartPolicyKeepsTheTask"},
		{Rule: "RunTask honours overrides, tags, propagation, the network and the strategy.", Source: api + "RunTask", Code: "task_override.go override", Test: ". TestRunTaskHonoursItsRequest"},
		{Rule: "A client token makes RunTask and CreateService have one effect within 24 hours.", Source: guide + "Ensuring idempotency in Amazon ECS", Code: "ops.go repeated", Test: ". TestTheSameClientTokenRunsOneTask"},
		{Rule: "A protected task is stopped neither by a scale-in nor by a deployment.", Source: api + "UpdateTaskProtection", Code: "service_scheduler.go replaceOld", Test: ". TestAProtectedTaskOutlastsADeployment"},
		{Rule: "A Spot task is warned two minutes before it ends.", Source: guide + "Fargate capacity providers", Code: "fault_host.go warn", Test: ". TestTheSpotWarningComesTwoMinutesBefore"},
		{Rule: "A Spot instance of EC2 is warned two minutes before it ends with its tasks.", Source: "EC2 user guide, Spot Instance interruption notices", Code: "fault_host.go interrupt", Test: ". TestTheWarningOfASpotInstanceComesTwoMinutesBefore"},
		{Rule: "Fargate bills at least a minute of a task.", Source: "AWS Fargate pricing", Code: "task.go billMinimum", Test: ". TestATaskIsBilledAMinuteAtLeast"},
		{Rule: "A sidecar ends with the essential container of its task.", Source: api + "ContainerDefinition, essential", Code: "task_container.go exitOf", Test: ". TestASidecarEndsWithItsTask"},
		{Rule: "A container that is not essential can end while its task runs.", Source: api + "ContainerDefinition, essential", Code: "task_container.go exitOther", Test: ". TestAContainerThatIsNotEssentialDoesNotStopItsTask"},
		{Rule: "The exit of an essential container, or a failed pull of its image, stops the task.", Source: api + "ContainerDefinition, essential", Code: "task_container.go needs", Test: ". TestAnEssentialContainerStopsItsTask"},
		{Rule: "ExecuteCommand opens a session in a container.", Source: api + "ExecuteCommand", Missing: "the operation is refused by name"},
	}
}

func health() []Rule {
	return []Rule{
		{Rule: "A container is unhealthy after its number of failed probes in a row; those in the start period do not count.", Source: api + "HealthCheck", Code: "task_health.go probeUntilFailed", Test: ". TestAContainerIsUnhealthyAfterItsOwnNumberOfProbes"},
		{Rule: "A target is probed every 30 s and is unhealthy after two failed probes; a new one needs one passed probe.", Source: balancers + "Health checks for your target groups", Code: "task_health.go newChecks", Test: ". TestATargetIsUnhealthyAfterTwoProbes"},
		{Rule: "An unhealthy target needs five passed probes in a row.", Source: balancers + "Health checks for your target groups", Code: "task_health.go answer", Test: ". TestHealth"},
		{Rule: "The grace period of a service covers its load balancer and its containers, the start period a container only.", Source: api + "CreateService, healthCheckGracePeriodSeconds", Code: "task_health.go failCheck", Test: ". TestHealth"},
		{Rule: "A task without a check counts 40 s after RUNNING.", Source: api + "DeploymentConfiguration, minimumHealthyPercent", Code: "constants.go uncheckedWait", Test: ". TestAWorkerCounts40SecondsAfterItRuns"},
		{Rule: "An unhealthy task is stopped after its replacement is healthy, if the maximum percent leaves room.", Source: guide + "Amazon ECS services, scheduler", Code: "service_scheduler.go stopUnhealthyTasks", Test: ". TestAnUnhealthyTaskIsReplacedBeforeItIsStopped"},
		{Rule: "The health of a task is that of its containers with a check.", Source: api + "Task, healthStatus", Code: "task.go health", Test: ". TestTheHealthOfATaskIsThatOfItsContainer"},
		{Rule: "A target group can have another interval, threshold, timeout and matcher for each service.", Source: balancers + "Health checks for your target groups", Missing: "only the interval is a choice of the image; thresholds are the defaults"},
	}
}

func deployments() []Rule {
	return []Rule{
		{Rule: "The minimum percent rounds up, the maximum percent rounds down.", Source: api + "DeploymentConfiguration", Code: "service.go limits", Test: ". TestARollingDeploymentKeepsItsLimits"},
		{Rule: "A new task definition and sixteen parameters start a deployment; counts, percents, grace and rebalancing start none.", Source: api + "UpdateService", Code: "deploy_revision.go setupKeys", Test: ". TestWhatStartsADeployment"},
		{Rule: "A deployment is PENDING, IN_PROGRESS, and SUCCESSFUL, STOPPED or rolled back, with the events of each step.", Source: api + "ServiceDeployment", Code: "deploy.go serviceDeployment", Test: ". TestADeploymentTellsItsStory"},
		{Rule: "The steady state is announced again every six hours.", Source: guide + "Service event messages", Code: "service_scheduler.go announceSteady", Test: ". TestTheSteadyStateIsRepeatedEverySixHours"},
		{Rule: "A newer deployment stops the one in progress.", Source: api + "ServiceDeployment, status", Code: "deploy.go deploy", Test: ". TestANewerDeploymentStopsTheOneInProgress"},
		{Rule: "StopServiceDeployment rolls back or aborts.", Source: api + "StopServiceDeployment", Code: "ops_deployment.go stopServiceDeployment", Test: ". TestStopServiceDeployment"},
		{Rule: "A rollback goes to the newest completed deployment; without one the service stalls.", Source: guide + "How the deployment circuit breaker detects failures", Code: "deploy.go rollbackTarget", Test: ". TestTheFirstDeploymentHasNothingToRollBackTo"},
		{Rule: "Blue/green, linear and canary deployments alternate two target groups, and the resolved configuration names the one of a revision.", Source: guide + "Application Load Balancer resources for blue/green deployments", Code: "service_group.go chooseGroup", Test: ". TestDeploymentsAlternateTheTargetGroups"},
		{Rule: "The listener rule forwards to both target groups by the weights of the deployment.", Source: guide + "Application Load Balancer resources for blue/green deployments", Code: "service_views.go weights", Test: ". TestTheRuleForwardsByWeight"},
		{Rule: "The connection of a gateway names the load balancer and both target groups in the service revision.", Source: api + "GatewayConnection", Code: "service_group.go connection", Test: ". TestAGatewayNamesTheGroupsInTheRevision"},
		{Rule: "A deployment of VPC Lattice waits 3 minutes at POST_SCALE_UP and 90 seconds after each weight.", Source: guide + "VPC Lattice resources for blue/green deployments", Code: "deploy_plan.go waits", Test: ". TestADeploymentWaitsForLattice"},
		{Rule: "VPC Lattice publishes metrics of its target groups.", Source: "Amazon VPC Lattice User Guide, CloudWatch metrics for Amazon VPC Lattice", Missing: "there are none"},
		{Rule: "Alarms of a deployment roll it back in its bake time.", Source: guide + "How CloudWatch alarms detect deployment failures", Code: "service_scheduler.go baked", Test: ". TestAlarmsOfADeployment"},
		{Rule: "Blue/green, linear and canary deployments keep both sets of tasks and shift traffic by their steps.", Source: api + "DeploymentConfiguration, strategy", Code: "deploy_plan.go plan", Test: ". TestTheWayOfEachStrategy"},
		{Rule: "A PAUSE hook waits for ContinueServiceDeployment, at most for its timeout.", Source: api + "DeploymentLifecycleHook", Code: "deploy_hook.go hook", Test: ". TestAPauseHook"},
		{Rule: "CodeDeploy and external controllers refuse most changes of UpdateService.", Source: api + "UpdateService", Code: "ops_service_valid.go allowedBy", Test: ". TestWhatOtherControllersRefuse"},
		{Rule: "A changed capacity provider strategy needs a forced deployment.", Source: api + "UpdateService, capacityProviderStrategy", Code: "ecsrule/provider.go forcedStrategy", Test: ". TestEveryRuleRefusesARequestThatBreaksIt"},
		{Rule: "A deployment can be successful early, at a percentage of healthy tasks.", Source: api + "DeploymentEarlySuccessCriteria", Code: "service_scheduler.go succeedsEarly", Test: ". TestADeploymentSucceedsEarly"},
		{Rule: "Lambda hooks run at the stages of a deployment.", Source: api + "DeploymentLifecycleHook, hookTargetArn", Missing: "the hook is refused"},
		{Rule: "Task sets belong to external deployments.", Source: api + "CreateTaskSet", Missing: "the operations are refused by name"},
	}
}

func breaker() []Rule {
	return []Rule{
		{Rule: "The threshold is a count, or a percentage of the latest desired count, bounded to 3 to 200 by default.", Source: api + "ThresholdConfiguration (July 2026)", Code: "deploy_breaker.go BreakerThreshold", Test: ". TestTheBreakersThreshold"},
		{Rule: "Stage 1 counts tasks that end before RUNNING, and ends with the first task that is RUNNING.", Source: guide + "How the deployment circuit breaker detects failures (2023)", Code: "deploy_breaker.go failedToRun", Test: ". TestTheFirstStageOfTheBreakerEndsWithTheFirstRunningTask"},
		{Rule: "Stage 2 counts tasks that were replaced for a failed health check.", Source: guide + "How the deployment circuit breaker detects failures (2023)", Code: "deploy_breaker.go failedCheck", Test: ". TestWhatTheBreakerCounts"},
		{Rule: "A healthy task resets the count, unless resetOnHealthyTask is false.", Source: api + "DeploymentCircuitBreaker", Code: "deploy_breaker.go breakerHealthy", Test: ". TestAHealthyTaskResetsTheCount"},
		{Rule: "A task that runs and exits by itself counts in neither stage.", Source: "containers-roadmap, issue 1206", Code: "deploy_breaker.go breakerCounts", Test: ". TestTheBreakerNeverOpensForTasksThatFailJustAfterTheyWereHealthy"},
		{Rule: "failedTasks counts until the first healthy task of the deployment, and then stays 0.", Source: api + "Deployment, failedTasks", Code: "deploy_breaker.go noteFailure", Test: ". TestFailedTasksStopsWithTheFirstHealthyTask"},
		{Rule: "Without a rollback the service stalls with its old tasks.", Source: guide + "How the deployment circuit breaker detects failures (2023)", Code: "deploy.go fail", Test: ". TestWithoutRollbackTheServiceStalls"},
	}
}
