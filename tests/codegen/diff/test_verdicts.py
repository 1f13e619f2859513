"""Every kind of change, and whom it breaks."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from codegen.diff import Direction, Verdict, compare_contracts
from tests.codegen.diff.editing import GONE, Edits, compared, edited, renamed, replaced, without

SENT: Direction = "client_to_server"
RECEIVED: Direction = "server_to_client"


class Case(NamedTuple):
    """Edits of a document, and the changes that they are, with a part of each reason."""

    name: str
    base: str
    edits: Edits
    expected: tuple[tuple[Verdict, Direction | None, str, str], ...]


def ref(name: str) -> dict[str, str]:
    """A reference to a message."""
    return {"$ref": f"#/components/messages/{name}"}


def frame(tag: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    """A message with nothing but a tag."""
    payload = {"type": "object", "required": ["type"], "properties": {"type": {"const": tag}}}
    return {"payload": payload, **fields}


M, S, WIND = "/components/messages", "/components/schemas", "/channels/wind:{station}"
ROOM = "/channels/~1rooms~1{room}"
SENDS, GETS = f"{WIND}/publish/message/oneOf", f"{WIND}/subscribe/message/oneOf"
NEW_CHANNEL = {
    "publish": {"message": ref("rain.subscribe")},
    "subscribe": {"message": {"oneOf": [ref("rain.subscribed"), ref("rain.update")]}},
    "parameters": {"place": {"location": "$message.payload#/type", "schema": {"type": "string"}}},
}

CONTRACT: tuple[Case, ...] = (
    # --- channels ---
    Case(
        "channel-added",
        "topics",
        {
            f"{M}/rain.subscribe": frame(
                "rain.subscribe", **{"x-action": "subscribe", "x-response": ref("rain.subscribed")}
            ),
            f"{M}/rain.subscribed": frame("rain.subscribed"),
            f"{M}/rain.update": frame("rain.update", **{"x-action": "update"}),
            "/channels/rain:{place}": NEW_CHANNEL,
        },
        (("compatible", None, "channel-added", "`rain:{place}`"),),
    ),
    Case(
        "channel-removed",
        "topics",
        {"/channels/strikes:{station}": GONE},
        (("breaking", None, "channel-removed", "clients that subscribe to `strikes:{station}` are refused"),),
    ),
    Case(
        "path-removed",
        "paths",
        {"/channels/~1status": GONE},
        (
            (
                "breaking",
                "server_to_client",
                "channel-removed",
                "clients that connect to `/status` are refused",
            ),
        ),
    ),
    Case(
        "path-changed",
        "paths",
        {"/channels": renamed("/status", "/state")},
        (
            ("breaking", "client_to_server", "address-changed", "the channel is at `/state` now"),
            ("breaking", None, "channel-name-changed", "no longer compiles"),
        ),
    ),
    Case(
        "topic-address-changed",
        "topics",
        {
            "/channels": renamed("wind:{station}", "winds/{station}"),
            "/channels/winds~1{station}/x-name": "wind",
        },
        (("breaking", "server_to_client", "address-changed", "their topic is `winds/{station}` now"),),
    ),
    Case(
        "address-that-no-message-carries",
        "topics",
        {"/channels": renamed("session", "me"), "/channels/me/x-name": "session"},
        (("compatible", None, "address-changed", "clients cannot tell"),),
    ),
    Case(
        "channel-renamed-in-code",
        "topics",
        {f"{WIND}/x-name": "gale"},
        (
            ("breaking", None, "channel-name-changed", "nothing changes on the wire"),
            ("breaking", None, "hook-name-changed", "`useGale`"),
        ),
    ),
    Case(
        "hook-renamed",
        "topics",
        {f"{WIND}/x-hook": "useGale"},
        (("breaking", None, "hook-name-changed", "components that call `useWindChannel` no longer compile"),),
    ),
    Case(
        "client-renamed",
        "topics",
        {"/info/x-client-name": "Sky"},
        (("breaking", None, "client-name-changed", "`WeatherClient` no longer compiles"),),
    ),
    # --- parameters ---
    Case(
        "parameter-renamed",
        "topics",
        {
            "/channels": renamed("strikes:{station}", "strikes:{place}"),
            "/channels/strikes:{place}/parameters": renamed("station", "place"),
        },
        (("dangerous", None, "parameter-renamed", "`station` is `place` now"),),
    ),
    Case(
        "alias-removed",
        "topics",
        {f"{WIND}/parameters/station/x-aliases": GONE},
        (("breaking", SENT, "alias-removed", "clients that say `ldn` as `station`"),),
    ),
    Case(
        "alias-added",
        "topics",
        {f"{WIND}/parameters/station/x-aliases/par": "paris"},
        (("compatible", SENT, "alias-added", "nobody has to"),),
    ),
    Case(
        "alias-turned",
        "topics",
        {f"{WIND}/parameters/station/x-aliases/ldn": "luton"},
        (("breaking", SENT, "alias-changed", "mean another topic than before"),),
    ),
    Case(
        "parameter-value-removed",
        "paths",
        {f"{ROOM}/parameters/room/schema/enum": ["attic"]},
        (("breaking", SENT, "enum-value-removed", "clients that send `cellar`"),),
    ),
    Case(
        "parameter-value-added",
        "paths",
        {f"{ROOM}/parameters/room/schema/enum/-": "hall"},
        (("compatible", SENT, "enum-value-added", "accepted"),),
    ),
    # --- messages ---
    Case(
        "request-added",
        "topics",
        {
            f"{M}/wind.count": frame("wind.count", **{"x-response": ref("wind.counted")}),
            f"{M}/wind.counted": frame("wind.counted"),
            f"{SENDS}/-": ref("wind.count"),
            f"{GETS}/-": ref("wind.counted"),
        },
        (
            ("compatible", SENT, "message-added", "nobody has to"),
            ("compatible", RECEIVED, "message-added", "answers only what clients could not send before"),
        ),
    ),
    Case(
        "request-removed",
        "topics",
        {SENDS: without("wind.ask"), GETS: without("wind.ask.response")},
        (
            ("breaking", SENT, "message-removed", "clients that send `wind.ask` are refused"),
            ("compatible", RECEIVED, "message-removed", "only answered what clients can send no more"),
        ),
    ),
    Case(
        "push-added",
        "topics",
        {f"{M}/storm": frame("storm"), f"{GETS}/-": ref("storm")},
        (("dangerous", RECEIVED, "message-added", "meet `storm`"),),
    ),
    Case(
        "second-update-added",
        "topics",
        {
            f"{M}/strikes.end": frame("strikes.end", **{"x-action": "update"}),
            "/channels/strikes:{station}/subscribe/message/oneOf/-": ref("strikes.end"),
        },
        (("dangerous", RECEIVED, "message-added", "meet `strikes.end`"),),
    ),
    Case(
        "push-removed",
        "topics",
        {"/channels/session/subscribe/message/oneOf": without("going")},
        (("breaking", RECEIVED, "message-removed", "clients that wait for `going` wait in vain"),),
    ),
    Case(
        "push-added-to-a-path",
        "paths",
        {
            f"{ROOM}/subscribe/message/oneOf/-": {
                "name": "ended",
                "payload": {"type": "object", "required": ["op"], "properties": {"op": {"const": "ended"}}},
            }
        },
        (("dangerous", RECEIVED, "message-added", "meet `ended`"),),
    ),
    Case(
        "tag-changed-of-what-is-sent",
        "topics",
        {f"{M}/wind.ask/payload/properties/type/const": "wind.question"},
        (("breaking", SENT, "tag-changed", "clients that send `type`: `wind.ask` are refused"),),
    ),
    Case(
        "tag-changed-of-what-is-received",
        "topics",
        {f"{M}/going/payload/properties/type/const": "leaving"},
        (("breaking", RECEIVED, "tag-changed", "never see it"),),
    ),
    Case(
        "message-renamed",
        "topics",
        {
            M: renamed("going", "leaving"),
            "/channels/session/subscribe/message/oneOf": replaced("messages/going", "messages/leaving"),
        },
        (("dangerous", RECEIVED, "message-renamed", "nothing changes on the wire"),),
    ),
    Case(
        "message-moved",
        "topics",
        {"/channels/session/subscribe/message/oneOf": without("going"), f"{GETS}/-": ref("going")},
        (("dangerous", RECEIVED, "message-moved", "nothing changes on the wire"),),
    ),
    Case(
        "answer-changed",
        "topics",
        {f"{M}/ping/x-response": ref("going")},
        (
            (
                "breaking",
                RECEIVED,
                "response-changed",
                "clients that await `pong` in answer to `ping` are sent `going`",
            ),
        ),
    ),
    Case(
        "answer-promised-no-more",
        "topics",
        {f"{M}/ping/x-response": GONE},
        (("breaking", RECEIVED, "response-removed", "wait in vain"),),
    ),
    Case(
        "answer-to-what-had-none",
        "topics",
        {
            f"{M}/wave": frame("wave"),
            f"{M}/ping/x-response": ref("wave"),
            "/channels/session/subscribe/message/oneOf": replaced("messages/pong", "messages/wave"),
        },
        (("breaking", RECEIVED, "response-changed", "are sent `wave`"),),
    ),
    Case(
        "action-removed",
        "topics",
        {f"{M}/strikes.update/x-action": GONE},
        (("breaking", RECEIVED, "action-changed", "is an update of the topic"),),
    ),
    Case(
        "correlation-removed",
        "topics",
        {f"{M}/wind.ask.response/correlationId": GONE},
        (("breaking", RECEIVED, "correlation-changed", "find none there"),),
    ),
    Case(
        "correlation-added",
        "topics",
        {f"{M}/ping/correlationId": {"$ref": "#/components/correlationIds/request"}},
        (("compatible", SENT, "correlation-added", "nobody has to"),),
    ),
    # --- delivery, history, snapshot, state ---
    Case(
        "lossless-to-conflate",
        "topics",
        {"/channels/strikes:{station}/x-delivery/mode": "conflate"},
        (
            (
                "breaking",
                RECEIVED,
                "delivery-changed",
                "clients that count on every update of `strikes` miss some",
            ),
        ),
    ),
    Case(
        "conflate-to-lossless",
        "topics",
        {f"{WIND}/x-delivery": {"mode": "lossless"}},
        (("dangerous", RECEIVED, "delivery-changed", "are closed now"),),
    ),
    Case(
        "delivery-key-removed",
        "topics",
        {f"{WIND}/x-delivery/key": GONE},
        (("breaking", RECEIVED, "delivery-key-changed", "the latest of each `height`"),),
    ),
    Case(
        "history-shortened",
        "topics",
        {f"{WIND}/x-history/updates": 10},
        (("dangerous", RECEIVED, "history-changed", "after more than 10 updates cannot recover"),),
    ),
    Case(
        "history-lengthened",
        "topics",
        {f"{WIND}/x-history/updates": 1000},
        (("compatible", RECEIVED, "history-changed", "1000 updates are kept"),),
    ),
    Case(
        "snapshot-removed",
        "topics",
        {f"{WIND}/x-snapshot": "recover"},
        (("breaking", RECEIVED, "snapshot-changed", "are not sent it unless"),),
    ),
    # --- the session ---
    Case(
        "heartbeat-shortened",
        "topics",
        {"/x-heartbeat/interval_ms": 10000},
        (("breaking", SENT, "heartbeat-interval-changed", "closed after 10000 ms of silence"),),
    ),
    Case(
        "heartbeat-lengthened",
        "topics",
        {"/x-heartbeat/interval_ms": 60000},
        (("compatible", SENT, "heartbeat-interval-changed", "need not"),),
    ),
    Case(
        "lifespan-shortened",
        "topics",
        {"/x-heartbeat/lifespan_ms": 60000},
        (("dangerous", None, "lifespan-changed", "after 60000 ms already"),),
    ),
    Case(
        "limit-of-bytes-lowered",
        "topics",
        {"/x-limits/message_bytes": 1024},
        (
            (
                "breaking",
                SENT,
                "limit-lowered",
                "messages of more than 1024 bytes are closed, though up to 65536",
            ),
        ),
    ),
    Case(
        "limit-of-rate-lowered",
        "topics",
        {"/x-limits/messages_per_second": 5},
        (("dangerous", SENT, "limit-lowered", "more than 5 messages per second"),),
    ),
    Case(
        "limit-raised",
        "topics",
        {"/x-limits/subscriptions_per_connection": 500},
        (("compatible", SENT, "limit-raised", "500 now"),),
    ),
    Case(
        "limit-added",
        "topics",
        {"/x-limits/message_burst": 10},
        (("dangerous", SENT, "limit-added", "of which the old contract said nothing"),),
    ),
    Case(
        "limit-removed",
        "topics",
        {"/x-limits/message_bytes": GONE},
        (("compatible", SENT, "limit-removed", "message_bytes is gone"),),
    ),
    Case(
        "close-code-turned-to-stop",
        "topics",
        {"/x-close-codes/0/client": "stop"},
        (("breaking", RECEIVED, "close-code-meaning-changed", "clients that come back after 4000 (drain)"),),
    ),
    Case(
        "close-code-turned-to-reconnect",
        "topics",
        {"/x-close-codes/1/client": "reconnect"},
        (("breaking", RECEIVED, "close-code-meaning-changed", "clients that stop for good at 4500"),),
    ),
    Case(
        "close-code-by-the-rule",
        "topics",
        {"/x-close-codes/-": {"code": 4501, "name": "banned", "client": "stop"}},
        (("compatible", RECEIVED, "close-code-added", "as its range says"),),
    ),
    Case(
        "close-code-against-the-rule",
        "topics",
        {"/x-close-codes/-": {"code": 4502, "name": "busy", "client": "reconnect"}},
        (("dangerous", RECEIVED, "close-code-added", "though they are to reconnect"),),
    ),
    Case(
        "close-code-removed",
        "topics",
        {"/x-close-codes/1": GONE},
        (("compatible", RECEIVED, "close-code-removed", "may never see it again"),),
    ),
    Case(
        "envelope-field-added",
        "topics",
        {"/x-envelope/ts": "ts"},
        (("compatible", RECEIVED, "envelope-field-added", "ignore fields that they do not know"),),
    ),
    Case(
        "envelope-field-removed",
        "topics",
        {"/x-envelope/checksum": GONE},
        (("breaking", RECEIVED, "envelope-field-removed", "find it no more"),),
    ),
    Case(
        "token-moved",
        "topics",
        {
            "/x-authenticate/token": "secret",
            f"{S}/Credentials/properties/secret": {"type": "string"},
        },
        (
            ("breaking", SENT, "authentication-token-moved", "`secret`"),
            ("compatible", SENT, "property-added", "nobody has to"),
        ),
    ),
    Case(
        "authentication-removed",
        "topics",
        {"/x-authenticate": GONE},
        (("breaking", SENT, "authentication-removed", "stay unknown"),),
    ),
    # --- how one gets in ---
    Case(
        "socket-moved",
        "topics",
        {"/servers/production/url": "wss://weather.example/v2/ws"},
        (("breaking", None, "server-path-changed", "`wss://weather.example/v2/ws` now"),),
    ),
    Case(
        "server-removed",
        "topics",
        {"/servers": {"other": {"url": "wss://other.example/v1/ws", "protocol": "wss"}}},
        (
            ("breaking", None, "server-removed", "find nothing there"),
            ("compatible", None, "server-added", "too"),
        ),
    ),
    Case(
        "server-renamed",
        "topics",
        {"/servers": renamed("production", "live")},
        (),
    ),
    Case(
        "server-variable-narrowed",
        "paths",
        {"/servers/main/variables/stage/enum": ["v1"]},
        (("breaking", None, "server-variable-narrowed", "with `v2` as `stage`"),),
    ),
    Case(
        "security-removed",
        "paths",
        {f"{ROOM}/publish/security": GONE},
        (("compatible", SENT, "security-removed", "no credentials now"),),
    ),
    Case(
        "security-alternative-removed",
        "paths",
        {f"{ROOM}/publish/security": [{"key": []}]},
        (("breaking", SENT, "security-changed", "with `login` (talk) are refused"),),
    ),
    Case(
        "security-scope-added",
        "paths",
        {f"{ROOM}/publish/security/1/login": ["talk", "shout"]},
        (("breaking", SENT, "security-changed", "`login` (shout, talk) now"),),
    ),
    Case(
        "security-added",
        "paths",
        {"/channels/~1status/subscribe/security": [{"key": []}]},
        (("breaking", RECEIVED, "security-added", "without credentials are refused"),),
    ),
    Case(
        "security-scheme-renamed",
        "paths",
        {
            "/components/securitySchemes": renamed("key", "badge"),
            "/servers/main/security": [{"badge": []}],
            f"{ROOM}/publish/security/0": {"badge": []},
        },
        (),
    ),
    Case(
        "handshake-method-changed",
        "paths",
        {f"{ROOM}/bindings/ws/method": "POST"},
        (("breaking", SENT, "handshake-method-changed", "takes POST now"),),
    ),
    Case(
        "handshake-query-narrowed",
        "paths",
        {f"{ROOM}/bindings/ws/query/properties/lamp/enum": ["lit"]},
        (("breaking", SENT, "enum-value-removed", "clients that send `dark`"),),
    ),
    # --- words, and names ---
    Case(
        "words",
        "topics",
        {
            "/info/description": "How it is outside.",
            f"{WIND}/description": "Winds.",
            f"{S}/Station/description": "A place.",
        },
        (("compatible", None, "documentation-changed", "3 descriptions differ"),),
    ),
    Case(
        "schema-renamed",
        "topics",
        {
            S: lambda all_: replaced("schemas/Strike", "schemas/Flash")(renamed("Strike", "Flash")(all_)),
            f"{M}/strikes.update": replaced("schemas/Strike", "schemas/Flash"),
        },
        (("dangerous", None, "schema-renamed", "nothing changes on the wire"),),
    ),
    Case(
        "schemas-renamed-that-refer-to-one-another",
        "topics",
        {
            S: lambda all_: replaced("schemas/Station", "schemas/Spot")(
                renamed("Station", "Spot")(renamed("Question", "Query")(all_))
            ),
            M: replaced("schemas/Question", "schemas/Query"),
            "/channels": replaced("schemas/Station", "schemas/Spot"),
        },
        (
            ("dangerous", None, "schema-renamed", "`Spot`"),
            ("dangerous", None, "schema-renamed", "`Query`"),
        ),
    ),
    Case(
        "content-type-changed",
        "topics",
        {f"{M}/going/contentType": "application/cbor"},
        (("breaking", RECEIVED, "content-type-changed", "it is `application/cbor` now"),),
    ),
    Case(
        "message-deprecated",
        "topics",
        {f"{M}/wind.ask/x-deprecated": True},
        (("compatible", SENT, "message-deprecated", "ought to leave it"),),
    ),
    Case(
        "payload-gone",
        "paths",
        {f"{ROOM}/publish/message/oneOf/0/payload": GONE},
        (
            ("compatible", SENT, "type-added", "anything"),
            ("dangerous", SENT, "tag-removed", "`op`"),
            ("dangerous", SENT, "required-property-removed", "ignored"),
            ("dangerous", SENT, "required-property-removed", "ignored"),
        ),
    ),
    Case(
        "handshake-query-added",
        "paths",
        {"/channels/~1status/bindings": {"ws": {"query": {"type": "object", "properties": {"lamp": {}}}}}},
        (("compatible", SENT, "property-added", "nobody has to"),),
    ),
    Case(
        "handshake-query-demanded",
        "paths",
        {
            "/channels/~1status/bindings": {
                "ws": {"query": {"type": "object", "required": ["lamp"], "properties": {"lamp": {}}}}
            }
        },
        (("breaking", SENT, "property-required", "without `lamp`"),),
    ),
    Case(
        "handshake-query-gone",
        "paths",
        {f"{ROOM}/bindings/ws/query": GONE},
        (("dangerous", SENT, "property-removed", "ignored"),),
    ),
    Case("nothing", "topics", {}, ()),
    Case("order-of-messages", "topics", {SENDS: lambda listed: listed[::-1]}, ()),
    Case("order-of-channels", "topics", {"/channels": lambda all_: dict(reversed(all_.items()))}, ()),
)


@pytest.mark.parametrize("case", CONTRACT, ids=lambda case: case.name)
def test_a_change_of_the_contract_has_its_verdict(case: Case, tmp_path: Path) -> None:
    """Each edit is told as the changes that it is and no others, and the reason says who breaks."""
    comparison = compared(tmp_path, case.base, case.edits)
    found = sorted((c.verdict, str(c.direction), c.kind) for c in comparison.changes)
    assert found == sorted((verdict, str(direction), kind) for verdict, direction, kind, _ in case.expected)
    for verdict, direction, kind, words in case.expected:
        reasons = [
            c.reason
            for c in comparison.changes
            if (c.verdict, c.direction, c.kind) == (verdict, direction, kind)
        ]
        assert any(words.lower() in reason.lower() for reason in reasons), reasons


@pytest.mark.parametrize("way", ["publish", "subscribe"])
def test_a_message_that_is_alone_is_told_from_none(way: str, tmp_path: Path) -> None:
    """Its one value of an enumeration is a value like any other, and it is called by its own name."""
    place = "/channels/~1status"
    only = {"name": "ask", "payload": {"type": "object", "required": ["side"], "properties": {}}}
    documents = []
    for listed in (["left"], ["left", "right"], ["right"]):
        only["payload"]["properties"] = {"side": {"enum": listed}}  # type: ignore[index]
        documents.append(edited(tmp_path, "paths", {place: {way: {"message": only}}}))
    direction = SENT if way == "publish" else RECEIVED
    wider, narrower = ("compatible", "breaking") if way == "publish" else ("breaking", "compatible")
    for old, new, verdicts in ((0, 1, {wider}), (1, 0, {narrower}), (0, 2, {"breaking"})):
        changes = compare_contracts(documents[old], documents[new]).changes
        assert {change.verdict for change in changes if change.scope == "wire"} >= verdicts
        assert {change.kind.split("-")[0] for change in changes if change.scope == "wire"} <= {
            "enum",
            "const",
        }
        assert {change.direction for change in changes if change.scope == "wire"} == {direction}
        assert all("ask" in change.subject for change in changes)


def test_a_title_that_names_a_class_is_no_mere_word(tmp_path: Path) -> None:
    """The document's title names the client where nothing else does: it is told as that, and not as a word too."""
    changes = compared(tmp_path, "paths", {"/info/title": "Halls"}).changes
    assert [change.kind for change in changes] == ["client-name-changed"]
    changes = compared(tmp_path, "topics", {"/info/title": "Winds"}).changes
    assert [change.kind for change in changes] == ["documentation-changed"]
