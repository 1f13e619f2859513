"""Texts that a client might send in a frame: the contract's own requests, spoilt in every way we could think of.

Each text is answered by exactly one message, whatever is in it; that is what makes a missing answer a finding.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from typing import TypeAlias

from tests.fuzz.purse import Purse, private
from tests.fuzz.tokens import hostile_token

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

LONGEST = 60_000
"""Characters; a message beyond the contract's limit closes the connection, which is tried elsewhere."""

_HOSTILE_TEXTS: Sequence[str] = (
    *(
        "",
        " ",
        "\x00",
        "\u0085",
        "\u2028",
        "\ud7ff",
        "\uffff",
        "\U0010ffff",
        "'",
        '"',
        "\\",
        "/",
        "..",
        "../../etc",
    ),
    *("AAPL", "aapl", "AAPL ", "AAPL\n", "AAPL:1", "%41APL", "${x}", "{0}", "%s%n", "<script>", "__proto__"),
    *("1", "01", "1 ", "-1", "1e3", "0x1", "9999M", "D", "NaN", "Infinity", "true", "null", "bars:AAPL:1"),
    *("a" * 64, "a" * 65, "é" * 64, "\U0001f600" * 33, "A" * 4096),
)
_HOSTILE_NUMBERS: Sequence[Json] = (
    *(0, -0.0, -1, 1, 2**31, 2**53, 2**53 + 1, 2**63, 2**64, -(2**63) - 1, 10**30),
    *(0.1, 1e-320, 1.7976931348623157e308, 1e22, 1e21, 0.1 + 0.2),
)
_HOSTILE_JSON: Sequence[str] = (
    *(
        "",
        " ",
        "\n",
        "nul",
        "nan",
        "NaN",
        "-Infinity",
        "1e999",
        "-1e999",
        "-",
        "+1",
        "01",
        ".5",
        "5.",
        "0x10",
    ),
    *(
        "'a'",
        '"\\ud800"',
        '"\\udc00\\ud800"',
        '"\\u0000"',
        '"\\x41"',
        '"\t"',
        '"unclosed',
        "[",
        "]",
        "{",
        "}",
    ),
    *(
        "[1,]",
        "{,}",
        '{"a":1,}',
        '{"a" 1}',
        "{a:1}",
        '{"type":"ping"',
        '{"type":"ping"}}',
        '{"type":"ping"}{"a":1}',
    ),
    *(
        '{"type":"ping","type":"ping"}',
        '{"type":"ping","type":1}',
        '{"type":"ping"} ',
        '\ufeff{"type":"ping"}',
    ),
    *("[" * 5000, "[" * 500 + "]" * 500, '{"a":' * 5000, '{"type":' * 300 + "1" + "}" * 300, "9" * 5000),
    *("/*c*/{}", "#", "true", "false", "null", '"ping"', "[]", "{}", '[{"type":"ping"}]', "0"),
)


@cache
def requests() -> tuple[dict[str, Json], ...]:
    """Every example of the contract that a client may send."""
    document = json.loads(files("generated").joinpath("asyncapi.json").read_text())
    found: list[dict[str, Json]] = []
    for channel in document["channels"].values():
        message = channel.get("publish", {}).get("message", {})
        for one in message.get("oneOf", [message]):
            name = one["$ref"].rpartition("/")[2]
            found += [example["payload"] for example in document["components"]["messages"][name]["examples"]]
    return tuple(found)


def text(chance: random.Random, purse: Purse | None = None) -> str:
    """One text; with good tokens among the bad ones, and what is to be had with them, where there is a `purse`."""
    if purse is not None and chance.random() < _PRIVATE_SHARE:
        return _good_token(chance, purse) if chance.random() < 0.3 else private(chance)
    return chance.choices(_KINDS, _WEIGHTS)[0](chance)[:LONGEST]


def _request(chance: random.Random) -> str:
    """A request as it should be, but for its id."""
    request: dict[str, Json] = {**chance.choice(requests()), "id": chance.randrange(1000)}
    return json.dumps(request)


def _mutated(chance: random.Random) -> str:
    """A request with some of its values replaced, removed, renamed, doubled or moved."""
    request: Json = json.loads(json.dumps(chance.choice(requests())))
    for _ in range(chance.choice((1, 1, 1, 2, 3, 5))):
        request = _mutate(chance, request)
    return json.dumps(request, ensure_ascii=chance.random() < 0.5)


