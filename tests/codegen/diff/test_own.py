"""Changes of this project's own contract, and how they are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codegen.diff import VERDICTS, Change, Comparison, Direction, Verdict, markdown, text, to_json
from tests.codegen.diff.editing import GONE, Edits, compared, without

SENT: Direction = "client_to_server"
RECEIVED: Direction = "server_to_client"
S, BARS = "/components/schemas", "/channels/bars:{symbol}:{resolution}"

PLANTED: tuple[tuple[Edits, Verdict, Direction | None, str], ...] = (
    (
        {f"{S}/BarsHistory/properties/limit/maximum": 500},
        "breaking",
        SENT,
        "`payload.limit` of `bars.history`",
    ),
    ({f"{S}/Trade/properties/side/enum": ["buy", "sell", "unknown"]}, "breaking", RECEIVED, "meet `unknown`"),
    ({f"{S}/Trade/properties/venue": {"type": "string"}}, "compatible", RECEIVED, "ignore it"),
    ({f"{S}/SymbolsQuery/properties/kind": {"type": "string"}}, "compatible", SENT, "nobody has to"),
    ({f"{S}/Depth/default": 10}, "dangerous", SENT, "leave `payload.depth`"),
    ({f"{S}/Depth/enum": [10, 25, 100, 500]}, "breaking", SENT, "clients that send `1000`"),
    ({f"{S}/SymbolInfo/properties/type/x-open-enum/-": "bond"}, "compatible", RECEIVED, "`bond`"),
    (
        {f"{S}/Quote/required": ["time", "bid", "ask", "bid_size", "ask_size", "last"]},
        "breaking",
        RECEIVED,
        "without looking whether it is there",
    ),
    ({f"{BARS}/x-delivery": {"mode": "conflate"}}, "breaking", RECEIVED, "the latest of each `time`"),
    ({"/channels/orderbook:{symbol}:{depth}/x-state/checksum": 25}, "breaking", RECEIVED, "over 10 entries"),
    ({f"{BARS}/parameters/resolution/x-aliases/M": GONE}, "breaking", SENT, "clients that say `M`"),
    (
        {"/channels/session/subscribe/message/oneOf": without("server.shutdown")},
        "breaking",
        RECEIVED,
        "wait for `server.shutdown`",
    ),
    ({"/x-limits/subscriptions_per_connection": 50}, "breaking", SENT, "more than 50 topics"),
    ({"/servers/development/url": "ws://localhost:8000/api/v2/ws"}, "breaking", None, "/api/v2/ws"),
    ({f"{S}/TopicAddress/description": "A topic."}, "compatible", None, "1 description differs"),
)


@pytest.mark.parametrize(("edits", "verdict", "direction", "words"), PLANTED)
def test_a_change_of_our_own_contract_has_its_verdict(
    edits: Edits, verdict: Verdict, direction: Direction | None, words: str, tmp_path: Path
) -> None:
    """One edit, one change, its verdict, its direction, and a sentence that says who breaks."""
    (change,) = compared(tmp_path, "own", edits).changes
    assert (change.verdict, change.direction) == (verdict, direction)
    assert words.lower() in change.reason.lower(), change.reason
    assert change.shown_place is not None


def test_a_schema_that_goes_both_ways_is_judged_twice(tmp_path: Path) -> None:
    """What narrows what is sent breaks there, and narrows what is received, which harms nobody."""
    changes = compared(tmp_path, "own", {f"{S}/Symbol/maxLength": 8}).changes
    assert [(c.verdict, c.direction) for c in changes] == [("breaking", SENT), ("compatible", RECEIVED)]
    assert "bars.subscribe" in changes[0].messages
    assert "bars.history.response" in changes[1].messages


def test_a_property_may_be_called_like_a_keyword(tmp_path: Path) -> None:
    """A property `description` is no description: its change is one of the wire."""
    (change,) = compared(tmp_path, "own", {f"{S}/SymbolInfo/properties/description/type": "number"}).changes
    assert (change.verdict, change.direction, change.scope) == ("breaking", RECEIVED, "wire")


MIXED: Edits = {
    f"{S}/BarsHistory/properties/limit/maximum": 500,
    f"{S}/Depth/default": 10,
    f"{S}/Trade/properties/venue": {"type": "string"},
    "/info/description": "Everything\nelse.",
}


def test_the_text_has_the_worst_first(tmp_path: Path) -> None:
    """Verdicts in order, each change with its place, its sentence and a message that shows it; then the version."""
    told = text(compared(tmp_path, "own", MIXED))
    heads = [line for line in told.splitlines() if line and not line.startswith(" ")]
    assert heads[0].endswith("asyncapi.json: 1 breaking, 1 dangerous and 2 compatible changes")
    assert heads[1:4] == ["breaking (1)", "dangerous (1)", "compatible (2)"]
    assert heads[4].endswith("breaking changes ask for 2.0.0")
    assert "      for example {" in told
    assert max(map(len, told.splitlines()[1:])) <= 160


def test_the_markdown_is_fit_for_a_pull_request(tmp_path: Path) -> None:
    """A line that sums up, tables for what may break, and what harms nobody folded away."""
    told = markdown(compared(tmp_path, "own", MIXED))
    lines = told.splitlines()
    assert lines[0] == "## Contract: 1 breaking, 1 dangerous and 2 compatible changes"
    assert lines[2].startswith("❌ Version 1.3.0 does not follow")
    assert [line for line in lines if line.startswith("### ")] == ["### Breaking (1)", "### Dangerous (1)"]
    assert told.count("<details><summary>Compatible (2)</summary>") == told.count("</details>") == 1
    rows = [line for line in lines if line.startswith("| →") or line.startswith("| ←")]
    assert len(rows) == 3
    assert all(row.count(" | ") == 3 for row in rows)


@pytest.mark.parametrize(("length", "shown"), [(20, 60), (2000, 43)])
def test_markdown_stays_short(length: int, shown: int) -> None:
    """Hundreds of changes of each verdict are cut and counted: a comment has to be shorter than 65,536 characters."""
    many = [
        Change(verdict, "", SENT, "x", "y" * length, subject="z") for verdict in VERDICTS for _ in range(300)
    ]
    told = markdown(Comparison(tuple(many), "1.0.0", "2.0.0", "2.0.0", follows=True))
    assert told.count(f"and {300 - shown} more") == 3
    assert len(told) < 65_536


def test_what_documents_say_stays_text(tmp_path: Path) -> None:
    """Pipes, tags and stars of a document's own words do no harm to the table that they are told in."""
    name = "a|b<script>*c*"
    told = markdown(compared(tmp_path, "own", {f"{S}/Trade/properties/{name}": {"type": "string"}}))
    (row,) = [line for line in told.splitlines() if line.startswith("| ←")]
    assert row.replace("\\|", "").count("|") == 5
    assert "<script>" not in "".join(row.split("`")[::2])


