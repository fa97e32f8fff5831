"""What every client does, and under which fault it is recorded."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Scenario:
    """One call of one operation."""

    name: str
    # Flags of the simulator that it is recorded from.
    faults: tuple[str, ...] = ()
    # The JSON path that a miss has to name; recorded scenarios miss nothing.
    misses_at: str | None = None
    # What a replay shows otherwise than the recording.
    replayed_as: dict = field(default_factory=dict)


THROTTLED_TWICE = ("--throttle", "2")
ALWAYS_THROTTLED = ("--throttle", "1000")
BROKEN = ("--error", "ModelStreamErrorException@3")
CUT = ("--cut", "4")
RESET = ("--reset", "4")

SCENARIOS = [
    Scenario("converse"),
    Scenario("converse-tool-result"),
    Scenario("converse-image"),
    Scenario("converse-stream"),
    Scenario("invoke-anthropic"),
    Scenario("invoke-titan"),
    Scenario("invoke-nova"),
    Scenario("invoke-octets"),
    Scenario("invoke-stream"),
    Scenario("count-tokens"),
    Scenario("guardrail"),
    Scenario("throttled-then-answered", THROTTLED_TWICE),
    Scenario("throttled", ALWAYS_THROTTLED),
    Scenario("validation"),
    Scenario("invoke-validation"),
    Scenario("stream-exception", BROKEN),
    # A clean end looks like a whole answer to every SDK: a replay breaks it off instead.
    Scenario("stream-cut", CUT, replayed_as={"outcome": "error", "error": "connection"}),
    Scenario("stream-reset", RESET),
    Scenario("miss", misses_at="/system/0/text"),
    Scenario("miss-stream", misses_at="/messages/0/content/0/text"),
]
RECORDED = [scenario for scenario in SCENARIOS if scenario.misses_at is None]
MISSED = [scenario for scenario in SCENARIOS if scenario.misses_at is not None]

REPLAYED_AS = {scenario.name: scenario.replayed_as for scenario in SCENARIOS}


def by_fault():
    """The recorded scenarios, those of one simulator together."""
    groups = {}
    for scenario in RECORDED:
        groups.setdefault(scenario.faults, []).append(scenario.name)
    return groups
