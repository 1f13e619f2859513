"""What nothing can match, and what cannot be told apart."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.codegen.lint.documents import found, payload, write


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ("{type: integer, minimum: 5, maximum: 4}", "`minimum: 5` is more than `maximum: 4`"),
        ("{minItems: 5, maxItems: 4}", "`minItems: 5` is more than `maxItems: 4`"),
        ("{type: integer, exclusiveMinimum: 4, maximum: 4}", "no number is more than 4 and at most 4"),
        ("{type: integer, exclusiveMinimum: 4, exclusiveMaximum: 5}", "no integer lies between 4 and 5"),
        ("{type: string, enum: [1, 2]}", "1 is not of the type string"),
        ("{type: string, const: abc, maxLength: 2}", '"abc" is refused by `maxLength: 2`'),
        ("{enum: [a, b], allOf: [{enum: [c]}]}", "no value is in all of its lists of values"),
        ("{allOf: [{type: string}, {type: integer}]}", "no value has the types string and integer at once"),
        (
            "{type: object, required: [a], additionalProperties: false}",
            '"a" is required, and no property may',
        ),
        ("{type: object, required: [a], properties: {a: false}}", '"a": the schema false refuses everything'),
        ("{type: object, required: [a, b], maxProperties: 1}", "2 properties are required"),
        ("{oneOf: [{type: string}, {type: boolean}], type: integer}", "at once"),
        ("{type: integer, minimum: 0.2, maximum: 0.8}", "no value meets all that it says"),
        ("{type: integer, multipleOf: 7, minimum: 1, maximum: 6}", "no value meets all that it says"),
        (
            "{type: array, contains: {type: string}, items: {type: integer}}",
            "no value meets all that it says",
        ),
        (
            "{type: object, additionalProperties: false, properties: {a: {type: string}}, minProperties: 3}",
            "no value meets all that it says",
        ),
        (
            "{type: array, uniqueItems: true, minItems: 3, items: {type: boolean}}",
            "no value meets all that it says",
        ),
        ("{type: string, pattern: ^a$, minLength: 2}", "no value meets all that it says"),
        (
            "{type: object, required: [a], properties: {a: {type: string, pattern: ^a$, minLength: 2}}}",
            "no value meets all that it says",
        ),
        (
            "{type: object, required: [a], properties: {a: {type: integer, minimum: 2, maximum: 1}}}",
            "`minimum: 2` is more than `maximum: 1`",
        ),
    ],
)
def test_impossible_schemas(schema: str, said: str, tmp_path: Path) -> None:
    """One finding, that says why."""
    [message] = payload(tmp_path, schema, "impossible-schema")
    assert said in message


@pytest.mark.parametrize(
    "schema",
    [
        "{type: integer, minimum: 4, maximum: 4}",
        "{type: number, exclusiveMinimum: 4, exclusiveMaximum: 5}",
        "{allOf: [{type: number}, {type: integer}]}",
        "{allOf: [{type: [string, 'null']}, {type: string}]}",
        "{type: object, required: [a], patternProperties: {'^a': {}}, additionalProperties: false}",
        "{type: object, properties: {a: false}}",
        "{oneOf: [{type: string}, {type: integer}], type: integer}",
        "{not: {type: string}}",
        "false",
        "{type: [string, integer], minLength: 3, minimum: 5, maximum: 9}",
        "{enum: [a, b], allOf: [{enum: [b]}]}",
        "{type: 'null'}",
        "{not: {}}",
        "{type: integer, minimum: 0.2, maximum: 1.8}",
        "{type: string, pattern: 'a.{18}$'}",
        '{type: string, pattern: "^(a)\\\\1$"}',
    ],
)
def test_possible_schemas(schema: str, tmp_path: Path) -> None:
    """Where some value fits, or nothing is meant to, nothing is said."""
    assert payload(tmp_path, schema, "impossible-schema") == []


def arms(folder: Path, *schemas: str, rule: str) -> list[str]:
    """What is said of a `oneOf`."""
    return payload(folder, "oneOf:\n" + "\n".join(f"  - {schema}" for schema in schemas), rule)


A = "{type: object, required: [a], properties: {a: {type: string}}}"


@pytest.mark.parametrize(
    ("other", "is_told"),
    [
        ("{type: object, required: [b], properties: {b: {type: string}}}", False),
        ("{type: object, required: [a], properties: {a: {type: integer}}}", True),
        ("{type: object, properties: {a: {type: integer}}}", True),
        ("{type: object, additionalProperties: false, properties: {b: {type: string}}}", True),
        ("{type: object, required: [a], properties: {a: {type: string, maxLength: 3}}}", False),
    ],
)
def test_arms_of_objects(other: str, is_told: bool, tmp_path: Path) -> None:
    """Objects are told apart by what one of them refuses; that both may have the other's properties is forgotten."""
    assert (arms(tmp_path, A, other, rule="ambiguous-union") == []) == is_told


