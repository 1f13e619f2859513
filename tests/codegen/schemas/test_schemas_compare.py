"""What is told of the changes between two schemas."""
# ruff: noqa: ANN401 - schemas and values may be anything

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from codegen.load import read
from codegen.location import Location
from codegen.schemas import ABSENT, KINDS, OpenObjects, SchemaChange, compare, includes, languages
from codegen.schemas.forms import Root, World, document_of
from codegen.schemas.proving import Prover
from codegen.written import Judge
from tests.codegen.schemas import chance
from tests.codegen.schemas.vectors import FLAG, LIST, NUMBER, TEXT, WHOLE, chain, having, tagged


def changes(old: Any, new: Any, open_objects: OpenObjects = "ignored") -> tuple[SchemaChange, ...]:
    """The changes between two schemas that stand alone."""
    before, after = document_of(old), document_of(new)
    return compare(before, before.root, after, after.root, open_objects=open_objects)


def told(old: Any, new: Any, open_objects: OpenObjects = "ignored") -> list[tuple[Any, ...]]:
    """Kind, effect, place in the value and text of each change."""
    return [(each.kind, each.effect, each.at, each.text) for each in changes(old, new, open_objects)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            having({"limit": {**WHOLE, "minimum": 5}}),
            having({"limit": {**WHOLE, "minimum": 10, "maximum": 500}}),
            [
                ("range-narrowed", "narrower", ("limit",), "must now be at least 10 (was 5)"),
                ("range-narrowed", "narrower", ("limit",), "must now be at most 500 (was unbounded)"),
            ],
        ),
        ({"maximum": 5}, {"maximum": 9}, [("range-widened", "wider", (), "may now be up to 9 (was 5)")]),
        ({"minimum": 5}, {"minimum": 2}, [("range-widened", "wider", (), "may now be as low as 2 (was 5)")]),
        ({"minimum": 5}, {}, [("range-widened", "wider", (), "is no longer bounded below (was at least 5)")]),
        (
            {"maximum": 5},
            {"exclusiveMaximum": 5},
            [("range-narrowed", "narrower", (), "must now be less than 5 (was at most 5)")],
        ),
        (
            {**TEXT, "maxLength": 5},
            {**TEXT, "maxLength": 1},
            [("length-narrowed", "narrower", (), "must now have at most 1 character (was 5)")],
        ),
        (
            {**LIST, "minItems": 5},
            {**LIST, "minItems": 1},
            [("items-widened", "wider", (), "may now have as few as 1 item (was 5)")],
        ),
        (
            having({"side": {"enum": ["a", "b"]}}),
            having({"side": {"enum": ["a", "c"]}}),
            [
                ("enum-value-added", "wider", ("side",), 'may now also be "c"'),
                ("enum-value-removed", "narrower", ("side",), 'can no longer be "b"'),
            ],
        ),
        ({"const": "a"}, {"const": "b"}, [("const-changed", "other", (), 'must now be "b" (was "a")')]),
        (
            TEXT,
            {"enum": ["a", "b"]},
            [("enum-added", "narrower", (), 'must now be "a" or "b" (any other value was taken)')],
        ),
        (
            TEXT,
            {"type": ["string", "null"]},
            [("type-added", "wider", (), "may now also be null (was a string)")],
        ),
        (NUMBER, WHOLE, [("type-removed", "narrower", (), "must now be an integer (was a number)")]),
        (WHOLE, NUMBER, [("type-added", "wider", (), "may now be any number (was an integer)")]),
        (TEXT, FLAG, [("type-changed", "other", (), "must now be true or false (was a string)")]),
        (
            {**TEXT, "pattern": "^a"},
            {**TEXT, "pattern": "^ab"},
            [("pattern-changed", "narrower", (), "must now be matched by `^ab` (was `^a`)")],
        ),
        (
            TEXT,
            {**TEXT, "format": "date"},
            [("format-added", "narrower", (), "must now have the format `date`")],
        ),
        (
            {**WHOLE, "format": "int32"},
            {**WHOLE, "format": "int64"},
            [("format-changed", "same", (), "must now have the format `int64` (was `int32`)")],
        ),
        (
            {**LIST, "items": having({"a": TEXT})},
            {**LIST, "items": having({"a": TEXT}, required=["a"])},
            [("property-required", "narrower", ("*", "a"), "must now be there")],
        ),
        (
            {**LIST, "items": [TEXT, WHOLE]},
            {**LIST, "items": [TEXT, NUMBER]},
            [("type-added", "wider", (1,), "may now be any number (was an integer)")],
        ),
        (
            {"oneOf": [tagged("a", x=WHOLE), tagged("b")]},
            {"oneOf": [tagged("b"), tagged("a", x=NUMBER), tagged("c")]},
            [
                ("type-added", "wider", ("x",), "may now be any number (was an integer)"),
                ("arm-added", "wider", (), 'may now also be an object with `kind` "c"'),
            ],
        ),
        (
            {"oneOf": [tagged("a"), tagged("b")]},
            {"oneOf": [tagged("a")]},
            [("arm-removed", "narrower", (), 'can no longer be an object with `kind` "b"')],
        ),
        (
            chain(WHOLE),
            chain(NUMBER),
            [("type-added", "wider", ("value",), "may now be any number (was an integer)")],
        ),
        (
            {**TEXT, "default": "a"},
            {**TEXT, "default": "b"},
            [("default-changed", "same", (), 'is now "b" where it is left out (was "a")')],
        ),
        (
            {**TEXT, "x-open-enum": ["a", "b"]},
            {**TEXT, "x-open-enum": ["a", "c"]},
            [
                ("open-enum-value-added", "same", (), 'is now also known to be "c"'),
                ("open-enum-value-removed", "same", (), 'is no longer known to be "b"'),
            ],
        ),
    ],
)
def test_a_change_is_told_in_words(old: Any, new: Any, expected: list[tuple[Any, ...]]) -> None:
    """Each change has its kind, its effect, its place in the value, and a clause that says what is new."""
    assert told(old, new) == expected


