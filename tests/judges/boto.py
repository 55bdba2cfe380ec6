#!/usr/bin/env python3
"""Runs boto3's waiters and paginators against `homeostat serve`, with their states of failure."""

import argparse

import boto3
import flows
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError
from server import REGION, Server

FLOOR = 22
SHOP = "shop"
QUICK = {"Delay": 1, "MaxAttempts": 3}
NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"]}}


class Account:
    """A simulated account with a fleet, and clients of it."""

    def __init__(self, server):
        self.server = server
        self.clients = {}

    def __getattr__(self, service):
        if service not in self.clients:
            self.clients[service] = boto3.client(
                service.replace("_", "-"), endpoint_url=self.server.url, region_name=REGION,
                aws_access_key_id="ecssim", aws_secret_access_key="ecssim", config=Config(retries={"max_attempts": 0}))
        return self.clients[service]

    def wait(self, service, waiter, **parameters):
        getattr(self, service).get_waiter(waiter).wait(WaiterConfig=QUICK, **parameters)

    def fails(self, service, waiter, reason, **parameters):
        try:
            self.wait(service, waiter, **parameters)
        except WaiterError as error:
            assert reason in str(error), error
            return
        raise AssertionError(f"{waiter} did not fail")


def define(a, family, image="shop/worker:live"):
    return a.ecs.register_task_definition(
        family=family, requiresCompatibilities=["FARGATE"], networkMode="awsvpc", cpu="256", memory="512",
        containerDefinitions=[{"name": "app", "image": image, "essential": True}])["taskDefinition"]["taskDefinitionArn"]


def start(a, family):
    define(a, family)
    return [t["taskArn"] for t in a.ecs.run_task(cluster=SHOP, taskDefinition=family, launchType="FARGATE", networkConfiguration=NETWORK)["tasks"]]


def services_stable(a):
    a.wait("ecs", "services_stable", cluster=SHOP, services=["web", "api", "worker"])


def services_stable_after_an_update(a):
    a.ecs.update_service(cluster=SHOP, service="api", forceNewDeployment=True)
    a.fails("ecs", "services_stable", "Max attempts exceeded", cluster=SHOP, services=["api"])
    a.server.advance("10m")
    a.wait("ecs", "services_stable", cluster=SHOP, services=["api"])


def services_stable_of_a_missing_service(a):
    a.fails("ecs", "services_stable", "MISSING", cluster=SHOP, services=["none"])


def services_stable_of_a_missing_cluster(a):
    a.fails("ecs", "services_stable", "Cluster not found", cluster="none", services=["web"])


def services_inactive(a):
    define(a, "short")
    a.ecs.create_service(cluster=SHOP, serviceName="short", taskDefinition="short", desiredCount=1, launchType="FARGATE", networkConfiguration=NETWORK)
    a.server.advance("3m")
    a.ecs.delete_service(cluster=SHOP, service="short", force=True)
    a.fails("ecs", "services_stable", "DRAINING", cluster=SHOP, services=["short"])
    a.server.advance("5m")
    a.wait("ecs", "services_inactive", cluster=SHOP, services=["short"])
    a.fails("ecs", "services_stable", "INACTIVE", cluster=SHOP, services=["short"])


def services_inactive_of_a_missing_service(a):
    a.fails("ecs", "services_inactive", "MISSING", cluster=SHOP, services=["none"])


def tasks_running(a):
    tasks = start(a, "one")
    a.server.advance("3m")
    a.wait("ecs", "tasks_running", cluster=SHOP, tasks=tasks)


def tasks_running_of_a_missing_task(a):
    a.fails("ecs", "tasks_running", "MISSING", cluster=SHOP, tasks=["0" * 32])


def tasks_stopped(a):
    tasks = start(a, "two")
    a.server.advance("3m")
    a.fails("ecs", "tasks_stopped", "Max attempts exceeded", cluster=SHOP, tasks=tasks)
    a.ecs.stop_task(cluster=SHOP, task=tasks[0])
    a.server.advance("2m")
    a.wait("ecs", "tasks_stopped", cluster=SHOP, tasks=tasks)
    a.fails("ecs", "tasks_running", "STOPPED", cluster=SHOP, tasks=tasks)


def alarm_exists(a):
    a.cloudwatch.put_metric_alarm(AlarmName="there", Namespace="N", MetricName="M", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1,
                                  ComparisonOperator="GreaterThanThreshold")
    a.wait("cloudwatch", "alarm_exists", AlarmNames=["there"])
    a.fails("cloudwatch", "alarm_exists", "Max attempts exceeded", AlarmNames=["none"])


def composite_alarm_exists(a):
    a.cloudwatch.put_composite_alarm(AlarmName="both", AlarmRule="ALARM(there)")
    a.wait("cloudwatch", "composite_alarm_exists", AlarmNames=["both"], AlarmTypes=["CompositeAlarm"])


def table_exists(a):
    a.dynamodb.create_table(TableName="waited", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}],
                            AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}])
    a.wait("dynamodb", "table_exists", TableName="waited")
    a.fails("dynamodb", "table_not_exists", "Max attempts exceeded", TableName="waited")


def table_not_exists(a):
    a.dynamodb.delete_table(TableName="waited")
    a.wait("dynamodb", "table_not_exists", TableName="waited")
    a.fails("dynamodb", "table_exists", "Max attempts exceeded", TableName="waited")


