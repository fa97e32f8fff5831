"""The scenarios in the AWS CLI: one `aws bedrock-runtime …` each.

`scenarios.py NAME…` prints one normal line for each. Streams are not among them: the CLI has no
command for a streaming operation. Nor are images: its version 1, the one on PyPI, takes what
stands inside JSON for text and encodes it, so that octets cannot be written there.
"""

import json
import re
import subprocess
import sys
import sysconfig
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

AWS = Path(sysconfig.get_path("scripts")) / "aws"

SONNET = "us.anthropic.claude-3-5-sonnet-20241022-v2:0"
NOVA = "us.amazon.nova-pro-v1:0"
TITAN = "amazon.titan-text-express-v1"
SPEECH = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/speech"

SYSTEM = '[{"text": "You are a Socratic tutor. Ask “why?” — once."}]'
TOOLS = """{"tools": [{"toolSpec": {
    "name": "get_weather",
    "description": "The weather of a city.",
    "inputSchema": {"json": {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "days": {"type": "integer", "minimum": 1, "maximum": 7},
            "unit": {"type": "string", "enum": ["celsius", "kelvin"]}
        },
        "required": ["city", "days"]
    }}
}}]}"""
ASKED = """{"role": "user", "content": [
    {"document": {
        "format": "txt",
        "name": "Notes",
        "source": {"bytes": "Turin lies on the Po. It rains in November."}
    }},
    {"text": "What is the weather in Turin — is it naïve to ask?"}
]}"""
CALLED = """{"role": "assistant", "content": [{"toolUse": {
    "toolUseId": "tooluse_1",
    "name": "get_weather",
    "input": {"city": "Turin", "days": 2, "unit": "celsius"}
}}]}"""
RESULT = """{"role": "user", "content": [{"toolResult": {
    "toolUseId": "tooluse_1",
    "status": "success",
    "content": [{"json": {"sky": "rain", "degrees": 7.5, "night": false}}]
}}]}"""


def converse(messages, system=SYSTEM):
    return [
        "converse",
        "--model-id", SONNET,
        "--system", system,
        "--messages", messages,
        "--inference-config", '{"maxTokens": 300, "temperature": 0.7, "topP": 0.9}',
        "--tool-config", TOOLS,
        "--request-metadata", "run=cli",
    ]  # fmt: skip


def question(text):
    return [
        "converse",
        "--model-id", SONNET,
        "--system", SYSTEM,
        "--messages", json.dumps([{"role": "user", "content": [{"text": text}]}]),
        "--inference-config", "maxTokens=120,temperature=0.7",
    ]  # fmt: skip


def invoke(model, body, *options):
    """`body` goes by a file: the shell carries no octets."""
    return ["invoke-model", "--model-id", model, *options, "--body", body]


ANTHROPIC = """{"anthropic_version": "bedrock-2023-05-31",
    "max_tokens": 80, "temperature": 0.3, "system": "You are a Socratic tutor.",
    "messages": [{"role": "user", "content": "Is courage a habit?"}]}"""
TITAN_TEXT = """{"inputText": "Is courage a habit?",
    "textGenerationConfig": {"maxTokenCount": 40, "temperature": 0}}"""
NOVA_TEXT = """{"schemaVersion": "messages-v1",
    "messages": [{"role": "user", "content": [{"text": "Is courage a habit?"}]}],
    "inferenceConfig": {"maxTokens": 60, "topP": 0.9}}"""
COUNTED = """{"converse": {"system": %s, "messages": [{"role": "user",
    "content": [{"text": "What is the weather in Turin — is it naïve to ask?"}]}]}}"""

