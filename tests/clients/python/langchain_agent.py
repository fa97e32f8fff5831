"""What people run: LangChain's ChatBedrockConverse, whole and streamed, and an agent with a tool.

Prints one line for each of the three; with `--miss` it asks what nobody recorded instead.
"""

import json
import sys

from langchain.agents import create_agent
from langchain_aws import ChatBedrockConverse
from langchain_core.tools import tool

MODEL = "us.anthropic.claude-3-5-sonnet-20241022-v2:0"


@tool
def get_weather(city: str) -> str:
    """The weather of a city."""
    return f"It rains in {city}."


def asked(question):
    return [("system", "Answer in one line."), ("human", question)]


def chat(model):
    reply = model.invoke(asked("Is courage a habit?"))
    return {"text": reply.text, "usage": reply.usage_metadata, "stop": stop(reply)}


def stream(model):
    parts = list(model.stream("Can virtue be taught?"))
    whole = parts[0]
    for part in parts[1:]:
        whole += part
    return {"parts": len(parts), "text": whole.text, "usage": whole.usage_metadata}


def agent(model):
    loop = create_agent(model, [get_weather], system_prompt="You know the weather.")
    ended = loop.invoke({"messages": [("human", "What is the weather in Turin?")]})
    return [
        {"by": turn.type, "text": turn.text, "calls": getattr(turn, "tool_calls", [])}
        for turn in ended["messages"]
    ]


def stop(reply):
    return reply.response_metadata["stopReason"]


def main():
    model = ChatBedrockConverse(model=MODEL, temperature=0.7, max_tokens=200)
    if "--miss" in sys.argv[1:]:
        return model.invoke(asked("Was courage a habit?"))
    for ask in (chat, stream, agent):
        print(json.dumps({ask.__name__: ask(model)}, sort_keys=True), flush=True)
    return None


main()
