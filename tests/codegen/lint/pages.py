"""The examples on the pages of rules, as documents that can be reviewed.

An example is a part of a document: what it does not say of a document's first fields is added below it. The line
that a finding is to stand at ends in `# here`, or the fence says `line=5`. Beside each document lies `common.yaml`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from codegen.lint import RULES, Config, Finding, lint

COMMON = Path(__file__).with_name("common.yaml")
_SECTION = re.compile(r"^## (Bad|Good)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_BELOW = (
    ("asyncapi", "asyncapi: 2.6.0"),
    ("info", "info: {title: Example, version: 1.0.0}"),
    ("channels", "channels: {}"),
)
TELLING = frozenset({"channel-description", "message-description", "parameter-description"})
"""Rules that would have every short example be a long one; examples of other rules are not asked by them."""


@dataclass(frozen=True)
class Example:
    """One document of a page."""

    text: str
    is_json: bool
    lines: tuple[int, ...]
    """Where findings are to stand, if anywhere."""
    also: frozenset[str]
    """Other rules that have to speak."""
    file: str
    """Where findings are to stand; empty for the document itself."""

    def findings(self, folder: Path, rule: str) -> tuple[Finding, ...]:
        """What a review of it finds that is worse than a remark, or is of the rule itself."""
        path = folder / ("asyncapi.json" if self.is_json else "asyncapi.yaml")
        path.write_text(self.text, encoding="utf-8")
        (folder / "common.yaml").write_text(COMMON.read_text(encoding="utf-8"), encoding="utf-8")
        found = lint(path, Config(ignore=tuple(TELLING - {rule}))).standing
        return tuple(one for one in found if one.severity != "info" or one.rule == rule)


def example(rule: str, kind: str) -> Example | None:
    """The `Bad` or the `Good` example of a rule's page; None where it cannot be written as text."""
    sections = {match[1]: match[2] for match in _SECTION.finditer(RULES[rule].page)}
    fence = _FENCE.search(sections[kind])
    if fence is None:
        return None
    language, said, text = fence[1], fence[2].split(), fence[3]
    attributes = dict(word.split("=", 1) for word in said if "=" in word)
    lines = [number for number, line in enumerate(text.split("\n"), 1) if line.rstrip().endswith("# here")]
    lines += [int(attributes["line"])] if "line" in attributes else []
    file, _, key = attributes.get("file", "").partition(":")
    if key:
        common = COMMON.read_text(encoding="utf-8").split("\n")
        lines.append(common.index(f"{key}:") + 1)
    if language == "yaml" and "whole" not in said:
        keys = set(re.findall(r"^([\w-]+):", text, re.MULTILINE))
        text += "".join(f"{line}\n" for key, line in _BELOW if key not in keys)
    also = frozenset(attributes["also"].split(",")) if "also" in attributes else frozenset()
    return Example(text, language == "json", tuple(lines), also, file)
