"""The dispatcher of our document: which frame is answered by what."""

from __future__ import annotations

import json
from typing import Any

import pytest

from generated.handlers import BarsHandler, SessionHandler, socket_dispatcher
from generated.models import (
    BarsHistoryMessage,
    BarsHistoryResponse,
    BarsSubscribe,
    BarsSubscribeResponse,
    BarsUnsubscribe,
    BarsUnsubscribeResponse,
    Ping,
    Pong,
    SessionAuthenticate,
    SessionAuthenticateResponse,
    TopicAnswer,
)
from generated.runtime.dispatch import Dispatcher
from generated.runtime.errors import Disconnected, RequestError, TopicError
from tests.generated.refusing import Account, Orderbook, Orders, Positions, Quotes, Symbols, Trades, refuse


class Told:
    """Stands where a connection stands, and remembers mistakes."""

    def __init__(self) -> None:
        self.mistakes: list[str] = []
        self.refused: RequestError | None = None

    def admit(self) -> RequestError | None:
        """Refuse where the test says so."""
        return self.refused

    def on_mistake(self, error: RequestError) -> None:
        """Remember."""
        self.mistakes.append(error.code)


class Bars(BarsHandler[Any]):
    """Symbols say how it behaves."""

    async def subscribe(self, connection: Told, request: BarsSubscribe) -> BarsSubscribeResponse:
        """Answer, or not."""
        failures = {
            "DOWN": RequestError("unavailable", "later", retryable=True),
            "BUSY": RequestError("too_many_subscriptions", "enough", retryable=True, retry_after_ms=0),
            "CRASH": ZeroDivisionError("secret"),
        }
        failures |= {"TOPIC": TopicError("symbol: no"), "GONE": Disconnected(1006)}
        symbol = request.payload.symbol
        if symbol in failures:
            raise failures[symbol]
        if symbol == "NOTHING":
            return None  # type: ignore[return-value]
        return BarsSubscribeResponse(
            id="handler's own", payload=TopicAnswer(status="ok", message="m", topic="t")
        )

    async def unsubscribe(self, connection: Told, request: BarsUnsubscribe) -> BarsUnsubscribeResponse:
        """Answer."""
        return BarsUnsubscribeResponse(payload=TopicAnswer(status="ok", message="m", topic="t"))

    async def history(self, connection: Told, request: BarsHistoryMessage) -> BarsHistoryResponse:
        """Refuse."""
        return await refuse()


class Session(SessionHandler[Any]):
    """Answers pings, or refuses them."""

    async def ping(self, connection: Told, request: Ping) -> Pong:
        """Refuse the id `no`."""
        if request.id == "no":
            raise RequestError("unavailable", "not now")
        return Pong(ts=5)

    async def authenticate(
        self, connection: Told, request: SessionAuthenticate
    ) -> SessionAuthenticateResponse:
        """Refuse."""
        return await refuse()


def dispatcher() -> Dispatcher[Any]:
    """The dispatcher of these handlers."""
    return socket_dispatcher(
        bars=Bars(),
        quotes=Quotes(),
        trades=Trades(),
        orderbook=Orderbook(),
        account=Account(),
        positions=Positions(),
        orders=Orders(),
        symbols=Symbols(),
        session=Session(),
    )


async def answer(frame: str | bytes) -> tuple[dict[str, Any], list[str]]:
    """What a frame is answered by, and the mistakes that the connection was told of."""
    told = Told()
    encoded = await dispatcher().dispatch(told, frame)
    assert encoded is not None
    return json.loads(encoded), told.mistakes


def subscribe(symbol: object, **fields: object) -> str:
    """A subscribe request's frame."""
    return json.dumps({"type": "bars.subscribe", "payload": {"symbol": symbol}, **fields})


@pytest.mark.parametrize("identity", [1, "a", 0, "", -3, 123456789012345678901234567890, "é" * 64])
async def test_the_answer_repeats_the_id(identity: int | str) -> None:
    """Whatever id the contract allows comes back unchanged, and replaces one that the handler set."""
    message, mistakes = await answer(subscribe("AAPL", id=identity))
    assert message["id"] == identity
    assert message["payload"]["status"] == "ok"
    assert mistakes == []


