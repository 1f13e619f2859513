"""Regular expressions that match more than meant, or take longer than anybody waits."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.lint.backtracking import explodes
from codegen.lint.expressions import anchored, parsed
from codegen.lint.reach import values
from codegen.lint.rule import Options, Rule, Said
from codegen.lint.subject import Subject
from codegen.location import Location

_SHORT = 16
"""Texts so short are matched in no time, however often an engine goes back."""


def _unanchored(subject: Subject, _options: Options) -> Iterator[Said]:
    for at in subject.found("a schema"):
        pattern = subject.mapping(at).get("pattern")
        if not isinstance(pattern, str) or parsed(pattern) is None:
            continue
        begins, ends = anchored(pattern)
        if begins and ends:
            continue
        told = {
            (False, False): "somewhere in a text, whatever stands around it; begin with ^ and end with $",
            (True, False): "the beginning of a text, whatever follows; end with $",
            (False, True): "the end of a text, whatever stands before it; begin with ^",
        }[begins, ends]
        if "|" in pattern and pattern.startswith("^") and pattern.endswith("$"):
            told = "more than it seems: ^ and $ belong to one alternative each; put the alternatives in (…)"
        yield at.child("pattern"), f"{_short(pattern)} matches {told}"


def _backtracks(subject: Subject, _options: Options) -> Iterator[Said]:
    told: dict[Location, tuple[str, str]] = {}
    for reached in subject.sent:
        limits = [one for one in values(subject.document, reached.spot, "maxLength") if isinstance(one, int)]
        if limits and min(limits) <= _SHORT:
            continue
        for part in reached.spot.parts:
            pattern = subject.mapping(part).get("pattern")
            if isinstance(pattern, str) and explodes(pattern):
                told.setdefault(part.child("pattern"), (pattern, reached.told()))
    for at, (pattern, ways) in told.items():
        yield (
            at,
            f"{_short(pattern)} can match the same text in many ways, and an engine that tries them all takes "
            f"forever on some; clients send it as {ways}",
        )


def _short(pattern: str) -> str:
    return f"/{pattern if len(pattern) <= 60 else pattern[:60] + '…'}/"


RULES = (
    Rule("pattern-unanchored", "warning", _unanchored),
    Rule("pattern-backtracks", "warning", _backtracks),
)
