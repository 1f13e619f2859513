"""A comparison for people at a terminal, for programs, and for a pull request."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence

from codegen.contract import Json
from codegen.diagnostics import on_one_line
from codegen.diff.changes import VERDICTS, Change, Comparison, Verdict
from codegen.diff.words import joined
from codegen.semver import parse

_ARROWS = {"client_to_server": "client → server", "server_to_client": "server → client"}
_ELSE = {"wire": "both ways", "code": "generated code", "docs": "words"}
"""What changes concern that have no direction."""
_MARKS: dict[Verdict, str] = {"breaking": "✗", "dangerous": "!", "compatible": "✓"}
_WIDTH = 100
_SHOWN = 60
"""So many changes of one verdict a pull request is shown; the rest is counted."""
_CELL = 400
_ROOM = 18_000
"""So many characters a table may take: comments on a pull request have to be shorter than 65,536."""


def summary(comparison: Comparison) -> str:
    """How many changes there are of each verdict: `2 breaking, 1 dangerous and 3 compatible changes`."""
    if not comparison.changes:
        return "no changes"
    counts = comparison.counts
    parts = [f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict]]
    return f"{joined(parts)} change{'s' if len(comparison.changes) > 1 else ''}"


def version_line(comparison: Comparison) -> str:
    """What the changes mean for the document's version, in one sentence."""
    old, new, wanted = comparison.old_version, comparison.new_version, comparison.suggested_version
    if comparison.follows:
        if old == new:
            return f"version {new} stays, as it may"
        return f"version {new} follows {old}" + (f" ({wanted} would do)" if wanted not in ("", new) else "")
    if wanted and parse(new) is None:
        return (
            f"version {new} does not follow: it is no semantic version, and {old} is one; {wanted} would do"
        )
    if not wanted:
        return f"version {new} does not follow: the contract differs from the one that is called {old}"
    if not comparison.changes:
        return f"version {new} does not follow: it is lower than {old}, and nothing has changed"
    why = "breaking changes ask" if comparison.breaking else "these changes ask"
    return f"version {new} does not follow: after {old} {why} for {wanted}"


def text(comparison: Comparison) -> str:
    """For a terminal: the worst first, every change with its place."""
    lines = [on_one_line(f"{comparison.old_source} → {comparison.new_source}: {summary(comparison)}")]
    width = max((len(_way(change)) for change in comparison.changes), default=0)
    for verdict in VERDICTS:
        changes = comparison.of(verdict)
        if not changes:
            continue
        lines += ["", f"{verdict} ({len(changes)})"]
        for change in changes:
            head = f"  {_MARKS[verdict]} {_way(change):{width}}  {change.kind}  {change.subject}"
            lines.append(on_one_line(head.rstrip()))
            lines += textwrap.wrap(
                on_one_line(change.reason),
                _WIDTH,
                initial_indent=" " * 6,
                subsequent_indent=" " * 6,
                break_long_words=False,
                break_on_hyphens=False,
            )
            if change.verdict == "breaking" and change.witness is not None:
                lines.append(f"      for example {on_one_line(example(change.witness['value']))}")
            if change.shown_place is not None:
                gone = "" if change.place is not None else " (gone)"
                lines.append(on_one_line(f"      {change.shown_place}{gone}"))
    lines += ["", on_one_line(version_line(comparison))]
    return "\n".join(lines) + "\n"


def _way(change: Change) -> str:
    return _ARROWS[change.direction] if change.direction else _ELSE[change.scope]


def example(value: Json) -> str:
    """A value on one line, cut where it is long."""
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= _WIDTH else shown[: _WIDTH - 1] + "…"


def to_json(comparison: Comparison) -> str:
    """For programs."""
    return (
        json.dumps(
            {
                "changes": [_as_json(change) for change in comparison.changes],
                "breaking": comparison.breaking,
                "version": {
                    "old": comparison.old_version,
                    "new": comparison.new_version,
                    "suggested": comparison.suggested_version,
                    "follows": comparison.follows,
                },
                "counts": comparison.counts,
                "old": comparison.old_source,
                "new": comparison.new_source,
            },
            ensure_ascii=False,
            indent=2,
        )
        + "\n"
    )


def _as_json(change: Change) -> dict[str, Json]:
    place = change.shown_place
    found: dict[str, Json] = {
        "verdict": change.verdict,
        "path": change.path,
        "direction": change.direction,
        "kind": change.kind,
        "scope": change.scope,
        "reason": change.reason,
        "old": change.old,
        "new": change.new,
        "messages": list(change.messages),
        "file": place.file if place is not None else None,
        "line": place.line if place is not None else None,
        "column": place.column if place is not None else None,
    }
    if change.witness is not None:
        found["witness"] = change.witness["value"]
    return found


def markdown(comparison: Comparison, *, heading: str = "##") -> str:
    """For a pull request: what breaks on top, what harms nobody folded away; bounded in length."""
    lines = [f"{heading} Contract: {summary(comparison)}", ""]
    lines += [f"{'✅' if comparison.follows else '❌'} {on_one_line(_marked(version_line(comparison)))}.", ""]
    for verdict in VERDICTS:
        changes = comparison.of(verdict)
        if not changes:
            continue
        title = f"{verdict.capitalize()} ({len(changes)})"
        if verdict == "compatible":
            lines += [f"<details><summary>{title}</summary>", "", *_table(changes), "", "</details>", ""]
        else:
            lines += [f"{heading}# {title}", "", *_table(changes), ""]
    return "\n".join(lines).rstrip() + "\n"


def _table(changes: Sequence[Change]) -> list[str]:
    lines = ["| | what | who breaks, and how | where |", "|---|---|---|---|"]
    room, shown = _ROOM, 0
    for change in changes[:_SHOWN]:
        place = change.shown_place
        where = f"`{place.file}:{place.line}`" if place is not None else ""
        arrow = {"client_to_server": "→", "server_to_client": "←", None: ""}[change.direction]
        line = f"| {arrow} | {cell(change.subject)} | {cell(change.reason)} | {where} |"
        room -= len(line)
        if room < 0:
            break
        lines.append(line)
        shown += 1
    if len(changes) > shown:
        lines.append(f"| | | and {len(changes) - shown} more | |")
    if any(change.direction for change in changes[:shown]):
        lines += ["", "→ what clients send, ← what they receive"]
    return lines


def cell(words: str) -> str:
    """A text as a cell of a table: on one line, nothing in it that Markdown or HTML would take for its own."""
    words = on_one_line(" ".join(words.splitlines()))
    if len(words) > _CELL:
        words = words[: _CELL - 1] + "…"
        if words.count("`") % 2:
            words += "`"
    parts = words.split("`")
    # Outside of code: what could become a tag, or a mention of somebody.
    plain = [
        part.replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_") if index % 2 == 0 else part
        for index, part in enumerate(parts)
    ]
    return "`".join(plain).replace("|", "\\|")


def _marked(words: str) -> str:
    return words[:1].upper() + words[1:]