A = having({"a": TEXT})
AB = having({"a": TEXT, "b": WHOLE})


@pytest.mark.parametrize(
    ("old", "new", "open_objects", "expected"),
    [
        (A, AB, "ignored", [("property-added", "wider")]),
        (A, AB, "exact", [("property-added-to-open", "narrower")]),
        (A, having({"a": TEXT, "b": True}), "ignored", [("property-added", "same")]),
        ({**A, "additionalProperties": True}, AB, "ignored", [("property-added-to-open", "narrower")]),
        (
            {**A, "additionalProperties": WHOLE},
            {**AB, "additionalProperties": WHOLE},
            "ignored",
            [("property-added", "same")],
        ),
        (
            {**A, "additionalProperties": False},
            {**AB, "additionalProperties": False},
            "ignored",
            [("property-added-to-closed", "wider")],
        ),
        (A, {**AB, "required": ["b"]}, "ignored", [("property-required", "narrower")]),
        (AB, A, "ignored", [("property-removed", "wider")]),
        (AB, A, "exact", [("property-removed", "wider")]),
        (
            {**AB, "additionalProperties": False},
            {**A, "additionalProperties": False},
            "ignored",
            [("property-removed", "narrower")],
        ),
        (
            {**AB, "required": ["b"]},
            A,
            "ignored",
            [("property-optional", "wider"), ("property-removed", "wider")],
        ),
        (A, {**A, "additionalProperties": False}, "ignored", [("additional-properties-closed", "narrower")]),
        (having({"p": A}), having({"p": AB}), "ignored", [("property-added", "wider")]),
        ({"allOf": [A, {"type": "object"}]}, {"allOf": [A, AB]}, "ignored", [("property-added", "wider")]),
        ({**LIST, "items": A}, {**LIST, "items": AB}, "ignored", [("property-added", "wider")]),
    ],
)
def test_open_objects(old: Any, new: Any, open_objects: OpenObjects, expected: list[tuple[str, str]]) -> None:
    """Properties of objects that allow others by saying nothing count as never sent, unless all is to be exact."""
    assert [(each.kind, each.effect) for each in changes(old, new, open_objects)] == expected


