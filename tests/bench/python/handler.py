"""The Lambda function that people write themselves, for comparison: on a task
that stopped, look at the service and note it in a table. The loop at the end is
the least that Lambda's runtime for Python does: it asks for an event, calls the
handler and posts what it returned."""

import http.client
import json
import os

import boto3

ecs = boto3.client("ecs")
dynamodb = boto3.client("dynamodb")
table = os.environ["HOMEOSTAT_TABLE"]


def handler(batch):
    for message in batch["Records"]:
        event = json.loads(message["body"])
        detail = event["detail"]
        cluster = detail["clusterArn"].rsplit("/", 1)[-1]
        service = detail["group"].removeprefix("service:")
        answer = ecs.describe_services(cluster=cluster, services=[service])
        found = answer["services"][0]
        dynamodb.put_item(
            TableName=table,
            Item={
                "pk": {"S": f"python/{cluster}/{service}"},
                "sk": {"S": event["id"]},
                "reason": {"S": detail.get("stoppedReason", "")},
                "running": {"N": str(found["runningCount"])},
                "desired": {"N": str(found["desiredCount"])},
            },
        )
    return {"batchItemFailures": []}


def main():
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    while True:
        api.request("GET", "/2018-06-01/runtime/invocation/next")
        event = api.getresponse()
        request = event.getheader("Lambda-Runtime-Aws-Request-Id")
        result, verdict = "", "response"
        try:
            result = handler(json.loads(event.read()))
        except Exception as error:
            result = {"errorMessage": str(error), "errorType": type(error).__name__}
            verdict = "error"
        api.request("POST", f"/2018-06-01/runtime/invocation/{request}/{verdict}", json.dumps(result))
        api.getresponse().read()


main()
