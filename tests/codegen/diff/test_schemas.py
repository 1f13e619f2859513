"""The same change of a schema, by who sends what it describes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from codegen.diff import Direction, Verdict, compare_contracts
from tests.codegen.diff.editing import GONE, compared, edited

SENT: Direction = "client_to_server"
RECEIVED: Direction = "server_to_client"
S = "/components/schemas"
ROOM = "/channels/~1rooms~1{room}"
ASKED, TOLD = f"{S}/Question/properties", f"{S}/Wind/properties"


class Case(NamedTuple):
    """Edits, and the verdicts: of what is sent, of what is received; None where the direction is not concerned."""

    name: str
    edits: dict[str, Any]
    sent: Verdict | None
    received: Verdict | None
    words: str = ""
    back: tuple[Verdict | None, Verdict | None] | None = None
    """The verdicts the other way round; None where that is not asked."""


CASES: tuple[Case, ...] = (
    Case(
        "property-required",
        {f"{S}/Question/required": ["station", "limit"]},
        "breaking",
        None,
        "clients that send `wind.ask` without `limit` are refused",
        ("compatible", None),
    ),
    Case(
        "property-no-longer-required",
        {f"{S}/Wind/required": ["height", "from"]},
        None,
        "breaking",
        "without looking whether it is there",
        (None, "compatible"),
    ),
    Case(
        "property-added-and-required",
        {f"{ASKED}/unit": {"type": "string"}, f"{S}/Question/required": ["station", "unit"]},
        "breaking",
        None,
        "without `unit`",
    ),
    Case(
        "property-added",
        {f"{ASKED}/unit": {"type": "string"}},
        "compatible",
        None,
        "nobody has to",
        ("dangerous", None),
    ),
    Case(
        "property-added-to-what-is-received",
        {f"{TOLD}/unit": {"type": "string"}},
        None,
        "compatible",
        "ignore it",
        (None, "breaking"),
    ),
    Case(
        "required-property-removed",
        {f"{TOLD}/from": GONE, f"{S}/Wind/required": ["height", "knots"]},
        None,
        "breaking",
        "clients that read `payload",
    ),
    Case(
        "required-property-described-no-more",
        {f"{TOLD}/knots": GONE},
        None,
        "breaking",
        "may receive something else: it is no longer described",
    ),
    Case(
        "property-added-to-closed",
        {f"{S}/Strike/properties/place": {"type": "string"}},
        None,
        "breaking",
        "refuse",
        (None, "dangerous"),
    ),
    Case(
        "value-added-to-what-is-sent",
        {f"{ASKED}/order/enum": ["up", "down", "none", "random"]},
        "compatible",
        None,
        "",
        ("breaking", None),
    ),
    Case(
        "value-added-to-what-is-received",
        {f"{TOLD}/from/enum": ["north", "east", "south", "west", "nowhere"]},
        None,
        "breaking",
        "meet `nowhere`",
        (None, "compatible"),
    ),
    Case(
        "value-added-to-an-open-enumeration",
        {f"{TOLD}/kind/x-open-enum": ["breeze", "storm", "gale"]},
        None,
        "compatible",
        "`gale`",
        (None, "compatible"),
    ),
    Case(
        "enumeration-opened",
        {f"{TOLD}/from": {"type": "string", "x-open-enum": ["north", "east", "south", "west"]}},
        None,
        "breaking",
        "",
        (None, "compatible"),
    ),
    Case(
        "maximum-lowered",
        {f"{ASKED}/limit/maximum": 100},
        "breaking",
        None,
        "at most 100",
        ("compatible", None),
    ),
    Case("minimum-gone", {f"{TOLD}/knots/minimum": GONE}, None, "breaking", "", (None, "compatible")),
    Case(
        "type-widened",
        {f"{S}/Strike/properties/time/type": "number"},
        None,
        "breaking",
        "any number",
        (None, "compatible"),
    ),
    Case(
        "type-changed",
        {f"{ASKED}/note/type": "integer"},
        "breaking",
        None,
        "`payload.note`",
        ("breaking", None),
    ),
    Case(
        "null-allowed",
        {f"{TOLD}/gust/type": ["number", "null"]},
        None,
        "breaking",
        "null",
        (None, "compatible"),
    ),
    Case(
        "default-changed-sent", {f"{ASKED}/limit/default": 50}, "dangerous", None, "another value than before"
    ),
    Case("default-changed-received", {f"{TOLD}/gust/default": 1}, None, "dangerous", "fill in another value"),
    Case(
        "length-bounded",
        {f"{ASKED}/note/maxLength": 10},
        "breaking",
        None,
        "at most 10",
        ("compatible", None),
    ),
    Case("pattern-added", {f"{ASKED}/note/pattern": "^[a-z]*$"}, "breaking", None, "", ("compatible", None)),
    Case(
        "arm-added",
        {
            "/components/messages/wind.ask.response/payload/properties/payload/oneOf/-": {
                "type": "object",
                "required": ["status"],
                "properties": {"status": {"const": "later"}},
            }
        },
        None,
        "breaking",
        "",
        (None, "compatible"),
    ),
    Case("closed", {f"{S}/Question/additionalProperties": False}, "breaking", None, "", ("compatible", None)),
    Case("deprecated", {f"{ASKED}/note/deprecated": True}, "compatible", None, "deprecated"),
    # What is shared goes both ways, and is judged twice.
    Case("shared", {f"{S}/Station/pattern": GONE}, "compatible", None, "", ("breaking", None)),
    Case("both-ways", {f"{S}/Station/maxLength": 10}, "breaking", None, ""),
    # The same meaning in other words.
    Case("const-as-enum", {f"{S}/Done/properties/status": {"enum": ["ok"]}}, None, None),
    Case("all-of", {f"{TOLD}/knots": {"allOf": [{"type": "number"}, {"minimum": 0}]}}, None, None),
    Case("idle-keyword", {f"{TOLD}/knots/minLength": 3}, None, None),
    Case("implied", {f"{ASKED}/order/type": GONE}, None, None),
    Case("words", {f"{TOLD}/knots/description": "How fast."}, None, None),
)


def verdicts(changes: Any, direction: Direction) -> set[Verdict]:  # noqa: ANN401
    """The verdicts of one direction."""
    return {change.verdict for change in changes if change.direction == direction}


def at_most(verdict: Verdict | None) -> set[Verdict]:
    """A verdict as a set."""
    return set() if verdict is None else {verdict}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_change_of_a_schema_is_judged_by_direction(case: Case, tmp_path: Path) -> None:
    """What narrows breaks those who send, what widens those who receive; and the other way round it is the opposite."""
    changes = compared(tmp_path, "topics", case.edits).changes
    assert verdicts(changes, SENT) == at_most(case.sent)
    assert verdicts(changes, RECEIVED) == at_most(case.received)
    if case.words:
        assert any(case.words in change.reason.lower() for change in changes), [
            change.reason for change in changes
        ]
    if case.back is not None:
        changes = compared(tmp_path, "topics", case.edits, backwards=True).changes
        assert (verdicts(changes, SENT), verdicts(changes, RECEIVED)) == tuple(map(at_most, case.back))


def test_a_change_both_ways_shows_what_meets_each_side(tmp_path: Path) -> None:
    """Those who send are shown what is refused now, those who receive what may come now."""
    for where, name, way in ((ASKED, "limit", SENT), (TOLD, "knots", RECEIVED)):
        changes = compared(tmp_path, "topics", {f"{where}/{name}": {"type": "string"}}).changes
        change = next(each for each in changes if each.kind == "type-changed")
        assert (change.verdict, change.direction) == ("breaking", way)
        assert change.witness is not None
        assert (f'"{name}": "' in json.dumps(change.witness)) is (way == RECEIVED)


def test_what_several_messages_share_is_told_once(tmp_path: Path) -> None:
    """A component's change is one change for each direction, and names all messages that carry it."""
    changes = compared(tmp_path, "topics", {f"{TOLD}/knots/maximum": 200}).changes
    assert [(c.verdict, c.direction, c.messages) for c in changes] == [
        ("compatible", RECEIVED, ("wind.ask.response", "wind.update"))
    ]
    changes = compared(tmp_path, "topics", {f"{S}/Station/maxLength": 20}).changes
    assert [(c.direction, c.messages) for c in changes] == [
        (SENT, ("wind.subscribe", "wind.ask", "strikes.subscribe"))
    ]