async def test_no_id_is_answered_by_no_id() -> None:
    """A request without id gets an answer without one, even if the handler set one."""
    message, _ = await answer(subscribe("AAPL"))
    assert "id" not in message


async def test_fields_that_nobody_knows_are_ignored() -> None:
    """Readers ignore extra fields, in the envelope and in the payload."""
    frame = {"type": "bars.subscribe", "new": 1, "payload": {"symbol": "AAPL", "more": [{}]}}
    message, mistakes = await answer(json.dumps(frame))
    assert message["payload"]["status"] == "ok"
    assert mistakes == []


REFUSED = "bars.subscribe.response"
MISTAKES: list[tuple[str, str | bytes, str, str, list[str]]] = [
    ("not JSON", "hello", "error", "bad_json", []),
    ("empty", "", "error", "bad_json", []),
    ("NaN", '{"type":"ping","id":NaN}', "error", "bad_json", []),
    ("a number beyond all sizes", '{"type":"ping","id":1' + "0" * 5000 + "}", "error", "bad_json", []),
    ("half a surrogate pair", '{"type":"ping","id":"\\ud800"}', "error", "bad_json", []),
    ("text that is no UTF-8", '"\ud800"', "error", "bad_json", []),
    ("nested too deep", "[" * 100_000, "error", "bad_json", []),
    ("binary", b'{"type":"ping"}', "error", "bad_frame", []),
    ("a list", "[]", "error", "bad_envelope", []),
    ("a number", "1", "error", "bad_envelope", []),
    ("null", "null", "error", "bad_envelope", []),
    ("no type", "{}", "error", "bad_envelope", []),
    ("a type that is no text", '{"type":3}', "error", "bad_envelope", []),
    ("a type that is a list", '{"type":["ping"]}', "error", "bad_envelope", []),
    ("an unknown type", '{"type":"bars.subscrive"}', "error", "unknown_type", []),
    ("what only servers send", '{"type":"bars.update","payload":{}}', "error", "unknown_type", []),
    ("an id that is a list", subscribe("AAPL", id=[1]), "error", "bad_envelope", ["/id"]),
    ("an id that is too long", subscribe("AAPL", id="x" * 65), "error", "bad_envelope", ["/id"]),
    ("an id that is true", subscribe("AAPL", id=True), "error", "bad_envelope", ["/id"]),
    ("no payload", '{"type":"bars.subscribe"}', REFUSED, "bad_payload", ["/payload"]),
    (
        "a payload that is null",
        '{"type":"bars.subscribe","payload":null}',
        REFUSED,
        "bad_payload",
        ["/payload"],
    ),
    ("no symbol", '{"type":"bars.subscribe","payload":{}}', REFUSED, "bad_payload", ["/payload/symbol"]),
    ("a symbol that is a number", subscribe(5), REFUSED, "bad_payload", ["/payload/symbol"]),
    ("a symbol that does not match", subscribe("no spaces"), REFUSED, "bad_payload", ["/payload/symbol"]),
    ("a very long symbol", subscribe("A" * 1_000_000), REFUSED, "bad_payload", ["/payload/symbol"]),
    (
        "nested deep in a payload",
        '{"type":"bars.subscribe","payload":' + '{"a":' * 300 + "1" + "}" * 301,
        REFUSED,
        "bad_payload",
        [""],
    ),
    ("refused by the handler", subscribe("DOWN"), REFUSED, "unavailable", []),
    ("no topic, says the handler", subscribe("TOPIC"), REFUSED, "bad_payload", []),
    ("the handler fails", subscribe("CRASH"), REFUSED, "internal", []),
    ("the handler answers nothing", subscribe("NOTHING"), REFUSED, "internal", []),
    ("refused where the answer cannot say so", '{"type":"ping","id":"no"}', "error", "unavailable", []),
]


@pytest.mark.parametrize(
    ("frame", "type_", "code", "paths"), [pytest.param(*case[1:], id=case[0]) for case in MISTAKES]
)
async def test_mistakes_are_answered(frame: str | bytes, type_: str, code: str, paths: list[str]) -> None:
    """Every mistake is answered, by the request's own answer where it can, and told to the connection."""
    message, mistakes = await answer(frame)
    assert message["type"] == type_
    assert message["payload"]["status"] == "error"
    assert message["payload"]["code"] == code
    assert sorted({error["path"] for error in message["payload"].get("errors", [])}) == paths
    assert mistakes == [code]
    assert len(json.dumps(message)) < 2_000
    assert "secret" not in json.dumps(message)


