"""The calls of the judge strict: each operation that ecssim serves, on a fleet with a history."""

import datetime as dt
import json
from functools import partial

FLEET = "shop"


def play(j):
    for part in (containers, tasks, deployments, tidy, registry, metrics, scaling, rules, queues, topics, logs, identity, tables, refusals):
        part(j)


def containers(j):
    call = partial(j.call, "ecs")
    j.server.advance("3m")
    call("ListClusters")
    call("CreateCluster", clusterName="other", tags=[{"key": "team", "value": "a"}], settings=[{"name": "containerInsights", "value": "enabled"}])
    call("DescribeClusters", clusters=[FLEET, "other", "missing"], include=["TAGS", "STATISTICS", "SETTINGS", "CONFIGURATIONS", "ATTACHMENTS"])
    services = call("ListServices", cluster=FLEET)["serviceArns"]
    described = call("DescribeServices", cluster=FLEET, services=services[:10] + ["missing"], include=["TAGS"])["services"]
    definition = described[0]["taskDefinition"]
    call("DescribeTaskDefinition", taskDefinition=definition, include=["TAGS"])
    call("ListTaskDefinitions")
    call("ListTaskDefinitionFamilies")
    host = instance(call)
    call("ListContainerInstances", cluster=FLEET)
    call("DescribeContainerInstances", cluster=FLEET, containerInstances=["missing"])
    call("UpdateContainerInstancesState", cluster=FLEET, containerInstances=["missing"], status="DRAINING")
    arn = described[0]["serviceArn"]
    call("TagResource", resourceArn=arn, tags=[{"key": "k", "value": "v"}])
    call("ListTagsForResource", resourceArn=arn)
    call("UntagResource", resourceArn=arn, tagKeys=["k"])
    call("ListAccountSettings")
    call("PutAccountSetting", name="containerInsights", value="enabled")
    call("PutAccountSettingDefault", name="containerInsights", value="enabled")
    call("DeleteAccountSetting", name="containerInsights")
    call("DescribeCapacityProviders")
    call("PutClusterCapacityProviders", cluster="other", capacityProviders=["FARGATE", "FARGATE_SPOT"],
         defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE", "weight": 1}])
    call("CreateCapacityProvider", name="mine", autoScalingGroupProvider={
        "autoScalingGroupArn": "arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:a:autoScalingGroupName/b"})
    call("UpdateCapacityProvider", name="mine", autoScalingGroupProvider={"managedScaling": {"status": "ENABLED"}})
    call("DeleteCapacityProvider", capacityProvider="mine")
    call("UpdateCluster", cluster="other", settings=[{"name": "containerInsights", "value": "disabled"}])
    call("UpdateClusterSettings", cluster="other", settings=[{"name": "containerInsights", "value": "disabled"}])
    call("ListAttributes", cluster=FLEET, targetType="container-instance")
    call("PutAttributes", cluster=FLEET, attributes=[{"name": "a", "value": "b", "targetType": "container-instance", "targetId": "missing"}])
    call("DeleteAttributes", cluster=FLEET, attributes=[{"name": "a"}])
    target = {"targetType": "container-instance", "targetId": host}
    call("PutAttributes", cluster="other", attributes=[{"name": "a", "value": "b", **target}])
    call("ListAttributes", cluster="other", targetType="container-instance")
    call("DeleteAttributes", cluster="other", attributes=[{"name": "a", **target}])
    call("DeregisterContainerInstance", cluster="other", containerInstance=host, force=True)
    call("ListServicesByNamespace", namespace="n")
    call("DescribeTaskSets", cluster=FLEET, service="web")


def instance(call):
    """Registers a container instance, starts a task on it, and returns its ARN."""
    document = json.dumps({"instanceId": "i-1", "availabilityZone": "eu-central-1a", "instanceType": "m7i.large", "imageId": "ami-1"})
    arn = call("RegisterContainerInstance", cluster="other", instanceIdentityDocument=document, versionInfo={"agentVersion": "1.90.0"},
               totalResources=[{"name": "CPU", "type": "INTEGER", "integerValue": 2048}, {"name": "MEMORY", "type": "INTEGER", "integerValue": 4096}],
               tags=[{"key": "a", "value": "b"}])["containerInstance"]["containerInstanceArn"]
    call("UpdateContainerAgent", cluster="other", containerInstance=arn)
    call("DescribeContainerInstances", cluster="other", containerInstances=[arn], include=["TAGS"])
    call("RegisterTaskDefinition", family="host", containerDefinitions=[
        {"name": "app", "image": "shop/worker:live", "memory": 64, "portMappings": [{"containerPort": 80, "hostPort": 8080}]}])
    call("StartTask", cluster="other", taskDefinition="host", containerInstances=[arn])
    return arn


def tasks(j):
    call = partial(j.call, "ecs")
    call("RegisterTaskDefinition", family="job", requiresCompatibilities=["FARGATE"], networkMode="awsvpc", cpu="256", memory="512",
         executionRoleArn="arn:aws:iam::123456789012:role/x", tags=[{"key": "a", "value": "b"}],
         containerDefinitions=[{"name": "job", "image": "shop/worker:live", "essential": True, "stopTimeout": 20,
                                "environment": [{"name": "A", "value": "b"}], "secrets": [{"name": "S", "valueFrom": "arn:aws:ssm:eu-central-1:123456789012:parameter/x"}],
                                "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/job", "awslogs-region": "eu-central-1", "awslogs-stream-prefix": "a"}},
                                "healthCheck": {"command": ["CMD-SHELL", "true"], "interval": 30, "timeout": 5, "retries": 3, "startPeriod": 10},
                                "portMappings": [{"containerPort": 80, "protocol": "tcp"}]}])
    j.call("logs", "CreateLogGroup", logGroupName="/job")
    network = {"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED"}}
    started = call("RunTask", cluster=FLEET, taskDefinition="job", count=2, launchType="FARGATE", networkConfiguration=network, startedBy="me", group="batch")
    j.server.advance("2m")
    arns = [t["taskArn"] for t in started.get("tasks", [])]
    call("ListTasks", cluster=FLEET)
    call("ListTasks", cluster=FLEET, serviceName="web", desiredStatus="RUNNING")
    running = j.client("ecs").list_tasks(cluster=FLEET)["taskArns"]
    call("DescribeTasks", cluster=FLEET, tasks=(arns + running)[:20] + ["missing"], include=["TAGS"])
    call("UpdateTaskProtection", cluster=FLEET, tasks=running[:2], protectionEnabled=True, expiresInMinutes=10)
    call("GetTaskProtection", cluster=FLEET, tasks=running[:2])
    call("UpdateTaskProtection", cluster=FLEET, tasks=running[:2], protectionEnabled=False)
    if arns:
        call("StopTask", cluster=FLEET, task=arns[0], reason="enough")
    j.server.advance("2m")
    call("DescribeTasks", cluster=FLEET, tasks=arns, include=["TAGS"])
    call("ExecuteCommand", cluster=FLEET, task=running[0], command="sh", interactive=True)
    call("StartTask", cluster=FLEET, taskDefinition="job", containerInstances=["missing"])


