#!/usr/bin/env python3
"""Compares ecssim's event patterns with AWS's event-ruler, on random pairs of a pattern and an event."""

import argparse
import json
import pathlib
import random
import re
import subprocess
import sys
from collections import Counter

FIELDS = ["a", "b", "c", "d"]
TEXTS = ["", "a", "ab", "aB", "AB", "abc", "b", "ba", "x/y/z", "x*y", "10.0.0.7", "10.0.1.7", "::1", "2001:db8::7", "300", "true", "ä", "Ä"]
NUMBERS = ["0", "1", "-1", "300", "0.1", "-0.5", "1e-3", "100000", "5000000000", "-5000000000", "12.345678"]
RARE = ["300.0", "3e2", "3.0E2", "5000000001", "6e9"]
LITERALS = ["null", "true", "false"]
CIDRS = ["10.0.0.0/24", "10.0.0.0/8", "::/64", "2001:db8::/32", "10.0.0.7/32", "10.0.0.0", "10.0.0.0/33"]
WILDCARDS = ["*", "a*", "*b", "a*b", "*a*", "x/*/z", "a\\*", "x\\*y", "**", "a**b", "", "\\a", "ab"]


OTHERWISE = re.compile(r"(?<![\w.+-])(300\.0|3e2|3\.0E2)(?![\w.])")
BEYOND = re.compile(r"(?<![\w.+-])(5000000001|6e9)(?![\w.])")

# Kept differences: what marks them, and why ecssim stays with its own answer.
KEPT = [
    (lambda p, e: re.search(r'"cidr":"[0-9.:]*/0"', p), "a block of all addresses: event-ruler compares it with numbers and other addresses as text"),
    (lambda p, e: BEYOND.search(p + e), "a number beyond 5e9: the guide limits numbers, event-ruler does not"),
    (lambda p, e: OTHERWISE.search(p + e), "a number written otherwise: the guide says that 300, 300.0 and 3.0e2 differ as values"),
    (lambda p, e: re.search(r'"wildcard":.*"equals-ignore-case":|"equals-ignore-case":.*"wildcard":', p),
     "a wildcard beside equals-ignore-case: event-ruler matches a text that neither of them matches"),
    (lambda p, e: '"$or"' in p, "$or beside a field of its name: event-ruler lets the later replace the earlier, the guide is silent"),
]


class Raw(str):
    """A piece of JSON, written as it is."""


