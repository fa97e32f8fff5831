"""The built program, listening on a free port of this machine."""

import itertools
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
# What is measured is the optimised build.
PROGRAM = TARGET / os.environ.get("CLIENTS_PROFILE", "debug") / "bedrock-replay"
# Long enough for a busy machine; nothing here takes a tenth of it.
PATIENCE = 120

NUMBERS = itertools.count()

# Dummy credentials: nothing in these checks reaches beyond this machine.
AWS = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "a-secret-that-no-cassette-may-hold",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "AWS_RETRY_MODE": "standard",
    "AWS_MAX_ATTEMPTS": "3",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def bare_environment():
    """This process's environment without anything of AWS or of ours."""
    kept = ("AWS_", "BEDROCK_", "LANGCHAIN_", "LANGSMITH_")
    return {name: value for name, value in os.environ.items() if not name.startswith(kept)}


def client_environment(endpoint):
    return bare_environment() | AWS | {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": endpoint}


class Listening:
    """A program that listens, its address, and, once it stopped, what it said."""

    def __init__(self, process, endpoint):
        self.process = process
        self.endpoint = endpoint
        self.out = ""
        self.log = ""
        self.code = None


@contextmanager
def listening(*arguments, log, program=PROGRAM, environment=None):
    """Starts the program, waits for its address, and stops it with SIGTERM at the end."""
    with open(log, "w+", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [program, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment or bare_environment() | AWS,
        )
        try:
            line = process.stdout.readline()
            if not line.startswith("listening on "):
                process.wait(PATIENCE)
                errors.seek(0)
                raise RuntimeError(f"{arguments[0]} does not listen: {line}{errors.read()}")
            running = Listening(process, line.removeprefix("listening on ").split()[0])
            yield running
        finally:
            process.terminate()
            out, _ = process.communicate(timeout=PATIENCE)
        running.code = process.returncode
        errors.seek(0)
        running.out, running.log = out, errors.read()


def log_in(folder, name):
    """A file that no other program writes to."""
    return folder / f"{name}-{next(NUMBERS)}.log"


def simulator(folder, *faults):
    log = log_in(folder, "simulate")
    return listening("simulate", "--listen", "127.0.0.1:0", *faults, log=log)


def server(cassette, mode, folder, *options, environment=None):
    arguments = ["serve", "--cassette", cassette, "--mode", mode, "--listen", "127.0.0.1:0"]
    # Under CI only this variable lets a request out.
    environment = (environment or bare_environment() | AWS) | {"BEDROCK_REPLAY_MODE": mode}
    return listening(*arguments, *options, log=log_in(folder, "serve"), environment=environment)


@contextmanager
def recorder(cassette, folder, *faults, mode="record-all"):
    """The server as a recorder of a simulator with these faults."""
    with simulator(folder, *faults) as upstream:
        with server(cassette, mode, folder, "--endpoint-url", upstream.endpoint) as recording:
            yield recording


def run(*arguments, environment=None):
    """Runs the program to its end and gives what it printed."""
    done = subprocess.run(
        [PROGRAM, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        env=environment or bare_environment(),
    )
    if done.returncode != 0:
        raise RuntimeError(f"{arguments}: {done.returncode}: {done.stderr}")
    return done.stdout