NAMED = having({"id": TEXT})


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            [tagged("a", x=TEXT), tagged("b")],
            [tagged("a", x=TEXT), tagged("b", x=WHOLE)],
            {("property-added", ("x",))},
        ),
        (
            [tagged("a", x=TEXT), tagged("b")],
            [tagged("a", x=TEXT), tagged("b", y=WHOLE)],
            {("property-added", ("y",))},
        ),
        ([tagged("a"), tagged("b")], [tagged("a"), tagged("b", id=TEXT)], set()),
        (
            [tagged("a", x=TEXT), {"oneOf": [tagged("b"), tagged("c", y=TEXT)]}],
            [tagged("a", x=TEXT), {"oneOf": [tagged("b", y=WHOLE), tagged("c", y=TEXT)]}],
            {("property-added", ("y",))},
        ),
    ],
)
def test_an_alternative_does_not_know_what_another_names(
    old: list[Any], new: list[Any], expected: set[tuple[str, Any]]
) -> None:
    """A property that only another alternative had before is as new as any; one named beside them all is not."""
    found = changes({**NAMED, "oneOf": old}, {**NAMED, "oneOf": new})
    assert {(each.kind, each.at) for each in found} == expected
    below = changes(having({"p": {**NAMED, "oneOf": old}}), having({"p": {**NAMED, "oneOf": new}}))
    assert {(each.kind, each.at) for each in below} == {(kind, ("p", *at)) for kind, at in expected}


ONE, TWO, THREE = (having({name: TEXT}) for name in ("one", "two", "three"))


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([ONE, TWO, THREE], [ONE, TWO], [("arm-removed", "narrower", ())]),
        ([ONE, TWO], [ONE, TWO, THREE], [("arm-added", "wider", ())]),
        ([ONE, TWO], [ONE, having({"two": WHOLE})], [("type-changed", "other", ("two",))]),
        (
            [ONE, TWO, THREE],
            [having({"one": WHOLE}), having({"two": WHOLE})],
            [
                ("type-changed", "other", ("one",)),
                ("type-changed", "other", ("two",)),
                ("arm-removed", "narrower", ()),
            ],
        ),
        (
            [ONE, having({"two": {**TEXT, "maxLength": 9}})],
            [ONE, having({"two": {**TEXT, "maxLength": 3}})],
            [("length-narrowed", "narrower", ("two",))],
        ),
        ([ONE, TWO], [TWO, ONE], []),
    ],
)
def test_an_open_alternative_does_not_hide_what_happens_to_another(
    keyword: str, old: list[Any], new: list[Any], expected: list[tuple[Any, ...]]
) -> None:
    """Arms that need no property take what other arms describe; their changes are told as those of closed arms."""

    def found(before: Any, after: Any) -> list[tuple[Any, ...]]:
        return [(each.kind, each.effect, each.at) for each in changes(before, after)]

    (before, after) = ({keyword: arms} for arms in (old, new))
    assert found(before, after) == expected
    assert found({"allOf": [NAMED, before]}, {"allOf": [NAMED, after]}) == expected
    below = found({**LIST, "items": before}, {**LIST, "items": after})
    assert below == [(kind, effect, ("*", *at)) for kind, effect, at in expected]


@pytest.mark.parametrize("more", [THREE, having({"two": TEXT, "three": WHOLE})])
def test_a_change_among_several_lists_of_alternatives_is_told(more: Any) -> None:
    """What changes in one of several lists is told, if only as something that cannot be judged."""
    others = {"anyOf": [having({"a": TEXT}), having({"b": TEXT})]}
    old = {"allOf": [{"anyOf": [ONE, TWO]}, others]}
    new = {"allOf": [{"anyOf": [ONE, more]}, others]}
    for before, after in ((old, new), (new, old)):
        assert {each.effect for each in changes(before, after)} == {"unknown"}


