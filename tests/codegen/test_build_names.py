"""Names: what documents call things, and what Python and TypeScript can call them."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.build import build
from codegen.build.names import kebab, pascal, snake, soft
from codegen.diagnostics import DocumentError
from codegen.load import load
from tests.codegen.built import DOCUMENTS, built, with_schemas


@pytest.mark.parametrize(
    ("written", "in_pascal", "in_snake"),
    [
        ("bars.subscribe.response", "BarsSubscribeResponse", "bars_subscribe_response"),
        ("userSignedUp", "UserSignedUp", "user_signed_up"),
        ("HTTPServer2", "HTTPServer2", "http_server2"),
        ("foo-bar_baz qux", "FooBarBazQux", "foo_bar_baz_qux"),
        ("2fa", "N2Fa", "n2_fa"),
        ("$id", "Id", "id"),
        ("日本語", "日本語", "日本語"),
        ("/v1/marketdata", "V1Marketdata", "v1_marketdata"),
        ("---", "", ""),
    ],
)
def test_words_become_identifiers(written: str, in_pascal: str, in_snake: str) -> None:
    """A name's words are found at separators and at changes of case; nothing else gets into an identifier."""
    assert (pascal(written), snake(written)) == (in_pascal, in_snake)


def test_reserved_words_get_an_underscore() -> None:
    """Words of Python or TypeScript are marked; other names are left alone."""
    assert [soft(name) for name in ("class", "import", "function", "symbol", "type")] == [
        "class_",
        "import_",
        "function_",
        "symbol",
        "type",
    ]


def test_package_names_are_plain() -> None:
    """Npm wants lower case and hyphens, in ASCII."""
    assert kebab("Café Müller API") == "cafe-muller-api"


def test_kinds_tell_equal_names_apart() -> None:
    """A schema and a message, or two spellings, get names that say what each is; none is numbered."""
    contract = build(load(DOCUMENTS / "collisions.yaml"), "collisions.yaml")
    names = [schema.name for schema in contract.schemas]
    assert names[:2] == ["Ticker", "TickerSchema"]
    assert "TickerMessage" in names
    assert len(set(names)) == len(names)
    assert not any(character.isdigit() for name in names for character in name)


def test_names_that_cannot_be_told_apart_are_refused(tmp_path: Path) -> None:
    """Three spellings of one name are too many: the third is named, with its line."""
    with pytest.raises(DocumentError) as raised:
        with_schemas(tmp_path, "foo-bar: {type: string}\nfoo_bar: {type: string}\nfooBar: {type: string}\n")
    (finding,) = raised.value.diagnostics
    assert (finding.rule, finding.source.line) == ("name-clash", 8)
    assert "fooBar" in finding.message


def test_inline_objects_are_called_by_their_place(tmp_path: Path) -> None:
    """What has no name is called by its owner and its property; items and alternatives say what they are."""
    contract = with_schemas(
        tmp_path,
        """\
        Order:
          type: object
          properties:
            customer: {type: object, properties: {name: {type: string}}}
            lines: {type: array, items: {type: object, properties: {sku: {type: string}}}}
            payment:
              oneOf:
                - {type: object, required: [kind], properties: {kind: {const: card}}}
                - {type: object, required: [kind], properties: {kind: {const: cash}}}
        """,
    )
    assert [schema.name for schema in contract.schemas] == [
        "Order",
        "OrderCustomer",
        "OrderLinesItem",
        "OrderPayment",
        "OrderPaymentCard",
        "OrderPaymentCash",
    ]


def test_channels_without_parameters_have_the_shorter_name() -> None:
    """Of addresses that differ by parameters only, the bare one is called plainly; the others say `by`."""
    contract = build(load(DOCUMENTS / "paths.yaml"), "paths.yaml")
    assert {channel.address: channel.name for channel in contract.channels} == {
        "/": "root",
        "rooms/{roomId}/{class}": "rooms_by_room_id_class",
        "rooms/{roomId}": "rooms_by_room_id",
        "rooms": "rooms",
        "class": "class_",
        "/empty": "empty",
    }


def test_method_names_leave_out_the_channel_under_an_envelope(tmp_path: Path) -> None:
    """`chat.say` of the channel `chat` is the method `say`; what classes offer themselves is left free."""
    contract = built(
        tmp_path,
        """\
        x-envelope: {error: {$ref: '#/components/messages/error'}}
        channels:
          chat:
            publish:
              message:
                oneOf:
                  - {$ref: '#/components/messages/chat.say'}
                  - {$ref: '#/components/messages/chat.send'}
            subscribe: {message: {$ref: '#/components/messages/error'}}
        components:
          messages:
            chat.say: {payload: {type: object, required: [type], properties: {type: {const: chat.say}}}}
            chat.send: {payload: {type: object, required: [type], properties: {type: {const: chat.send}}}}
            error:
              payload:
                type: object
                required: [type, payload]
                properties:
                  type: {const: error}
                  payload: {type: object, required: [status], properties: {status: {const: error}}}
        """,
    )
    assert [message.method for message in contract.channels[0].client_to_server] == ["say", "chat_send"]
