"""The scenarios in which recorders of Bedrock are known to differ, for any of them.

Each records from the stand-in, replays, and says what was seen. `check` runs them against our
endpoint; `compare` runs them against the others beside it and prints a table.
"""

import base64
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from . import programs, speed
from .contenders import Aimock, Ours, TestAgent
from .matrix import Cell
from .upstream import upstream

MODEL = "anthropic.claude-3-5-haiku-20241022-v1:0"
TRIES = 3
PARALLEL = 24


def client(endpoint):
    """The client of a program that changed nothing but its endpoint."""
    return boto3.client(
        "bedrock-runtime",
        endpoint_url=endpoint,
        region_name=programs.AWS["AWS_REGION"],
        aws_access_key_id=programs.AWS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=programs.AWS["AWS_SECRET_ACCESS_KEY"],
        config=Config(
            retries={"mode": "standard", "total_max_attempts": TRIES},
            read_timeout=30,
            max_pool_connections=PARALLEL,
        ),
    )


def turns(*texts):
    roles = ["user", "assistant"]
    return [{"role": roles[at % 2], "content": [{"text": text}]} for at, text in enumerate(texts)]


JUDGE = {
    "modelId": MODEL,
    "system": [{"text": "You are a judge. Score the tutor's question from 1 to 5."}],
    "messages": turns("TUTOR: Why do you think so?"),
    "inferenceConfig": {"maxTokens": 200, "temperature": 0.0},
}
DIALOGUE = JUDGE | {"messages": turns("I like cats.", "Why cats?", "They are free.")}
ANTHROPIC = {
    "anthropic_version": "bedrock-2023-05-31",
    "max_tokens": 60,
    "messages": [{"role": "user", "content": "Can virtue be taught?"}],
}


def seen(call):
    """What a call comes to: its result, or how it failed."""
    try:
        return call()
    except ClientError as error:
        told = error.response["Error"]
        tries = error.response["ResponseMetadata"].get("RetryAttempts", 0) + 1
        return {"error": told["Code"], "message": told["Message"], "tries": tries}
    except (BotoCoreError, HTTPError, ResponseParserError, ValueError, LookupError) as error:
        return {"error": type(error).__name__, "message": str(error)[:300]}


def converse(endpoint, **arguments):
    reply = client(endpoint).converse(**arguments)
    return {
        "text": reply["output"]["message"]["content"][0]["text"],
        "stop": reply["stopReason"],
        "usage": reply["usage"],
        "latency": reply["metrics"]["latencyMs"],
    }


def conversed(endpoint, **arguments):
    return seen(lambda: converse(endpoint, **arguments))


class Bench:
    """One contender in one scenario."""

    def __init__(self, contender, folder):
        self.contender = contender
        self.folder = folder

    @contextmanager
    def recording(self, *faults, **options):
        with upstream(self.folder, *faults, **options) as stand_in:
            with self.contender.recording(self.folder, stand_in.endpoint) as endpoint:
                yield endpoint, stand_in

    def replaying(self):
        return self.contender.replaying(self.folder)


def after_an_edit(edited):
    """What a request gets that differs from the recorded one in one place."""

    def scenario(bench, recorded=JUDGE):
        with bench.recording() as (endpoint, _):
            old = conversed(endpoint, **recorded)
        with bench.replaying() as endpoint:
            again = conversed(endpoint, **recorded)
            new = conversed(endpoint, **edited)
        if "error" in old or again.get("text") != old["text"]:
            return False, f"no replay at all: {short(again)}"
        if new.get("text") == old["text"]:
            return False, "old answer"
        return "error" in new, "a miss" if "error" in new else "another answer"

    return scenario


def earlier_turn(bench):
    edited = DIALOGUE | {"messages": turns("I like dogs.", "Why dogs?", "They are free.")}
    return after_an_edit(edited)(bench, DIALOGUE)


def streamed(endpoint):
    """Both kinds of streams, event by event."""

    def whole():
        reply = client(endpoint).converse_stream(**JUDGE)
        return [dict(event) for event in reply["stream"]]

    def chunks():
        body = json.dumps(ANTHROPIC)
        reply = client(endpoint).invoke_model_with_response_stream(modelId=MODEL, body=body)
        return [json.loads(event["chunk"]["bytes"]) for event in reply["body"]]

    return seen(whole), seen(chunks)


def streams(bench):
    with bench.recording() as (endpoint, _):
        recorded = streamed(endpoint)
    with bench.replaying() as endpoint:
        replayed = streamed(endpoint)
    told = []
    for name, old, new in zip(("ConverseStream", "InvokeModel"), recorded, replayed, strict=True):
        if old != new or "error" in old:
            told.append(f"{name}: {short(new) if isinstance(new, dict) else 'other events'}")
    return not told, "; ".join(told) or "every event"


def measures(bench):
    """Usage, latency and stop reason."""
    asked = JUDGE | {"system": [{"text": "Answer."}], "inferenceConfig": {"maxTokens": 9}}
    with bench.recording() as (endpoint, _):
        old = conversed(endpoint, **asked)
    with bench.replaying() as endpoint:
        new = conversed(endpoint, **asked)
    if "error" in new:
        return False, short(new)
    told = f"{new['usage']['outputTokens']} tokens, {new['latency']} ms, {new['stop']}"
    kept = old == new and old["stop"] == "max_tokens"
    return kept, "kept" if kept else told


def throttled(bench):
    with bench.recording("--throttle", "1000") as (endpoint, _):
        old = conversed(endpoint, **JUDGE)
    with bench.replaying() as endpoint:
        new = conversed(endpoint, **JUDGE)
    same = (new.get("error"), new.get("message")) == (old.get("error"), old.get("message"))
    typed = old.get("error") == "ThrottlingException"
    return same and typed, "typed, with its message" if same and typed else short(new)


