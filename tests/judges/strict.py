#!/usr/bin/env python3
"""Checks the raw answers of ecssim strictly with botocore's models.

botocore itself ignores unknown members and converts types. This judge does not: an unknown
member, a wrong type, a missing required member and a value outside an enum are problems.
"""

import argparse
import base64
import binascii
import json
import pathlib
import re
import sys
import time
import xml.etree.ElementTree as ElementTree

import boto3
import botocore.exceptions
import cbor2
from botocore.config import Config

from server import Server

HERE = pathlib.Path(__file__).resolve().parent
MODELS = HERE.parent.parent / "shared/sim/ecssim/wire/models"
SERVICES = {
    "application-autoscaling": "application-autoscaling",
    "cloudformation": "cloudformation",
    "cloudwatch": "cloudwatch",
    "dynamodb": "dynamodb",
    "ecr": "ecr",
    "ecs": "ecs",
    "elasticloadbalancing": "elbv2",
    "events": "events",
    "logs": "logs",
    "sns": "sns",
    "sqs": "sqs",
    "sts": "sts",
}


class Checker:
    """Compares one raw answer with a shape, and collects the problems."""

    def __init__(self, problems, where):
        self.problems, self.where = problems, where

    def problem(self, path, text):
        self.problems.append(f"{self.where}: {path or 'the answer'} {text}")

    def tree(self, shape, value, path, cbor=False):
        """Checks a value of JSON or CBOR."""
        kind = shape.type_name
        if value is None:
            return self.problem(path, "is null")
        if kind == "structure":
            if not isinstance(value, dict):
                return self.problem(path, f"is {value!r}, not a structure")
            for name in shape.required_members:
                if name not in value:
                    self.problem(f"{path}.{name}", "is required and missing")
            for name, member in value.items():
                if name not in shape.members:
                    self.problem(f"{path}.{name}", "is unknown")
                else:
                    self.tree(shape.members[name], member, f"{path}.{name}", cbor)
        elif kind == "list":
            if not isinstance(value, list):
                return self.problem(path, f"is {value!r}, not a list")
            for i, member in enumerate(value):
                self.tree(shape.member, member, f"{path}[{i}]", cbor)
        elif kind == "map":
            if not isinstance(value, dict):
                return self.problem(path, f"is {value!r}, not a map")
            for name, member in value.items():
                self.tree(shape.key, name, f"{path} key")
                self.tree(shape.value, member, f"{path}.{name}", cbor)
        else:
            self.scalar(shape, value, path, cbor)

    def scalar(self, shape, value, path, cbor):
        kind = shape.type_name
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        good = {
            "string": isinstance(value, str),
            "character": isinstance(value, str),
            "boolean": isinstance(value, bool),
            "integer": isinstance(value, int) and number,
            "long": isinstance(value, int) and number,
            "float": number,
            "double": number,
            "timestamp": number or (cbor and hasattr(value, "isoformat")),
            "blob": isinstance(value, bytes) if cbor else isinstance(value, str) and is_base64(value),
        }[kind]
        if not good:
            return self.problem(path, f"is {value!r}, not of type {kind}")
        self.constraints(shape, value, path)

    def constraints(self, shape, value, path):
        if isinstance(value, str) and shape.type_name == "string" and shape.enum and value not in shape.enum:
            self.problem(path, f"is {value!r}, which the enum does not have")

    def xml(self, shape, node, path):
        """Checks an element of the Query protocol."""
        kind = shape.type_name
        if kind == "structure":
            known = {}
            for name, member in shape.members.items():
                known[member.serialization.get("name", name)] = member
                if member.type_name == "list" and member.serialization.get("flattened"):
                    known[member.member.serialization.get("name", name)] = member
            children = [strip(child.tag) for child in node]
            for name in shape.required_members:
                if shape.members[name].serialization.get("name", name) not in children:
                    self.problem(f"{path}.{name}", "is required and missing")
            for child in node:
                if strip(child.tag) not in known:
                    self.problem(f"{path}.{strip(child.tag)}", "is unknown")
                else:
                    self.xml(known[strip(child.tag)], child, f"{path}.{strip(child.tag)}")
        elif kind == "list":
            for i, child in enumerate(node):
                if strip(child.tag) != shape.member.serialization.get("name", "member"):
                    self.problem(f"{path}[{i}]", f"has the name {strip(child.tag)}")
                self.xml(shape.member, child, f"{path}[{i}]")
        elif kind == "map":
            for entry in node:
                if [strip(part.tag) for part in entry] != ["key", "value"]:
                    self.problem(path, "has an entry without key and value")
        else:
            self.xml_scalar(shape, node, path)

    def xml_scalar(self, shape, node, path):
        text = node.text or ""
        pattern = {
            "boolean": r"true|false",
            "integer": r"-?\d+",
            "long": r"-?\d+",
            "float": r"-?\d+(\.\d+)?([eE][+-]?\d+)?",
            "double": r"-?\d+(\.\d+)?([eE][+-]?\d+)?",
            "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z",
        }.get(shape.type_name, r"(?s).*")
        if len(node) or not re.fullmatch(pattern, text):
            return self.problem(path, f"is {text!r}, not of type {shape.type_name}")
        self.constraints(shape, text, path)


def strip(tag):
    return tag.rpartition("}")[2]


def is_base64(text):
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error:
        return False
    return True


