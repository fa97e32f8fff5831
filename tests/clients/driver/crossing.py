"""What the library records in its own process, the server replays to everyone; and back."""

from . import programs
from .clients import all_clients
from .matrix import Cell, difference, record, replay
from .scenarios import REPLAYED_AS, by_fault

# A replay in process asks nobody: nothing listens here.
NOBODY = "http://127.0.0.1:9"


def in_process(rust, cassette, mode, names, endpoint):
    options = ("--cassette", cassette)
    return rust.run(names, endpoint, options, {"BEDROCK_REPLAY_MODE": mode})


def record_in_process(rust, cassette, folder):
    seen = {}
    for faults, names in by_fault().items():
        with programs.simulator(folder, *faults) as upstream:
            seen |= in_process(rust, cassette, "record-all", names, upstream.endpoint)
    return seen


def replay_in_process(rust, seen, cassette):
    """In process only the outcome is replayed: the retries of a recording are left out."""
    replayed = in_process(rust, cassette, "replay", list(seen), NOBODY)
    cell = Cell()
    for name, line in seen.items():
        line = line | REPLAYED_AS[name] | {"attempts": replayed[name].get("attempts")}
        cell.check(name, difference(line, replayed[name]))
    return cell


def check(folder):
    clients = all_clients()
    rust = next(client for client in clients if client.name == "Rust")
    cell = Cell()
    cassette = folder / "in-process.sqlite"
    seen = record_in_process(rust, cassette, folder)
    for player in clients:
        found = replay(player, seen, cassette, folder)
        print(f"recorded in process, replayed by {player.name}: {found}")
        cell.add(f"in process → {player.name}", found)
    for recorder in clients:
        cassette = folder / f"{recorder.name}.sqlite"
        found = replay_in_process(rust, record(recorder, cassette, folder), cassette)
        print(f"recorded by {recorder.name}, replayed in process: {found}")
        cell.add(f"{recorder.name} → in process", found)
    return cell.passed, cell.failures
