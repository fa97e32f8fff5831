"""LangChain and an agent's loop: recorded once, replayed without an upstream."""

import json
import subprocess
import sys

from . import programs
from .clients import HERE
from .matrix import Cell, difference

PROGRAM = HERE / "python" / "langchain_agent.py"


def run(endpoint, *arguments):
    return subprocess.run(
        [sys.executable, PROGRAM, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=programs.PATIENCE,
        env=programs.client_environment(endpoint),
    )


def lines(done):
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    seen = {}
    for line in done.stdout.splitlines():
        seen |= json.loads(line)
    return seen


def check(folder):
    cassette = folder / "langchain.sqlite"
    with programs.recorder(cassette, folder) as recording:
        recorded = lines(run(recording.endpoint))
    cell = Cell()
    turns = [turn["by"] for turn in recorded["agent"]]
    expected = ["human", "ai", "tool", "ai"]
    cell.check("the agent calls its tool and answers", turns != expected and f"{turns}")
    with programs.server(cassette, "replay", folder) as replaying:
        replayed = lines(run(replaying.endpoint))
        missed = run(replaying.endpoint, "--miss")
    for name, line in recorded.items():
        cell.check(name, difference({"it": line}, {"it": replayed[name]}))
    cell.check("a miss is raised", missed.returncode == 0 and "it went on")
    for told in ("ValidationException", "/messages/0/content/0/text", "no recorded exchange"):
        cell.check(f"a miss tells `{told}`", told not in missed.stderr and missed.stderr[-500:])
    misses = replaying.log.count(" miss 400 ")
    cell.check("a miss is asked for once", misses != 1 and f"{misses} lines in the log")
    print(f"LangChain {cell}: chat, stream, agent ({' → '.join(turns)}), miss")
    return cell.passed, cell.failures