def nth_equal(bench):
    """Three equal requests got three answers: so do they again."""
    with bench.recording() as (endpoint, _):
        old = [number(endpoint) for _ in range(3)]
    with bench.replaying() as endpoint:
        new = [number(endpoint) for _ in range(3)]
    return old == new == [1, 2, 3], f"{shown(old)} → {shown(new)}"


def number(endpoint):
    """Which of equal requests the stand-in took this one for; 0 for no answer."""
    found = re.match(r"(\d+)\. ", conversed(endpoint, **JUDGE).get("text", ""))
    return int(found[1]) if found else 0


def shown(numbers):
    return " ".join(str(number) if number else "–" for number in numbers)


def concurrent(bench):
    """24 equal requests at once: each answer is kept, and each comes back once."""

    def ask(endpoint):
        with ThreadPoolExecutor(PARALLEL) as pool:
            calls = [pool.submit(number, endpoint) for _ in range(PARALLEL)]
        return sorted(call.result() for call in calls)

    with bench.recording() as (endpoint, _):
        old = ask(endpoint)
    with bench.replaying() as endpoint:
        new = ask(endpoint)
    kept = len({number for number in new if number})
    return old == new == [*range(1, PARALLEL + 1)], f"{kept} of {len({*old} - {0})} answers"


def signature(bench):
    with bench.recording(checks_signatures=True) as (endpoint, stand_in):
        reply = conversed(endpoint, **JUDGE)
    if "error" not in reply:
        return True, "signed anew"
    return False, (stand_in.refused or [short(reply)])[0]


def miss(bench):
    """Typed, asked once, and with the place that differs."""
    edited = JUDGE | {"messages": turns("TUTOR: Why do you say so?")}
    with bench.recording() as (endpoint, _):
        conversed(endpoint, **JUDGE)
        conversed(endpoint, **DIALOGUE)
    with bench.replaying() as endpoint:
        got = conversed(endpoint, **edited)
    if "error" not in got:
        return False, "no miss: another request's answer"
    named = "/messages/0/content/0/text" in got["message"]
    tries = got.get("tries", "?")
    told = f"{got['error']}, {tries} {'try' if tries == 1 else 'tries'}, "
    return named and tries == 1, told + (
        "names the JSON path" if named else f"{got['message'][:40]!r}"
    )


def secrets(bench):
    with bench.recording() as (endpoint, _):
        conversed(endpoint, **JUDGE)
        streamed(endpoint)
    # What exports in plain text is looked into as that; compression hides nothing from us.
    texts = [path.read_bytes() for path in bench.contender.files(bench.folder)]
    texts += bench.contender.exports(bench.folder)
    found = sorted({secret for text in texts for secret in secrets_in(text)})
    return bool(texts) and not found, ", ".join(found) or "none kept"


def secrets_in(text):
    """The credentials and signatures that a text holds, plain or in base64."""
    texts = [text]
    for run in re.findall(rb"[A-Za-z0-9+/]{24,}={0,2}", text):
        texts.append(base64.b64decode(run[: len(run) // 4 * 4]))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        if any(programs.AWS[name].encode() in text for text in texts):
            yield name
    if any(b"AWS4-HMAC-SHA256" in text for text in texts):
        yield "the signature"


def short(reply):
    return f"{reply.get('error', 'an answer')}: {reply.get('message', '')[:60]!r}"


SCENARIOS = {
    "judge system prompt edited": after_an_edit(
        JUDGE | {"system": [{"text": "You are a judge. Score the tutor's question from 1 to 9."}]}
    ),
    "temperature 0 → 1": after_an_edit(
        JUDGE | {"inferenceConfig": {"maxTokens": 200, "temperature": 1.0}}
    ),
    "earlier turn differs": earlier_turn,
    "streams in boto3": streams,
    "usage, latency, stop reason": measures,
    "429 ThrottlingException typed": throttled,
    "the n-th equal request": nth_equal,
    "24 equal requests at once": concurrent,
    "upstream SigV4": signature,
    "a miss": miss,
    "secrets": secrets,
}

def run(contender, folder, scenarios=SCENARIOS):
    """Each scenario in a folder of its own: whether it went well, and what was seen."""
    results = {}
    for number, (name, scenario) in enumerate(scenarios.items()):
        place = folder / f"{contender.name}-{number}"
        place.mkdir()
        try:
            results[name] = scenario(Bench(contender, place))
        except RuntimeError as error:
            results[name] = (False, f"cannot: {str(error).strip().splitlines()[-1][:60]}")
    return results


def check(folder):
    cell = Cell()
    for name, (good, told) in run(Ours(), folder).items():
        print(f"{name}: {told}")
        cell.check(name, not good and told)
    return cell.passed, cell.failures


def compare(folder):
    """The same beside the others; only our own failures count."""
    started = time.monotonic()
    contenders = (Ours(), Aimock(), TestAgent())
    results = {contender.name: run(contender, folder, SCENARIOS) for contender in contenders}
    print("| scenario | " + " | ".join(results) + " |")
    print("|---" * (len(results) + 1) + "|")
    for name in SCENARIOS:
        told = (
            f"{'' if good else '✗ '}{text}" for good, text in (of[name] for of in results.values())
        )
        print(f"| {name} | " + " | ".join(told) + " |")
    failures = [f"{name}: {told}" for name, (good, told) in results[Ours.name].items() if not good]
    failures += speed.measure(contenders, folder)
    print(f"{time.monotonic() - started:.0f} s")
    return len(SCENARIOS) + 1 - len(failures), failures