def test_constants_tell_apart_in_any_depth(tmp_path: Path) -> None:
    """Even where the property may be missing, which `tag-optional` tells."""
    one = "{type: object, required: [head], properties: {head: {type: object, properties: {kind: {const: one}}}}}"
    assert arms(tmp_path, one, one.replace("one", "two"), rule="ambiguous-union") == []
    assert arms(tmp_path, one, one.replace("one}", "one}, x: {}"), rule="ambiguous-union") != []


def test_a_discriminator_tells_apart(tmp_path: Path) -> None:
    """AsyncAPI's own word, whose values are the schemas' names."""
    schema = "discriminator: kind\noneOf:\n  - " + A + "\n  - " + A.replace("a", "b")
    assert payload(tmp_path, schema, "ambiguous-union") == []


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("{type: integer}", "{type: number}", "0 is accepted by arm 1 and by arm 2"),
        ("{type: string}", "{type: string, maxLength: 3}", "is accepted by arm 1 and by arm 2"),
        ("{enum: [a, b]}", "{enum: [b, c]}", '"b" is accepted'),
        ("{type: array}", "{type: array, items: {type: string}}", "[] is accepted"),
        ("{type: string, maxLength: 3}", "{type: string, minLength: 4}", None),
        ("{type: string}", "{type: integer}", None),
        ("{type: integer, maximum: 3}", "{type: integer, minimum: 4}", None),
        ("{type: string, pattern: '^a'}", "{type: string, pattern: '^b'}", None),
        ("{required: [a]}", "{required: [b]}", None),
    ],
)
def test_arms_that_overlap(one: str, other: str, said: str | None, tmp_path: Path) -> None:
    """Only where there is a value to show for it."""
    told = arms(tmp_path, one, other, rule="overlapping-arms")
    assert told == [] if said is None else said in told[0]


def test_messages_of_several_channels_share_no_socket(tmp_path: Path) -> None:
    """Without an envelope, each channel is a socket of its own."""
    text = "channels:\n" + "".join(
        f"  {name}: {{subscribe: {{message: {{name: {name}, payload: {{type: string}}}}}}}}\n"
        for name in ("a", "b")
    )
    assert found(write(tmp_path, text), "ambiguous-messages") == []


def test_of_schemas_that_hold_each_other_without_an_end_one_is_told(tmp_path: Path) -> None:
    """Nothing finite is such a value; the first of the circle is told, those around it are not."""
    text = """channels:
  chat: {subscribe: {message: {payload: {$ref: '#/components/schemas/A'}}}}
components:
  schemas:
    A: {type: object, required: [b], properties: {b: {$ref: '#/components/schemas/B'}}}
    B: {type: object, required: [a], properties: {a: {$ref: '#/components/schemas/A'}}}
"""
    [finding] = found(write(tmp_path, text), "impossible-schema")
    assert finding.source.line == 7


ASK = "{name: ask, payload: {type: object, properties: {side: {enum: [buy]}}}}"
TELL = "{name: tell, payload: {type: object, required: [side], properties: {side: {enum: [sell]}}}}"


@pytest.mark.parametrize(
    ("channel", "effect"),
    [
        (f"{{publish: {{message: {ASK}}}}}", None),
        (f"{{publish: {{message: {ASK}}}, subscribe: {{message: {TELL}}}}}", None),
        (f"{{publish: {{message: {{oneOf: [{ASK}, {TELL}]}}}}}}", "taken for the first message that it fits"),
        (
            f"{{subscribe: {{message: {{oneOf: [{TELL}, {ASK}]}}}}}}",
            "taken for the first message that it fits",
        ),
    ],
)
def test_a_tag_may_be_left_out_where_there_is_one_message(
    channel: str, effect: str | None, tmp_path: Path
) -> None:
    """There is nothing to tell it from; among several, the remark says what becomes of a frame without it."""
    told = [one.message for one in found(write(tmp_path, f"channels:\n  c: {channel}\n"), "tag-optional")]
    assert told == [] if effect is None else effect in told[0]


