#!/usr/bin/env python3
"""Plays calls whose answer AWS documents, on ecssim and, to compare, on moto and ministack."""

import argparse
import pathlib
import re
import sys
from collections import Counter

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import calls  # noqa: E402
from peers import Peer  # noqa: E402
from server import REGION, Server  # noqa: E402

# FLOOR is the least share of the calls, in percent, that ecssim answers as documented.
FLOOR = 99


class Account:
    """An emulated account with the things that the calls need."""

    def __init__(self, url):
        self.url, self.clients, self.kept = url, {}, {}

    def client(self, service):
        if service not in self.clients:
            config = Config(retries={"max_attempts": 0}, parameter_validation=False, read_timeout=20, disable_request_compression=True)
            self.clients[service] = boto3.client(service, endpoint_url=self.url, region_name=REGION, aws_access_key_id="123456789012",
                                                 aws_secret_access_key="judges", config=config)
        return self.clients[service]

    def call(self, service, operation, parameters):
        client = self.client(service)
        method = next(m for m, o in client.meta.method_to_api_mapping.items() if o == operation)
        return getattr(client, method)(**self.fill(parameters))

    def fill(self, value):
        """Puts what was kept in place of the texts that begin with $."""
        if isinstance(value, dict):
            return {k: self.fill(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.fill(v) for v in value]
        if isinstance(value, str) and value.startswith("$"):
            return self.kept.get(value[1:], "missing")
        return value

    def keep(self, name, service, operation, parameters, *path):
        """Makes something, and keeps a member of the answer. An emulator may lack it."""
        try:
            answer = self.call(service, operation, parameters)
        except Exception as error:  # an emulator may answer anything
            return f"{service} {operation}: {error}"
        for step in path:
            answer = answer[step]
        self.kept[name] = answer
        return None

    def prepare(self):
        """Makes what the calls name, and returns what could not be made."""
        self.kept.update(subnet="subnet-1", group="sg-1", target=f"arn:aws:elasticloadbalancing:{REGION}:123456789012:targetgroup/docs/0123456789abcdef")
        keep = self.keep
        missing = []
        if keep("vpc", "ec2", "CreateVpc", {"CidrBlock": "10.0.0.0/16"}, "Vpc", "VpcId") is None:  # ecssim needs no networks
            keep("subnet", "ec2", "CreateSubnet", {"VpcId": "$vpc", "CidrBlock": "10.0.1.0/24"}, "Subnet", "SubnetId")
            keep("group", "ec2", "CreateSecurityGroup", {"GroupName": "docs", "Description": "docs", "VpcId": "$vpc"}, "GroupId")
            keep("target", "elbv2", "CreateTargetGroup", {"Name": "docs", "Protocol": "HTTP", "Port": 80, "VpcId": "$vpc", "TargetType": "ip"}, "TargetGroups", 0, "TargetGroupArn")
        for row in [
            ("cluster", "ecs", "CreateCluster", {"clusterName": "docs", "capacityProviders": ["FARGATE", "FARGATE_SPOT"]}, "cluster", "clusterArn"),
            ("fargate", "ecs", "RegisterTaskDefinition", {**calls.definition(), "family": "fargate"}, "taskDefinition", "taskDefinitionArn"),
            ("ec2", "ecs", "RegisterTaskDefinition", {"family": "ec2", "containerDefinitions": [calls.EC2]}, "taskDefinition", "taskDefinitionArn"),
            ("service", "ecs", "CreateService", calls.service(serviceName="there"), "service", "serviceArn"),
            ("fresh", "ecs", "CreateService", calls.service(serviceName="fresh"), "service", "serviceArn"),
            ("task", "ecs", "RunTask", calls.run(), "tasks", 0, "taskArn"),
            ("repository", "ecr", "CreateRepository", {"repositoryName": "docs/app"}, "repository", "repositoryArn"),
            ("fixed", "ecr", "CreateRepository", {"repositoryName": "docs/fixed", "imageTagMutability": "IMMUTABLE"}, "repository", "repositoryArn"),
            ("digest", "ecr", "PutImage", {"repositoryName": "docs/app", "imageTag": "one", "imageManifest": calls.MANIFEST}, "image", "imageId", "imageDigest"),
            ("two", "ecr", "PutImage", {"repositoryName": "docs/app", "imageTag": "two", "imageManifest": calls.OTHER}, "image", "imageId", "imageDigest"),
            ("image", "ecr", "PutImage", {"repositoryName": "docs/fixed", "imageTag": "one", "imageManifest": calls.MANIFEST}, "image", "imageId"),
            ("alarm", "cloudwatch", "PutMetricAlarm", calls.alarm(AlarmName="there")),
            ("scaling", "application-autoscaling", "RegisterScalableTarget", {**calls.TARGET, "MinCapacity": 1, "MaxCapacity": 4}),
            ("table", "dynamodb", "CreateTable", {"TableName": "docs", "BillingMode": "PAY_PER_REQUEST",
                "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
                "AttributeDefinitions": [{"AttributeName": n, "AttributeType": "S"} for n in "ps"]}),
            ("item", "dynamodb", "PutItem", calls.put()),
            ("typed", "dynamodb", "PutItem", {"TableName": "docs", "Item": {**calls.TYPED, "t": {"S": "text"}, "n": {"N": "1"}}}),
            ("queue", "sqs", "CreateQueue", {"QueueName": "docs"}, "QueueUrl"),
            ("topic", "sns", "CreateTopic", {"Name": "docs"}, "TopicArn"),
            ("rule", "events", "PutRule", {"Name": "there", "EventPattern": calls.PATTERN}, "RuleArn"),
            ("targets", "events", "PutTargets", {"Rule": "there", "Targets": [{"Id": "q", "Arn": f"arn:aws:sqs:{REGION}:123456789012:docs"}]}),
            ("logs", "logs", "CreateLogGroup", {"logGroupName": "/docs"}),
        ]:
            problem = keep(*row)
            if problem:
                missing.append(problem)
        return missing

    def answer(self, service, operation, parameters):
        """Returns the code and the text of an answer. "ok" is a success."""
        try:
            answer = self.call(service, operation, parameters)
            answer.pop("ResponseMetadata", None)
            return "ok", str(answer)
        except ClientError as refusal:
            error = refusal.response["Error"]
            reasons = refusal.response.get("CancellationReasons", "")
            return error.get("Code", ""), f"{error.get('Message', '')} {reasons}".strip()
        except Exception as error:  # no answer of AWS
            return "none", f"{type(error).__name__}: {error}"


def judge(account):
    """Returns the answers that are not as documented."""
    misses = []
    for service, operation, parameters, codes, fragment, source in calls.ALL:
        code, text = account.answer(service, operation, parameters)
        if not re.fullmatch(codes, code) or not re.search(fragment, text):
            misses.append((service, operation, parameters, codes, fragment, source, code, text))
    return misses


def compare():
    """Prints the scores of the peers."""
    for name in ("moto", "ministack"):
        with Peer(name) as peer:
            account = Account(peer.url)
            account.prepare()
            misses = judge(account)
        print(f"  {name} answers {len(calls.ALL) - len(misses)} of {len(calls.ALL)} as documented")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default="bin/homeostat")
    parser.add_argument("--alone", action="store_true", help="do not play the calls on moto and ministack")
    options = parser.parse_args()
    with Server(options.binary, speed=0) as server:
        server.reset()
        account = Account(server.url)
        missing = account.prepare()
        server.advance("3m")
        misses = judge(account)
    good = len(calls.ALL) - len(misses)
    print(f"judge documented: passed {good} of {len(calls.ALL)} ({100 * good / len(calls.ALL):.1f} %); misses {dict(Counter(m[0] for m in misses))}")
    if not options.alone:
        compare()
    for problem in missing:
        print(f"  cannot be prepared: {problem}")
    for service, operation, parameters, codes, fragment, source, code, text in misses:
        print(f"  {service} {operation} {str(parameters)[:300]}\n    wanted {codes[:60]} /{fragment}/ ({source})\n    got {code}: {text[:200]}")
    sys.exit(1 if missing or 100 * good < FLOOR * len(calls.ALL) else 0)


if __name__ == "__main__":
    main()
