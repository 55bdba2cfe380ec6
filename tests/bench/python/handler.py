"""A typical Lambda function for comparison. After a stopped task it describes the
service and writes it to a table. The loop at the end is the minimum of Lambda's
runtime for Python: it gets an event, calls the handler and posts the result."""

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
