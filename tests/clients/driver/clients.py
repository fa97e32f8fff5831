"""The four clients: the command of each, and what it cannot do."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from . import programs
from .scenarios import SCENARIOS

HERE = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
MODULES = programs.TARGET / "clients" / "npm"

NO_STREAMS = "the AWS CLI has no command for a streaming operation"
NO_OCTETS = "version 1 of the AWS CLI takes text, not octets, inside JSON"
STREAMS = [scenario.name for scenario in SCENARIOS if "stream" in scenario.name]


@dataclass(frozen=True)
class Client:
    """A program that takes names of scenarios and prints a line for each."""

    name: str
    command: tuple
    cannot: dict

    def able(self, names):
        return [name for name in names if name not in self.cannot]

    def run(self, names, endpoint, options=(), variables=None):
        """What the client saw, by scenario."""
        names = self.able(names)
        if not names:
            return {}
        done = subprocess.run(
            [*self.command, *options, *names],
            capture_output=True,
            text=True,
            check=False,
            timeout=programs.PATIENCE,
            env=programs.client_environment(endpoint) | (variables or {}),
        )
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        seen = {line.pop("scenario"): line for line in lines}
        if done.returncode != 0 or list(seen) != names:
            raise RuntimeError(f"{self.name} stopped: {done.stderr[-4000:]}")
        return seen


def javascript():
    """The script beside its modules, which lie below the target folder."""
    script = MODULES / "scenarios.mjs"
    shutil.copy(HERE / "javascript" / "scenarios.mjs", script)
    return (BIN / "node", script)


def all_clients():
    boto3 = (sys.executable, HERE / "python" / "scenarios.py")
    cli = (sys.executable, HERE / "cli" / "scenarios.py")
    rust = (programs.TARGET / "debug" / "examples" / "sdk-client",)
    cannot = {name: NO_STREAMS for name in STREAMS} | {"converse-image": NO_OCTETS}
    return [
        Client("boto3", boto3, {}),
        Client("AWS CLI", cli, cannot),
        Client("JavaScript", javascript(), {}),
        Client("Rust", rust, {}),
    ]
