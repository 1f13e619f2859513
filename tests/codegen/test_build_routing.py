"""How frames are told apart, in documents that put their tag in different places, or nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.build import build
from codegen.contract import Contract, Endpoint
from codegen.load import load
from tests.codegen.built import DOCUMENTS, built


@pytest.fixture(scope="module")
def contract() -> Contract:
    """The contract of discriminators.yaml."""
    return build(load(DOCUMENTS / "discriminators.yaml"), "discriminators.yaml")


def endpoint(contract: Contract, name: str) -> Endpoint:
    """The endpoint with this name."""
    return next(found for found in contract.endpoints if found.name == name)


def table(endpoint: Endpoint) -> list[tuple[object, str]]:
    """What clients receive: tag and message."""
    return [(value, message.key) for value, message in endpoint.outgoing.tagged]


def test_single_valued_enumerations_are_tags(contract: Contract) -> None:
    """`enum: [subscribe]` says the same as `const: subscribe`."""
    incoming = endpoint(contract, "op").incoming
    assert incoming.path == ("op",)
    assert [(value, message.key) for value, message in incoming.tagged] == [
        ("subscribe", "sub"),
        ("unsubscribe", "unsub"),
    ]


def test_a_tag_may_stand_deeper(contract: Contract) -> None:
    """A constant that all messages share (`version`) does not tell them apart; `header.kind` does."""
    found = endpoint(contract, "op")
    assert found.outgoing.path == ("header", "kind")
    assert table(found) == [("a", "h"), ("b", "i")]


def test_numbers_are_tags(contract: Contract) -> None:
    """Integers tell messages apart as well as texts do."""
    assert table(endpoint(contract, "numbers")) == [(1, "one"), (2, "two")]


def test_without_a_tag_messages_are_tried_in_order(contract: Contract) -> None:
    """Payloads that are no objects, or absent, are untagged, in the document's order."""
    found = endpoint(contract, "none").outgoing
    assert found.path is None
    assert [message.key for message in found.untagged] == ["text", "list", "number", "flag", "nothing"]


def test_a_tag_that_two_messages_carry_tells_neither(contract: Contract) -> None:
    """Messages with one value, without any, or that may leave it out are tried in order; unique values stay tags."""
    found = endpoint(contract, "clash").outgoing
    assert [(value, message.key) for value, message in found.tagged] == [("y", "third")]
    assert [message.key for message in found.untagged] == ["first", "second", "third", "fourth"]


def test_the_named_discriminator_comes_first(contract: Contract) -> None:
    """Where a schema names its `discriminator`, that is the tag's place."""
    found = endpoint(contract, "named")
    assert found.outgoing.path == ("petType",)
    assert table(found) == [("Cat", "Cat"), ("Dog", "Dog")]


def test_a_discriminator_implies_schema_names(contract: Contract) -> None:
    """Without constants the discriminator carries the schema's name; a frame that does not is still tried."""
    found = endpoint(contract, "implied")
    assert table(found) == [("Car", "car"), ("Bike", "bike")]
    assert [message.key for message in found.outgoing.untagged] == ["car", "bike"]


def test_arms_of_one_payload_are_tags_of_one_message(contract: Contract) -> None:
    """A payload that is one of several gives its message every tag that its arms have."""
    found = endpoint(contract, "arms")
    assert table(found) == [("beat", "feed"), ("full", "feed"), ("delta", "feed"), ("bye", "bye")]
    assert [message.tag for message in found.outgoing.tagged[0][1:]] == [None]


@pytest.mark.parametrize(("required", "untagged"), [("[op]", []), ("[]", ["only"])])
def test_a_tag_that_may_be_left_out_is_no_condition(
    tmp_path: Path, required: str, untagged: list[str]
) -> None:
    """A frame that the schema accepts without its tag has somewhere to go, where no envelope asks for the tag."""
    contract = built(
        tmp_path,
        f"""
        channels:
          /x:
            publish:
              message:
                name: only
                payload: {{type: object, required: {required}, properties: {{op: {{const: go}}}}}}
        """,
    )
    routing = contract.endpoints[0].incoming
    assert [(value, message.key) for value, message in routing.tagged] == [("go", "only")]
    assert [message.key for message in routing.untagged] == untagged