@pytest.mark.parametrize(
    ("mode", "sent", "received"),
    [
        (None, "dangerous", "compatible"),
        ("ignored", "compatible", "compatible"),
        ("exact", "breaking", "compatible"),
    ],
)
def test_open_objects_count_as_one_says(mode: Any, sent: str, received: str, tmp_path: Path) -> None:  # noqa: ANN401
    """Without an envelope nothing says that what is not named is ignored: a new name may have been sent already."""
    inside = "payload/properties/loud"
    for way, direction, verdict in (("publish", SENT, sent), ("subscribe", RECEIVED, received)):
        edits = {f"/channels/~1rooms~1{{room}}/{way}/message/oneOf/0/{inside}": {"type": "boolean"}}
        changes = compared(tmp_path, "paths", edits, open_objects=mode).changes
        assert [(c.verdict, c.direction) for c in changes] == [(verdict, direction)]


def test_a_new_name_for_anything_refuses_nobody(tmp_path: Path) -> None:
    """Who sends a property already, as whatever it may be, is accepted where the new one may be anything."""
    inside = "/channels/~1rooms~1{room}/publish/message/oneOf/0/payload/properties/loud"
    changes = compared(tmp_path, "paths", {inside: {"description": "Whatever comes to mind."}}).changes
    assert [(c.verdict, c.kind) for c in changes] == [("compatible", "property-added")]