class Judge:
    def __init__(self, server):
        self.server = server
        self.problems, self.called, self.refused, self.crashed = [], {}, {}, []
        self.answers = 0
        env = server.environment()
        self.session = boto3.Session(aws_access_key_id="ecssim", aws_secret_access_key="ecssim", region_name=env["AWS_REGION"])
        self.clients = {}

    def client(self, service):
        if service not in self.clients:
            config = Config(retries={"max_attempts": 0}, read_timeout=20, parameter_validation=False)
            client = self.session.client(service, endpoint_url=self.server.url, config=config)
            client.meta.events.register("before-parse", self.check)
            self.clients[service] = client
        return self.clients[service]

    def call(self, service, operation, /, **parameters):
        """Calls an operation, and returns its answer. A refusal is recorded."""
        name = f"{service} {operation}"
        client = self.client(service)
        method = next(m for m, o in client.meta.method_to_api_mapping.items() if o == operation)
        try:
            answer = getattr(client, method)(**parameters)
        except botocore.exceptions.ClientError as refusal:
            error = refusal.response["Error"]
            status = refusal.response["ResponseMetadata"]["HTTPStatusCode"]
            self.refused.setdefault(name, f"{error['Code']}: {error.get('Message')}")
            if status >= 500:
                self.crashed.append(f"{name}: {status} {error}")
            return {}
        self.called[name] = self.called.get(name, 0) + 1
        return answer

    def check(self, operation_model, response_dict, **_):
        """Checks one raw answer."""
        service = operation_model.service_model
        where = f"{service.service_name} {operation_model.name}"
        checker = Checker(self.problems, where)
        if response_dict["status_code"] >= 300:
            return self.check_error(checker, service, response_dict)
        self.answers += 1
        shape, body = operation_model.output_shape, response_dict["body"]
        protocol = service.resolved_protocol
        if not re.search(r"request-?id", " ".join(response_dict["headers"]), re.I):
            checker.problem("", "has no header with a request id")
        if protocol == "json":
            value = json.loads(body or b"{}")
            if shape is not None:
                checker.tree(shape, value, "")
        elif protocol == "smithy-rpc-v2-cbor":
            if shape is not None:
                checker.tree(shape, cbor2.loads(body) if body else {}, "", cbor=True)
        elif protocol == "query":
            root = ElementTree.fromstring(body)
            if strip(root.tag) != f"{operation_model.name}Response":
                checker.problem("", f"has the root {root.tag}")
            names = [strip(child.tag) for child in root]
            if "ResponseMetadata" not in names:
                checker.problem("", "has no ResponseMetadata")
            if shape is not None:
                wrapper = shape.serialization.get("resultWrapper")
                if wrapper not in names:
                    checker.problem("", f"has no {wrapper}")
                else:
                    checker.xml(shape, root[names.index(wrapper)], "")
        else:
            checker.problem("", f"has the protocol {protocol}, which this judge does not know")

    def check_error(self, checker, service, response):
        """Checks that a refusal has a code and a text where the protocol has them."""
        protocol = service.resolved_protocol
        body = response["body"]
        if protocol == "query":
            root = ElementTree.fromstring(body)
            found = {strip(node.tag): node.text for node in root.iter()}
            if not found.get("Code") or not found.get("Message"):
                checker.problem("", f"is a refusal without code or text: {body!r}")
            return
        value = cbor2.loads(body) if protocol == "smithy-rpc-v2-cbor" else json.loads(body)
        if not value.get("__type"):
            checker.problem("", f"is a refusal without a type: {value!r}")
        if not (value.get("message") or value.get("Message")):
            checker.problem("", f"is a refusal without a text: {value!r}")


def served():
    """Returns the operations that ecssim has a model of."""
    out = set()
    for file, service in SERVICES.items():
        path = MODELS / f"{file}.json"
        if path.exists():
            out.update(f"{service} {name}" for name in json.loads(path.read_text())["operations"])
    return out


def prove(judge):
    """Exits unless the checker finds each kind of problem in wrong answers."""
    model = judge.client("ecs").meta.service_model.operation_model("DescribeClusters").output_shape
    wrong = {"clusters": [{"status": 1, "clusterName": None, "x": "y", "registeredContainerInstancesCount": True}], "failures": {}}
    found = []
    Checker(found, "proof").tree(model, wrong, "")
    alarm = judge.client("cloudwatch").meta.service_model.operation_model("DescribeAlarms").output_shape
    Checker(found, "proof").tree(alarm, {"MetricAlarms": [{"StateValue": "Banana", "StateUpdatedTimestamp": "now"}]}, "")
    if len(found) != 7:
        sys.exit(f"judge strict: the checker finds {len(found)} of 7 problems: {found}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default="bin/homeostat")
    parser.add_argument("--verbose", action="store_true", help="print the refusals too")
    options = parser.parse_args()
    import strict_calls

    begun = time.monotonic()
    with Server(options.binary, speed=0) as server:
        judge = Judge(server)
        prove(judge)
        strict_calls.play(judge)
    wanted = served()
    if not wanted:
        sys.exit(f"judge strict: no models in {MODELS}")
    never = sorted(wanted - set(judge.called) - set(judge.refused))
    only_refused = sorted((wanted & set(judge.refused)) - set(judge.called))
    problems = sorted(set(re.sub(r"\[\d+\]", "[]", p) for p in judge.problems))
    good = len(wanted) - len(never) - len(only_refused)
    print(f"judge strict: passed {good} of {len(wanted)} operations, with {judge.answers} answers and {len(problems)} problems, in {time.monotonic() - begun:.0f} s")
    for problem in problems + judge.crashed:
        print(f"  {problem}")
    for name in never:
        print(f"  {name} is not called; add it to strict_calls.py")
    for name in only_refused:
        print(f"  {name} is only refused: {judge.refused[name]}")
    if options.verbose:
        for name, text in sorted(judge.refused.items()):
            print(f"  refused {name}: {text}")
    sys.exit(1 if problems or judge.crashed or good < len(wanted) else 0)


if __name__ == "__main__":
    main()
