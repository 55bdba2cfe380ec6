package ledger

func capacity() []Rule {
	return []Rule{
		{Rule: "Base comes first, then the provider furthest behind its weight; neither is a fallback.", Source: api + "CapacityProviderStrategyItem", Code: "task_launch.go nextProvider", Test: ". TestCapacityProvidersShareByWeight"},
		{Rule: "A service without launch type and strategy takes the strategy of its cluster.", Source: api + "CreateCluster, defaultCapacityProviderStrategy", Code: "ops_service.go found", Test: ". TestAServiceWithoutALaunchTypeTakesTheStrategyOfItsCluster"},
		{Rule: "Constraints and strategies choose an instance with room for the task.", Source: guide + "How Amazon ECS places tasks on container instances", Code: "placement/placement.go Choose", Test: ". TestPlacementFollowsConstraintsAndStrategies"},
		{Rule: "A task on EC2 reserves the CPU and the memory of its definition or of its containers.", Source: api + "TaskDefinition, memory", Code: "cluster_instance.go room", Test: ". TestALargeTaskNeedsALargeInstance"},
		{Rule: "A daemon service runs one task on each active instance and has no desired count.", Source: guide + "Daemon scheduling strategy", Code: "service_balance.go followInstances", Test: ". TestADaemonRunsOnEachInstance"},
		{Rule: "Tasks run in the zones of their subnets, spread evenly.", Source: guide + "Task placement", Code: "task_launch.go zonesOf", Test: ". TestTasksRunInTheZonesOfTheirSubnets"},
		{Rule: "Zone rebalancing moves tasks until the zones are even.", Source: guide + "Availability Zone rebalancing", Code: "service_balance.go watchBalance", Test: ". TestRebalancingIsSwitchedByUpdateService"},
		{Rule: "A draining instance moves the tasks of services away and takes no new ones.", Source: guide + "Draining container instances", Code: "cluster_instance.go drain", Test: ". TestDrainingMovesTasksAway"},
		{Rule: "A lost instance ends all its tasks with TerminationNotice.", Source: api + "Task, stopCode", Code: "fault_host.go loseHost", Test: ". TestAHostOfEC2TakesAllItsTasksWithIt"},
		{Rule: "A failed placement is announced and tried again.", Source: guide + "Service event messages", Code: "service_placement.go cannotPlace", Test: ". TestNoCapacityIsAPlacementFailureAndNoTask"},
		{Rule: "A host port of an instance belongs to one task.", Source: api + "PortMapping, hostPort", Code: "cluster_instance.go lacks", Test: ". TestATaskStartsOnAnInstanceThatHasRoom"},
		{Rule: "Managed scaling of a capacity provider starts and ends instances.", Source: api + "ManagedScaling", Missing: "the members are kept, and the number of instances is the scenario's"},
		{Rule: "ECS Managed Instances run tasks on instances that ECS owns.", Source: api + "CreateCapacityProvider, managedInstancesProvider", Missing: "the member is refused by name"},
	}
}