def _scratched(chance: random.Random) -> str:
    """A request's text with characters lost, doubled, swapped or put in."""
    told = list(_request(chance))
    for _ in range(chance.choice((1, 1, 2, 8))):
        at = chance.randrange(len(told) + 1)
        match chance.randrange(4):
            case 0:
                del told[at : at + chance.randrange(1, 6)]
            case 1:
                told[at:at] = told[at : at + chance.randrange(1, 30)]
            case 2:
                told.insert(
                    at, chr(chance.choice((0, 9, 34, 44, 58, 91, 92, 93, 123, 125, 0xE9, 0x2028, 0x1F600)))
                )
            case _:
                told[at : at + 1] = reversed(told[at : at + 2])
    return "".join(told)


def _broken(chance: random.Random) -> str:
    """What is no JSON, or none that means anything."""
    return chance.choice(_HOSTILE_JSON)


def _noise(chance: random.Random) -> str:
    """Characters, as they come."""
    size = chance.choice((0, 1, 7, 63, 400))
    return "".join(chr(_scalar(chance)) for _ in range(size))


def _scalar(chance: random.Random) -> int:
    point = chance.choice((chance.randrange(128), chance.randrange(0x800), chance.randrange(0x110000)))
    return 0xFFFD if 0xD800 <= point < 0xE000 else point


def _envelope(chance: random.Random) -> str:
    """An envelope whose fields are each something or other."""
    names = ("type", "id", "payload", "topic", "seq", "seq_from", "epoch", "recover", "recovered", "ts", "x")
    kinds = [request["type"] for request in requests()]
    envelope: dict[str, Json] = {name: _value(chance, 2) for name in names if chance.random() < 0.4}
    if chance.random() < 0.8:
        envelope["type"] = chance.choice(kinds)
    if chance.random() < 0.5:
        envelope["recover"] = {"epoch": _value(chance, 0), "seq": _value(chance, 0)}
    return json.dumps(envelope)


def _token(chance: random.Random) -> str:
    """Somebody says who it is, or rather is not."""
    payload: Json = {"token": hostile_token(chance)}
    return json.dumps({"type": "session.authenticate", "id": chance.randrange(1000), "payload": payload})


def _good_token(chance: random.Random, purse: Purse) -> str:
    """Somebody says who it is; now and then with more in it than that."""
    request: dict[str, Json] = {
        "type": "session.authenticate",
        "id": chance.randrange(1000),
        "payload": {"token": purse.draw(chance).token},
    }
    if chance.random() < 0.2:
        request = {**request, chance.choice(("topic", "seq", "x", "recover")): _value(chance, 1)}
    return json.dumps(request)


def _large(chance: random.Random) -> str:
    """A request with much in it that nobody needs."""
    request: dict[str, Json] = dict(chance.choice(requests()))
    match chance.randrange(3):
        case 0:
            request["extra"] = "x" * chance.randrange(50_000)
        case 1:
            request["extra"] = list(range(chance.randrange(8_000)))
        case _:
            request.update({f"k{number}": number for number in range(chance.randrange(3_000))})
    told = json.dumps(request)
    return told if len(told) <= LONGEST else json.dumps(chance.choice(requests()))


_KINDS: Sequence[Callable[[random.Random], str]] = (
    *(_request, _mutated, _scratched, _broken, _noise, _envelope, _token, _large),
)
_PRIVATE_SHARE = 0.2
_WEIGHTS = (8, 40, 15, 8, 6, 15, 8, 0.5)


def _value(chance: random.Random, deep: int) -> Json:
    """Any value."""
    match chance.randrange(7 if deep else 5):
        case 0:
            return chance.choice(_HOSTILE_TEXTS)
        case 1:
            return chance.choice(_HOSTILE_NUMBERS)
        case 2:
            return chance.choice((None, True, False))
        case 3:
            return chance.choice(("AAPL", "BTCUSD", "1", "4hq0v7bq", "DEMO-1", 25, 41))
        case 4:
            return chance.choice(([], {}))
        case 5:
            return [_value(chance, deep - 1) for _ in range(chance.randrange(4))]
        case _:
            names = (
                "symbol",
                "resolution",
                "depth",
                "account_id",
                "token",
                "status",
                "",
                "__proto__",
                "\x00",
            )
            return {name: _value(chance, deep - 1) for name in names if chance.random() < 0.4}


def _mutate(chance: random.Random, value: Json) -> Json:
    """The same with one place changed."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        name = chance.choice(list(value))
        match chance.randrange(6):
            case 0:
                return {other: kept for other, kept in value.items() if other != name}
            case 1:
                return {**value, str(chance.choice(_HOSTILE_TEXTS)): value[name]}
            case 2:
                return {**value, name: chance.choice(list(value.values()))}
            case _:
                return {**value, name: _mutate(chance, value[name])}
    if isinstance(value, list) and value and chance.random() < 0.8:
        at = chance.randrange(len(value))
        return [*value[:at], _mutate(chance, value[at]), *value[at + 1 :]]
    return _value(chance, 2)
