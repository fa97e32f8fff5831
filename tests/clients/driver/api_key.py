"""A program that has a Bedrock API key alone, below `exec`: its SDK calls all the same."""

import json
import subprocess

from . import programs
from .clients import all_clients
from .matrix import Cell
from .upstream import upstream

KEY = "an-api-key-that-no-cassette-may-hold"
SCENARIO = "converse-tool-result"


def run(client, cassette, *options):
    """What the client sees below `exec`, on a machine with an API key and a region."""
    command = [programs.PROGRAM, "exec", "--quiet", "--cassette", cassette, *options]
    environment = {
        "AWS_BEARER_TOKEN_BEDROCK": KEY,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "BEDROCK_REPLAY_SIGN": "always",
    }
    if options:
        # Under CI only this variable lets a request out.
        environment["BEDROCK_REPLAY_MODE"] = "record-all"
    done = subprocess.run(
        [*map(str, command), "--", *map(str, client.command), SCENARIO],
        capture_output=True,
        text=True,
        check=False,
        timeout=programs.PATIENCE,
        env=programs.bare_environment() | environment,
    )
    if done.returncode != 0:
        return {"outcome": done.stderr[-400:]}
    return json.loads(done.stdout)


def check(folder):
    cell = Cell()
    with upstream(folder, api_key=KEY) as bedrock:
        for client in all_clients():
            cassette = folder / f"key-{client.name}.sqlite"
            recorded = run(client, cassette, "--endpoint-url", bedrock.endpoint)
            cell.check(f"{client.name} records", recorded["outcome"] != "answered" and recorded)
            replayed = run(client, cassette)
            cell.check(f"{client.name} replays", replayed != recorded and replayed)
            kept = programs.run("cassette", "export", cassette)
            problem = "it is in the cassette" if KEY in kept else not kept and "nothing is kept"
            cell.check(f"{client.name} keeps no key", problem)
    cell.check("the key is shown upstream", bedrock.refused or not bedrock.calls)
    return cell.passed, cell.failures
