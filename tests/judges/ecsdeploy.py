#!/usr/bin/env python3
"""Runs ecs-deploy against `homeostat serve`: its program, unchanged, in the flows that its README names."""

import argparse
import pathlib
import subprocess
import sys

import flows
from boto import NETWORK, Account, define
from server import Server

FLOOR = 11
CLUSTER = "deploys"
QUICK = ["--timeout", "90", "--sleep-time", "1"]


class Deployer(Account):
    def run(self, *words):
        """Runs a command of ecs-deploy, and returns its exit code and output."""
        program = str(pathlib.Path(sys.executable).parent / "ecs")
        done = subprocess.run([program, *words], env=self.server.environment(), capture_output=True, text=True, timeout=150)
        return done.returncode, done.stdout + done.stderr

    def succeeds(self, *words):
        code, text = self.run(*words)
        assert code == 0, f"exit code {code}: {text[-400:]}"
        return text

    def service(self):
        return self.ecs.describe_services(cluster=CLUSTER, services=["web"])["services"][0]

    def container(self):
        definition = self.ecs.describe_task_definition(taskDefinition=self.service()["taskDefinition"])
        return definition["taskDefinition"]["containerDefinitions"][0]


def prepare(a):
    a.server.reset()
    a.ecs.create_cluster(clusterName=CLUSTER)
    a.ecr.create_repository(repositoryName="team/app")
    for n, tag in enumerate(["one", "two", "three"]):
        manifest = '{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":%d,"digest":"sha256:%s"},"layers":[]}' % (n + 1, str(n) * 64)
        a.ecr.put_image(repositoryName="team/app", imageManifest=manifest, imageTag=tag)
    define(a, "web", "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app:one")
    a.ecs.create_service(cluster=CLUSTER, serviceName="web", taskDefinition="web", desiredCount=2, launchType="FARGATE", networkConfiguration=NETWORK)
    a.ecs.get_waiter("services_stable").wait(cluster=CLUSTER, services=["web"], WaiterConfig={"Delay": 1, "MaxAttempts": 60})


def deploys_a_tag(a):
    a.succeeds("deploy", CLUSTER, "web", "--tag", "two", *QUICK)
    assert a.container()["image"].endswith("app:two")
    assert a.service()["runningCount"] == 2


def deploys_an_image(a):
    a.succeeds("deploy", CLUSTER, "web", "--image", "app", "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app:three", *QUICK)
    assert a.container()["image"].endswith("app:three")


def deploys_an_environment(a):
    a.succeeds("deploy", CLUSTER, "web", "--env", "app", "COLOUR", "blue", "--command", "app", "serve", *QUICK)
    assert {"name": "COLOUR", "value": "blue"} in a.container()["environment"], a.container()
    assert a.container()["command"] == ["serve"]


def deploys_anew_without_a_change(a):
    before = a.service()["deployments"][0]["id"]
    a.succeeds("deploy", CLUSTER, "web", "--force-new-deployment", *QUICK)
    assert a.service()["deployments"][0]["id"] != before


def keeps_the_old_definition(a):
    old = a.service()["taskDefinition"]
    a.succeeds("deploy", CLUSTER, "web", "--tag", "one", "--no-deregister", *QUICK)
    assert a.ecs.describe_task_definition(taskDefinition=old)["taskDefinition"]["status"] == "ACTIVE"


def rolls_back_a_missing_image(a):
    good = a.service()["taskDefinition"]
    code, text = a.run("deploy", CLUSTER, "web", "--tag", "none", "--rollback", "--timeout", "8", "--sleep-time", "1")
    assert code != 0 and "Rolling back" in text, text[-400:]
    assert a.service()["taskDefinition"] == good, a.service()["taskDefinition"]


def scales(a):
    a.succeeds("scale", CLUSTER, "web", "3", *QUICK)
    assert a.service()["runningCount"] == 3


def updates_a_definition(a):
    text = a.succeeds("update", "web", "--image", "app", "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app:two")
    assert "Successfully created revision" in text, text
    newest = a.ecs.describe_task_definition(taskDefinition="web")["taskDefinition"]
    assert newest["containerDefinitions"][0]["image"].endswith("app:two")


def compares_definitions(a):
    newest = a.ecs.describe_task_definition(taskDefinition="web")["taskDefinition"]["revision"]
    text = a.succeeds("diff", "web", str(newest - 1), str(newest))
    assert "app:two" in text, text


def runs_a_task(a):
    text = a.succeeds("run", CLUSTER, "web", "1", "--launchtype", "FARGATE", "--subnet", "subnet-1", "--securitygroup", "sg-1", "--env", "app", "A", "b")
    assert "Successfully started 1 instances" in text, text


def refuses_a_missing_service(a):
    code, text = a.run("deploy", CLUSTER, "none", *QUICK)
    assert code != 0 and "Service not found" in text, text


FLOWS = [deploys_a_tag, deploys_an_image, deploys_an_environment, deploys_anew_without_a_change, keeps_the_old_definition, rolls_back_a_missing_image,
         scales, updates_a_definition, compares_definitions, runs_a_task, refuses_a_missing_service]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default="bin/homeostat")
    options = parser.parse_args()
    with Server(options.binary, speed=60) as server:
        account = Deployer(server)
        prepare(account)
        flows.run("ecs-deploy", FLOWS, FLOOR, account)


if __name__ == "__main__":
    main()
