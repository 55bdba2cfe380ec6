#!/usr/bin/env python3
"""Runs moto's own tests against `homeostat serve`, and compares them with the kept lists.

README.md in the folder above describes the lists and the figures.
"""

import argparse
import fcntl
import json
import os
import pathlib
import queue
import re
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from server import REGION, Server  # noqa: E402

SUITES = ["ecs", "ecr", "applicationautoscaling", "cloudwatch", "dynamodb", "events"]
CHUNK = 150  # tests in one process of pytest, which takes 2 s to start


def unpack(archive, folder):
    """Unpacks moto's tests and replaces its region by ecssim's."""
    done = folder / "unpacked"
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another suite may begin at the same time
        if not done.exists():
            unpack_tests(archive, folder)
            done.touch()


def unpack_tests(archive, folder):
    subprocess.run(["tar", "xzf", archive, "-C", folder, "--strip-components=1", "--wildcards", "*/tests/*"], check=True)
    for file in (folder / "tests").rglob("*.py"):
        text = file.read_text()
        changed = re.sub(r"us-east-1(?!\d)", REGION, text)
        if changed != text:
            file.write_text(changed)


def environment(url, results, timeout):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MOTO_", "PYTEST_"))}
    env.update(
        TEST_SERVER_MODE="true",
        TEST_SERVER_MODE_ENDPOINT=url,
        MOTO_CALL_RESET_API="false",
        MOTO_EC2_LOAD_DEFAULT_AMIS="false",
        JUDGE_URL=url,
        JUDGE_RESULTS=str(results),
        JUDGE_TIMEOUT=str(timeout),
        AWS_ENDPOINT_URL=url,
        AWS_ACCESS_KEY_ID="ecssim",
        AWS_SECRET_ACCESS_KEY="ecssim",
        AWS_EC2_METADATA_DISABLED="true",
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_MAX_ATTEMPTS="2",
        PYTHONPATH=str(HERE),
        NO_PROXY="127.0.0.1",
    )
    return env


def pytest(folder, *arguments, env, **options):
    command = [sys.executable, "-m", "pytest", "-q", "--color=no", "-p", "no:cacheprovider", "--rootdir", str(folder), *arguments]
    return subprocess.run(command, cwd=folder, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)


def collect(folder, suite, chosen):
    """Returns the ids of the tests of a suite."""
    out = pytest(folder, "--collect-only", *chosen, f"tests/test_{suite}", env=environment("http://127.0.0.1:9", "", 0))
    tests = [line for line in out.stdout.splitlines() if "::" in line and line.startswith("tests/")]
    if not tests:
        sys.exit(f"no test of moto was found for {suite}:\n{out.stdout}")
    return tests