def write(value):
    if isinstance(value, Raw):
        return value
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{write(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(write(v) for v in value) + "]"
    return json.dumps(value)


def number(r):
    return Raw(r.choice(RARE if r.random() < 0.01 else NUMBERS))


def scalar(r):
    return r.choices([r.choice(TEXTS), number(r), Raw(r.choice(LITERALS))], [5, 3, 1])[0]


def event(r, depth=0):
    out = {}
    for name in r.sample(FIELDS, r.randint(1, 4)):
        kind = r.random()
        if depth < 2 and kind < 0.2:
            out[name] = event(r, depth + 1)
        elif kind < 0.32:
            out[name] = [scalar(r) for _ in range(r.randint(0, 3))]
        elif depth < 2 and kind < 0.4:
            out[name] = [event(r, depth + 1) for _ in range(r.randint(1, 2))]
        else:
            out[name] = scalar(r)
    return out


def several(r, make):
    return [make() for _ in range(r.randint(1, 2))] if r.random() < 0.5 else make()


def numeric(r):
    one, two = number(r), number(r)
    kind = r.random()
    if kind < 0.2:
        return ["=", one]
    if kind < 0.6:
        return [r.choice(["<", "<=", ">", ">="]), one]
    return [r.choice([">", ">="]), one, r.choice(["<", "<="]), two]


def anything_but(r):
    text = lambda: r.choice(TEXTS)  # noqa: E731
    kind = r.randrange(9)
    if kind == 0:
        return several(r, text)
    if kind == 1:
        return several(r, lambda: number(r))
    if kind == 2:
        return {"prefix": several(r, text)}
    if kind == 3:
        return {"suffix": several(r, text)}
    if kind == 4:
        return {"equals-ignore-case": several(r, text)}
    if kind == 5:
        return {"wildcard": several(r, lambda: r.choice(WILDCARDS))}
    if kind == 6:
        return {r.choice(["prefix", "suffix"]): {"equals-ignore-case": several(r, text)}}
    if kind == 7:
        return {r.choice(["numeric", "cidr", "exists", "unknown"]): text()}
    return [scalar(r), scalar(r)]


def element(r):
    text = r.choice(TEXTS)
    kind = r.randrange(14)
    if kind < 4:
        return scalar(r)
    if kind == 4:
        return {"prefix": text}
    if kind == 5:
        return {"suffix": text}
    if kind == 6:
        return {"equals-ignore-case": text}
    if kind == 7:
        return {r.choice(["prefix", "suffix"]): {"equals-ignore-case": text}}
    if kind == 8:
        return {"wildcard": r.choice(WILDCARDS)}
    if kind == 9:
        return {"anything-but": anything_but(r)}
    if kind == 10:
        return {"numeric": numeric(r)}
    if kind == 11:
        return {"exists": r.random() < 0.5}
    if kind == 12:
        return {"cidr": r.choice(["0.0.0.0/0", "::/0"] if r.random() < 0.01 else CIDRS)}
    return {"anything-but": anything_but(r)}


def pattern(r, depth=0, fields=FIELDS):
    out = {}
    for name in r.sample(fields, r.randint(1, 2)):
        if depth < 2 and r.random() < 0.25:
            out[name] = pattern(r, depth + 1)
        else:
            out[name] = [element(r) for _ in range(r.randint(1, 2))]
    if len(fields) == len(FIELDS) and r.random() < 0.08:
        others = fields if r.random() < 0.02 else [f for f in FIELDS if f not in out]
        out["$or"] = [pattern(r, depth + 1, others) for _ in range(r.randint(2, 3))]
    return out


def derived(r, of):
    """Returns a pattern for an event, so that more than a few match."""
    out = {}
    for name in r.sample(sorted(of), min(len(of), r.randint(1, 2))):
        value = of[name]
        while isinstance(value, list) and value:
            value = r.choice(value)
        if isinstance(value, dict):
            out[name] = derived(r, value)
        elif r.random() < 0.4 and value != []:
            out[name] = [value, element(r)]
        else:
            out[name] = [element(r)]
    return out


def pairs(seed, count):
    r = random.Random(seed)
    for _ in range(count):
        subject = event(r)
        asked = derived(r, subject) if r.random() < 0.6 else pattern(r)
        yield {"pattern": write(asked), "event": write(subject)}


def ask(command, lines):
    out = subprocess.run(command, input=lines, stdout=subprocess.PIPE, text=True, check=True)
    return out.stdout.split()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ours", default=".tools/judges/patterns/patterns", help="the command of this folder")
    parser.add_argument("--ruler", default=".tools/judges/patterns/jars", help="the folder with event-ruler")
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    asked = list(pairs(options.seed, options.count))
    lines = "".join(json.dumps(pair) + "\n" for pair in asked)
    here = pathlib.Path(__file__).parent
    theirs = ask(["java", "-cp", f"{options.ruler}/*", str(here / "EventRuler.java")], lines)
    ours = ask([options.ours], lines)
    if not len(ours) == len(theirs) == len(asked) > 0:
        sys.exit(f"judge patterns: {len(ours)} and {len(theirs)} answers to {len(asked)} pairs")
    different = [(p, o, t) for p, o, t in zip(asked, ours, theirs) if o != t]
    share = 100 * (len(asked) - len(different)) / len(asked)
    print(
        f"judge patterns: passed {len(asked) - len(different)} of {len(asked)} ({share:.2f} %); event-ruler answers {dict(Counter(theirs))}"
    )
    unexplained = []
    classes = Counter()
    for p, o, t in different:
        reason = next((reason for marks, reason in KEPT if marks(p["pattern"], p["event"])), None)
        classes[reason] += 1
        if reason is None:
            unexplained.append(p)
            print(f"  ecssim {o}, event-ruler {t}: pattern {p['pattern']} event {p['event']}")
    for reason, count in classes.most_common():
        print(f"  {count} differ: {reason or 'without a reason'}")
    answers = Counter(theirs)
    if min(answers[a] for a in ("true", "false", "invalid")) < len(asked) / 100:
        sys.exit("judge patterns: one kind of answer is rarer than 1 %, so the pairs say little")
    sys.exit(0 if share >= 99.8 and not unexplained else 1)


if __name__ == "__main__":
    main()
