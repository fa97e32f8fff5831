"""Writes a plan of any size around the shipped tutor and judge.

Usage: large_plan.py SCENARIOS MODELS TURNS FOLDER
"""

import pathlib
import shutil
import sys

SHIPPED = pathlib.Path(__file__).resolve().parents[2] / "scenarios"
SCENARIO = """id = "BENCH-{number:04}"
vector = "elenchus"
title = "Case {number}"
persona = "A student who is sure of claim {number}."
opening = "Claim {number} is true, and whoever doubts it has not understood it."
replies = [
{replies}]
goals = ["ask what would show that claim {number} is false"]
notes = "One of many alike."
"""


def scenario(number: int, turns: int) -> str:
    reasons = (f"Because of reason {turn}, and nobody denies it." for turn in range(1, turns))
    replies = "".join(f'    "{reason}",\n' for reason in reasons)
    return SCENARIO.format(number=number, replies=replies)


def plan(scenarios: int, models: int, turns: int) -> str:
    lines = [
        f"turns = {turns}",
        "temperature = 0.7",
        "max_tokens = 200",
        'tutor = "prompts/tutor.md"',
        'judge = "judges/socratic"',
        "scenarios = [",
        *(f'    "{number:04}.toml",' for number in range(scenarios)),
        "]",
    ]
    for number in range(models):
        lines += [
            "[[models]]",
            f'id = "anthropic.claude-bench-{number}-v1:0"',
            f'name = "model-{number}"',
            f'label = "Model {number}"',
        ]
    return "\n".join(lines) + "\n"


def main(scenarios: int, models: int, turns: int, folder: pathlib.Path) -> None:
    for part in ("prompts", "judges"):
        shutil.copytree(SHIPPED / part, folder / part, dirs_exist_ok=True)
    for number in range(scenarios):
        (folder / f"{number:04}.toml").write_text(scenario(number, turns))
    (folder / "plan.toml").write_text(plan(scenarios, models, turns))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]), pathlib.Path(sys.argv[4]))
