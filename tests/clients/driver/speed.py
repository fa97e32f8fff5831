"""How fast recorders replay, side by side: they take turns, and what counts is the median of each.

Needs wrk. Whoever is measured has the first core to itself, the load the second.
"""

import os
import re
import statistics
import subprocess
from contextlib import contextmanager

from . import programs

DISTINCT = 500
CONNECTIONS = 16
RECORDING = 20
TURNS = 5
TURN = 4


def load(endpoint, connections, seconds):
    """Asks for the distinct exchanges over and over: answers a second, and how many failed."""
    command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
    command += ["-s", programs.ROOT / "benches" / "serve" / "requests.lua", endpoint]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        env=programs.bare_environment() | {"EXCHANGES": str(DISTINCT)},
    )
    told = done.stdout.strip().splitlines()[-1]
    numbers = re.search(r"(\d+) a second.* (\d+) failed", told)
    return int(numbers[1]), int(numbers[2])


@contextmanager
def on_the_first_core():
    """What is started here has the first core to itself."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {0})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def measure(contenders, folder):
    """Prints each one's median; gives the first's failures."""
    places = {contender: folder / f"{contender.name}-speed" for contender in contenders}
    rates = {contender: [] for contender in contenders}
    failed = {contender: 0 for contender in contenders}
    for contender, place in places.items():
        place.mkdir()
        with programs.simulator(place) as simulator:
            with contender.recording(place, simulator.endpoint) as endpoint:
                load(endpoint, 1, RECORDING)
    for _ in range(TURNS):
        for contender, place in places.items():
            with on_the_first_core(), contender.replaying(place) as endpoint:
                rate, failures = load(endpoint, CONNECTIONS, TURN)
            rates[contender].append(rate)
            failed[contender] += failures
    ours = contenders[0]
    fastest = statistics.median(rates[ours])
    print(f"replay of {DISTINCT} exchanges, {CONNECTIONS} connections, {TURNS} turns:")
    for contender, of in rates.items():
        median = statistics.median(of)
        ratio = "" if contender is ours else f", {fastest / median:.1f} × as fast is {ours.name}"
        lost = f", {failed[contender]} failed" if failed[contender] else ""
        print(f"{contender.name}: {median:.0f} a second ({min(of)} to {max(of)}){lost}{ratio}")
    return [f"{failed[ours]} calls failed"] if failed[ours] else []
