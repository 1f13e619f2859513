"""What the authors of a document leave as it is, and why: in comments, or in `x-lint-ignore`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from codegen.contract import Json, Source
from codegen.document import Document, SourceFile
from codegen.lint.registry import RULES
from codegen.load import NAMED
from codegen.location import Key
from codegen.validate.words import hint

FIELD = "x-lint-ignore"
_COMMENT = re.compile(r"#\s*lint:\s*ignore\b(?P<said>.*)", re.IGNORECASE)
_SAID = re.compile(
    r"\s*(?P<rules>[\w-]+(?:\s*,\s*[\w-]+)*)?(?:(?:\s+-+\s*|\s*[\u2013\u2014:]\s*|\s+(?=because\b))(?P<reason>.*))?",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Suppression:
    """One rule that is not to speak of some places."""

    rule: str
    reason: str
    source: Source
    """Where it was written."""
    line: int | None = None
    """The line that it is about; None: see below."""
    pointer: tuple[Key, ...] | None = None
    """The mapping that it is about; None together with `line`: the whole file."""
    used: bool = False
    is_field: bool = False
    """Whether it is an entry of `x-lint-ignore`, rather than a comment."""

    def covers(self, rule: str, source: Source, pointer: tuple[Key, ...]) -> bool:
        """Whether it speaks of a finding, which stands in the suppression's file."""
        if rule != self.rule or source.file != self.source.file:
            return False
        if self.line is not None:
            return source.line == self.line
        if self.pointer is not None:
            # The mapping itself, and its own entries.
            return pointer == self.pointer or pointer[:-1] == self.pointer
        return True


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with a suppression."""

    rule: str
    source: Source
    message: str


def collect(document: Document) -> tuple[list[Suppression], list[Complaint]]:
    """All suppressions of a document and the files it refers to, and what is wrong with some."""
    found: list[Suppression] = []
    complaints: list[Complaint] = []
    for file in document.files.values():
        for suppression in (*_fields(file), *_comments(file)):
            complaint = _complaint(suppression)
            if complaint is None:
                found.append(suppression)
            else:
                complaints.append(complaint)
    return found, complaints


def _complaint(suppression: Suppression) -> Complaint | None:
    rule, source = suppression.rule, suppression.source
    if not rule:
        form = f"`{FIELD}: {{RULE: why}}`" if suppression.is_field else "`lint: ignore RULE - why`"
        return Complaint("suppression-unknown", source, f"this suppression names no rule: {form}")
    if rule not in RULES:
        return Complaint("suppression-unknown", source, f'there is no rule "{rule}"{hint(rule, RULES)}')
    if not suppression.reason:
        return Complaint(
            "suppression-reason", source, f'say why "{rule}" is not to speak here; without a reason it does'
        )
    if RULES[rule].refuses:
        return Complaint(
            "suppression-unused", source, f'"{rule}" is what nothing can be generated with; it stays an error'
        )
    return None


def _fields(file: SourceFile) -> Iterator[Suppression]:
    waiting: list[tuple[tuple[Key, ...], Json]] = [((), file.data)]
    while waiting:
        pointer, value = waiting.pop()
        if isinstance(value, list):
            waiting += [((*pointer, index), item) for index, item in enumerate(value)]
        if not isinstance(value, dict):
            continue
        waiting += [((*pointer, key), member) for key, member in value.items() if key != FIELD]
        said = value.get(FIELD)
        is_named = bool(pointer) and pointer[-1] in NAMED and (len(pointer) < 2 or pointer[-2] not in NAMED)
        if said is None or is_named:
            continue
        for rule, reason in said.items() if isinstance(said, dict) else [("", "")]:
            place = (*pointer, FIELD, rule) if isinstance(said, dict) else (*pointer, FIELD)
            line, column = file.positions.get(place, (1, 1))
            text = reason.strip() if isinstance(reason, str) else ""
            source = Source(file.name, line, column)
            yield Suppression(rule, text, source, None, pointer or None, is_field=True)


def _comments(file: SourceFile) -> Iterator[Suppression]:
    try:
        text = Path(file.name).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError, ValueError):
        return
    if not _COMMENT.search(text) or text.lstrip()[:1] in ("{", "["):
        return
    within = _scalars(text)
    lines = text.split("\n")
    start = next((i for i, line in enumerate(lines) if _is_content(line)), len(lines))
    for index, line in enumerate(lines):
        match = next(
            (
                match
                for match in _COMMENT.finditer(line)
                if (match.start() == 0 or line[match.start() - 1] in " \t")
                and not any(begin <= (index, match.start()) < end for begin, end in within)
            ),
            None,
        )
        if match is None:
            continue
        about: int | None = index + 1
        if index < start:
            about = None
        elif not _is_content(line):
            about = next((i + 1 for i in range(index, len(lines)) if _is_content(lines[i])), index + 1)
        source = Source(file.name, index + 1, match.start() + 1)
        said = _SAID.fullmatch(match["said"].rstrip())
        rules = (said["rules"] or "") if said is not None else match["said"]
        reason = (said["reason"] or "").strip() if said is not None else ""
        for rule in re.split(r"\s*,\s*", rules.strip()):
            yield Suppression(rule, "" if reason.lower() == "because" else reason, source, about)


def _is_content(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith(("#", "---", "%"))


def _scalars(text: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """From where to where each text of a YAML file goes that may hold a `#` of its own."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - takes a while
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415
    from ruamel.yaml.tokens import ScalarToken  # noqa: PLC0415

    found = []
    try:
        for token in YAML(typ="safe", pure=True).scan(text):
            if isinstance(token, ScalarToken) and not token.plain:
                begin, end = token.start_mark, token.end_mark
                found.append(((begin.line, begin.column), (end.line, end.column)))
    except YAMLError:
        return found  # the rest makes no sense, which has been said
    return found
