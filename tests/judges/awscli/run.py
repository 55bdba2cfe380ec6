#!/usr/bin/env python3
"""Runs everyday commands of the unchanged AWS CLI against `homeostat serve`.

Each file *.txt has the commands of one service, with a simulated account of its own. A line is one of
    EXIT <tab> PATTERN <tab> COMMAND   the wanted exit code, a regular expression for the output, the words after "aws"
    @advance 2m                        moves the clock
    NAME = COMMAND                     keeps the output for ${NAME} in later lines
"""

import argparse
import concurrent.futures
import contextlib
import io
import os
import pathlib
import re
import shlex
import signal
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from awscli.clidriver import create_clidriver  # noqa: E402
from server import Server  # noqa: E402

# FLOOR is the number of commands that have to answer as wanted.
FLOOR = 218


# TIMEOUT is the limit of one command, in seconds.
TIMEOUT = 25


class TooLong(BaseException):
    pass


def on_alarm(signum, frame):
    raise TooLong


class Group:
    """The commands of a file. They run in one process, because a start of the CLI takes a second."""

    def __init__(self, path, binary):
        self.path, self.binary = path, binary
        self.kept, self.passed, self.failures, self.count = {}, 0, [], 0

    def aws(self, server, command):
        words = shlex.split(re.sub(r"\$\{(\w+)\}", lambda m: self.kept.get(m[1], "missing"), command))
        out = io.StringIO()
        signal.alarm(TIMEOUT)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
                code = create_clidriver().main(["--endpoint-url", server.url, *words])
        except SystemExit as end:
            code = end.code
        except TooLong:
            code, out = -1, io.StringIO(f"longer than {TIMEOUT} s")
        finally:
            signal.alarm(0)
        return code, out.getvalue()

    def play(self):
        signal.signal(signal.SIGALRM, on_alarm)
        with Server(self.binary, speed=0) as server:
            data = os.environ["AWS_DATA_PATH"]  # the CLI sets it when it is imported
            os.environ.clear()
            os.environ.update(server.environment(), AWS_DATA_PATH=data)
            for number, line in enumerate(self.path.read_text().splitlines(), 1):
                if not line or line.startswith("#"):
                    continue
                if line.startswith("@advance "):
                    server.advance(line.removeprefix("@advance "))
                elif match := re.match(r"(\w+) = (.*)", line):
                    self.kept[match[1]] = self.aws(server, match[2])[1].strip()
                else:
                    self.check(server, number, *line.split("\t"))
        return self

    def check(self, server, number, wanted, pattern, command):
        self.count += 1
        code, text = self.aws(server, command)
        if code == int(wanted) and re.search(pattern, text, re.S):
            self.passed += 1
        else:
            self.failures.append(f"{self.path.name}:{number}: aws {command}\n    exit code {code}, wanted {wanted} and {pattern!r}: {' '.join(text.split())[:300]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="bin/homeostat")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    options = parser.parse_args()
    groups = [Group(path, options.binary) for path in sorted(HERE.glob("*.txt"), key=lambda p: -p.stat().st_size)]
    with concurrent.futures.ProcessPoolExecutor(options.workers) as pool:
        groups = list(pool.map(Group.play, groups))
    passed, count = sum(g.passed for g in groups), sum(g.count for g in groups)
    print(f"judge awscli: passed {passed} of {count}")
    for failure in (f for g in groups for f in g.failures):
        print(f"  {failure}")
    sys.exit(0 if passed >= FLOOR else 1)


if __name__ == "__main__":
    main()