@pytest.mark.parametrize(
    ("schema", "rule", "count"),
    [
        ("{type: object, required: [a], properties: {b: {}}}", "required-undefined", 1),
        ("{allOf: [{required: [a]}, {type: object, properties: {a: {}}}]}", "required-undefined", 0),
        (
            "{type: object, properties: {a: {}, b: {}}, anyOf: [{required: [a]}, {required: [b]}]}",
            "required-undefined",
            0,
        ),
        ("{type: object, required: [a], additionalProperties: {type: string}}", "required-undefined", 0),
        ("{type: object, required: [a], properties: {a: {default: 1}}}", "default-on-required", 1),
        ("{type: object, properties: {a: {default: 1}}}", "default-on-required", 0),
        (
            "{properties: {a: {default: 1}}, anyOf: [{required: [a]}, {required: [b]}]}",
            "default-on-required",
            0,
        ),
        ("{type: string, enum: [a, 1]}", "idle-enum-value", 1),
        ("{enum: [a, 1]}", "idle-enum-value", 0),
        ("{const: x, enum: [x, y]}", "idle-enum-value", 1),
        ("{const: 1, enum: [1.0]}", "idle-enum-value", 0),
        ("{type: [integer, 'null'], minimum: 1}", "idle-keyword", 0),
        ("{type: string, items: {type: string}}", "idle-keyword", 1),
        ("{type: integer, format: date-time}", "idle-keyword", 1),
        ("{type: integer, format: int32}", "idle-keyword", 0),
        ("{type: string, then: {minLength: 1}}", "idle-keyword", 1),
        ("{type: string, nullable: true}", "nullable-keyword", 1),
        (
            "{type: object, properties: {nullable: {type: boolean}, id: {}, example: {}}}",
            "foreign-keyword",
            0,
        ),
        ("{type: object, dependentRequired: {a: [b]}}", "foreign-keyword", 1),
    ],
)
def test_what_does_nothing(schema: str, rule: str, count: int, tmp_path: Path) -> None:
    """Keywords and names that have no effect, and such as have one."""
    assert len(payload(tmp_path, schema, rule)) == count


def test_proofs_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When their time is over, and of schemas that are very long: what is not proved is not told."""
    schema = "{type: string, pattern: ^a$, minLength: 2}"
    monkeypatch.setattr("codegen.lint.rules.impossible._LONGEST", 10)
    assert payload(tmp_path, schema, "impossible-schema") == []
    monkeypatch.undo()
    monkeypatch.setattr("codegen.lint.rules.impossible._SECONDS", -1.0)
    assert payload(tmp_path, schema, "impossible-schema") == []


def test_of_plain_schemas_nothing_has_to_be_proved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most schemas have keywords alone that refuse nothing together; the time is for those that do not."""
    asked: list[object] = []

    def includes(_big: object, small: object) -> SimpleNamespace:
        asked.append(small)
        return SimpleNamespace(answer=None)

    monkeypatch.setattr("codegen.lint.rules.impossible.includes", includes)
    plain = "{type: object, required: [a], properties: {a: {type: integer, minimum: 1, maximum: 9}}}"
    assert payload(tmp_path, plain, "impossible-schema") == []
    assert asked == []
    between = plain.replace("minimum: 1, maximum: 9", "minimum: 1.2, maximum: 1.8")
    assert payload(tmp_path, between, "impossible-schema") == []
    assert len(asked) == 2


def test_messages_beyond_the_first_hundreds_are_told_apart_too(tmp_path: Path) -> None:
    """However many one socket carries."""
    names = [*(f"m{index}" for index in range(170)), "m0"]
    one = "          - {name: n%d, payload: {type: object, required: [t], properties: {t: {const: %s}}}}\n"
    messages = "".join(one % (index, name) for index, name in enumerate(names))
    text = "channels:\n  chat:\n    subscribe:\n      message:\n        oneOf:\n" + messages
    (said,) = found(write(tmp_path, text), "ambiguous-messages")
    assert said.message.startswith("a client cannot tell n170 from n0:")