def image_scan_complete(a):
    try:
        a.ecr.start_image_scan(repositoryName="shop/web", imageId={"imageTag": "stable"})
    except ClientError as error:
        if error.response["Error"]["Code"] != "LimitExceededException":
            raise
    a.server.advance("5m")
    a.wait("ecr", "image_scan_complete", repositoryName="shop/web", imageId={"imageTag": "stable"})


def pages(a, service, operation, key, size, least, **parameters):
    """Reads all pages of a size, and compares them with one large page."""
    paginator = getattr(a, service).get_paginator(operation)
    read = list(paginator.paginate(PaginationConfig={"PageSize": size}, **parameters))
    small = [item for page in read for item in page.get(key, [])]
    large = paginator.paginate(**parameters).build_full_result()[key]
    assert len(small) >= least and len(read) > 1, (len(small), len(read))
    assert small == large, (small, large)


def pages_of_ecs(a):
    for n in range(5):
        define(a, f"many-{n}")
        a.ecs.create_cluster(clusterName=f"many-{n}")
    pages(a, "ecs", "list_clusters", "clusterArns", 2, 6)
    pages(a, "ecs", "list_services", "serviceArns", 1, 3, cluster=SHOP)
    pages(a, "ecs", "list_tasks", "taskArns", 2, 3, cluster=SHOP)
    pages(a, "ecs", "list_task_definitions", "taskDefinitionArns", 2, 5)
    pages(a, "ecs", "list_task_definition_families", "families", 2, 5)


def pages_of_ecr(a):
    pages(a, "ecr", "describe_repositories", "repositories", 1, 3)
    for n in range(5):
        manifest = '{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":%d,"digest":"sha256:%s"},"layers":[]}' % (n + 1, str(n) * 64)
        a.ecr.put_image(repositoryName="shop/web", imageManifest=manifest, imageTag=f"p{n}")
    pages(a, "ecr", "list_images", "imageIds", 2, 5, repositoryName="shop/web")
    pages(a, "ecr", "describe_images", "imageDetails", 2, 5, repositoryName="shop/web")


def pages_of_cloudwatch(a):
    for n in range(5):
        a.cloudwatch.put_metric_alarm(AlarmName=f"many-{n}", Namespace="N", MetricName="M", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1,
                                      ComparisonOperator="GreaterThanThreshold")
    pages(a, "cloudwatch", "describe_alarms", "MetricAlarms", 2, 5)
    assert a.cloudwatch.get_paginator("list_metrics").paginate(Namespace="AWS/ECS").build_full_result()["Metrics"]


def pages_of_dynamodb(a):
    a.dynamodb.create_table(TableName="paged", BillingMode="PAY_PER_REQUEST", AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in "ps"],
                            KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}])
    for n in range(9):
        a.dynamodb.put_item(TableName="paged", Item={"p": {"S": "a"}, "s": {"S": str(n)}})
    pages(a, "dynamodb", "query", "Items", 4, 9, TableName="paged", KeyConditionExpression="p = :p", ExpressionAttributeValues={":p": {"S": "a"}})
    pages(a, "dynamodb", "scan", "Items", 4, 9, TableName="paged")
    pages(a, "dynamodb", "list_tables", "TableNames", 1, 2)


def pages_of_scaling(a):
    for name in ("web", "api", "worker"):
        a.application_autoscaling.register_scalable_target(ServiceNamespace="ecs", ResourceId=f"service/{SHOP}/{name}", ScalableDimension="ecs:service:DesiredCount",
                                                           MinCapacity=1, MaxCapacity=5)
    pages(a, "application_autoscaling", "describe_scalable_targets", "ScalableTargets", 1, 3, ServiceNamespace="ecs")


def pages_of_events(a):
    pages(a, "events", "list_rules", "Rules", 2, 3)


def pages_of_sqs_and_sns(a):
    for n in range(5):
        a.sqs.create_queue(QueueName=f"q{n}")
        a.sns.create_topic(Name=f"t{n}")
    pages(a, "sqs", "list_queues", "QueueUrls", 2, 5, QueueNamePrefix="q")
    topics = a.sns.get_paginator("list_topics").paginate().build_full_result()["Topics"]
    assert sorted(t["TopicArn"][-3:] for t in topics if t["TopicArn"][-3:-1] == ":t") == [f":t{n}" for n in range(5)], topics


def pages_of_logs(a):
    for n in range(5):
        a.logs.create_log_group(logGroupName=f"/g{n}")
    pages(a, "logs", "describe_log_groups", "logGroups", 2, 5, logGroupNamePrefix="/g")


FLOWS = [
    services_stable, services_stable_after_an_update, services_stable_of_a_missing_service, services_stable_of_a_missing_cluster,
    services_inactive, services_inactive_of_a_missing_service, tasks_running, tasks_running_of_a_missing_task, tasks_stopped,
    alarm_exists, composite_alarm_exists, table_exists, table_not_exists, image_scan_complete,
    pages_of_ecs, pages_of_ecr, pages_of_cloudwatch, pages_of_dynamodb, pages_of_scaling, pages_of_events, pages_of_sqs_and_sns, pages_of_logs,
]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default="bin/homeostat")
    options = parser.parse_args()
    with Server(options.binary, speed=0) as server:
        server.advance("3m")
        flows.run("boto3", FLOWS, FLOOR, Account(server))


if __name__ == "__main__":
    main()