def test_who_must_name_what_is_the_object_around_it(tmp_path: Path) -> None:
    """What is required of an object within a message is asked of those who send that object."""
    inside = "/channels/~1rooms~1{room}/publish/message/oneOf/0/payload/properties/where"
    place = {"type": "object", "properties": {"floor": {"type": "integer"}}}
    old = edited(tmp_path, "paths", {inside: place})
    new = edited(tmp_path, "paths", {inside: {**place, "required": ["floor"]}})
    (change,) = compare_contracts(old, new).changes
    assert "send `where` of `" in change.reason
    assert "` without `floor` are refused" in change.reason


def test_what_recurs_is_told_where_it_stands(tmp_path: Path) -> None:
    """A schema that refers back to the one around it differs with it, which is one change."""
    tree = {
        "type": "object",
        "properties": {
            "leaf": {"type": "string"},
            "twigs": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
        },
    }
    tell = {f"{TOLD}/tree": {"$ref": f"#{S}/Tree"}, f"{S}/Tree": tree}
    old = edited(tmp_path, "topics", tell)
    leaf = f"{S}/Tree/properties/leaf"
    changes = compare_contracts(old, edited(tmp_path, "topics", {**tell, leaf: {"type": "integer"}})).changes
    assert [(c.verdict, c.direction, c.kind) for c in changes] == [("breaking", RECEIVED, "type-changed")]
    twigs = f"{S}/Tree/properties/twigs/maxItems"
    changes = compare_contracts(
        old, edited(tmp_path, "topics", {**tell, leaf: {"type": "integer"}, twigs: 3})
    ).changes
    assert len(changes) > 1, "and a change of its own is told too"


@pytest.mark.parametrize("back", [False, True])
def test_nullable_changes_what_is_generated(back: bool, tmp_path: Path) -> None:
    """JSON Schema does not know the word; the generated types do, and a type that has null says the same."""
    changes = compared(tmp_path, "topics", {f"{ASKED}/note/nullable": True}, backwards=back).changes
    assert [(c.verdict, c.scope, c.kind) for c in changes] == [("dangerous", "code", "nullable-changed")]
    assert changes[0].path == f"{ASKED}/note"
    assert ("may not be null" if back else "may be null now") in changes[0].reason
    same = {f"{ASKED}/note": {"type": ["string", "null"], "nullable": True}}
    changes = compared(tmp_path, "topics", same, backwards=back).changes
    assert "nullable-changed" not in {c.kind for c in changes}


def test_nobody_is_accepted_where_nothing_may_be_sent(tmp_path: Path) -> None:
    """An object that must be empty refuses the property: it is not said too that it is accepted as before."""
    more = f"{ROOM}/publish/message/oneOf/0/payload/properties/more"
    old = edited(tmp_path, "paths", {more: {"type": "object", "properties": {"a": {}}}})
    new = edited(tmp_path, "paths", {more: {"type": "object", "maxProperties": 0}})
    changes = compare_contracts(old, new).changes
    assert [(c.verdict, c.kind) for c in changes] == [("breaking", "properties-narrowed")]
