"""What `discriminator` has to be to tell schemas apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.codegen.lint.documents import found, payload, write

RULE = "ambiguous-discriminator"
SCHEMAS = """channels:
  pets:
    subscribe:
      message:
        payload:
          {payload}
components:
  schemas:
    Cat: {{type: object, required: [kind], properties: {{kind: {{type: string}}}}}}
    Dog: {{type: object, required: [kind], properties: {{kind: {{const: hound}}}}}}
    Cow: {{allOf: [{{$ref: '#/components/schemas/Cat'}}]}}
    Hen: {{type: object, properties: {{kind: {{const: hen}}}}}}
    Owl: {{type: object, required: [kind], properties: {{kind: {{enum: [owl, hound]}}}}}}
"""


def union(*names: str, more: str = "") -> str:
    """A document whose payload is one of some schemas, told by `kind`."""
    arms = ", ".join(f"{{$ref: '#/components/schemas/{name}'}}" for name in names)
    return SCHEMAS.format(payload=f"{{discriminator: kind, {more}oneOf: [{arms}]}}")


def test_names_and_constants_tell_arms_apart(tmp_path: Path) -> None:
    """A schema's name is its value, where it has no constant."""
    assert found(write(tmp_path, union("Cat", "Dog", "Cow")), RULE) == []


def test_what_may_be_missing_tells_nothing(tmp_path: Path) -> None:
    """It stands at the schema that has to be changed; what the union itself requires counts."""
    (said,) = found(write(tmp_path, union("Cat", "Hen")), RULE)
    assert said.source.line == 14
    assert '"kind" is to tell arm 2 (Hen) from the others, and may be left out' in said.message
    assert found(write(tmp_path, union("Cat", "Hen", more="required: [kind], ")), RULE) == []


def test_one_value_belongs_to_one_arm(tmp_path: Path) -> None:
    """Where two may have it, the later one is told."""
    (said,) = found(write(tmp_path, union("Dog", "Cat", "Owl")), RULE)
    assert (said.source.line, said.message) == (
        *(15, '"kind" is to tell arm 3 (Owl) from arm 1 (Dog), and may be "hound" in both'),
    )


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ("{discriminator: kind, type: object, properties: {name: {type: string}}}", "is no property of it"),
        ("{discriminator: kind, type: object, properties: {kind: {type: string}}}", "may be left out"),
        ("{discriminator: kind, type: object, required: [kind], properties: {kind: {type: string}}}", None),
        ("{discriminator: kind, allOf: [{$ref: '#/components/schemas/Cat'}]}", None),
        ("{properties: {discriminator: {type: string}}}", None),
    ],
)
def test_a_schema_that_others_share_has_the_property(schema: str, said: str | None, tmp_path: Path) -> None:
    """As AsyncAPI has it: defined there, and required."""
    told = [one.message for one in found(write(tmp_path, SCHEMAS.format(payload=schema)), RULE)]
    assert len(told) == (said is not None)
    assert all(said is not None and said in one for one in told)


def test_an_arm_without_name_and_constant_is_told(tmp_path: Path) -> None:
    """Nothing says which value would be its own."""
    arm = "{type: object, required: [kind], properties: {kind: {type: string}}}"
    told = payload(tmp_path, f"discriminator: kind\noneOf: [{arm}]", RULE)
    assert told == [
        '"kind" is to tell arm 1 from the others, and nothing says by which value: give it a constant'
    ]


def test_messages_without_names_are_not_told_apart_by_a_discriminator(tmp_path: Path) -> None:
    """Its values are the names of schemas: what was written in place has none."""
    one = "{name: %s, payload: {discriminator: kind, required: [kind], properties: {kind: {type: string}}}}"
    named = "{name: %s, payload: {$ref: '#/components/schemas/%s'}}"
    schema = "{discriminator: kind, type: object, required: [kind], properties: {kind: {type: string}}}"
    text = "channels: {pets: {subscribe: {message: {oneOf: [%s, %s]}}}}\n"
    components = f"components: {{schemas: {{Cat: {schema}, Dog: {schema}}}}}\n"
    assert len(found(write(tmp_path, text % (one % "cat", one % "dog")), "ambiguous-messages")) == 1
    both = text % (named % ("cat", "Cat"), named % ("dog", "Dog"))
    assert found(write(tmp_path, both + components), "ambiguous-messages") == []