def test_names_are_told_on_one_line_without_what_terminals_obey(tmp_path: Path) -> None:
    """Whatever a document names its properties and versions, nothing but printable signs comes to a terminal."""
    name = "a\x1b[2Jb\u202ec\nd"
    told = text(
        compared(
            tmp_path, "own", {f"{S}/Trade/properties/{name}": {"type": "string"}, "/info/version": "2\x1b[2J"}
        )
    )
    assert all(line.isprintable() for line in told.split("\n"))
    assert told.count(r"a\x1b[2Jb\x202ec\nd") == 2
    assert r"version 2\x1b[2J does not follow" in told


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [("^a\nb$", r"`^a\nb$`"), ("^a`b$", r"`^a\x60b$`"), ("^a  b$", "`^a  b$`")],
)
def test_a_pattern_is_told_as_it_is(pattern: str, shown: str, tmp_path: Path) -> None:
    """Line ends, backticks and spaces of a pattern are told, escaped as a pattern may have them."""
    changes = compared(tmp_path, "topics", {f"{S}/Station/pattern": pattern})
    (reason,) = [change.reason for change in changes.changes if change.kind == "pattern-changed"]
    assert shown in reason
    assert shown in markdown(changes)
    assert shown in " ".join(text(changes).split("\n      "))


def test_a_value_with_a_backtick_begins_no_code(tmp_path: Path) -> None:
    """A backtick in a default is told as JSON may have it, so that what stands behind it is no code."""
    changes = compared(tmp_path, "topics", {f"{S}/Station/default": "a`b"})
    assert r'"a\u0060b"' in text(changes)
    assert all(change.reason.count("`") % 2 == 0 for change in changes.changes)


def test_the_json_has_what_programs_need(tmp_path: Path) -> None:
    """Every change with its fields; a breaking one of a schema with a message that shows it."""
    told = json.loads(to_json(compared(tmp_path, "own", MIXED)))
    assert told["breaking"] is True
    assert told["version"]["follows"] is False
    assert told["counts"] == {"breaking": 1, "dangerous": 1, "compatible": 2}
    first = told["changes"][0]
    assert set(first) >= {
        "verdict",
        "path",
        "direction",
        "kind",
        "reason",
        "old",
        "new",
        "messages",
        "file",
        "line",
    }
    assert first["witness"]["payload"]["limit"] > 500
    assert first["messages"] == ["bars.history"]


def test_the_same_comparison_is_told_in_the_same_words(tmp_path: Path) -> None:
    """Nothing depends on chance or on order: two runs give the same bytes."""
    assert to_json(compared(tmp_path, "own", MIXED)) == to_json(compared(tmp_path, "own", MIXED))
