"""The README's lines for each language, run as they stand there."""

import json
import os
import re
import subprocess
import textwrap
from pathlib import Path

from . import programs
from .clients import BIN, HERE, MODULES
from .matrix import Cell

CASSETTE = programs.ROOT / "tests" / "cassettes" / "tutor.sqlite"
# At most so many lines for each language.
LINES = 10
BLOCK = re.compile(r"^### (?P<title>[^\n]+)\n(?P<text>.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^```(?P<language>[\w,]+)\n(?P<lines>.*?)^```$", re.MULTILINE | re.DOTALL)


def sections():
    """The fenced blocks below each title."""
    text = (programs.ROOT / "README.md").read_text(encoding="utf-8")
    blocks = ((block["title"], FENCE.finditer(block["text"])) for block in BLOCK.finditer(text))
    return {
        title: {fence["language"].split(",")[0]: fence["lines"] for fence in fences}
        for title, fences in blocks
    }


def recorded_text():
    """What the shipped cassette answers."""
    for line in map(json.loads, programs.run("cassette", "export", CASSETTE).splitlines()):
        if "exchange" in line:
            body = line["exchange"]["attempts"][-1]["body"]["json"]
            return body["output"]["message"]["content"][0]["text"]
    raise RuntimeError(f"{CASSETTE} holds no exchange")


def run(command, folder):
    """A shell's line, with this build and these clients on its path and nothing of AWS."""
    path = os.pathsep.join([str(programs.PROGRAM.parent), str(BIN), os.environ["PATH"]])
    environment = programs.bare_environment() | {
        "PATH": path,
        "HOME": str(folder),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=programs.PATIENCE,
        env=environment,
    )


def prepare(folder):
    """A project as the README's reader has one: the cassette, and the SDK's modules."""
    cassettes = folder / "tests" / "cassettes"
    cassettes.mkdir(parents=True)
    (cassettes / CASSETTE.name).write_bytes(CASSETTE.read_bytes())
    (folder / "node_modules").symlink_to(MODULES / "node_modules")


def rust_lines():
    """The function that the Rust client compiles."""
    text = (HERE / "rust" / "readme.rs").read_text(encoding="utf-8")
    body = text.partition(" {\n")[2].rpartition("    Ok(())\n")[0]
    return textwrap.dedent(body)


def check(folder):
    folder = Path(folder)
    prepare(folder)
    cell = Cell()
    expected = recorded_text()
    found = sections()
    sdk_client = programs.TARGET / "debug" / "examples" / "sdk-client"
    programs_of = {"Python": ("python", "tutor.py"), "JavaScript": ("js", "tutor.mjs")}
    for title, (language, file) in programs_of.items():
        (folder / file).write_text(found[title][language], encoding="utf-8")
    rust = found["Rust"]["rust"]
    cell.check("the Rust lines are the compiled ones", rust != rust_lines() and rust)
    commands = {title: found[title]["sh"] for title in ("Python", "JavaScript", "AWS CLI", "Rust")}
    commands["Rust"] = commands["Rust"].replace("cargo run", f"{sdk_client} readme")
    for title, command in commands.items():
        for language, lines in found[title].items():
            count = len(lines.splitlines())
            cell.check(f"{title}, {language}", count > LINES and f"{count} lines")
        done = run(command, folder)
        told = f"{done.returncode}: {done.stdout}{done.stderr}"
        failed = done.returncode != 0 or expected not in done.stdout
        cell.check(f"{title} prints what is recorded", failed and told)
    print(f"README {cell}: {', '.join(commands)}")
    return cell.passed, cell.failures