func definitions() []Rule {
	return []Rule{
		{Rule: "The first task of a deployment resolves the tags, and later tasks use its digests.", Source: guide + "Container image resolution", Code: "deploy_revision.go pull", Test: ". TestTagsArePinnedToDigests"},
		{Rule: "After three failed resolutions the deployment goes on without digests.", Source: guide + "Container image resolution", Code: "deploy_revision.go pin", Test: ". TestADeletedDigestBreaksLaterStarts"},
		{Rule: "An inactive definition is described and starts no task; a deleted one is DELETE_IN_PROGRESS.", Source: api + "DeleteTaskDefinitions", Code: "definition.go deleteTaskDefinitions", Test: ". TestADeletedDefinitionCanBeDescribedAndNotUsed"},
		{Rule: "A service keeps an inactive definition, also one under deletion, and may change its count; no update leads to it.", Source: api + "DeregisterTaskDefinition; DeleteTaskDefinitions", Code: "definition.go activeTaskDefinition", Test: ". TestADefinitionInUseIsDeletedAfterItsLastTask"},
		{Rule: "A definition under deletion goes once no task and no deployment refers to it, and its number is not given again.", Source: guide + "Amazon ECS task definition states", Code: "definition.go isDeleted", Test: ". TestADeletedDefinitionCanBeDescribedAndNotUsed"},
		{Rule: "Fargate has a table of sizes.", Source: guide + "Task definition parameters for Fargate", Code: "ecsrule/definition.go fargateSize", Test: ". TestFargatesSizesAreThoseOfItsTable"},
		{Rule: "A task without a size has that of its containers.", Source: api + "RegisterTaskDefinition, memory", Code: "definition_container.go size", Test: ". TestATaskWithoutASizeHasThatOfItsContainers"},
		{Rule: "A definition is described as it was registered, with the defaults of its containers.", Source: api + "ContainerDefinition", Code: "definition_container.go completeContainer", Test: ". TestWhatADiffOfRevisionsNeedsComesBackAsItWasRegistered"},
		{Rule: "A push moves the tag and emits an event.", Source: registry + "Amazon ECR events", Code: "ecr/image.go Push", Test: ". TestPushingATagMovesIt"},
		{Rule: "An image of another registry exists only if it was pushed there.", Source: registry + "Private repositories", Missing: "images of other registries always resolve, with a digest made from their name"},
		{Rule: "A parameter has the date of its last change, and a filter selects parameters by name or path.", Source: "AWS Systems Manager API Reference, DescribeParameters", Code: "ssm/ssm.go describeParameters", Test: "ssm TestParametersAreFilteredByNameAndPath"},
		{Rule: "A secret has the date of its last change, also while it is scheduled for deletion.", Source: "AWS Secrets Manager API Reference, DescribeSecret", Code: "secretsmanager/secretsmanager.go describeSecret", Test: "secretsmanager TestTheChangeOfASecretFollowsItsFaults"},
		{Rule: "Secrets and parameters are made, changed and read.", Source: "AWS Secrets Manager API Reference, CreateSecret", Missing: "they exist because a definition or a scenario names them, and the operations are refused by name"},
		{Rule: "An archived image is described and cannot be pulled.", Source: registry + "Archiving an image", Code: "ecr/archive.go Pull", Test: ". TestATaskCannotPullAnArchivedImage"},
		{Rule: "An image is archived and restored by its storage class; it is ACTIVATING meanwhile.", Source: "Amazon ECR API reference, UpdateImageStorageClass", Code: "ecr/archive.go updateImageStorageClass", Test: "ecr TestAnArchivedImageIsDescribedAndNotServed"},
		{Rule: "A push of an archived image restores it.", Source: registry + "Archiving an image", Missing: "only UpdateImageStorageClass restores"},
	}
}

func metrics() []Rule {
	return []Rule{
		{Rule: "Each running task is one sample of CPUUtilization.", Source: guide + "Amazon ECS CloudWatch metrics", Code: "service_metric.go publishUsage", Test: ". TestEachRunningTaskIsASample"},
		{Rule: "Metrics come after their period: 150 s, or 14 s at high resolution.", Source: "measured: target tracking acts on AWS after 363 s and 86 s", Code: "constants.go standardDelay", Test: ". TestTargetTrackingActsWhenAWSMeasuredIt"},
		{Rule: "Missing data is treated as the tables say, in all their cells.", Source: watch + "How alarm state is evaluated when data is missing", Code: "cloudwatch/alarm_evaluation.go judge", Test: "cloudwatch TestMissingData"},
		{Rule: "M of N datapoints open an alarm.", Source: watch + "Evaluating an alarm", Code: "cloudwatch/alarm_evaluation.go judge", Test: ". TestAnAlarmFollowsItsMetric"},
		{Rule: "A composite alarm follows the states of its children.", Source: watch + "Combining alarms", Code: "cloudwatch/alarm_composite.go evaluateComposite", Test: ". TestACompositeAlarmFollowsItsChildren"},
		{Rule: "Metric math has a grammar and functions; the common ones work.", Source: watch + "Using math expressions", Code: "expression/parse.go Parse", Test: ". TestMetricMath"},
		{Rule: "DescribeAlarms lists log alarms only if AlarmTypes names them.", Source: "Amazon CloudWatch API Reference, DescribeAlarms", Code: "cloudwatch/alarm_log.go putLogAlarm", Test: "cloudwatch TestALogAlarmIsATypeOfItsOwn"},
		{Rule: "A search finds the metrics with exactly the dimensions and values of its terms; an alarm cannot search.", Source: watch + "CloudWatch search expression syntax", Code: "cloudwatch/metric_search.go readSearch", Test: ". TestASearchFindsMetricsByTheirDimensions"},
		{Rule: "A search finds parts of words, and combines terms with AND, OR and NOT.", Source: watch + "CloudWatch search expression syntax", Missing: "such a search is refused"},
		{Rule: "A log alarm follows the results of its scheduled query.", Source: "Amazon CloudWatch API Reference, PutLogAlarm", Missing: "the query does not run: SetAlarmState alone changes the state"},
		{Rule: "An alarm that cannot be evaluated has an EvaluationState.", Source: "Amazon CloudWatch API Reference, MetricAlarm", Code: "cloudwatch/alarm_log.go SetEvaluation", Test: "cloudwatch TestAnAlarmThatCannotBeEvaluatedKeepsItsState"},
		{Rule: "An actions suppressor suppresses the actions of a composite alarm.", Source: watch + "Alarm suppression", Missing: "the members are refused"},
		{Rule: "The metrics of an alternate target group are published apart, and those of the load balancer for both.", Source: balancers + "CloudWatch metrics", Code: "service_metric.go publishTraffic", Test: ". TestTrafficFollowsItsShare"},
		{Rule: "The metrics of a third target group are published apart.", Source: balancers + "CloudWatch metrics", Missing: "the requests of further load balancers of a service count in the first group"},
	}
}