def test_no_change_is_left_out_among_many() -> None:
    """However many harmless changes come first, the last one is told too."""
    names = [f"p{number}" for number in range(501)]
    old = having({name: {**TEXT, "maxLength": 5} for name in names[:-1]} | {names[-1]: TEXT})
    new = having({name: {**TEXT, "maxLength": 6} for name in names[:-1]} | {names[-1]: WHOLE})
    found = changes(old, new)
    assert len(found) == len(names)
    assert (found[-1].kind, found[-1].at) == ("type-changed", (names[-1],))
    assert (found[-1].witness, found[-1].gained) == ({names[-1]: "a"}, {names[-1]: 0})


def test_properties_that_stay_cost_next_to_nothing() -> None:
    """One change among many properties is found in few steps: those that are the same are not searched through."""
    names = [f"p{number}" for number in range(200)]
    members = {name: {**TEXT, "maxLength": 5} for name in names}
    old, new = (document_of(having({**members, names[-1]: last})) for last in (TEXT, WHOLE))
    world = World([old, new], [Root(0, old.root), Root(1, new.root)])
    prover = Prover(world)
    keys = [world.joined(side, [document.root]) for side, document in enumerate((old, new))]
    assert prover.includes(keys[1], keys[0]).answer is False
    assert prover.search.steps < 20


def test_what_was_too_hard_is_not_searched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search for a text that was given up is given up at once the next time."""
    hard = languages.both(
        languages.times(languages.ANY, 9, 9), languages.times(languages.one_of([(97, 98)]), 3, None)
    )
    monkeypatch.setattr(languages, "EASY_SETS", 4)
    monkeypatch.setattr(languages, "MAX_SETS", 4)
    with pytest.raises(languages.TooHardError):
        languages.shortest(hard)
    monkeypatch.setattr(languages, "_firsts", lambda _: pytest.fail("searched again"))
    with pytest.raises(languages.TooHardError):
        languages.shortest(hard)


@pytest.mark.parametrize(
    ("small", "big", "answer"),
    [
        ("a.{14}$", "a.{14}$|^b", True),
        ("a.{14}$", "a.{13}$", False),
        ("^(a|b)*a(a|b){15}$", "^[ab]*a[ab]{15}$", True),
        ("^(a|b)*a(a|b){15}$", "^(a|b)*a(a|b){14}$", False),
    ],
)
def test_places_counted_from_the_end_cost_no_powers_of_two(
    small: str, big: str, answer: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is at a place counted from the end is found out, though an automaton for it has a power of two of states."""
    monkeypatch.setattr(languages, "MAX_SETS", 300)
    proof = includes({**TEXT, "pattern": big}, {**TEXT, "pattern": small})
    assert proof.answer is answer
    assert (proof.witness is ABSENT) is answer


@pytest.mark.parametrize("seed", range(2))
def test_both_ways_to_search_find_texts_of_one_length(seed: int) -> None:
    """Whether unions are looked at as a whole or by their parts, the shortest text is as long, or there is none."""
    random = Random(seed)

    def texts(depth: int) -> languages.Texts:
        parts = [texts(depth - 1) for _ in range(2)] if depth else []
        match random.randrange(6) if depth else 6:
            case 0 | 1:
                return languages.then(*parts)
            case 2:
                return languages.either(*parts)
            case 3:
                return languages.both(*parts)
            case 4:
                return languages.negation(parts[0])
            case 5:
                return languages.times(parts[0], random.randrange(2), random.choice((None, 2, 3)))
            case _:
                return random.choice((languages.ANY, languages.exactly("a"), languages.exactly("b")))

    for _ in range(150):
        what, lengths = texts(4), (random.choice((0, 0, 2)), random.choice((None, 4)))
        found = [
            languages._searched(way, what, lengths, 2_000) for way in (languages._Whole, languages._Split)
        ]
        one, other = (None if text is None else len(text) for text in found)
        assert one == other


