"""Calls with a documented answer: the source says what AWS answers.

A row is (service, operation, parameters, error codes, fragment, source). The codes and the
fragment of the message are regular expressions; a documentation may leave the code or the
text open, and then the expression does. The code "ok" wants a success, and the fragment is
searched in the answer. A parameter "$name" is what prepare.py kept under this name.

The sources: API = AWS's API reference of the operation (also the documentation in
botocore's models), and "dg" a chapter of a developer guide.
"""

CLIENT = "ClientException"
INVALID = "InvalidParameterException"
EITHER = "ClientException|InvalidParameterException"
ENUM = "ClientException|InvalidParameterException|ValidationException"
FARGATE = {"requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512"}
APP = {"name": "app", "image": "nginx", "essential": True}
EC2 = {**APP, "memory": 128}
NETWORK = {"awsvpcConfiguration": {"subnets": ["$subnet"], "securityGroups": ["$group"]}}
SERVICE = {"cluster": "docs", "serviceName": "new", "taskDefinition": "fargate", "desiredCount": 1, "launchType": "FARGATE", "networkConfiguration": NETWORK}


def definition(container=None, **more):
    containers = [{**APP, **(container or {})}]
    return {"family": "new", **FARGATE, "containerDefinitions": containers, **more}


def bridge(container, **more):
    return {"family": "new", "containerDefinitions": [container], **more}


def service(**more):
    return {k: v for k, v in {**SERVICE, **more}.items() if v is not None}


def run(**more):
    base = {"cluster": "docs", "taskDefinition": "fargate", "launchType": "FARGATE", "networkConfiguration": NETWORK}
    return {k: v for k, v in {**base, **more}.items() if v is not None}


SIZES = "ecs dg: Amazon ECS task definition parameters for Fargate, task size"
PARAMETERS = "ecs dg: Amazon ECS task definition parameters"
COMMON = "API: RegisterTaskDefinition"

