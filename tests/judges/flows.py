"""What the judges of flows share: each flow is a function that asserts."""

import sys
import traceback


def run(name, flows, floor, *arguments):
    """Runs each flow, prints the figures, and exits non-zero below the floor."""
    passed, failures = 0, []
    for flow in flows:
        try:
            flow(*arguments)
            passed += 1
        except Exception:  # a flow of another's client may raise anything
            lines = traceback.format_exc().strip().splitlines()
            failures.append(f"  {flow.__name__}: {' '.join(lines[-3:])[:600]}")
    print(f"judge {name}: passed {passed} of {len(flows)}")
    print("\n".join(failures) + "\n" if failures else "", end="")
    sys.exit(0 if passed >= floor > 0 else 1)