def test_a_change_both_ways_shows_what_went_and_what_came() -> None:
    """Where some values went and others came, there is a value of either kind."""
    (change,) = changes(having({"v": TEXT}), having({"v": WHOLE}))
    assert (change.witness, change.gained) == ({"v": "a"}, {"v": 0})
    (change,) = changes(having({"v": WHOLE}), having({"v": NUMBER}))
    assert change.gained is ABSENT


def test_others_than_added_properties_are_not_excused() -> None:
    """An added property beside a real change does not hide it, in the same place or below."""
    found = changes(
        having({"a": {**TEXT, "maxLength": 5}}),
        having({"a": {**TEXT, "maxLength": 4}, "b": having({"c": TEXT})}),
    )
    assert {(each.kind, each.effect) for each in found} == {
        ("length-narrowed", "narrower"),
        ("property-added", "wider"),
    }


def test_places_are_those_of_the_files(tmp_path: Path) -> None:
    """A change is placed where its keyword is written, behind references and in other files too."""
    places = []
    for name, most in (("old", 10), ("new", 5)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "parts.yaml").write_text(f"Text:\n  type: string\n  maxLength: {most}\n", encoding="utf-8")
        (folder / "main.yaml").write_text(
            "asyncapi: 2.6.0\n"
            "info: {title: t, version: 1.0.0}\n"
            "channels: {}\n"
            "components:\n"
            "  schemas:\n"
            "    Whole: {type: object, properties: {name: {$ref: 'parts.yaml#/Text'}}}\n",
            encoding="utf-8",
        )
        document, findings = read(folder / "main.yaml")
        assert document is not None, findings
        places.append((document, document.root.child("components", "schemas", "Whole")))
    (old, old_at), (new, new_at) = places
    (change,) = compare(old, old_at, new, new_at)
    assert (change.old, change.new, change.at) == (10, 5, ("name",))
    assert change.old_place is not None
    assert change.new_place is not None
    assert change.new_place.pointer == ("Text", "maxLength")
    assert (old.source(change.old_place).line, new.source(change.new_place).line) == (3, 3)
    assert change.old_place.file.endswith("old/parts.yaml")
    assert change.witness == {"name": "aaaaaa"}


def test_a_change_shows_itself_by_a_whole_value() -> None:
    """The witness of a change deep inside is a value of the whole, which breaks by this change alone."""
    inner = having({"limit": {**WHOLE, "minimum": 0, "maximum": 500}}, required=["limit"])
    narrowed = having({"limit": {**WHOLE, "minimum": 1, "maximum": 100}}, required=["limit"])
    found = changes(
        having({"payload": inner}, required=["payload"]), having({"payload": narrowed}, required=["payload"])
    )
    assert [each.witness for each in found] == [{"payload": {"limit": 0}}, {"payload": {"limit": 101}}]


@pytest.mark.parametrize("seed", range(4))
def test_changes_and_proofs_agree_on_chance(seed: int) -> None:
    """Of random pairs, some change narrows exactly where a proof says so, and each shows itself by a value."""
    random = Random(1000 + seed)
    for _ in range(25):
        old = chance.schema(random)
        new = chance.changed(random, old)
        found = changes(old, new, "exact")
        assert {each.kind for each in found} <= set(KINDS)
        narrows = {each.effect for each in found} & {"narrower", "other"}
        assert bool(narrows) is (includes(new, old).answer is False), (old, new)
        if includes(new, old).answer:
            assert not {each.effect for each in changes(old, new)} & {"narrower", "other"}
        for each in found:
            if each.effect in {"narrower", "wider"}:
                assert each.witness is not ABSENT
                takes, refuses = (old, new) if each.effect == "narrower" else (new, old)
                assert Judge({"allOf": [takes]}).accepts(each.witness)  # type: ignore[arg-type]
                assert not Judge({"allOf": [refuses]}).accepts(each.witness)  # type: ignore[arg-type]


def test_nothing_is_anything() -> None:
    """A schema compared with itself has no change, however it refers to itself."""
    document = document_of(chain(tagged("a", x={"oneOf": [TEXT, WHOLE]})))
    assert compare(document, document.root, document, document.root) == ()
    assert compare(document, Location("", ("definitions", "node")), document, document.root) == ()


