"""Runs the checks; prints every failure and, at the end, the count."""

import sys
import tempfile
from pathlib import Path

from . import api_key, crossing, frameworks, matrix, metrics, peers, readme

CHECKS = {
    "matrix": matrix.check,
    "crossing": crossing.check,
    "api_key": api_key.check,
    "frameworks": frameworks.check,
    "metrics": metrics.check,
    "peers": peers.check,
    "readme": readme.check,
}
# Needs the others, which `just peers` installs.
COMPARISONS = {"compare": peers.compare}
# Of a failure's line: some hold a whole answer.
LONGEST = 600


def main():
    passed, failures = 0, []
    for name in sys.argv[1:] or CHECKS:
        with tempfile.TemporaryDirectory() as folder:
            print(f"== {name}", flush=True)
            good, bad = (CHECKS | COMPARISONS)[name](Path(folder))
            passed += good
            failures += [f"{name}: {failure}" for failure in bad]
    for failure in failures:
        print(failure[:LONGEST], file=sys.stderr)
    print(f"{passed} passed, {len(failures)} failed")
    sys.exit(bool(failures))


main()
