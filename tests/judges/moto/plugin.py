"""A plug-in of pytest: it points moto's tests at ecssim, and records each result.

Loaded with `-p plugin`. Some tests begin with a network, an instance, a role, a key
or a bucket. moto's own server answers for those services (HELPERS), and ecssim for
all others. Only the requests to ecssim count. The environment: JUDGE_URL is the endpoint, JUDGE_RESULTS
the file that gets one JSON object for each test, JUDGE_TIMEOUT the seconds of a test.
"""

import json
import os
import signal
import time
import urllib.request
from datetime import datetime, timezone

import boto3
import botocore.httpsession
import pytest
from moto.core import models
from moto.server import ThreadedMotoServer

URL = os.environ["JUDGE_URL"]
TIMEOUT = int(os.environ["JUDGE_TIMEOUT"])

HELPERS = {"ec2", "iam", "kms", "s3", "elbv2"}

helper = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
requests_sent = 0
previous = None  # the class of the test before
send = botocore.httpsession.URLLib3Session.send


def counted_send(self, request):
    global requests_sent
    if request.url.startswith(URL):
        requests_sent += 1
    return send(self, request)


botocore.httpsession.URLLib3Session.send = counted_send


enable = models.ServerModeMockAWS._enable_patching


def enable_with_helpers(self, reset=True):
    """Sends the clients of the helper services to moto's server."""
    enable(self, reset)
    for name in ("client", "resource"):
        setattr(boto3, name, routed(getattr(boto3, name)))


def routed(make):
    def client(service_name, *arguments, **options):
        if service_name in HELPERS:
            options.setdefault("endpoint_url", "http://%s:%d" % helper.get_host_and_port())
        return make(service_name, *arguments, **options)

    return client


models.ServerModeMockAWS._enable_patching = enable_with_helpers


class TooLong(BaseException):
    pass


def on_alarm(signum, frame):
    raise TooLong(f"longer than {TIMEOUT} s")


def control(path):
    with urllib.request.urlopen(urllib.request.Request(f"{URL}/_homeostat/{path}", method="POST"), timeout=60) as answer:
        return json.load(answer)


def reset():
    """Empties the account. Its clock goes to the real time, because the tests compare with it."""
    now = datetime.fromisoformat(control("reset?empty=true")["now"].replace("Z", "+00:00"))
    behind = (datetime.now(timezone.utc) - now).total_seconds()
    if behind > 0:
        control(f"advance?d={behind:.3f}s")
    host = "http://%s:%d" % helper.get_host_and_port()
    urllib.request.urlopen(urllib.request.Request(f"{host}/moto-api/reset", method="POST"), timeout=10).close()


def pytest_sessionstart(session):
    helper.start()


def pytest_sessionfinish(session, exitstatus):
    helper.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item, nextitem):
    global requests_sent, previous
    if item.cls is not previous or not hasattr(item.cls, "setup_class"):  # setup_class prepares all tests of its class
        reset()
    previous = item.cls
    requests_sent = 0
    item.judge = {"test": item.nodeid, "outcome": "passed", "requests": 0, "text": "", "seconds": 0}
    begun = time.monotonic()
    signal.signal(signal.SIGALRM, on_alarm)
    signal.alarm(TIMEOUT)
    try:
        result = yield
    except TooLong as late:
        item.judge.update(outcome="failed", text=str(late))
        result = True
    finally:
        signal.alarm(0)
    item.judge.update(requests=requests_sent, seconds=round(time.monotonic() - begun, 2))
    with open(os.environ["JUDGE_RESULTS"], "a") as file:
        file.write(json.dumps(item.judge) + "\n")
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    judge = getattr(item, "judge", None)
    if judge is not None and report.outcome != "passed" and judge["outcome"] == "passed":
        error = call.excinfo.exconly() if call.excinfo else ""
        judge.update(outcome=report.outcome, text=error)
        if report.outcome == "failed":
            judge["long"] = report.longreprtext
    return report
