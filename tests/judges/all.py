#!/usr/bin/env python3
"""Runs the judges, two at a time, and exits non-zero when one of them does.

The judges are the names below; without a name all of them run.
"""

import argparse
import concurrent.futures
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
TOOLS = HERE.parent.parent / ".tools/judges"

# TIMEOUT is the limit of one judge, in seconds.
TIMEOUT = 300


def judges(binary):
    """Returns the command of each judge, the longest first."""
    python = [sys.executable]
    out = {"moto-dynamodb": None}
    if (HERE / "dynamodb/fuzz.py").exists():
        out["dynamodb"] = [*python, HERE / "fuzz.py", "--binary", binary]
    out |= {
        "documented": [*python, HERE / "documented/run.py", "--binary", binary],
        "awscli": [*python, HERE / "awscli/run.py", "--binary", binary, "--workers", "1"],
        "ecs-deploy": [*python, HERE / "ecsdeploy.py", "--binary", binary],
        "moto-ecs": None,
        "moto-ecr": None,
        "moto-events": None,
        "moto-cloudwatch": None,
        "moto-applicationautoscaling": None,
        "boto3": [*python, HERE / "boto.py", "--binary", binary],
        "patterns": [*python, HERE / "patterns/run.py", "--ours", TOOLS / "patterns/patterns", "--ruler", TOOLS / "patterns/jars"],
        "strict": [*python, HERE / "strict.py", "--binary", binary],
        "js": ["node", "--no-warnings", TOOLS / "js/flows.mjs", binary],
    }
    for name in out:
        if name.startswith("moto-"):
            out[name] = [*python, HERE / "moto/run.py", "--binary", binary, "--suite", name.removeprefix("moto-"), "--workers", "1"]
    return out


def run(name, command):
    """Runs a judge, and returns whether it is content."""
    begun = time.monotonic()
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT)
        text, good = done.stdout, done.returncode == 0
    except subprocess.TimeoutExpired:
        text, good = f"longer than {TIMEOUT} s\n", False
    if f"judge {name}: passed " not in text:
        text, good = text + f"judge {name} ran nothing\n", False
    print(f"{text.rstrip()}\n  {name} {'is content' if good else 'FAILS'} after {time.monotonic() - begun:.0f} s", flush=True)
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="JUDGE")
    parser.add_argument("--binary", default="bin/homeostat")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    known = judges(str(pathlib.Path(options.binary).resolve()))
    unknown = set(options.names) - set(known)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    names = [name for name in known if not options.names or name in options.names]
    begun = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(options.workers) as pool:
        good = dict(zip(names, pool.map(lambda name: run(name, known[name]), names)))
    failed = [name for name in names if not good[name]]
    print(f"judges: {len(names) - len(failed)} of {len(names)} are content, after {time.monotonic() - begun:.0f} s" + "".join(f"; {n} fails" for n in failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