ECS = [
    ("RegisterTaskDefinition", definition(cpu="300"), CLIENT, "No Fargate configuration exists for given values", SIZES),
    ("RegisterTaskDefinition", definition(cpu="256", memory="4096"), CLIENT, "No Fargate configuration exists for given values", SIZES),
    ("RegisterTaskDefinition", {k: v for k, v in definition().items() if k != "cpu"}, CLIENT, "Fargate requires that 'cpu' be defined at the task level", SIZES),
    ("RegisterTaskDefinition", {k: v for k, v in definition().items() if k != "memory"}, CLIENT, "Fargate requires that 'memory' be defined at the task level", SIZES),
    ("RegisterTaskDefinition", definition(networkMode="bridge"), CLIENT, "Fargate only supports network mode .awsvpc", PARAMETERS),
    ("RegisterTaskDefinition", bridge({"name": "app", "memory": 128}), CLIENT, "Container.image should not be null or empty", COMMON),
    ("RegisterTaskDefinition", bridge({"image": "nginx", "memory": 128}), CLIENT, "Container.name should not be null or empty", COMMON),
    ("RegisterTaskDefinition", bridge(APP), CLIENT, "Invalid setting for container 'app'. At least one of 'memory' or 'memoryReservation' must be specified", PARAMETERS),
    ("RegisterTaskDefinition", {"family": "new", "containerDefinitions": [EC2, EC2]}, EITHER, "(?i)name", "API: ContainerDefinition, name: one name for one container"),
    ("RegisterTaskDefinition", bridge({**EC2, "essential": False}), EITHER, "(?i)essential", "API: ContainerDefinition, essential: at least one container"),
    ("RegisterTaskDefinition", bridge(EC2) | {"family": "not a name!"}, EITHER, "", COMMON),
    ("RegisterTaskDefinition", {"family": "new", "containerDefinitions": []}, EITHER, "", COMMON),
    ("RegisterTaskDefinition", bridge({**EC2, "memory": 128, "memoryReservation": 256}), EITHER, "(?i)memory", "API: ContainerDefinition, memoryReservation: below memory"),
    ("RegisterTaskDefinition", definition({"portMappings": [{"containerPort": 80, "hostPort": 8080}]}), EITHER, "(?i)port", "API: PortMapping, hostPort in awsvpc"),
    ("RegisterTaskDefinition", definition({"logConfiguration": {"logDriver": "syslog"}}), EITHER, "(?i)log", "API: LogConfiguration, drivers on Fargate"),
    ("RegisterTaskDefinition", definition({"privileged": True}), EITHER, "(?i)privileged", "API: ContainerDefinition, privileged on Fargate"),
    ("RegisterTaskDefinition", definition({"healthCheck": {"command": ["CMD", "true"], "interval": 3}}), EITHER, "(?i)interval", "API: HealthCheck, interval 5 to 300"),
    ("RegisterTaskDefinition", definition({"healthCheck": {"command": ["CMD", "true"], "timeout": 90}}), EITHER, "(?i)timeout", "API: HealthCheck, timeout 2 to 60"),
    ("RegisterTaskDefinition", definition({"healthCheck": {"command": ["CMD", "true"], "retries": 11}}), EITHER, "(?i)retries", "API: HealthCheck, retries 1 to 10"),
    ("RegisterTaskDefinition", definition({"stopTimeout": 121}), EITHER, "(?i)stop", "API: ContainerDefinition, stopTimeout at most 120 on Fargate"),
    ("RegisterTaskDefinition", definition(ephemeralStorage={"sizeInGiB": 10}), EITHER, "(?i)ephemeral|size", "API: EphemeralStorage, 21 to 200"),
    ("RegisterTaskDefinition", definition(requiresCompatibilities=["MOON"]), ENUM, "", "API: enum Compatibility"),
    ("RegisterTaskDefinition", definition(networkMode="ring"), ENUM, "", "API: enum NetworkMode"),
    ("RegisterTaskDefinition", definition(tags=[{"key": "aws:x", "value": "y"}]), EITHER, "(?i)aws:|tag", "API: Tag, the prefix aws: is reserved"),
    ("DescribeTaskDefinition", {"taskDefinition": "none"}, CLIENT, "Unable to describe task definition", "API: DescribeTaskDefinition"),
    ("DeregisterTaskDefinition", {"taskDefinition": "fargate"}, EITHER, "(?i)revision", "API: DeregisterTaskDefinition, a revision is required"),
    ("CreateService", service(launchType="SOMETHING"), ENUM, "", "API: enum LaunchType"),
    ("CreateService", service(networkConfiguration=None), INVALID, "Network Configuration must be provided when networkMode 'awsvpc' is specified", "API: CreateService, networkConfiguration"),
    ("CreateService", service(deploymentConfiguration={"maximumPercent": 100, "minimumHealthyPercent": 100}), INVALID, "cannot be 100 as this will block deployments", "ecs dg: service definition parameters, deploymentConfiguration"),
    ("CreateService", service(launchType=None, capacityProviderStrategy=[{"capacityProvider": "none"}]), INVALID, "(?i)capacity provider", "API: CreateService, capacityProviderStrategy"),
    ("CreateService", service(launchType=None, capacityProviderStrategy=[{"capacityProvider": "FARGATE", "base": 1, "weight": 1}, {"capacityProvider": "FARGATE_SPOT", "base": 1, "weight": 1}]), INVALID, "(?i)base", "API: CapacityProviderStrategyItem, base: one only"),
    ("CreateService", service(launchType=None, capacityProviderStrategy=[{"capacityProvider": "FARGATE", "weight": 0}, {"capacityProvider": "FARGATE_SPOT", "weight": 0}]), INVALID, "(?i)weight", "API: CapacityProviderStrategyItem, weight: not all 0"),
    ("CreateService", service(capacityProviderStrategy=[{"capacityProvider": "FARGATE"}]), INVALID, "(?i)launch ?type", "API: CreateService, launchType or capacityProviderStrategy"),
    ("CreateService", service(loadBalancers=[{"targetGroupArn": "$target", "containerName": "none", "containerPort": 80}]), INVALID, "The container none does not exist in the task definition", "API: LoadBalancer, containerName"),
    ("CreateService", service(placementStrategy=[{"type": "spread", "field": "host"}]), INVALID, "(?i)placement strateg", "ecs dg: task placement is not supported on Fargate"),
    ("CreateService", service(placementConstraints=[{"type": "distinctInstance"}]), INVALID, "(?i)placement constraint", "ecs dg: task placement is not supported on Fargate"),
    ("CreateService", service(serviceName="not a name!"), EITHER, "", "API: CreateService, serviceName"),
    ("CreateService", service(serviceName="x" * 256), EITHER, "", "API: CreateService, serviceName: 255 letters"),
    ("CreateService", service(tags=[{"key": "aws:x", "value": "y"}]), EITHER, "(?i)aws:|tag", "API: Tag, the prefix aws: is reserved"),
    ("CreateService", service(cluster="none"), "ClusterNotFoundException", "Cluster not found", "API: CreateService, errors"),
    ("CreateService", service(taskDefinition="none"), EITHER, "(?i)task ?definition", "API: CreateService, taskDefinition"),
    ("CreateService", service(serviceName="there", desiredCount=3), INVALID, "Creation of service was not idempotent", "API: CreateService"),
    ("CreateService", service(desiredCount=-1), EITHER, "(?i)desired|count", "API: CreateService, desiredCount"),
    ("CreateService", service(schedulingStrategy="DAEMON", desiredCount=None), EITHER, "(?i)daemon", "API: CreateService, DAEMON is not supported on Fargate"),
    ("CreateService", service(serviceName="grace", healthCheckGracePeriodSeconds=30), "ok", "grace", "API: CreateService, healthCheckGracePeriodSeconds is unused without a check"),
    ("CreateService", service(propagateTags="BANANA"), ENUM, "", "API: enum PropagateTags"),
    ("UpdateService", {"cluster": "docs", "service": "none", "desiredCount": 1}, "ServiceNotFoundException", "", "API: UpdateService, errors"),
    ("UpdateService", {"cluster": "none", "service": "there", "desiredCount": 1}, "ClusterNotFoundException", "", "API: UpdateService, errors"),
    ("UpdateService", {"cluster": "docs", "service": "there", "taskDefinition": "none"}, EITHER, "(?i)task ?definition", "API: UpdateService"),
    ("UpdateService", {"cluster": "docs", "service": "there", "capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]}, INVALID, "(?i)force", "ecs dg: updating a service, a capacity provider strategy needs a forced deployment"),
    ("DeleteService", {"cluster": "docs", "service": "there"}, INVALID, "The service cannot be stopped while it is scaled above 0", "API: DeleteService"),
    ("DeleteService", {"cluster": "docs", "service": "none"}, "ServiceNotFoundException", "", "API: DeleteService, errors"),
    ("DescribeServices", {"cluster": "docs", "services": [f"s{n}" for n in range(11)]}, INVALID, "", "API: DescribeServices, at most 10"),
    ("DescribeServices", {"cluster": "docs", "services": ["none"]}, "ok", "MISSING", "ecs dg: API failures messages"),
    ("DescribeServices", {"cluster": "docs", "services": []}, INVALID, "", "API: DescribeServices, services is required"),
    ("DescribeTasks", {"cluster": "docs", "tasks": ["0" * 32]}, "ok", "MISSING", "ecs dg: API failures messages"),
    ("DescribeTasks", {"cluster": "docs", "tasks": [f"{n:032d}" for n in range(101)]}, INVALID, "", "API: DescribeTasks, at most 100"),
    ("DescribeClusters", {"clusters": ["none"]}, "ok", "MISSING", "ecs dg: API failures messages"),
    ("ListTasks", {"cluster": "docs", "desiredStatus": "BANANA"}, ENUM, "", "API: enum DesiredStatus"),
    ("ListTasks", {"cluster": "none"}, "ClusterNotFoundException", "", "API: ListTasks, errors"),
    ("RunTask", run(networkConfiguration=None), INVALID, "Network Configuration must be provided when networkMode 'awsvpc' is specified", "API: RunTask, networkConfiguration"),
    ("RunTask", run(capacityProviderStrategy=[{"capacityProvider": "FARGATE"}]), INVALID, "(?i)launch ?type", "API: RunTask, capacityProviderStrategy"),
    ("RunTask", {"cluster": "docs", "taskDefinition": "ec2", "launchType": "EC2"}, INVALID, "No Container Instances were found in your cluster", "API: RunTask, errors"),
    ("RunTask", run(count=11), INVALID, "", "API: RunTask, count at most 10"),
    ("RunTask", run(overrides={"containerOverrides": [{"name": "none", "command": ["x"]}]}), INVALID, "Override for container named none is not a container in the TaskDefinition", "API: ContainerOverride"),
    ("RunTask", run(startedBy="x" * 129), INVALID, "", "API: RunTask, startedBy 128 letters"),
    ("RunTask", run(taskDefinition="none"), EITHER, "(?i)task ?definition", "API: RunTask"),
    ("RunTask", run(launchType=None, capacityProviderStrategy=[{"capacityProvider": "none"}]), INVALID, "(?i)capacity provider", "API: RunTask"),
    ("StopTask", {"cluster": "docs", "task": "0" * 32}, INVALID, "The referenced task was not found", "API: StopTask"),
    ("DeleteCluster", {"cluster": "docs"}, "ClusterContains(Services|Tasks)Exception", "The Cluster cannot be deleted while", "API: DeleteCluster, errors"),
    ("DeleteCluster", {"cluster": "none"}, "ClusterNotFoundException", "", "API: DeleteCluster, errors"),
    ("CreateCluster", {"clusterName": "not a name!"}, EITHER, "", "API: CreateCluster, clusterName"),
    ("CreateCluster", {"clusterName": "x", "settings": [{"name": "banana", "value": "enabled"}]}, ENUM, "", "API: enum ClusterSettingName"),
    ("ListTagsForResource", {"resourceArn": "hello"}, INVALID, "", "API: ListTagsForResource, resourceArn"),
    ("TagResource", {"resourceArn": "$service", "tags": [{"key": f"k{n}", "value": "v"} for n in range(51)]}, INVALID, "", "API: Tag, at most 50"),
    ("UpdateTaskProtection", {"cluster": "docs", "tasks": ["$task"], "protectionEnabled": True, "expiresInMinutes": 3000}, INVALID, "", "API: UpdateTaskProtection, expiresInMinutes 1 to 2880"),
    ("UpdateTaskProtection", {"cluster": "docs", "tasks": ["0" * 32], "protectionEnabled": True}, "ok", "(?i)task_not_|missing|TASK_NOT_VALID", "ecs dg: task scale-in protection failures"),
    ("StopServiceDeployment", {"serviceDeploymentArn": "arn:aws:ecs:eu-central-1:123456789012:service-deployment/docs/there/none"}, "ServiceDeploymentNotFoundException|InvalidParameterException", "", "API: StopServiceDeployment, errors"),
]

MANIFEST = '{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":100,"digest":"sha256:' + "a" * 64 + '"},"layers":[]}'
OTHER = MANIFEST.replace("a" * 64, "b" * 64)

ECR = [
    ("CreateRepository", {"repositoryName": "Bad_NAME!"}, INVALID, "repositoryName", "API: CreateRepository, repositoryName"),
    ("CreateRepository", {"repositoryName": "x"}, INVALID, "repositoryName", "API: CreateRepository, repositoryName: 2 to 256 letters"),
    ("CreateRepository", {"repositoryName": "docs/app"}, "RepositoryAlreadyExistsException", "The repository with name 'docs/app' already exists in the registry with id '123456789012'", "API: CreateRepository, errors"),
    ("CreateRepository", {"repositoryName": "docs/b", "imageTagMutability": "BANANA"}, INVALID, "imageTagMutability", "API: enum ImageTagMutability"),
    ("CreateRepository", {"repositoryName": "docs/c", "encryptionConfiguration": {"encryptionType": "NONE"}}, INVALID, "(?i)encryptionType", "API: enum EncryptionType"),
    ("PutImage", {"repositoryName": "docs/app", "imageTag": "x", "imageManifest": "hello"}, INVALID, "(?i)manifest", "API: PutImage, imageManifest"),
    ("PutImage", {"repositoryName": "docs/app", "imageTag": "one", "imageManifest": MANIFEST}, "ImageAlreadyExistsException", "already exists", "API: PutImage, errors"),
    ("PutImage", {"repositoryName": "docs/fixed", "imageTag": "one", "imageManifest": OTHER}, "ImageTagAlreadyExistsException", "(?i)immutable", "API: PutImage, errors"),
    ("PutImage", {"repositoryName": "docs/none", "imageTag": "one", "imageManifest": MANIFEST}, "RepositoryNotFoundException", "does not exist in the registry with id", "API: PutImage, errors"),
    ("PutImage", {"repositoryName": "docs/app", "imageTag": "d", "imageManifest": OTHER, "imageDigest": "sha256:" + "0" * 64}, "ImageDigestDoesNotMatchException", "", "API: PutImage, errors"),
    ("DescribeRepositories", {"repositoryNames": ["docs/none"]}, "RepositoryNotFoundException", "The repository with name 'docs/none' does not exist in the registry with id '123456789012'", "API: DescribeRepositories, errors"),
    ("DescribeImages", {"repositoryName": "docs/app", "imageIds": [{"imageTag": "none"}]}, "ImageNotFoundException", "", "API: DescribeImages, errors"),
    ("ListImages", {"repositoryName": "docs/none"}, "RepositoryNotFoundException", "", "API: ListImages, errors"),
    ("BatchGetImage", {"repositoryName": "docs/app", "imageIds": [{"imageTag": "none"}]}, "ok", "ImageNotFound", "API: ImageFailure"),
    ("BatchDeleteImage", {"repositoryName": "docs/app", "imageIds": [{"imageTag": "none"}]}, "ok", "ImageNotFound", "API: ImageFailure"),
    ("BatchDeleteImage", {"repositoryName": "docs/app", "imageIds": [{"imageDigest": "$digest", "imageTag": "two"}]}, "ok", "ImageTagDoesNotMatchDigest", "API: enum ImageFailureCode"),
    ("BatchDeleteImage", {"repositoryName": "docs/app", "imageIds": [{}]}, "ok", "MissingDigestAndTag", "API: enum ImageFailureCode"),
    ("BatchDeleteImage", {"repositoryName": "docs/app", "imageIds": [{"imageDigest": "sha256:x"}]}, "ok", "InvalidImageDigest", "API: enum ImageFailureCode"),
    ("DeleteRepository", {"repositoryName": "docs/app"}, "RepositoryNotEmptyException", "cannot be deleted because it still contains images", "API: DeleteRepository, errors"),
    ("GetLifecyclePolicy", {"repositoryName": "docs/app"}, "LifecyclePolicyNotFoundException", "Lifecycle policy does not exist", "API: GetLifecyclePolicy, errors"),
    ("GetRepositoryPolicy", {"repositoryName": "docs/app"}, "RepositoryPolicyNotFoundException", "Repository policy does not exist", "API: GetRepositoryPolicy, errors"),
    ("DescribeImageScanFindings", {"repositoryName": "docs/fixed", "imageId": {"imageTag": "one"}}, "ScanNotFoundException", "", "API: DescribeImageScanFindings, errors"),
]

BAD = "Validation(Error|Exception)|Invalid(Parameter(Value|Combination|Input)?|Format)(Exception)?|MissingParameter(Exception|Value)?|MissingRequiredParameter(Exception)?|InvalidParameter.*"
ALARM = {"AlarmName": "new", "Namespace": "App", "MetricName": "Jobs", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold"}
NOON = 1767268800


def alarm(**more):
    return {k: v for k, v in {**ALARM, **more}.items() if v is not None}


def statistics(**more):
    return {"Namespace": "App", "MetricName": "Jobs", "Period": 60, "Statistics": ["Sum"], "StartTime": NOON, "EndTime": NOON + 3600, **more}


def metric(**more):
    return {"Namespace": "App", "MetricData": [{"MetricName": "Jobs", **more}]}


DIMENSIONS = [{"Name": f"n{n}", "Value": "v"} for n in range(31)]
CLOUDWATCH = [
    ("PutMetricAlarm", alarm(Period=45), BAD, "(?i)period", "API: PutMetricAlarm, Period: 10, 20, 30 or a multiple of 60"),
    ("PutMetricAlarm", alarm(Statistic="Median"), BAD, "", "API: enum Statistic"),
    ("PutMetricAlarm", alarm(ExtendedStatistic="p90"), BAD, "", "API: PutMetricAlarm, Statistic or ExtendedStatistic"),
    ("PutMetricAlarm", alarm(Statistic=None), BAD, "", "API: PutMetricAlarm, Statistic or ExtendedStatistic"),
    ("PutMetricAlarm", alarm(Statistic=None, ExtendedStatistic="p200"), BAD, "", "API: PutMetricAlarm, ExtendedStatistic p0 to p100"),
    ("PutMetricAlarm", alarm(AlarmActions=[f"arn:aws:sns:eu-central-1:123456789012:t{n}" for n in range(6)]), BAD, "", "API: PutMetricAlarm, at most 5 actions"),
    ("PutMetricAlarm", alarm(AlarmActions=["hello"]), BAD, "(?i)arn", "API: PutMetricAlarm, AlarmActions"),
    ("PutMetricAlarm", alarm(Dimensions=DIMENSIONS), BAD, "", "API: PutMetricAlarm, at most 30 dimensions"),
    ("PutMetricAlarm", alarm(AlarmName="x" * 300), BAD, "", "API: PutMetricAlarm, AlarmName 255 letters"),
    ("PutMetricAlarm", alarm(TreatMissingData="banana"), BAD, "(?i)treat|missing|breaching", "API: PutMetricAlarm, TreatMissingData"),
    ("PutMetricAlarm", alarm(Period=86400, EvaluationPeriods=8), BAD, "", "API: PutMetricAlarm, at most seven days"),
    ("PutMetricAlarm", alarm(Period=300, EvaluationPeriods=300), BAD, "", "API: PutMetricAlarm, at most one day below an hour"),
    ("PutMetricAlarm", alarm(Unit="Bananas"), BAD, "", "API: enum StandardUnit"),
    ("PutMetricAlarm", alarm(DatapointsToAlarm=2), BAD, "", "API: PutMetricAlarm, DatapointsToAlarm at most EvaluationPeriods"),
    ("PutMetricAlarm", alarm(EvaluationPeriods=0), BAD, "", "API: PutMetricAlarm, EvaluationPeriods at least 1"),
    ("PutMetricAlarm", alarm(ComparisonOperator="Near"), BAD, "", "API: enum ComparisonOperator"),
    ("PutMetricAlarm", alarm(MetricName=None), BAD, "", "API: PutMetricAlarm, MetricName or Metrics"),
    ("PutCompositeAlarm", {"AlarmName": "c", "AlarmRule": "ALARM(none)"}, BAD, "", "API: PutCompositeAlarm, AlarmRule"),
    ("PutCompositeAlarm", {"AlarmName": "c", "AlarmRule": "ALARM(there) AND"}, BAD, "", "API: PutCompositeAlarm, AlarmRule"),
    ("SetAlarmState", {"AlarmName": "none", "StateValue": "OK", "StateReason": "x"}, "ResourceNotFound(Exception)?", "", "API: SetAlarmState, errors"),
    ("SetAlarmState", {"AlarmName": "there", "StateValue": "FINE", "StateReason": "x"}, BAD, "", "API: enum StateValue"),
    ("SetAlarmState", {"AlarmName": "there", "StateValue": "OK", "StateReason": "x", "StateReasonData": "{"}, "InvalidFormat(Fault)?", "", "API: SetAlarmState, errors"),
    ("GetMetricData", {"StartTime": NOON, "EndTime": NOON + 3600, "MetricDataQueries": [{"Id": "a", "MetricStat": {"Metric": {"Namespace": "App", "MetricName": "Jobs"}, "Period": 7, "Stat": "Sum"}}]}, BAD, "(?i)period", "API: MetricStat, Period"),
    ("GetMetricData", {"StartTime": NOON, "EndTime": NOON + 3600, "MetricDataQueries": [{"Id": "A", "MetricStat": {"Metric": {"Namespace": "App", "MetricName": "Jobs"}, "Period": 60, "Stat": "Sum"}}]}, BAD, "(?i)id", "API: MetricDataQuery, Id begins with a lowercase letter"),
    ("GetMetricData", {"StartTime": NOON, "EndTime": NOON, "MetricDataQueries": [{"Id": "a", "MetricStat": {"Metric": {"Namespace": "App", "MetricName": "Jobs"}, "Period": 60, "Stat": "Sum"}}]}, BAD, "StartTime", "API: GetMetricData, StartTime"),
    ("GetMetricStatistics", statistics(EndTime=NOON), BAD, "StartTime must be less than", "API: GetMetricStatistics, StartTime"),
    ("GetMetricStatistics", statistics(Period=1, EndTime=NOON + 7200), BAD, "(?i)datapoints", "API: GetMetricStatistics, at most 1,440 data points"),
    ("GetMetricStatistics", statistics(Statistics=["Median"]), BAD, "", "API: enum Statistic"),
    ("PutMetricData", {**metric(Value=1), "Namespace": "AWS/ECS"}, BAD, "(?i)namespace", "API: PutMetricData, Namespace does not begin with AWS/"),
    ("PutMetricData", metric(Value=1, StatisticValues={"SampleCount": 1, "Sum": 1, "Minimum": 1, "Maximum": 1}), BAD, "", "API: MetricDatum, Value or StatisticValues"),
    ("PutMetricData", metric(Values=[1, 2], Counts=[1]), BAD, "", "API: MetricDatum, as many Counts as Values"),
    ("PutMetricData", metric(Value=float("nan")), BAD, "(?i)NaN|number|value", "API: MetricDatum, NaN is not supported"),
    ("PutMetricData", metric(Value=1, Unit="Bananas"), BAD, "", "API: enum StandardUnit"),
    ("PutMetricData", metric(Value=1, StorageResolution=5), BAD, "", "API: MetricDatum, StorageResolution 1 or 60"),
    ("PutMetricData", metric(Value=1, Dimensions=DIMENSIONS), BAD, "", "API: MetricDatum, at most 30 dimensions"),
]

TARGET = {"ServiceNamespace": "ecs", "ResourceId": "service/docs/there", "ScalableDimension": "ecs:service:DesiredCount"}
TRACKING = {"TargetValue": 50, "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}}


def steps(adjustments, kind="ChangeInCapacity"):
    return {**TARGET, "PolicyName": "new", "PolicyType": "StepScaling", "StepScalingPolicyConfiguration": {"AdjustmentType": kind, "StepAdjustments": adjustments}}


SCALING = [
    ("DescribeScalableTargets", {"ServiceNamespace": "bla"}, "ValidationException", "(?i)serviceNamespace", "API: enum ServiceNamespace"),
    ("DescribeScalableTargets", {}, "ValidationException", "(?i)serviceNamespace", "API: DescribeScalableTargets, ServiceNamespace is required"),
    ("RegisterScalableTarget", {**TARGET, "MinCapacity": 5, "MaxCapacity": 2}, "ValidationException", "(?i)capacity", "API: RegisterScalableTarget"),
    ("RegisterScalableTarget", {**TARGET, "ResourceId": "service/docs/fresh"}, "ValidationException", "(?i)capacity|exist", "API: RegisterScalableTarget, MinCapacity of a new target"),
    ("RegisterScalableTarget", {**TARGET, "ResourceId": "service/docs/none", "MinCapacity": 1, "MaxCapacity": 2}, "ValidationException", "(?i)service", "API: RegisterScalableTarget, ResourceId"),
    ("RegisterScalableTarget", {**TARGET, "ScalableDimension": "ecs:moon", "MinCapacity": 1, "MaxCapacity": 2}, "ValidationException", "(?i)scalableDimension", "API: enum ScalableDimension"),
    ("RegisterScalableTarget", {**TARGET, "ScalableDimension": "dynamodb:table:ReadCapacityUnits", "MinCapacity": 1, "MaxCapacity": 2}, "ValidationException", "", "API: RegisterScalableTarget, the dimension of another service"),
    ("RegisterScalableTarget", {**TARGET, "MinCapacity": -1, "MaxCapacity": 2}, "ValidationException", "", "API: RegisterScalableTarget, MinCapacity"),
    ("PutScalingPolicy", {**TARGET, "ResourceId": "service/docs/none", "PolicyName": "p", "PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": TRACKING}, "ObjectNotFoundException", "(?i)no scalable target", "API: PutScalingPolicy, errors"),
    ("PutScalingPolicy", steps([{"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 20, "ScalingAdjustment": 1}, {"MetricIntervalLowerBound": 10, "ScalingAdjustment": 2}]), "ValidationException", "", "API: StepScalingPolicyConfiguration, no overlap"),
    ("PutScalingPolicy", steps([{"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 10, "ScalingAdjustment": 1}, {"MetricIntervalLowerBound": 20, "ScalingAdjustment": 2}]), "ValidationException", "", "API: StepScalingPolicyConfiguration, no gap"),
    ("PutScalingPolicy", steps([{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}], "Bananas"), "ValidationException", "(?i)adjustmentType", "API: enum AdjustmentType"),
    ("PutScalingPolicy", {**TARGET, "PolicyName": "new", "PolicyType": "TargetTrackingScaling"}, "ValidationException", "", "API: PutScalingPolicy, a configuration of its type"),
    ("PutScalingPolicy", {**TARGET, "PolicyName": "new", "PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 50}}, "ValidationException", "", "API: TargetTrackingScalingPolicyConfiguration, one metric"),
    ("DeregisterScalableTarget", {**TARGET, "ResourceId": "service/docs/none"}, "ObjectNotFoundException", "(?i)no scalable target", "API: DeregisterScalableTarget, errors"),
    ("DeleteScalingPolicy", {**TARGET, "PolicyName": "none"}, "ObjectNotFoundException", "(?i)no scaling policy", "API: DeleteScalingPolicy, errors"),
]

KEY = {"p": {"S": "a"}, "s": {"S": "1"}}
KEYS = {"KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}], "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}]}
TYPED = {"p": {"S": "typed"}, "s": {"S": "1"}}
V = "ValidationException"


def put(**attributes):
    return {"TableName": "docs", "Item": {**KEY, **attributes}}


def query(condition="p = :p", **more):
    return {"TableName": "docs", "KeyConditionExpression": condition, "ExpressionAttributeValues": {":p": {"S": "a"}}, **more}


def update(expression, **values):
    out = {"TableName": "docs", "Key": TYPED, "UpdateExpression": expression}
    if values:
        out["ExpressionAttributeValues"] = {f":{k}": v for k, v in values.items()}
    return out


def scan(expression, **values):
    return {"TableName": "docs", "FilterExpression": expression, "ExpressionAttributeValues": {f":{k}": v for k, v in values.items()}}


def provisioned(**more):
    return {"TableName": "new", "BillingMode": "PAY_PER_REQUEST", **KEYS, **more}


DYNAMODB = [
    ("CreateTable", provisioned(AttributeDefinitions=KEYS["AttributeDefinitions"] + [{"AttributeName": "x", "AttributeType": "S"}]), V, "(?i)number of attributes in KeySchema|AttributeDefinitions", "dynamodb dg: CreateTable, AttributeDefinitions are of keys"),
    ("CreateTable", provisioned(TableName="new1", BillingMode="PROVISIONED"), V, "(?i)throughput|ReadCapacityUnits", "API: CreateTable, ProvisionedThroughput"),
    ("CreateTable", provisioned(TableName="x"), V, "(?i)tableName", "API: CreateTable, 3 to 255 letters"),
    ("CreateTable", provisioned(TableName="docs"), "ResourceInUseException", "(?i)table", "API: CreateTable, errors"),
    ("CreateTable", provisioned(TableName="new2", KeySchema=[{"AttributeName": "q", "KeyType": "HASH"}]), V, "", "API: CreateTable, KeySchema"),
    ("DescribeTable", {"TableName": "none"}, "ResourceNotFoundException", "Requested resource not found", "API: DescribeTable, errors"),
    ("GetItem", {"TableName": "none", "Key": KEY}, "ResourceNotFoundException", "Requested resource not found", "API: GetItem, errors"),
    ("GetItem", {"TableName": "docs", "Key": {"p": {"S": "a"}}}, V, "The provided key element does not match the schema", "dynamodb dg: error handling"),
    ("GetItem", {"TableName": "docs", "Key": {"p": {"N": "1"}, "s": {"S": "1"}}}, V, "The provided key element does not match the schema", "dynamodb dg: error handling"),
    ("PutItem", {"TableName": "docs", "Item": {"p": {"S": "a"}}}, V, "Missing the key s in the item", "dynamodb dg: error handling"),
    ("PutItem", {"TableName": "docs", "Item": {"p": {"S": ""}, "s": {"S": "1"}}}, V, "(?i)empty string", "dynamodb dg: a key may not be empty"),
    ("PutItem", put(n={"N": "1" * 39}), V, "more than 38 significant digits", "dynamodb dg: data types, numbers"),
    ("PutItem", put(n={"N": "1e127"}), V, "Number overflow", "dynamodb dg: data types, numbers"),
    ("PutItem", put(n={"N": "one"}), V, "cannot be converted to a numeric value", "dynamodb dg: data types, numbers"),
    ("PutItem", put(s2={"SS": []}), V, "(?i)empty", "dynamodb dg: data types, sets"),
    ("PutItem", put(s2={"SS": ["a", "a"]}), V, "contains duplicates", "dynamodb dg: data types, sets"),
    ("PutItem", put(x={"S": "a", "N": "1"}), V, "more than one datatypes", "API: AttributeValue"),
    ("PutItem", {**put(), "ReturnValues": "UPDATED_NEW"}, V, "(?i)ReturnValues", "API: PutItem, ReturnValues NONE or ALL_OLD"),
    ("PutItem", {**put(), "ConditionExpression": "attribute_not_exists(p)"}, "ConditionalCheckFailedException", "The conditional request failed", "API: PutItem, errors"),
    ("PutItem", {**put(), "ConditionExpression": "begins_with(p, :n)", "ExpressionAttributeValues": {":n": {"N": "1"}}}, V, "Incorrect operand type", "dynamodb dg: functions of expressions"),
    ("PutItem", {**put(), "ConditionExpression": "x = :v"}, V, "An expression attribute value used in expression is not defined; attribute value: :v", "dynamodb dg: expressions"),
    ("PutItem", {**put(), "ConditionExpression": "size(p) > :v", "ExpressionAttributeValues": {":v": {"N": "0"}, ":w": {"N": "0"}}}, V, "unused in expressions", "dynamodb dg: expressions"),
    ("UpdateItem", update("SET p = :v", v={"S": "b"}), V, "Cannot update attribute p. This attribute is part of the key", "API: UpdateItem, Key"),
    ("UpdateItem", update("SET status = :v", v={"S": "b"}), V, "Attribute name is a reserved keyword; reserved keyword: status", "dynamodb dg: reserved words"),
    ("UpdateItem", update("SET x = y + :v", v={"N": "1"}), V, "(?i)attribute that does not exist", "dynamodb dg: update expressions"),
    ("UpdateItem", update("SET x = :v, x = :v", v={"N": "1"}), V, "Two document paths overlap", "dynamodb dg: update expressions"),
    ("UpdateItem", update("SET x :v", v={"N": "1"}), V, "Syntax error", "dynamodb dg: update expressions"),
    ("UpdateItem", update("ADD t :v", v={"S": "b"}), V, "Incorrect operand type", "dynamodb dg: update expressions, ADD"),
    ("UpdateItem", update("SET absent.x = :v", v={"S": "b"}), V, "The document path provided in the update expression is invalid for update", "dynamodb dg: update expressions"),
    ("Query", {"TableName": "docs"}, V, "(?i)KeyCondition", "API: Query, a key condition"),
    ("Query", query("s = :p"), V, "Query condition missed key schema element: p", "API: Query, KeyConditionExpression"),
    ("Query", query("p > :p"), V, "Query key condition not supported", "API: Query, KeyConditionExpression"),
    ("Query", query(IndexName="none"), V, "The table does not have the specified index: none", "API: Query, IndexName"),
    ("Query", query(FilterExpression="s = :p"), V, "Filter Expression can only contain non-primary key attributes", "API: Query, FilterExpression"),
    ("Query", query(Limit=0), V, "(?i)limit", "API: Query, Limit at least 1"),
    ("Query", query(Select="COUNT", ProjectionExpression="p"), V, "", "API: Query, Select and ProjectionExpression"),
    ("Scan", scan("x BETWEEN :b AND :a", a={"N": "1"}, b={"N": "2"}), V, "The BETWEEN operator requires upper bound to be greater than or equal to lower bound", "dynamodb dg: comparison operators"),
    ("Scan", scan("((x = :a))", a={"N": "1"}), V, "redundant parentheses", "dynamodb dg: expressions"),
    ("Scan", scan("x = :a AND", a={"N": "1"}), V, "Syntax error", "dynamodb dg: expressions"),
    ("Scan", {"TableName": "docs", "Segment": 0}, V, "(?i)TotalSegments", "API: Scan, TotalSegments"),
    ("BatchWriteItem", {"RequestItems": {"docs": [{"PutRequest": {"Item": KEY}}, {"PutRequest": {"Item": KEY}}]}}, V, "Provided list of item keys contains duplicates", "API: BatchWriteItem"),
    ("BatchWriteItem", {"RequestItems": {"docs": [{"PutRequest": {"Item": {"p": {"S": str(n)}, "s": {"S": "1"}}}} for n in range(26)]}}, V, "", "API: BatchWriteItem, at most 25"),
    ("BatchGetItem", {"RequestItems": {"docs": {"Keys": [KEY, KEY]}}}, V, "Provided list of item keys contains duplicates", "API: BatchGetItem"),
    ("TransactWriteItems", {"TransactItems": [{"Put": put()}, {"Delete": {"TableName": "docs", "Key": KEY}}]}, V, "Transaction request cannot include multiple operations on one item", "API: TransactWriteItems"),
    ("TransactWriteItems", {"TransactItems": [{"Put": {**put(), "ConditionExpression": "attribute_not_exists(p)"}}]}, "TransactionCanceledException", "ConditionalCheckFailed", "API: TransactWriteItems, errors"),
    ("TransactWriteItems", {"TransactItems": [{"Update": update("ADD t :v", v={"N": "1"})}]}, "TransactionCanceledException", "ValidationError", "API: TransactWriteItems, errors"),
    ("UpdateTimeToLive", {"TableName": "none", "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "t"}}, "ResourceNotFoundException", "", "API: UpdateTimeToLive, errors"),
]

PATTERN = '{"source":["app"]}'
EVENTS = [
    ("PutRule", {"Name": "new", "ScheduleExpression": "every hour"}, V, "Parameter ScheduleExpression is not valid", "eventbridge guide: schedules"),
    ("PutRule", {"Name": "new", "ScheduleExpression": "rate(0 hours)"}, V, "Parameter ScheduleExpression is not valid", "eventbridge guide: schedules"),
    ("PutRule", {"Name": "new"}, V, "(?i)EventPattern|ScheduleExpression", "API: PutRule, EventPattern or ScheduleExpression"),
    ("PutRule", {"Name": "new", "EventPattern": '{"source":"app"}'}, "InvalidEventPatternException", "Event pattern is not valid", "API: PutRule, errors"),
    ("PutRule", {"Name": "new", "EventPattern": "hello"}, "InvalidEventPatternException", "Event pattern is not valid", "API: PutRule, errors"),
    ("PutRule", {"Name": "not a name!", "EventPattern": PATTERN}, V, "(?i)name", "API: PutRule, Name"),
    ("PutRule", {"Name": "new", "EventPattern": PATTERN, "State": "BANANA"}, V, "(?i)state", "API: enum RuleState"),
    ("PutTargets", {"Rule": "none", "Targets": [{"Id": "1", "Arn": "arn:aws:sqs:eu-central-1:123456789012:docs"}]}, "ResourceNotFoundException", "Rule none does not exist on EventBus default", "API: PutTargets, errors"),
    ("PutTargets", {"Rule": "there", "Targets": [{"Id": str(n), "Arn": "arn:aws:sqs:eu-central-1:123456789012:docs"} for n in range(6)]}, "LimitExceededException", "", "eventbridge guide: quotas, 5 targets a rule"),
    ("DeleteRule", {"Name": "there"}, V, "Rule can't be deleted since it has targets", "API: DeleteRule"),
    ("DescribeRule", {"Name": "none"}, "ResourceNotFoundException", "Rule none does not exist", "API: DescribeRule, errors"),
    ("EnableRule", {"Name": "none"}, "ResourceNotFoundException", "Rule none does not exist", "API: EnableRule, errors"),
    ("PutEvents", {"Entries": [{"Source": "app", "DetailType": "t", "Detail": "{}"}] * 11}, V, "(?i)entries", "API: PutEvents, at most 10"),
    ("PutEvents", {"Entries": [{"Source": "app", "DetailType": "t", "Detail": "hello"}]}, "ok", "MalformedDetail", "API: PutEventsResultEntry"),
    ("PutEvents", {"Entries": [{"Source": "aws.ecs", "DetailType": "t", "Detail": "{}"}]}, "ok", "NotAuthorizedForSourceException", "API: PutEventsResultEntry"),
    ("PutEvents", {"Entries": [{"DetailType": "t", "Detail": "{}"}]}, "ok", "InvalidArgument", "API: PutEventsResultEntry"),
]

MESSAGES = [
    ("sqs", "GetQueueUrl", {"QueueName": "none"}, ".*NonExistentQueue|QueueDoesNotExist", "(?i)queue does not exist", "API: GetQueueUrl, errors"),
    ("sqs", "CreateQueue", {"QueueName": "docs", "Attributes": {"VisibilityTimeout": "99"}}, "QueueNameExists|QueueAlreadyExists", "(?i)already exists", "API: CreateQueue, errors"),
    ("sqs", "CreateQueue", {"QueueName": "not a name!"}, "InvalidParameterValue", "", "API: CreateQueue, QueueName"),
    ("sqs", "CreateQueue", {"QueueName": "new", "Attributes": {"VisibilityTimeout": "50000"}}, "InvalidAttributeValue", "VisibilityTimeout", "API: CreateQueue, VisibilityTimeout at most 43,200"),
    ("sqs", "SendMessage", {"QueueUrl": "$queue", "MessageBody": ""}, "MissingParameter|InvalidParameterValue", "MessageBody", "API: SendMessage, MessageBody"),
    ("sqs", "SendMessage", {"QueueUrl": "$queue", "MessageBody": "x", "DelaySeconds": 901}, "InvalidParameterValue", "DelaySeconds", "API: SendMessage, DelaySeconds at most 900"),
    ("sqs", "SendMessage", {"QueueUrl": "$queue", "MessageBody": "\u0001"}, "InvalidMessageContents", "", "API: SendMessage, errors"),
    ("sqs", "ReceiveMessage", {"QueueUrl": "$queue", "MaxNumberOfMessages": 11}, "InvalidParameterValue", "MaxNumberOfMessages", "API: ReceiveMessage, 1 to 10"),
    ("sqs", "ReceiveMessage", {"QueueUrl": "$queue", "WaitTimeSeconds": 21}, "InvalidParameterValue", "WaitTimeSeconds", "API: ReceiveMessage, 0 to 20"),
    ("sqs", "DeleteMessage", {"QueueUrl": "$queue", "ReceiptHandle": "wrong"}, "ReceiptHandleIsInvalid", "", "API: DeleteMessage, errors"),
    ("sqs", "SendMessageBatch", {"QueueUrl": "$queue", "Entries": []}, ".*EmptyBatchRequest", "", "API: SendMessageBatch, errors"),
    ("sqs", "SendMessageBatch", {"QueueUrl": "$queue", "Entries": [{"Id": "a", "MessageBody": "x"}] * 2}, ".*BatchEntryIdsNotDistinct", "", "API: SendMessageBatch, errors"),
    ("sqs", "SendMessageBatch", {"QueueUrl": "$queue", "Entries": [{"Id": f"a{n}", "MessageBody": "x"} for n in range(11)]}, ".*TooManyEntriesInBatchRequest", "", "API: SendMessageBatch, errors"),
    ("sqs", "ChangeMessageVisibility", {"QueueUrl": "$queue", "ReceiptHandle": "wrong", "VisibilityTimeout": 43201}, "InvalidParameterValue|ReceiptHandleIsInvalid", "", "API: ChangeMessageVisibility, at most 43,200"),
    ("sns", "Publish", {"TopicArn": "arn:aws:sns:eu-central-1:123456789012:none", "Message": "x"}, "NotFound(Exception)?", "Topic does not exist", "API: Publish, errors"),
    ("sns", "Publish", {"TopicArn": "$topic", "Message": ""}, "InvalidParameter(Value)?(Exception)?|ValidationError", "(?i)message", "API: Publish, Message"),
    ("sns", "CreateTopic", {"Name": "not a name!"}, "InvalidParameter(Value)?(Exception)?", "(?i)topic name", "API: CreateTopic, Name"),
    ("sns", "Subscribe", {"TopicArn": "$topic", "Protocol": "pigeon", "Endpoint": "x"}, "InvalidParameter(Value)?(Exception)?", "(?i)protocol", "API: Subscribe, Protocol"),
    ("logs", "CreateLogGroup", {"logGroupName": "/docs"}, "ResourceAlreadyExistsException", "The specified log group already exists", "API: CreateLogGroup, errors"),
    ("logs", "DescribeLogStreams", {"logGroupName": "/none"}, "ResourceNotFoundException", "The specified log group does not exist", "API: DescribeLogStreams, errors"),
    ("logs", "FilterLogEvents", {"logGroupName": "/none"}, "ResourceNotFoundException", "The specified log group does not exist", "API: FilterLogEvents, errors"),
    ("logs", "DescribeLogGroups", {"limit": 51}, INVALID, "(?i)limit", "API: DescribeLogGroups, limit at most 50"),
    ("sts", "GetCallerIdentity", {}, "ok", "123456789012", "API: GetCallerIdentity"),
]

ALL = (
    [("ecs", *row) for row in ECS]
    + [("ecr", *row) for row in ECR]
    + [("cloudwatch", *row) for row in CLOUDWATCH]
    + [("application-autoscaling", *row) for row in SCALING]
    + [("dynamodb", *row) for row in DYNAMODB]
    + [("events", *row) for row in EVENTS]
    + MESSAGES
)
