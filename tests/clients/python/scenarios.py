"""The scenarios in boto3. `scenarios.py NAME…` prints one normal line for each."""

import json
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError, EventStreamError
from urllib3.exceptions import HTTPError

SONNET = "us.anthropic.claude-3-5-sonnet-20241022-v2:0"
NOVA = "us.amazon.nova-pro-v1:0"
TITAN = "amazon.titan-text-express-v1"
SPEECH = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/speech"

SYSTEM = [{"text": "You are a Socratic tutor. Ask “why?” — once."}]
TOOLS = [
    {
        "toolSpec": {
            "name": "get_weather",
            "description": "The weather of a city.",
            "inputSchema": {
                "json": {
                    "type": "object",
                    "properties": {
                        "city": {"type": "string"},
                        "days": {"type": "integer", "minimum": 1, "maximum": 7},
                        "unit": {"type": "string", "enum": ["celsius", "kelvin"]},
                    },
                    "required": ["city", "days"],
                }
            },
        }
    }
]
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)
OCTETS = bytes(range(256)) * 4


def asks(*content):
    return [{"role": "user", "content": list(content)}]


DOCUMENT = {
    "document": {
        "format": "txt",
        "name": "Notes",
        "source": {"bytes": b"Turin lies on the Po. It rains in November."},
    }
}
QUESTION = {"text": "What is the weather in Turin — is it naïve to ask?"}
CONVERSE = {
    "modelId": SONNET,
    "system": SYSTEM,
    "messages": asks(DOCUMENT, QUESTION),
    "inferenceConfig": {"maxTokens": 300, "temperature": 0.7, "topP": 0.9},
    "toolConfig": {"tools": TOOLS},
    "requestMetadata": {"run": "python"},
}
CALLED = {
    "role": "assistant",
    "content": [
        {
            "toolUse": {
                "toolUseId": "tooluse_1",
                "name": "get_weather",
                "input": {"city": "Turin", "days": 2, "unit": "celsius"},
            }
        }
    ],
}
RESULT = {
    "role": "user",
    "content": [
        {
            "toolResult": {
                "toolUseId": "tooluse_1",
                "status": "success",
                "content": [{"json": {"sky": "rain", "degrees": 7.5, "night": False}}],
            }
        }
    ],
}


def question(text):
    """A Converse request that is one question."""
    return {
        "modelId": SONNET,
        "system": SYSTEM,
        "messages": asks({"text": text}),
        "inferenceConfig": {"maxTokens": 120, "temperature": 0.7},
    }


def anthropic(text):
    return {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 80,
        "temperature": 0.3,
        "system": "You are a Socratic tutor.",
        "messages": [{"role": "user", "content": text}],
    }


# What is sent: the operation and its arguments.
REQUESTS = {
    "converse": ("converse", CONVERSE),
    "converse-tool-result": (
        "converse",
        CONVERSE | {"messages": CONVERSE["messages"] + [CALLED, RESULT]},
    ),
    "converse-image": (
        "converse",
        question("What colour is it?")
        | {
            "messages": asks(
                {"image": {"format": "png", "source": {"bytes": PIXEL}}},
                {"text": "What colour is it?"},
            )
        },
    ),
    "converse-stream": ("converse_stream", question("Is every promise binding?")),
    "invoke-anthropic": (
        "invoke_model",
        {"modelId": SONNET, "body": json.dumps(anthropic("Is courage a habit?"))},
    ),
    "invoke-titan": (
        "invoke_model",
        {
            "modelId": TITAN,
            "body": json.dumps(
                {
                    "inputText": "Is courage a habit?",
                    "textGenerationConfig": {"maxTokenCount": 40, "temperature": 0},
                }
            ),
        },
    ),
    "invoke-nova": (
        "invoke_model",
        {
            "modelId": NOVA,
            "body": json.dumps(
                {
                    "schemaVersion": "messages-v1",
                    "messages": asks({"text": "Is courage a habit?"}),
                    "inferenceConfig": {"maxTokens": 60, "topP": 0.9},
                }
            ),
        },
    ),
    "invoke-octets": (
        "invoke_model",
        {
            "modelId": SPEECH,
            "body": OCTETS,
            "contentType": "audio/wav",
            "accept": "application/octet-stream",
        },
    ),
    "invoke-stream": (
        "invoke_model_with_response_stream",
        {"modelId": SONNET, "body": json.dumps(anthropic("Can virtue be taught?"))},
    ),
    "count-tokens": (
        "count_tokens",
        {
            "modelId": SONNET,
            "input": {"converse": {"system": SYSTEM, "messages": asks(QUESTION)}},
        },
    ),
    "guardrail": (
        "apply_guardrail",
        {
            "guardrailIdentifier": "gr1234567890",
            "guardrailVersion": "1",
            "source": "INPUT",
            "content": [{"text": {"text": "Write to plato@example.com, please."}}],
        },
    ),
    "throttled-then-answered": ("converse", question("What is a fair share?")),
    "throttled": ("converse", question("What is a fair price?")),
    "validation": (
        "converse",
        {"modelId": TITAN, "system": SYSTEM, "messages": asks({"text": "Why?"})},
    ),
    "invoke-validation": (
        "invoke_model",
        {"modelId": SONNET, "body": json.dumps({"messages": []})},
    ),
    "stream-exception": ("converse_stream", question("What is a just war?")),
    "stream-cut": ("converse_stream", question("What is a just law?")),
    "stream-reset": ("converse_stream", question("What is a just king?")),
    "miss": (
        "converse",
        CONVERSE | {"system": [{"text": "You are a Socratic tutor. Ask “why?” — twice."}]},
    ),
    "miss-stream": ("converse_stream", question("Was every promise binding?")),
}