def play(options, folder, tests):
    """Runs the tests in parallel. Each worker has a simulated account of its own."""
    chunks = queue.Queue()
    for i in range(0, len(tests), CHUNK):
        chunks.put(tests[i : i + CHUNK])
    results = {}

    def work(number):
        with Server(options.binary) as server:
            while True:
                try:
                    chunk = chunks.get_nowait()
                except queue.Empty:
                    return
                lines = folder / f"results-{os.getpid()}-{number}.jsonl"
                lines.unlink(missing_ok=True)
                lines.touch()
                out = pytest(folder, "-p", "plugin", "--tb=short", *chunk, env=environment(server.url, lines, options.timeout))
                for line in lines.read_text().splitlines():
                    result = json.loads(line)
                    results[result["test"]] = result
                missing = [t for t in chunk if t not in results]
                if missing:
                    print(f"moto: {len(missing)} tests of a process gave no result:\n{out.stdout[-3000:]}", file=sys.stderr)
                lines.unlink()

    workers = [threading.Thread(target=work, args=(n,)) for n in range(options.workers)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    return results


def kept(lists, suite):
    """Reads the kept list: test id, tab, reason. The first lines set the floors."""
    floors, reasons = {}, {}
    path = lists / f"{suite}.txt"
    if not path.exists():
        return floors, reasons
    for line in path.read_text().splitlines():
        if match := re.fullmatch(r"# floor (passes|share): (\d+(?:\.\d+)?)", line):
            floors[match[1]] = float(match[2])
        elif line and not line.startswith("#"):
            test, tab, reason = line.partition("\t")
            if not tab or not re.match(r"(moto's own behaviour|not modelled|ecssim's fault|not of ecssim): ", reason):
                sys.exit(f"{path}: {line!r} has no reason of a known kind")
            reasons[test] = reason
    return floors, reasons


def judge(options, suite, tests, results):
    """Prints the figures of a suite, and returns whether it meets its list and floors."""
    floors, reasons = kept(options.lists, suite)
    passed, unexpected, mended = [], [], []
    aside = []  # outcomes of tests that never ask the endpoint
    for test in tests:
        result = results.get(test, {"outcome": "failed", "requests": 1, "text": "no result"})
        ok = result["outcome"] == "passed"
        if result["outcome"] == "skipped" or (ok and not result["requests"]):
            aside.append(result["outcome"])
            continue
        if ok:
            passed.append(test)
            if test in reasons:
                mended.append(test)
        elif test not in reasons:
            unexpected.append((test, result))
    open_reasons = [reason for test, reason in reasons.items() if test not in passed]
    faults = sum(reason.startswith("ecssim's fault: ") for reason in open_reasons)
    own = sum(reason.startswith("moto's own behaviour: ") for reason in open_reasons)
    as_aws = len(passed) + len(unexpected) + faults
    share = 100 * len(passed) / as_aws if as_aws else 0
    supported = 100 * len(passed) / (as_aws + own) if as_aws else 0
    print(
        f"judge moto-{suite}: passed {len(passed)} of {len(tests) - len(aside)} that ask ecssim, {supported:.1f} % of the supported, "
        f"{share:.1f} % without moto's own behaviour; with those that ask nobody {len(passed) + aside.count('passed')} of {len(tests)}"
    )
    for test in mended:
        print(f"  passes, remove it from {suite}.txt: {test}")
    for test, result in unexpected:
        text = result["text"].splitlines() or [""]
        print(f"  fails and is not listed: {test}\t{text[0][:300]}")
    whole = not options.only
    for test in sorted(set(reasons) - set(tests)) if whole else []:
        print(f"  moto has no such test: {test}")
    good = not unexpected and bool(passed)
    if whole and len(passed) < floors.get("passes", 1):
        print(f"  {len(passed)} tests pass, expected at least {floors['passes']:.0f}")
        good = False
    if whole and share < floors.get("share", 0):
        print(f"  {share:.1f} % pass without moto's own behaviour, expected at least {floors['share']:g} %")
        good = False
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default="bin/homeostat", help="the program to judge")
    parser.add_argument("--archive", help="moto's source archive (default: the newest in .tools/judges/moto, or beside this file)")
    parser.add_argument("--suite", action="append", choices=SUITES, help="one suite; may be repeated (default: all)")
    parser.add_argument("--only", default="", metavar="EXPRESSION", help="only tests that match this expression of pytest -k")
    parser.add_argument("--lists", type=pathlib.Path, default=HERE, metavar="FOLDER", help="the folder of the kept lists")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--timeout", type=int, default=20, help="seconds of one test")
    parser.add_argument("--json", metavar="FILE", help="write each result with its traceback to this file")
    options = parser.parse_args()
    options.binary = str(pathlib.Path(options.binary).resolve())
    root = HERE.parent.parent.parent
    archives = [pathlib.Path(options.archive)] if options.archive else sorted((root / ".tools/judges/moto").glob("moto-*.tar.gz"))
    if not archives:
        sys.exit("moto's source archive is missing: run make judges, or set --archive")
    folder = archives[-1].resolve().parent / "source"
    folder.mkdir(exist_ok=True)
    unpack(archives[-1].resolve(), folder)
    suites = options.suite or SUITES
    chosen = ["-k", options.only] if options.only else []
    tests = {suite: collect(folder, suite, chosen) for suite in suites}
    results = play(options, folder, [t for suite in suites for t in tests[suite]])
    if options.json:
        with open(options.json, "w") as file:
            for result in results.values():
                file.write(json.dumps(result) + "\n")
    good = [judge(options, suite, tests[suite], results) for suite in suites]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
