"""Every line of `--metrics` against the JSON schema that AWS ships with its own library."""

import copy
import json
from importlib import resources

from . import programs
from .matrix import Cell

SCENARIO = ["--scenario", "APO-PHY-HEAT-TEMP-01", "--model", "claude-3-5-haiku"]


def directive(line):
    return line["_aws"]["CloudWatchMetrics"][0]


def without(name):
    return lambda line: line.pop(name)


# What is done to a sound line, which the schema then has to refuse.
BREAKS = {
    "no metadata": without("_aws"),
    "a timestamp in words": lambda line: line["_aws"].update(Timestamp="2026-11-22T00:00:00Z"),
    "no timestamp": lambda line: line["_aws"].pop("Timestamp"),
    "no namespace": lambda line: directive(line).pop("Namespace"),
    "an empty namespace": lambda line: directive(line).update(Namespace=""),
    "no dimensions": lambda line: directive(line).update(Dimensions=[]),
    "dimensions that are no sets": lambda line: directive(line).update(Dimensions=["ModelId"]),
    "no metrics": lambda line: directive(line).update(Metrics=[]),
    "a metric without a name": lambda line: directive(line)["Metrics"][0].pop("Name"),
    "a unit of our own": lambda line: directive(line)["Metrics"][0].update(Unit="ms"),
}


def schema():
    """A function that gives what AWS's schema says against a line; it stays in its package."""
    # Here, because `just peers` has neither of the two packages.
    import fastjsonschema

    file = resources.files("aws_lambda_powertools") / "metrics" / "schema.json"
    validate = fastjsonschema.compile(json.loads(file.read_text(encoding="utf-8")))

    def problem(line):
        try:
            validate(line)
        except fastjsonschema.JsonSchemaException as error:
            return str(error)
        return None

    return problem


def written(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def replayed(folder):
    path = folder / "replayed.jsonl"
    programs.run("run", "--quiet", "--metrics", path)
    return written(path)


def recorded(folder):
    """Calls that are throttled once, and then answered."""
    path = folder / "recorded.jsonl"
    with programs.simulator(folder, "--throttle", "1") as upstream:
        where = ["--cassette", folder / "new.sqlite", "--endpoint-url", upstream.endpoint]
        how = ["--mode", "record-all", "--backoff", "0", "--quiet", "--metrics", path]
        environment = programs.bare_environment() | {"BEDROCK_REPLAY_MODE": "record-all"}
        programs.run("run", *SCENARIO, *where, *how, environment=environment)
    return written(path)


def check(folder):
    problem = schema()
    cell = Cell()
    replays, records = replayed(folder), recorded(folder)
    for name, lines in {"replayed": replays, "recorded": records}.items():
        cell.check(f"{name}: there are lines", not lines and "none")
        for number, line in enumerate(lines, 1):
            cell.check(f"{name}, line {number}", problem(line))
    throttled = [line for line in records if line["BedrockThrottles"]]
    cell.check("a throttled call has a line", not throttled and "none")
    for name, spoil in BREAKS.items():
        line = copy.deepcopy(replays[0])
        spoil(line)
        cell.check(f"{name} is refused", problem(line) is None and "it passed")
    print(f"metrics {cell}: {len(replays)} lines of a replay, {len(records)} of a recording")
    return cell.passed, cell.failures
