"""Recorders that a boto3 program can be pointed at: ours, and the two it is measured against."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from . import programs

PEERS = programs.TARGET / "peers"


@contextmanager
def process(command, port, log, environment):
    """A program that listens on a port once it has started."""
    with open(log, "w", encoding="utf-8") as out:
        running = subprocess.Popen(
            command, stdout=out, stderr=out, env=environment, start_new_session=True
        )
        try:
            wait_for(port, running, log)
            yield running
        finally:
            # What is started may be a script around the program itself, and one of them goes on
            # for ever when it is asked to end. What they record is written with each call.
            os.killpg(running.pid, signal.SIGKILL)
            running.wait(programs.PATIENCE)


def wait_for(port, running, log):
    for _ in range(programs.PATIENCE * 10):
        if running.poll() is not None:
            raise RuntimeError(Path(log).read_text(encoding="utf-8"))
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"nothing listens on port {port}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Ours:
    """`bedrock-replay serve`."""

    name = "bedrock-replay"

    @contextmanager
    def recording(self, folder, upstream):
        cassette = folder / "ours.sqlite"
        # On this machine nothing is signed unless that is asked for.
        signing = programs.bare_environment() | programs.AWS | {"BEDROCK_REPLAY_SIGN": "always"}
        options = ("--endpoint-url", upstream)
        recorder = programs.server(cassette, "record-all", folder, *options, environment=signing)
        with recorder as running:
            yield running.endpoint

    @contextmanager
    def replaying(self, folder):
        with programs.server(folder / "ours.sqlite", "replay", folder) as running:
            yield running.endpoint

    def files(self, folder):
        return sorted(folder.glob("ours.sqlite*"))

    def exports(self, folder):
        return [programs.run("cassette", "export", folder / "ours.sqlite").encode()]


class Aimock:
    """`aimock` from npm, with and without `--record`."""

    name = "aimock"

    @contextmanager
    def listening(self, folder, *options):
        fixtures = folder / "aimock"
        fixtures.mkdir(exist_ok=True)
        port = free_port()
        node = Path(sys.executable).parent / "node"
        script = PEERS / "npm" / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"
        command = [node, script, "--port", str(port), "--fixtures", fixtures, *options]
        command += ["--log-level", "warn"]
        environment = programs.bare_environment() | programs.AWS
        with process(command, port, folder / "aimock.log", environment):
            yield f"http://127.0.0.1:{port}"

    def recording(self, folder, upstream):
        return self.listening(folder, "--record", "--provider-bedrock", upstream)

    def replaying(self, folder):
        return self.listening(folder, "--strict")

    def files(self, folder):
        return sorted(path for path in (folder / "aimock").rglob("*") if path.is_file())

    def exports(self, _):
        return []


class TestAgent:
    """`ddapm-test-agent` from PyPI, whose proxy records and replays."""

    name = "ddapm-test-agent"

    @contextmanager
    def listening(self, folder, *options):
        port = free_port()
        command = [
            Path(sys.executable).parent / "ddapm-test-agent",
            "--port", str(port),
            "--otlp-http-port", str(free_port()),
            "--otlp-grpc-port", str(free_port()),
            "--log-level", "ERROR",
            "--vcr-cassettes-directory", folder / "ddapm",
            *options,
        ]  # fmt: skip
        environment = programs.bare_environment() | programs.AWS | {"PATH": os.environ["PATH"]}
        with process(command, port, folder / "ddapm.log", environment):
            yield f"http://127.0.0.1:{port}/vcr/bedrock-runtime"

    def recording(self, folder, upstream):
        return self.listening(folder, "--vcr-provider-map", f"bedrock-runtime={upstream}")

    def replaying(self, folder):
        # What it has no cassette of it sends on; in CI mode it refuses that.
        return self.listening(folder, "--vcr-ci-mode", "true")

    def files(self, folder):
        return sorted(path for path in (folder / "ddapm").rglob("*") if path.is_file())

    def exports(self, _):
        return []