def deployments(j):
    call = partial(j.call, "ecs")
    network = {"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"]}}
    call("CreateService", cluster=FLEET, serviceName="job", taskDefinition="job", desiredCount=2, launchType="FARGATE", networkConfiguration=network,
         deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}, "maximumPercent": 200, "minimumHealthyPercent": 100},
         tags=[{"key": "a", "value": "b"}], propagateTags="SERVICE", enableECSManagedTags=True)
    call("CreateService", cluster=FLEET, serviceName="spot", taskDefinition="job", desiredCount=1, networkConfiguration=network,
         capacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 1}])
    call("CreateService", cluster=FLEET, serviceName="daemon", taskDefinition="job", schedulingStrategy="DAEMON", launchType="EC2", networkConfiguration=network)
    j.server.advance("3m")
    call("DescribeServices", cluster=FLEET, services=["job", "spot", "daemon"], include=["TAGS"])
    call("UpdateService", cluster=FLEET, service="job", desiredCount=3, forceNewDeployment=True)
    call("UpdateService", cluster=FLEET, service="web", forceNewDeployment=True)
    listed = call("ListServiceDeployments", cluster=FLEET, service="web").get("serviceDeployments", [])
    arns = [d["serviceDeploymentArn"] for d in listed]
    call("DescribeServiceDeployments", serviceDeploymentArns=arns + ["arn:aws:ecs:eu-central-1:123456789012:service-deployment/shop/web/missing"])
    call("StopServiceDeployment", serviceDeploymentArn=arns[0], stopType="ROLLBACK")
    j.server.advance("1m")
    for status in ("PENDING", "SUCCESSFUL", "STOPPED", "IN_PROGRESS"):
        call("ListServiceDeployments", cluster=FLEET, service="web", status=[status])
    j.server.advance("10m")
    call("DescribeServiceDeployments", serviceDeploymentArns=arns)
    revisions = [d["targetServiceRevisionArn"] for d in listed if "targetServiceRevisionArn" in d]
    call("DescribeServiceRevisions", serviceRevisionArns=revisions + ["arn:aws:ecs:eu-central-1:123456789012:service-revision/shop/web/1"])
    call("UpdateService", cluster=FLEET, service="api", deploymentConfiguration={
        "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 1, "lifecycleHooks": [{"targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP"]}]}, forceNewDeployment=True)
    j.server.advance("1m")
    j.server.advance("4m")
    call("DescribeServices", cluster=FLEET, services=["api"])
    listed = call("ListServiceDeployments", cluster=FLEET, service="api").get("serviceDeployments", [])
    if listed:
        arn = listed[0]["serviceDeploymentArn"]
        found = call("DescribeServiceDeployments", serviceDeploymentArns=[arn])["serviceDeployments"][0]
        call("ContinueServiceDeployment", serviceDeploymentArn=arn, hookId=[h["hookId"] for h in found.get("lifecycleHookDetails", [])][:1][0], action="CONTINUE")
    call("CreateTaskSet", cluster=FLEET, service="web", taskDefinition="job")
    call("UpdateServicePrimaryTaskSet", cluster=FLEET, service="web", primaryTaskSet="x")


def tidy(j):
    call = partial(j.call, "ecs")
    call("UpdateService", cluster=FLEET, service="job", desiredCount=0)
    call("DeleteService", cluster=FLEET, service="job", force=True)
    call("DescribeServices", cluster=FLEET, services=["job"])
    call("DeregisterTaskDefinition", taskDefinition="job:1")
    call("DeleteTaskDefinitions", taskDefinitions=["job:1"])
    call("DeleteCluster", cluster="other")


def registry(j):
    call = partial(j.call, "ecr")
    call("CreateRepository", repositoryName="one", imageTagMutability="MUTABLE", imageScanningConfiguration={"scanOnPush": True},
         encryptionConfiguration={"encryptionType": "KMS"}, tags=[{"Key": "a", "Value": "b"}])
    call("DescribeRepositories")
    layers = []
    manifest = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
                           "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 100, "digest": "sha256:" + "a" * 64}, "layers": layers})
    pushed = call("PutImage", repositoryName="one", imageManifest=manifest, imageTag="v1")
    call("PutImage", repositoryName="one", imageManifest=manifest, imageTag="v2")
    call("ListImages", repositoryName="one")
    call("ListImages", repositoryName="shop/web")
    call("DescribeImages", repositoryName="one")
    call("DescribeImages", repositoryName="shop/web")
    call("UpdateImageStorageClass", repositoryName="shop/web", imageId={"imageTag": "stable"}, targetStorageClass="ARCHIVE")
    call("UpdateImageStorageClass", repositoryName="shop/web", imageId={"imageTag": "stable"}, targetStorageClass="STANDARD")
    call("BatchGetImage", repositoryName="one", imageIds=[{"imageTag": "v1"}, {"imageTag": "missing"}])
    call("DescribeImageScanFindings", repositoryName="one", imageId={"imageTag": "v1"})
    call("StartImageScan", repositoryName="shop/web", imageId={"imageTag": "stable"})
    j.server.advance("2m")
    call("DescribeImageScanFindings", repositoryName="one", imageId={"imageTag": "v1"})
    document = json.dumps({"Version": "2012-10-17", "Statement": [{
        "Sid": "a", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": ["ecr:ReplicateImage"],
        "Resource": ["arn:aws:ecr:eu-central-1:123456789012:repository/*"]}]})
    call("PutRegistryPolicy", policyText=document)
    call("GetRegistryPolicy")
    call("DeleteRegistryPolicy")
    call("GetAuthorizationToken")
    arn = "arn:aws:ecr:eu-central-1:123456789012:repository/one"
    call("TagResource", resourceArn=arn, tags=[{"Key": "k", "Value": "v"}])
    call("ListTagsForResource", resourceArn=arn)
    call("UntagResource", resourceArn=arn, tagKeys=["k"])
    call("PutImageTagMutability", repositoryName="one", imageTagMutability="IMMUTABLE")
    call("PutImageScanningConfiguration", repositoryName="one", imageScanningConfiguration={"scanOnPush": False})
    rules = {"rules": [{"rulePriority": 1, "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 3}, "action": {"type": "expire"}}]}
    call("PutLifecyclePolicy", repositoryName="one", lifecyclePolicyText=json.dumps(rules))
    call("GetLifecyclePolicy", repositoryName="one")
    call("StartLifecyclePolicyPreview", repositoryName="one")
    call("GetLifecyclePolicyPreview", repositoryName="one")
    call("DeleteLifecyclePolicy", repositoryName="one")
    policy = {"Version": "2012-10-17", "Statement": [{"Sid": "a", "Effect": "Allow", "Principal": "*", "Action": "ecr:GetDownloadUrlForLayer"}]}
    call("SetRepositoryPolicy", repositoryName="one", policyText=json.dumps(policy))
    call("GetRepositoryPolicy", repositoryName="one")
    call("DeleteRepositoryPolicy", repositoryName="one")
    call("DescribeRegistry")
    call("GetRegistryScanningConfiguration")
    call("PutRegistryScanningConfiguration", scanType="BASIC", rules=[])
    call("BatchGetRepositoryScanningConfiguration", repositoryNames=["one"])
    call("PutReplicationConfiguration", replicationConfiguration={"rules": []})
    call("BatchCheckLayerAvailability", repositoryName="one", layerDigests=["sha256:" + "a" * 64])
    call("BatchDeleteImage", repositoryName="one", imageIds=[{"imageTag": "v1"}, {"imageTag": "missing"}])
    if pushed:
        call("BatchDeleteImage", repositoryName="one", imageIds=[{"imageDigest": pushed["image"]["imageId"]["imageDigest"]}])
    call("DeleteRepository", repositoryName="one", force=True)


def metrics(j):
    call = partial(j.call, "cloudwatch")
    now = dt.datetime.fromisoformat(j.server.control("now", "GET")["now"].replace("Z", "+00:00"))
    hour = {"StartTime": now - dt.timedelta(hours=1), "EndTime": now}
    dimensions = [{"Name": "ClusterName", "Value": FLEET}, {"Name": "ServiceName", "Value": "web"}]
    call("PutMetricData", Namespace="App", MetricData=[{"MetricName": "Jobs", "Value": 3, "Unit": "Count", "Timestamp": now}])
    call("ListMetrics", Namespace="AWS/ECS")
    call("GetMetricStatistics", Namespace="AWS/ECS", MetricName="CPUUtilization", Dimensions=dimensions, Period=60, Statistics=["Average", "Maximum"], **hour)
    call("GetMetricData", MetricDataQueries=[
        {"Id": "a", "MetricStat": {"Metric": {"Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Dimensions": dimensions}, "Period": 60, "Stat": "Average"}},
        {"Id": "b", "Expression": "a * 2", "Label": "twice"}], **hour)
    call("PutMetricAlarm", AlarmName="high", MetricName="CPUUtilization", Namespace="AWS/ECS", Dimensions=dimensions, Statistic="Average", Period=60,
         EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold", TreatMissingData="notBreaching", Tags=[{"Key": "a", "Value": "b"}])
    call("PutMetricAlarm", AlarmName="expression", EvaluationPeriods=2, DatapointsToAlarm=1, Threshold=1, ComparisonOperator="LessThanThreshold", Metrics=[
        {"Id": "a", "ReturnData": False, "MetricStat": {"Metric": {"Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Dimensions": dimensions}, "Period": 60, "Stat": "p90"}},
        {"Id": "b", "Expression": "a * 2"}])
    call("PutLogAlarm", AlarmName="panics", Threshold=1.0, ComparisonOperator="GreaterThanThreshold", QueryResultsToEvaluate=1, QueryResultsToAlarm=1,
         ScheduledQueryConfiguration={"QueryString": "filter @message like /panic/", "AggregationExpression": "count(*)",
                                      "ScheduledQueryRoleARN": "arn:aws:iam::123456789012:role/queries", "LogGroupIdentifiers": ["/ecs/web"],
                                      "ScheduleConfiguration": {"ScheduleExpression": "rate(1 minute)", "StartTimeOffset": 300}})
    call("PutCompositeAlarm", AlarmName="both", AlarmRule="ALARM(high) OR ALARM(expression)", ActionsEnabled=False)
    j.server.advance("5m")
    call("DescribeAlarms", AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    call("DescribeAlarmsForMetric", Namespace="AWS/ECS", MetricName="CPUUtilization", Dimensions=dimensions)
    call("SetAlarmState", AlarmName="high", StateValue="ALARM", StateReason="a test", StateReasonData="{}")
    call("DescribeAlarmHistory", AlarmName="high")
    call("DisableAlarmActions", AlarmNames=["high"])
    call("EnableAlarmActions", AlarmNames=["high"])
    arn = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:high"
    call("TagResource", ResourceARN=arn, Tags=[{"Key": "k", "Value": "v"}])
    call("ListTagsForResource", ResourceARN=arn)
    call("UntagResource", ResourceARN=arn, TagKeys=["k"])
    call("PutDashboard", DashboardName="d", DashboardBody='{"widgets": []}')
    call("GetDashboard", DashboardName="d")
    call("ListDashboards")
    call("DeleteDashboards", DashboardNames=["d"])
    call("DeleteAlarms", AlarmNames=["both", "high", "expression"])


def scaling(j):
    call = partial(j.call, "application-autoscaling")
    target = {"ServiceNamespace": "ecs", "ResourceId": f"service/{FLEET}/spot", "ScalableDimension": "ecs:service:DesiredCount"}
    registered = call("RegisterScalableTarget", MinCapacity=1, MaxCapacity=6, Tags={"a": "b"}, **target)
    call("PutScalingPolicy", PolicyName="cpu", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration={
        "TargetValue": 50, "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}, "ScaleInCooldown": 60}, **target)
    call("PutScalingPolicy", PolicyName="steps", PolicyType="StepScaling", StepScalingPolicyConfiguration={
        "AdjustmentType": "ChangeInCapacity", "Cooldown": 60, "MetricAggregationType": "Average",
        "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}]}, **target)
    j.server.advance("10m")
    call("DescribeScalableTargets", ServiceNamespace="ecs")
    call("DescribeScalingPolicies", ServiceNamespace="ecs")
    call("RegisterScalableTarget", MinCapacity=3, MaxCapacity=6, **target)
    j.server.advance("10m")
    call("DescribeScalingActivities", ServiceNamespace="ecs", IncludeNotScaledActivities=True)
    call("PutScheduledAction", ScheduledActionName="night", Schedule="cron(0 22 * * ? *)", ScalableTargetAction={"MinCapacity": 1}, **target)
    call("DescribeScheduledActions", ServiceNamespace="ecs")
    call("DeleteScheduledAction", ScheduledActionName="night", **target)
    arn = registered.get("ScalableTargetARN", "arn:aws:application-autoscaling:eu-central-1:123456789012:scalable-target/1")
    call("TagResource", ResourceARN=arn, Tags={"k": "v"})
    call("ListTagsForResource", ResourceARN=arn)
    call("UntagResource", ResourceARN=arn, TagKeys=["k"])
    call("GetPredictiveScalingForecast", PolicyName="x", StartTime=0, EndTime=3600, **target)
    call("DeleteScalingPolicy", PolicyName="steps", **target)
    call("DeregisterScalableTarget", **target)


def rules(j):
    call = partial(j.call, "events")
    pattern = json.dumps({"source": ["aws.ecs"]})
    arn = call("PutRule", Name="tasks", EventPattern=pattern, State="ENABLED", Description="d", Tags=[{"Key": "a", "Value": "b"}]).get("RuleArn")
    call("PutRule", Name="hourly", ScheduleExpression="rate(1 hour)")
    queue = j.call("sqs", "CreateQueue", QueueName="for-events").get("QueueUrl")
    call("PutTargets", Rule="tasks", Targets=[{"Id": "q", "Arn": "arn:aws:sqs:eu-central-1:123456789012:for-events"}])
    call("ListTargetsByRule", Rule="tasks")
    call("ListRules")
    call("DescribeRule", Name="tasks")
    call("ListRuleNamesByTarget", TargetArn="arn:aws:sqs:eu-central-1:123456789012:for-events")
    call("PutEvents", Entries=[{"Source": "app", "DetailType": "t", "Detail": "{}"}, {"Source": "app", "DetailType": "t", "Detail": "no JSON"}])
    event = {"id": "1", "source": "aws.ecs", "account": "1", "time": "2026-01-01T00:00:00Z", "region": "r", "resources": [], "detail-type": "t", "detail": {}}
    call("TestEventPattern", EventPattern=pattern, Event=json.dumps(event))
    call("DisableRule", Name="tasks")
    call("EnableRule", Name="tasks")
    call("TagResource", ResourceARN=arn, Tags=[{"Key": "k", "Value": "v"}])
    call("ListTagsForResource", ResourceARN=arn)
    call("UntagResource", ResourceARN=arn, TagKeys=["k"])
    call("ListEventBuses")
    call("DescribeEventBus")
    call("CreateEventBus", Name="mine")
    call("PutPermission", Action="events:PutEvents", Principal="111111111111", StatementId="s")
    call("RemovePermission", StatementId="s")
    call("DeleteEventBus", Name="mine")
    call("ListArchives")
    call("RemoveTargets", Rule="tasks", Ids=["q", "missing"])
    call("DeleteRule", Name="tasks")
    j.call("sqs", "DeleteQueue", QueueUrl=queue)


def queues(j):
    call = partial(j.call, "sqs")
    url = call("CreateQueue", QueueName="jobs", Attributes={"VisibilityTimeout": "30"}, tags={"a": "b"}).get("QueueUrl")
    call("GetQueueUrl", QueueName="jobs")
    call("ListQueues", QueueNamePrefix="j")
    call("GetQueueAttributes", QueueUrl=url, AttributeNames=["All"])
    call("SetQueueAttributes", QueueUrl=url, Attributes={"VisibilityTimeout": "40"})
    call("SendMessage", QueueUrl=url, MessageBody="one", MessageAttributes={"kind": {"DataType": "String", "StringValue": "x"}})
    call("SendMessageBatch", QueueUrl=url, Entries=[{"Id": "a", "MessageBody": "two"}, {"Id": "b", "MessageBody": "three"}])
    got = call("ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"], MessageAttributeNames=["All"], WaitTimeSeconds=0).get("Messages", [])
    handles = [m["ReceiptHandle"] for m in got] + ["", "", ""]
    call("ChangeMessageVisibility", QueueUrl=url, ReceiptHandle=handles[0], VisibilityTimeout=5)
    call("ChangeMessageVisibilityBatch", QueueUrl=url, Entries=[{"Id": "a", "ReceiptHandle": handles[0], "VisibilityTimeout": 5}])
    call("DeleteMessage", QueueUrl=url, ReceiptHandle=handles[0])
    call("DeleteMessageBatch", QueueUrl=url, Entries=[{"Id": "a", "ReceiptHandle": handles[1]}, {"Id": "b", "ReceiptHandle": "wrong"}])
    call("TagQueue", QueueUrl=url, Tags={"k": "v"})
    call("ListQueueTags", QueueUrl=url)
    call("UntagQueue", QueueUrl=url, TagKeys=["k"])
    call("ListDeadLetterSourceQueues", QueueUrl=url)
    call("AddPermission", QueueUrl=url, Label="l", AWSAccountIds=["111111111111"], Actions=["SendMessage"])
    call("RemovePermission", QueueUrl=url, Label="l")
    call("PurgeQueue", QueueUrl=url)
    call("DeleteQueue", QueueUrl=url)


def topics(j):
    call = partial(j.call, "sns")
    arn = call("CreateTopic", Name="alerts", Attributes={"DisplayName": "a"}, Tags=[{"Key": "a", "Value": "b"}]).get("TopicArn")
    call("ListTopics")
    subscription = call("Subscribe", TopicArn=arn, Protocol="sqs", Endpoint="arn:aws:sqs:eu-central-1:123456789012:jobs", ReturnSubscriptionArn=True).get("SubscriptionArn")
    call("ListSubscriptions")
    call("ListSubscriptionsByTopic", TopicArn=arn)
    call("GetSubscriptionAttributes", SubscriptionArn=subscription)
    call("SetSubscriptionAttributes", SubscriptionArn=subscription, AttributeName="RawMessageDelivery", AttributeValue="true")
    call("GetTopicAttributes", TopicArn=arn)
    call("SetTopicAttributes", TopicArn=arn, AttributeName="DisplayName", AttributeValue="b")
    call("Publish", TopicArn=arn, Message="text", Subject="s")
    call("PublishBatch", TopicArn=arn, PublishBatchRequestEntries=[{"Id": "1", "Message": "m"}])
    call("TagResource", ResourceArn=arn, Tags=[{"Key": "k", "Value": "v"}])
    call("ListTagsForResource", ResourceArn=arn)
    call("UntagResource", ResourceArn=arn, TagKeys=["k"])
    call("Unsubscribe", SubscriptionArn=subscription)
    call("DeleteTopic", TopicArn=arn)


def logs(j):
    call = partial(j.call, "logs")
    call("CreateLogGroup", logGroupName="/mine", tags={"a": "b"})
    call("DescribeLogGroups")
    call("CreateLogStream", logGroupName="/mine", logStreamName="s")
    now = int(dt.datetime.fromisoformat(j.server.control("now", "GET")["now"].replace("Z", "+00:00")).timestamp() * 1000)
    call("PutLogEvents", logGroupName="/mine", logStreamName="s", logEvents=[{"timestamp": now, "message": "hello"}])
    call("PutRetentionPolicy", logGroupName="/mine", retentionInDays=7)
    call("DeleteRetentionPolicy", logGroupName="/mine")
    groups = j.client("logs").describe_log_groups()["logGroups"]
    for group in [g["logGroupName"] for g in groups][:3]:
        streams = call("DescribeLogStreams", logGroupName=group).get("logStreams", [])
        call("FilterLogEvents", logGroupName=group, limit=5)
        for stream in streams[:2]:
            call("GetLogEvents", logGroupName=group, logStreamName=stream["logStreamName"], limit=5)
    call("ListTagsLogGroup", logGroupName="/mine")
    call("ListTagsForResource", resourceArn="arn:aws:logs:eu-central-1:123456789012:log-group:/mine")
    call("TagResource", resourceArn="arn:aws:logs:eu-central-1:123456789012:log-group:/mine", tags={"k": "v"})
    call("UntagResource", resourceArn="arn:aws:logs:eu-central-1:123456789012:log-group:/mine", tagKeys=["k"])
    call("DeleteLogStream", logGroupName="/mine", logStreamName="s")
    call("DeleteLogGroup", logGroupName="/mine")


def identity(j):
    j.call("sts", "GetCallerIdentity")
    j.call("sts", "AssumeRole", RoleArn="arn:aws:iam::123456789012:role/x", RoleSessionName="s")
    j.call("sts", "GetSessionToken")
    j.call("cloudformation", "DescribeStacks")
    j.call("cloudformation", "ListStacks")
    stacks = j.call("cloudformation", "DescribeStacks").get("Stacks", [])
    for stack in stacks[:2]:
        j.call("cloudformation", "ListStackResources", StackName=stack["StackName"])
        j.call("cloudformation", "DescribeStackResources", StackName=stack["StackName"])
    for operation in ("DescribeLoadBalancers", "DescribeTargetGroups"):
        j.call("elbv2", operation)
    groups = j.call("elbv2", "DescribeTargetGroups").get("TargetGroups", [])
    balancers = j.call("elbv2", "DescribeLoadBalancers").get("LoadBalancers", [])
    for group in groups[:1]:
        j.call("elbv2", "DescribeTargetHealth", TargetGroupArn=group["TargetGroupArn"])
        j.call("elbv2", "DescribeTargetGroupAttributes", TargetGroupArn=group["TargetGroupArn"])
        j.call("elbv2", "DescribeTags", ResourceArns=[group["TargetGroupArn"]])
    for balancer in balancers[:1]:
        listeners = j.call("elbv2", "DescribeListeners", LoadBalancerArn=balancer["LoadBalancerArn"]).get("Listeners", [])
        j.call("elbv2", "DescribeLoadBalancerAttributes", LoadBalancerArn=balancer["LoadBalancerArn"])
        for listener in listeners[:1]:
            j.call("elbv2", "DescribeRules", ListenerArn=listener["ListenerArn"])


def tables(j):
    call = partial(j.call, "dynamodb")
    call("CreateTable", TableName="items", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
         AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("p", "s", "g")], StreamSpecification={"StreamEnabled": False},
         GlobalSecondaryIndexes=[{"IndexName": "by-g", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}])
    call("DescribeTable", TableName="items")
    call("ListTables", Limit=1)
    key = {"p": {"S": "a"}, "s": {"S": "1"}}
    item = {**key, "g": {"S": "x"}, "n": {"N": "1.50"}, "b": {"B": b"\x00\x01"}, "ss": {"SS": ["q", "r"]}, "m": {"M": {"l": {"L": [{"BOOL": True}, {"NULL": True}]}}}, "bs": {"BS": [b"\x01"]}}
    total = {"ReturnConsumedCapacity": "INDEXES"}
    call("PutItem", TableName="items", Item=item, ReturnValues="ALL_OLD", ReturnItemCollectionMetrics="SIZE", **total)
    call("PutItem", TableName="items", Item=item, ReturnValues="ALL_OLD", **total)
    call("GetItem", TableName="items", Key=key, **total)
    call("GetItem", TableName="items", Key={"p": {"S": "none"}, "s": {"S": "1"}})
    call("UpdateItem", TableName="items", Key=key, UpdateExpression="SET n = n + :one REMOVE b", ExpressionAttributeValues={":one": {"N": "1"}}, ReturnValues="UPDATED_NEW", **total)
    call("Query", TableName="items", KeyConditionExpression="p = :p", ExpressionAttributeValues={":p": {"S": "a"}}, Limit=1, **total)
    call("Query", TableName="items", IndexName="by-g", KeyConditionExpression="g = :g", ExpressionAttributeValues={":g": {"S": "x"}}, Select="COUNT", **total)
    call("Scan", TableName="items", Limit=1, **total)
    call("BatchWriteItem", RequestItems={"items": [{"PutRequest": {"Item": {"p": {"S": "b"}, "s": {"S": "2"}}}}]}, **total)
    call("BatchGetItem", RequestItems={"items": {"Keys": [key]}}, **total)
    call("TransactWriteItems", TransactItems=[{"Put": {"TableName": "items", "Item": item}}], **total)
    call("TransactWriteItems", TransactItems=[{"Put": {"TableName": "items", "Item": item, "ConditionExpression": "attribute_not_exists(p)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}])
    call("TransactGetItems", TransactItems=[{"Get": {"TableName": "items", "Key": key}}], **total)
    call("UpdateTimeToLive", TableName="items", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
    call("DescribeTimeToLive", TableName="items")
    call("UpdateTable", TableName="items", BillingMode="PROVISIONED", ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1})
    arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/items"
    call("TagResource", ResourceArn=arn, Tags=[{"Key": "k", "Value": "v"}])
    call("ListTagsOfResource", ResourceArn=arn)
    call("UntagResource", ResourceArn=arn, TagKeys=["k"])
    call("DescribeContinuousBackups", TableName="items")
    call("UpdateContinuousBackups", TableName="items", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    call("DescribeLimits")
    call("DescribeEndpoints")
    call("DeleteItem", TableName="items", Key=key, ReturnValues="ALL_OLD", **total)
    call("DeleteTable", TableName="items")


def refusals(j):
    """Refusals of each protocol have a code and a text."""
    j.call("ecs", "DescribeServices", cluster="missing", services=["x"])
    j.call("ecr", "DescribeRepositories", repositoryNames=["missing"])
    j.call("cloudwatch", "PutMetricAlarm", AlarmName="x", Period=45)
    j.call("dynamodb", "GetItem", TableName="missing", Key={"p": {"S": "a"}})
    j.call("sns", "Publish", TopicArn="arn:aws:sns:eu-central-1:123456789012:missing", Message="x")
    j.call("sqs", "GetQueueUrl", QueueName="missing")
    j.call("events", "DescribeRule", Name="missing")
    j.call("logs", "DescribeLogStreams", logGroupName="missing")
    j.call("application-autoscaling", "DeleteScalingPolicy", PolicyName="x", ServiceNamespace="ecs", ResourceId="service/a/b", ScalableDimension="ecs:service:DesiredCount")