SPLIT = [having({"why": TEXT}, required=["why"]), having({"force": {"const": True}}, required=["force"])]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            {"type": "object"},
            {"type": "object", "oneOf": SPLIT},
            "must now be an object with `why` or an object with `force` true",
        ),
        (
            {"type": "object", "anyOf": SPLIT},
            {"type": "object"},
            "need no longer be an object with `why` or an object with `force` true",
        ),
        (
            TEXT,
            {"anyOf": [{**TEXT, "maxLength": 1}, {**TEXT, "minLength": 3}]},
            "must now be one of 2 alternatives",
        ),
    ],
)
def test_what_one_of_several_alternatives_asks_for_is_not_asked_of_all(
    old: Any, new: Any, expected: str
) -> None:
    """Where alternatives are all there is left of a schema, it has become those, not one of them."""
    assert [each[3] for each in told(old, new)] == [expected]


def test_what_changes_beside_alternatives_is_told() -> None:
    """Where a schema comes to be several alternatives, what it says beside them is told as ever."""
    new = {**having({"why": TEXT, "force": FLAG}), "oneOf": SPLIT, "additionalProperties": False}
    assert {each[0] for each in told(having({"why": TEXT}), new)} == {
        "alternatives-changed",
        "property-added",
        "additional-properties-closed",
    }


def test_keywords_of_a_type_that_went_say_nothing() -> None:
    """Of a text that became a number it is not told as well that it may be longer now, and that numbers have bounds."""
    (change,) = changes({**TEXT, "maxLength": 3, "pattern": "a"}, {**WHOLE, "minimum": 0})
    assert change.kind == "type-changed"


def test_patterns_of_names_are_told_apart_from_the_named() -> None:
    """A rule for names that match a pattern narrows, whatever happens to the properties that are named."""
    old = having({"a": {**TEXT, "maxLength": 3}})
    new = {**having({"a": {**TEXT, "maxLength": 5}}), "patternProperties": {"^x-": TEXT}}
    assert told(old, new) == [
        ("length-widened", "wider", ("a",), "may now have up to 5 characters (was 3)"),
        (
            "pattern-properties-changed",
            "narrower",
            (),
            "has a rule now for properties whose names match `^x-`",
        ),
    ]


def test_a_closed_object_is_shown_by_another_property() -> None:
    """What shows that others are refused is another one, not a format that nobody checks."""
    old, new = (
        {**having({"a": {**TEXT, "format": name}}), **more}
        for name, more in (("date-time", {}), ("date", {"additionalProperties": False}))
    )
    shown = {change.kind: change.witness for change in changes(old, new)}
    witness = shown["additional-properties-closed"]
    assert isinstance(witness, dict)
    assert set(witness) - {"a"}


def test_of_schemas_that_take_nothing_there_is_nothing_to_tell() -> None:
    """Properties of objects that cannot be come and go without a word."""
    one, other = (having({name: False}, required=[name]) for name in "ab")
    assert told(one, other) == []


def test_what_must_be_there_beside_others_is_named() -> None:
    """Lists of names that go together are told by those names."""
    one, other = ({"type": "object", "dependencies": {"a": [name]}} for name in ("b", "c"))
    assert [each[3] for each in told({"type": "object"}, one)] == ["must now have `b` beside `a`"]
    assert [each[3] for each in told(one, other)] == [
        "must now have `c` beside `a` and need no longer have `b` beside `a`"
    ]


def test_alternatives_within_each_other_end() -> None:
    """Alternatives within an alternative, compared with none, are looked at once each."""
    inner = {**TEXT, "anyOf": [{"maxLength": 1}, {"minLength": 3}]}
    old = {"minimum": 0, "oneOf": [inner, NUMBER]}
    assert {change.effect for change in changes(old, {}, "exact")} == {"wider"}
    assert {change.effect for change in changes({}, old, "exact")} == {"narrower"}