COMMANDS = {
    "converse": converse(f"[{ASKED}]"),
    "converse-tool-result": converse(f"[{ASKED}, {CALLED}, {RESULT}]"),
    "invoke-anthropic": invoke(SONNET, ANTHROPIC),
    "invoke-titan": invoke(TITAN, TITAN_TEXT),
    "invoke-nova": invoke(NOVA, NOVA_TEXT),
    "invoke-octets": invoke(
        SPEECH,
        bytes(range(256)) * 4,
        "--content-type", "audio/wav",
        "--accept", "application/octet-stream",
    ),
    "count-tokens": [
        "count-tokens",
        "--model-id", SONNET,
        "--input", COUNTED % SYSTEM,
    ],
    "guardrail": [
        "apply-guardrail",
        "--guardrail-identifier", "gr1234567890",
        "--guardrail-version", "1",
        "--source", "INPUT",
        "--content", '[{"text": {"text": "Write to plato@example.com, please."}}]',
    ],
    "throttled-then-answered": question("What is a fair share?"),
    "throttled": question("What is a fair price?"),
    "validation": [
        "converse",
        "--model-id", TITAN,
        "--system", SYSTEM,
        "--messages", '[{"role": "user", "content": [{"text": "Why?"}]}]',
    ],
    "invoke-validation": invoke(SONNET, '{"messages": []}'),
    "miss": converse(
        f"[{ASKED}]", '[{"text": "You are a Socratic tutor. Ask “why?” — twice."}]'
    ),
}  # fmt: skip


def usage(members):
    names = ("inputTokens", "outputTokens", "cacheReadInputTokens", "cacheWriteInputTokens")
    return [members.get(name, 0) for name in names]


def conversed(reply):
    message = reply["output"]["message"]["content"]
    return {
        "text": "".join(block.get("text", "") for block in message),
        "tool": next((block["toolUse"] for block in message if "toolUse" in block), None),
        "stop": reply["stopReason"],
        "usage": usage(reply["usage"]),
        "latency": reply["metrics"]["latencyMs"],
    }


def invoked(reply, body):
    try:
        said = json.loads(body)
    except ValueError:
        said = body.hex()
    return {"type": reply["contentType"], "body": said}


WHOLE = {
    "converse": conversed,
    "count-tokens": lambda reply: {"tokens": reply["inputTokens"]},
    "apply-guardrail": lambda reply: {
        "action": reply["action"],
        "outputs": [part["text"] for part in reply["outputs"]],
    },
}

# How the CLI tells an error of the service.
FAILED = re.compile(
    r"An error occurred \((\w+)\) when calling the \w+ operation(?: \([^)]*\))?: (.*)", re.DOTALL
)


def run(command, folder):
    """What the command shows, with nothing in it that differs from client to client."""
    operation = command[0]
    body = folder / "answer"
    if operation == "invoke-model":
        asked = folder / "body"
        content = command[-1]
        asked.write_bytes(content if isinstance(content, bytes) else content.encode())
        command = [*command[:-1], f"fileb://{asked}", str(body)]
    # The log is the one place where the CLI tells how often it asked.
    arguments = [AWS, "bedrock-runtime", *command, "--output", "json", "--debug"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    attempts = {"attempts": done.stderr.count("Sending http request: <")}
    if done.returncode == 0:
        reply = json.loads(done.stdout)
        shown = WHOLE[operation](reply) if operation in WHOLE else invoked(reply, body.read_bytes())
        return {"outcome": "answered"} | attempts | shown
    # The last lines are what a person sees without the log.
    told = FAILED.search(done.stderr[done.stderr.rfind("\naws: [ERROR]") :])
    told = told or FAILED.search(done.stderr[done.stderr.rfind("\nAn error occurred") :])
    if told is None:
        print(done.stderr[-2000:], file=sys.stderr)
        return {"outcome": "error", "error": "connection"} | attempts
    error = {"error": told.group(1), "message": told.group(2).strip()}
    return {"outcome": "error"} | attempts | error


def line(name):
    with tempfile.TemporaryDirectory() as folder:
        return {"scenario": name} | run(COMMANDS[name], Path(folder))


def main():
    # Each command is a program of its own, which takes most of its time to start.
    with ThreadPoolExecutor(3) as pool:
        for seen in pool.map(line, sys.argv[1:]):
            print(json.dumps(seen), flush=True)


main()