@pytest.mark.parametrize(
    ("frame", "identity"),
    [
        ('{"type":"nothing","id":7}', 7),
        ('{"id":"x"}', "x"),
        ('{"type":"nothing","id":{"a":1}}', None),
        ('{"type":"nothing","id":"' + "x" * 65 + '"}', None),
        (subscribe(5, id="mine"), "mine"),
        (subscribe("CRASH", id=2), 2),
        ('{"type":"ping","id":"no"}', "no"),
    ],
)
async def test_errors_repeat_ids_that_the_contract_allows(frame: str, identity: object) -> None:
    """An error carries the id of its frame, unless that is none that an error may carry."""
    message, _ = await answer(frame)
    assert message.get("id") == identity


async def test_unknown_types_are_told_what_is_known() -> None:
    """The message lists the requests that there are."""
    message, _ = await answer('{"type":"bars.subscrive"}')
    told = message["payload"]["message"]
    assert (
        "known: account.subscribe, account.unsubscribe, bars.history, bars.subscribe, bars.unsubscribe, "
        in told
    )
    assert ", trades.unsubscribe." in told


async def test_retryable_is_the_handlers_word() -> None:
    """A refusal says what the handler said of trying again."""
    message, _ = await answer(subscribe("DOWN"))
    assert message["payload"] == {
        "status": "error",
        "code": "unavailable",
        "message": "later",
        "retryable": True,
    }


@pytest.mark.parametrize(
    ("frame", "type_", "code"),
    [
        (
            '{"type":"bars.subscribe","id":3,"payload":{"symbol":"CRASH"}}',
            "bars.subscribe.response",
            "rate_limited",
        ),
        ('{"type":"ping","id":3}', "error", "rate_limited"),
        ('{"type":"ping","id":{"no":"id"}}', "error", "bad_envelope"),
        ('{"type":"bars.subscribe","payload":{}}', "bars.subscribe.response", "bad_payload"),
        ('{"type":"other"}', "error", "unknown_type"),
        ("no JSON", "error", "bad_json"),
        (b"", "error", "bad_frame"),
    ],
)
async def test_frames_that_are_not_admitted(frame: str | bytes, type_: str, code: str) -> None:
    """No handler sees them; they are refused by their own answer with their id, and told as mistakes once."""
    told = Told()
    told.refused = RequestError("rate_limited", "slowly", retryable=True, retry_after_ms=20)
    encoded = await dispatcher().dispatch(told, frame)
    assert encoded is not None
    message = json.loads(encoded)
    assert (message["type"], message["payload"]["code"]) == (type_, code)
    assert told.mistakes == [code]
    if code == "rate_limited":
        assert (message["id"], message["payload"]["retry_after_ms"]) == (3, 20)


async def test_a_refusal_says_when_to_try_again() -> None:
    """`retry_after_ms` is written where the handler gave one, 0 included, and nowhere else."""
    message, _ = await answer(subscribe("BUSY"))
    BarsSubscribeResponse.model_validate(message)
    assert message["payload"] == {
        "status": "error",
        "code": "too_many_subscriptions",
        "message": "enough",
        "retryable": True,
        "retry_after_ms": 0,
    }


async def test_a_dead_connection_is_no_mistake() -> None:
    """Disconnected comes out of the dispatcher, for there is nobody to answer."""
    told = Told()
    with pytest.raises(Disconnected):
        await dispatcher().dispatch(told, subscribe("GONE"))
    assert told.mistakes == []


def test_a_missing_method_is_named() -> None:
    """A handler without one of its methods cannot be made, and the error names class and method."""

    class Half(BarsHandler[Any]):
        async def subscribe(self, connection: Told, request: BarsSubscribe) -> BarsSubscribeResponse:
            raise NotImplementedError

    with pytest.raises(TypeError, match=r"Half.*unsubscribe"):
        Half()  # type: ignore[abstract]


def test_a_missing_handler_is_named() -> None:
    """A channel without handler stops the assembly, and the error names the channel."""
    with pytest.raises(TypeError, match="session"):
        socket_dispatcher(bars=Bars())  # type: ignore[call-arg]
