"""Documents to review, written by tests."""

from __future__ import annotations

from pathlib import Path

from codegen.lint import Config, Finding, lint

HEAD = "asyncapi: 2.6.0\ninfo: {title: Example, version: 1.0.0}\n"


def write(folder: Path, text: str, name: str = "asyncapi.yaml") -> Path:
    """A document in a folder; its first two lines are there already."""
    path = folder / name
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def found(path: Path, *rules: str) -> list[Finding]:
    """What stands of some rules in a document, whatever configuration lies around it."""
    return [one for one in lint(path, Config(select=rules)).standing if one.severity != "error" or rules]


def payload(
    folder: Path, schema: str, *rules: str, direction: str = "subscribe", rest: str = ""
) -> list[str]:
    """Messages of the findings of some rules about one payload."""
    lines = "".join(f"          {line}\n" for line in schema.strip("\n").split("\n"))
    text = f"channels:\n  chat:\n    {direction}:\n      message:\n        payload:\n{lines}{rest}"
    return [one.message for one in found(write(folder, text), *rules)]