def usage(members):
    names = ("inputTokens", "outputTokens", "cacheReadInputTokens", "cacheWriteInputTokens")
    return [members.get(name, 0) for name in names]


def converse(reply):
    message = reply["output"]["message"]["content"]
    return {
        "text": "".join(block.get("text", "") for block in message),
        "tool": next((block["toolUse"] for block in message if "toolUse" in block), None),
        "stop": reply["stopReason"],
        "usage": usage(reply["usage"]),
        "latency": reply["metrics"]["latencyMs"],
    }


def invoke(reply):
    body = reply["body"].read()
    try:
        said = json.loads(body)
    except ValueError:
        said = body.hex()
    return {"type": reply["contentType"], "body": said}


def guardrail(reply):
    return {"action": reply["action"], "outputs": [part["text"] for part in reply["outputs"]]}


def converse_stream(reply, seen):
    for event in reply["stream"]:
        seen["events"] += 1
        seen["text"] += event.get("contentBlockDelta", {}).get("delta", {}).get("text", "")
        if "messageStop" in event:
            seen["stop"] = event["messageStop"]["stopReason"]
        if "metadata" in event:
            seen["usage"] = usage(event["metadata"]["usage"])
            seen["latency"] = event["metadata"]["metrics"]["latencyMs"]


def invoke_stream(reply, seen):
    for event in reply["body"]:
        seen["events"] += 1
        chunk = json.loads(event["chunk"]["bytes"])
        seen["text"] += chunk.get("delta", {}).get("text", "")
        seen["stop"] = chunk.get("delta", {}).get("stop_reason", seen.get("stop"))
        metrics = chunk.get("amazon-bedrock-invocationMetrics")
        if metrics:
            seen["usage"] = [metrics["inputTokenCount"], metrics["outputTokenCount"]]


WHOLE = {
    "converse": converse,
    "invoke_model": invoke,
    "count_tokens": lambda reply: {"tokens": reply["inputTokens"]},
    "apply_guardrail": guardrail,
}
STREAMED = {
    "converse_stream": converse_stream,
    "invoke_model_with_response_stream": invoke_stream,
}


def run(client, operation, arguments):
    """What the program sees of a call, with nothing in it that differs from client to client."""
    seen = {}
    try:
        reply = getattr(client, operation)(**arguments)
        seen["attempts"] = reply["ResponseMetadata"]["RetryAttempts"] + 1
        if operation in STREAMED:
            seen |= {"events": 0, "text": ""}
            STREAMED[operation](reply, seen)
        else:
            seen |= WHOLE[operation](reply)
        return {"outcome": "answered"} | seen
    except EventStreamError as error:
        code = error.response["Error"]["Code"]
        return seen | {"outcome": "error", "error": code[0].upper() + code[1:]}
    except ClientError as error:
        return {
            "outcome": "error",
            "attempts": error.response["ResponseMetadata"]["RetryAttempts"] + 1,
            "error": error.response["Error"]["Code"],
            "message": error.response["Error"]["Message"],
        }
    except (BotoCoreError, HTTPError) as error:
        # Whatever ends the connection: each client has words of its own for it, and inside a
        # stream boto3 has none.
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return seen | {"outcome": "error", "error": "connection"}


def main():
    client = boto3.client("bedrock-runtime")
    for name in sys.argv[1:]:
        line = {"scenario": name} | run(client, *REQUESTS[name])
        print(json.dumps(line), flush=True)


main()
