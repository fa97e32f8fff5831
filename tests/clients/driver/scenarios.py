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
    # What every client has to see of it while it is recorded, besides what they compare.
    seen: dict = field(default_factory=dict)
    # What a replay shows otherwise than the recording.
    replayed_as: dict = field(default_factory=dict)


ANSWERED = {"outcome": "answered", "attempts": 1}
INVALID = {"outcome": "error", "attempts": 1, "error": "ValidationException"}
# The SDK tries twice more, and then gives up.
GIVEN_UP = {"outcome": "error", "attempts": 3, "error": "ThrottlingException"}
TRIED_AGAIN = {"outcome": "answered", "attempts": 3}
# Three events arrive before the exception, four before the stream ends.
STREAM_FAILED = {"outcome": "error", "events": 3, "error": "ModelStreamErrorException"}
STREAM_CUT = {"outcome": "answered", "events": 4}
STREAM_RESET = {"outcome": "error", "events": 4, "error": "connection"}

THROTTLED_TWICE = ("--throttle", "2")
ALWAYS_THROTTLED = ("--throttle", "1000")
BROKEN = ("--error", "ModelStreamErrorException@3")
CUT = ("--cut", "4")
RESET = ("--reset", "4")

SCENARIOS = [
    Scenario("converse", seen=ANSWERED | {"stop": "tool_use"}),
    Scenario("converse-tool-result", seen=ANSWERED | {"stop": "end_turn"}),
    Scenario("converse-image", seen=ANSWERED),
    Scenario("converse-stream", seen=ANSWERED | {"stop": "end_turn"}),
    Scenario("invoke-anthropic", seen=ANSWERED | {"type": "application/json"}),
    Scenario("invoke-titan", seen=ANSWERED | {"type": "application/json"}),
    Scenario("invoke-nova", seen=ANSWERED | {"type": "application/json"}),
    Scenario("invoke-octets", seen=ANSWERED | {"type": "application/octet-stream"}),
    Scenario("invoke-stream", seen=ANSWERED | {"stop": "end_turn"}),
    Scenario("count-tokens", seen=ANSWERED),
    Scenario("guardrail", seen=ANSWERED | {"action": "GUARDRAIL_INTERVENED"}),
    Scenario("throttled-then-answered", THROTTLED_TWICE, seen=TRIED_AGAIN),
    Scenario("throttled", ALWAYS_THROTTLED, seen=GIVEN_UP),
    Scenario("validation", seen=INVALID),
    Scenario("invoke-validation", seen=INVALID),
    Scenario("stream-exception", BROKEN, seen=STREAM_FAILED),
    # A clean end looks like a whole answer to every SDK: a replay breaks it off instead.
    Scenario(
        "stream-cut",
        CUT,
        seen=STREAM_CUT,
        replayed_as={"outcome": "error", "error": "connection"},
    ),
    Scenario("stream-reset", RESET, seen=STREAM_RESET),
    Scenario("miss", misses_at="/system/0/text"),
    Scenario("miss-stream", misses_at="/messages/0/content/0/text"),
]
RECORDED = [scenario for scenario in SCENARIOS if scenario.misses_at is None]
MISSED = [scenario for scenario in SCENARIOS if scenario.misses_at is not None]

SEEN = {scenario.name: scenario.seen for scenario in SCENARIOS}
REPLAYED_AS = {scenario.name: scenario.replayed_as for scenario in SCENARIOS}


def by_fault():
    """The recorded scenarios, those of one simulator together."""
    groups = {}
    for scenario in RECORDED:
        groups.setdefault(scenario.faults, []).append(scenario.name)
    return groups