func autoScaling() []Rule {
	return []Rule{
		{Rule: "Target tracking makes two alarms: 3 of 3 minutes above the target, 15 of 15 below nine tenths of it.", Source: scaling + "Target tracking", Code: "appautoscaling/policy.go track", Test: ". TestTargetTracking"},
		{Rule: "A step adjustment counts from the threshold of its alarm.", Source: scaling + "Step scaling", Code: "appautoscaling/policy.go step", Test: ". TestStepScaling"},
		{Rule: "A scale-in waits for its cooldown.", Source: scaling + "Cooldown periods", Code: "appautoscaling/target.go coolingIn", Test: ". TestAScaleInWaitsForItsCooldown"},
		{Rule: "Scale-in is off while a deployment is in progress.", Source: scaling + "Amazon ECS and Application Auto Scaling", Code: "appautoscaling/target.go scaleIn", Test: ". TestSeveralPolicies"},
		{Rule: "Predictive scaling plans ahead from the history.", Source: scaling + "Predictive scaling", Missing: "the policy type is refused"},
	}
}

func events() []Rule {
	return []Rule{
		{Rule: "A rule has at most five targets, unless the quota is raised.", Source: bridge + "Amazon EventBridge quotas", Missing: "the account has a raised quota without an end"},
		{Rule: "A pattern matches by its operators.", Source: bridge + "Comparison operators", Code: "pattern/operators.go", Test: "pattern TestAPatternMatchesByItsOperatorsAsEventBridgeDocuments"},
		{Rule: "A rule sends an event to its queue; a message that fails comes back and ends in the dead-letter queue.", Source: bridge + "Targets", Code: "bus/bus.go", Test: "bus TestAFailedMessageComesBackAndEndsInTheDeadLetterQueue"},
		{Rule: "PutEvents refuses entries with AWS's codes.", Source: bridge + "PutEvents", Code: "events/publish.go", Test: "bus TestPutEventsRefusesWhatAWSRefuses"},
	}
}

func dynamo() []Rule {
	return []Rule{
		{Rule: "A condition fails the write and nothing changes.", Source: database + "Condition expressions", Code: "dynamo/items.go", Test: "dynamo TestAnItemIsPutOnceUnderTheConditionThatItIsNotThere"},
		{Rule: "A transaction writes all or nothing.", Source: database + "Transactions", Code: "dynamo/transact.go", Test: "dynamo TestATransactionWritesAllOrNothing"},
		{Rule: "The reserved words need placeholders.", Source: database + "Reserved words", Code: "dynamo/lexer.go", Test: "dynamo TestTheReservedWordsAreThoseOfAWS"},
		{Rule: "A query reads a partition in order, in pages.", Source: database + "Querying tables", Code: "dynamo/query.go", Test: "dynamo TestQueryPagesThroughAPartitionInOrder"},
	}
}
