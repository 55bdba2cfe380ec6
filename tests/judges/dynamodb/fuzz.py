"""Send random operations to several DynamoDB servers and count the minorities.

    fuzz.py [--seed N] [--operations N] [--limit PERCENT] [--judged NAME] NAME=URL...

Each operation goes to every server, raw, so that no client checks it. The answers are
compared: the result, or the code of the error; messages are not compared. A server is in
the minority if most of the others give one same answer that differs from its own. A server
without an operation has no vote. The first server, or --judged, must be in the minority in
at most --limit percent of the operations.

Exit codes: 0 within the limit, 1 over it, 2 usage error, 3 a server does not answer.
"""

import argparse
import collections
import http.client
import json
import random
import sys
import urllib.parse

import kept
import operations

AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=judge/20260105/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host;x-amz-date;x-amz-target, Signature=" + "0" * 64
)
# BLOCK is the number of operations on one partition. A block ends at the first disagreement,
# because the stored items may differ afterwards.
BLOCK = 12
# BLOCKS is the number of blocks on one table.
BLOCKS = 40


class Server:
    """A server under comparison."""

    def __init__(self, name, url):
        self.name, self.minority, self.votes = name, 0, 0
        self.address = urllib.parse.urlsplit(url).netloc
        self.connection = None

    def send(self, operation, request):
        """Return the status and the decoded answer."""
        headers = {
            "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810." + operation,
            "X-Amz-Date": "20260105T060000Z", "Authorization": AUTHORIZATION,
        }
        for attempt in range(2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.address, timeout=30)
            try:
                self.connection.request("POST", "/", json.dumps(request), headers)
                response = self.connection.getresponse()
                return response.status, json.loads(response.read() or b"{}")
            except (http.client.HTTPException, ConnectionError, json.JSONDecodeError) as broken:
                self.connection.close()
                self.connection = None
                if attempt:
                    return 0, {"__type": "Broken" + type(broken).__name__}
        return 0, {}


def order(value):
    """Return a value with sets in order: a set has none."""
    if isinstance(value, dict):
        return {k: sorted(v) if k in ("SS", "NS", "BS") and isinstance(v, list) else order(v) for k, v in value.items()}
    if isinstance(value, list):
        return [order(v) for v in value]
    return value


def text(value):
    return json.dumps(order(value), sort_keys=True)


def plain(operation, status, answer):
    """Return the comparable part of an answer, or None for an operation that is missing."""
    if status != 200:
        code = answer.get("__type", "").split("#")[-1]
        if code == "UnknownOperationException" or status == 501:
            return None
        reasons = [r.get("Code") for r in answer.get("CancellationReasons") or []]
        return text([code] + reasons + [answer.get("Item")] if answer.get("Item") else [code] + reasons)
    if operation in ("CreateTable", "DeleteTable", "DescribeTable"):
        return text("done")
    shown = {k: v for k, v in answer.items() if k != "ConsumedCapacity" and v not in ({}, None)}
    if operation == "Scan":
        shown.pop("ScannedCount", None)  # a block that ended early may differ
    if operation in ("Scan", "BatchGetItem"):
        shown = {k: sorted(map(text, v)) if isinstance(v, list) else v for k, v in shown.items()}
        tables = shown.get("Responses")
        if isinstance(tables, dict):
            shown["Responses"] = sorted(text(i) for items in tables.values() for i in items)
    return text(shown)


class Judge:
    """The comparison of all servers."""

    def __init__(self, servers, judged, verbose):
        self.servers, self.judged, self.verbose = servers, judged, verbose
        self.total, self.split, self.compared = 0, 0, 0
        self.kinds, self.reasons = collections.Counter(), collections.Counter()

    def compare(self, operation, request):
        """Send an operation and return whether all servers agree."""
        answers = {}
        for server in self.servers:
            answer = plain(operation, *server.send(operation, request))
            if answer is not None:
                answers[server] = answer
        self.total += 1
        ranks = collections.Counter(answers.values()).most_common()
        if len(answers) > 2 or len(answers) == 2 and len(ranks) == 1:
            self.compared += 1
        for server in answers:
            server.votes += 1
        if len(ranks) < 2:
            return True
        if ranks[0][1] == ranks[1][1]:
            self.split += 1
            self.show("no majority", operation, request, answers)
            return False
        for server, answer in answers.items():
            if answer != ranks[0][0]:
                server.minority += 1
                if server is self.judged:
                    self.blame(operation, request, answers)
        return False

    def blame(self, operation, request, answers):
        """Count a minority of the judged server, by the reason to keep it or by its operation."""
        reason = kept.reason(operation, request, answers[self.judged])
        if reason:
            self.reasons[reason] += 1
            if self.verbose:
                self.show("kept", operation, request, answers)
            return
        self.kinds[operation] += 1
        self.show("minority", operation, request, answers)

    def show(self, word, operation, request, answers):
        if self.verbose or word == "minority":
            print(f"{word}: {operation} {json.dumps(request, sort_keys=True)}")
            for server, answer in answers.items():
                print(f"    {server.name:10} {answer[:600]}")

    def report(self, limit):
        """Print the counts and return the exit code."""
        print(f"{self.total} operations, {self.compared} with a majority possible, {self.split} without a majority")
        for server in self.servers:
            share = 100 * server.minority / max(self.total, 1)
            print(f"{server.name:10} in the minority in {server.minority} ({share:.2f} %), {server.votes} votes")
        for reason, count in self.reasons.most_common():
            print(f"    kept {count}: {reason}")
        left = sum(self.kinds.values())
        share = 100 * left / max(self.total, 1)
        print(f"{self.judged.name} without the kept ones: {left} ({share:.2f} %), the limit is {limit} %: {dict(self.kinds)}")
        return 1 if share > limit else 0


def play(judge, seed, count):
    """Compare operations until the count is reached."""
    chance = random.Random(seed)
    block = 0
    while judge.total < count:
        table = f"judge{seed}-{block}"
        for server in judge.servers:
            status, answer = server.send("CreateTable", operations.table(table))
            if status != 200:
                print(f"{server.name} does not create a table: {status} {answer}", file=sys.stderr)
                return 3
        for _ in range(BLOCKS):
            block += 1
            maker = operations.Maker(chance, table, f"p{block}")
            for _ in range(BLOCK):
                if judge.total >= count or not judge.compare(*maker.next()):
                    break
        for server in judge.servers:
            server.send("DeleteTable", {"TableName": table})
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--operations", type=int, default=5000)
    parser.add_argument("--limit", type=float, default=0.5, help="percent of all operations")
    parser.add_argument("--judged", help="the judged server instead of the first one")
    parser.add_argument("--verbose", action="store_true", help="print operations without a majority too")
    parser.add_argument("servers", nargs="+", metavar="NAME=URL")
    given = parser.parse_args()
    pairs = [pair.partition("=") for pair in given.servers]
    if len(pairs) < 3 or not all(url for _, _, url in pairs):
        parser.error("give at least three servers as NAME=URL")
    servers = [Server(name, url) for name, _, url in pairs]
    judged = next((s for s in servers if s.name == given.judged), servers[0])
    judge = Judge(servers, judged, given.verbose)
    return play(judge, given.seed, given.operations) or judge.report(given.limit)


if __name__ == "__main__":
    sys.exit(main())
