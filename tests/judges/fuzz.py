#!/usr/bin/env python3
"""Starts ecssim, dynalite, ministack and moto, and sends them the random operations of dynamodb/fuzz.py."""

import argparse
import pathlib
import re
import subprocess
import sys
from contextlib import ExitStack

from peers import Peer
from server import Server

HERE = pathlib.Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default="bin/homeostat")
    parser.add_argument("--fuzz", default=str(HERE / "dynamodb/fuzz.py"))
    parser.add_argument("--operations", type=int, default=5000)
    options = parser.parse_args()
    with ExitStack() as stack:
        servers = [f"ecssim={stack.enter_context(Server(options.binary, speed=0)).url}"]
        servers += [f"{name}={stack.enter_context(Peer(name)).url}" for name in ("dynalite", "ministack", "moto")]
        command = [sys.executable, options.fuzz, "--operations", str(options.operations), *servers]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    total = re.search(r"^(\d+) operations, (\d+) with a majority possible", done.stdout, re.M)
    left = re.search(r"^ecssim without the kept ones: (\d+)", done.stdout, re.M)
    if not total or not left or int(total[2]) == 0:
        sys.exit(f"judge dynamodb: nothing was compared\n{done.stdout}")
    print(f"judge dynamodb: passed {int(total[1]) - int(left[1])} of {total[1]} operations; in the others ecssim is in the minority")
    print("  " + done.stdout.strip().replace("\n", "\n  "))
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
