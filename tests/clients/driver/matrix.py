"""Recorded with each client, replayed with each: 4 × 4."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from . import programs
from .clients import all_clients
from .scenarios import MISSED, RECORDED, REPLAYED_AS, SEEN, by_fault

# Players of one cassette at a time: mostly they wait between tries.
AT_ONCE = 4


@dataclass
class Cell:
    """How many scenarios came back as they were recorded."""

    passed: int = 0
    failures: list = field(default_factory=list)

    def check(self, what, problem):
        if problem:
            self.failures.append(f"{what}: {problem}")
        else:
            self.passed += 1

    def add(self, what, other):
        self.passed += other.passed
        self.failures += [f"{what}: {failure}" for failure in other.failures]

    def __str__(self):
        return f"{self.passed}/{self.passed + len(self.failures)}"


def record(client, cassette, folder):
    """Records every scenario that the client can do; gives what it saw."""
    seen = {}
    for faults, names in by_fault().items():
        if not client.able(names):
            continue
        with programs.recorder(cassette, folder, *faults) as recording:
            seen |= client.run(names, recording.endpoint)
    return seen


def replay(client, recorded, cassette, folder):
    """Replays what was recorded, then asks for what was not."""
    cell = Cell()
    names = client.able(list(recorded))
    missed = client.able([scenario.name for scenario in MISSED])
    # Each attempt in turn, so that retries are compared too.
    with programs.server(cassette, "replay", folder, "--attempts", "all") as replaying:
        seen = client.run(names + missed, replaying.endpoint)
    for name in names:
        cell.check(name, difference(recorded[name] | REPLAYED_AS[name], seen[name]))
    for scenario in MISSED:
        if scenario.name in missed and can_be_near(scenario, recorded):
            cell.check(scenario.name, no_miss(scenario, seen[scenario.name]))
    return cell


def difference(recorded, replayed):
    if recorded == replayed:
        return None
    members = sorted({*recorded, *replayed})
    apart = [
        f"{member} was {recorded.get(member)!r}, is {replayed.get(member)!r}"
        for member in members
        if recorded.get(member) != replayed.get(member)
    ]
    return "; ".join(apart)


def can_be_near(scenario, recorded):
    """Only beside an exchange of its operation can a miss name a path."""
    return "stream" not in scenario.name or "converse-stream" in recorded


def no_miss(scenario, seen):
    """What is wrong with a miss: typed, at the first try, and with the path that differs."""
    if (seen["outcome"], seen.get("error")) != ("error", "ValidationException"):
        return f"expected a ValidationException, found {json.dumps(seen)}"
    if seen["attempts"] != 1:
        return f"expected one attempt, found {seen['attempts']}"
    if scenario.misses_at not in seen["message"]:
        return f"expected `{scenario.misses_at}` in the message, found {seen['message']!r}"
    return None


def keys(cassette):
    """The request key of every exchange."""
    lines = map(json.loads, programs.run("cassette", "export", cassette).splitlines())
    return {line["exchange"]["key"] for line in lines if "exchange" in line}


def table(names, cells):
    first = "recorded by ↓ replayed by →"
    width = max(map(len, names)) + 2
    print(first + "".join(name.rjust(width) for name in names))
    for recorder in names:
        row = "".join(str(cells[recorder, player]).rjust(width) for player in names)
        print(recorder.ljust(len(first)) + row)


def check(folder):
    """Runs the matrix and prints it; gives passed checks and failures."""
    clients = all_clients()
    cells, seen, keyed = {}, {}, {}
    for recorder in clients:
        cassette = folder / f"{recorder.name}.sqlite"
        seen[recorder.name] = record(recorder, cassette, folder)
        keyed[recorder.name] = keys(cassette)
        players = [(player, seen[recorder.name], cassette, folder) for player in clients]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            seen_by = pool.map(lambda each: replay(*each), players)
            for player, cell in zip(clients, seen_by, strict=True):
                cells[recorder.name, player.name] = cell
    table([client.name for client in clients], cells)
    for client in clients:
        for why in sorted(set(client.cannot.values())):
            names = [name for name, reason in client.cannot.items() if reason == why]
            print(f"{client.name} is without {', '.join(names)}: {why}")
    passed = sum(cell.passed for cell in cells.values())
    failures = [
        f"{recorder} → {player}: {failure}"
        for (recorder, player), cell in cells.items()
        for failure in cell.failures
    ]
    same = Cell()
    same_requests(clients, seen, keyed, same)
    for client in clients:
        as_it_has_to_be(client, seen[client.name], same)
    return passed + same.passed, failures + same.failures


def as_it_has_to_be(client, seen, cell):
    """What was recorded is what the scenario is about: the typed error, the tries, the events."""
    for name, line in seen.items():
        shown = {member: line.get(member) for member in SEEN[name]}
        problem = difference(SEEN[name], shown)
        cell.check(f"{client.name} sees {name}", problem)


def same_requests(clients, seen, keyed, cell):
    """Whoever sends a request, it gets one key and one answer."""
    first = clients[0]
    for other in clients[1:]:
        for name, line in seen[other.name].items():
            cell.check(f"{other.name} records {name}", difference(seen[first.name][name], line))
        strange = keyed[other.name] - keyed[first.name]
        cell.check(f"{other.name} keys", strange and f"{len(strange)} are not {first.name}'s")
        count = len(other.able([scenario.name for scenario in RECORDED]))
        found = len(keyed[other.name])
        cell.check(f"{other.name} exchanges", found != count and f"{found}, expected {count}")
