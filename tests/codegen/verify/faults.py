"""Mistakes of servers, each small: what is planted, what is tried on it, and the rule that must be reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from codegen.verify.sight import Sight
from tests.codegen.verify.meddling import Close, Die, Fault, Frame, Incoming, Outgoing, Peer, Reply, contract


@dataclass(frozen=True, slots=True)
class Planted:
    """A mistake, and how it is found."""

    fault: Fault
    rule: str
    only: tuple[str, ...]
    options: dict[str, Any] = field(default_factory=dict)


def every(kind: str, change: Callable[[Peer, Frame], Frame | list[Reply]]) -> Outgoing:
    """Change all frames of a type."""

    def outgoing(peer: Peer, frame: Frame) -> list[Reply]:
        changed = change(peer, frame) if frame["type"] == kind else frame
        return changed if isinstance(changed, list) else [changed]

    return outgoing


def later(kind: str, number: int, change: Callable[[Peer, Frame], Frame | list[Reply]]) -> Outgoing:
    """Change one frame of a type, the one with this number, of each connection."""

    def counted(peer: Peer, frame: Frame) -> Frame | list[Reply]:
        peer.memory[kind] = peer.memory.get(kind, 0) + 1
        return change(peer, frame) if peer.memory[kind] == number else frame

    return every(kind, counted)


def body(**fields: object) -> Callable[[Peer, Frame], Frame]:
    """Set fields of the payload."""
    return lambda _, frame: {**frame, "payload": {**frame["payload"], **fields}}


def granted(
    change: Callable[[Peer, Frame], Frame | list[Reply]],
) -> Callable[[Peer, Frame], Frame | list[Reply]]:
    """Change answers that say yes."""
    return lambda peer, frame: change(peer, frame) if frame["payload"]["status"] == "ok" else frame


def ok(frame: Frame, **fields: object) -> Frame:
    """An answer that says yes to whatever was asked."""
    answer = {"type": f"{frame['type']}.response", "payload": {"status": "ok", "symbols": []}, **fields}
    identity = frame.get("id")
    return {**answer, "id": identity} if type(identity) in (str, int) and len(str(identity)) <= 64 else answer


def asked(frame: Frame) -> Frame:
    """The payload of a request, which may be none."""
    payload = frame.get("payload")
    return payload if isinstance(payload, dict) else {"malformed": True}


def ask(kind: str, answer: Callable[[Peer, Frame], list[Reply] | None]) -> Incoming:
    """Deal with requests of a type in the server's place."""

    def incoming(peer: Peer, _: str | bytes, frame: Frame | None) -> list[Reply] | None:
        return answer(peer, frame) if frame is not None and frame.get("type") == kind else None

    return incoming


def bad_json_closes(_: Peer, data: str | bytes, frame: Frame | None) -> list[Reply] | None:
    """Close with 1011 where the frame is no JSON."""
    return [Close(1011, "JSONDecodeError")] if frame is None and data == "{" else None


def stray(_: Peer, frame: Frame) -> list[Reply]:
    """An update that nobody asked for, behind the answer."""
    quote = dict.fromkeys(("time", "bid", "ask", "bid_size", "ask_size", "last", "change"), 1)
    return [frame, {"type": "quotes.update", "topic": "quotes:NOBODY", "seq": 1, "payload": quote}]


def keep(peer: Peer, frame: Frame) -> Frame:
    """Remember the last update."""
    peer.memory["update"] = frame
    return frame


def afterwards(peer: Peer, frame: Frame) -> list[Reply]:
    """One more update behind the answer that ends them."""
    if frame["type"] == "quotes.update":
        return [keep(peer, frame)]
    last = peer.memory.get("update")
    if frame["type"] != "quotes.unsubscribe.response" or last is None:
        return [frame]
    return [frame, {**last, "seq": last["seq"] + 1, "snapshot": False}]


def held_back(peer: Peer, frame: Frame) -> list[Reply]:
    """The answer to a subscribe request only behind the first update."""
    if frame["type"] == "quotes.subscribe.response" and frame["payload"]["status"] == "ok":
        peer.memory["answer"] = frame
        return []
    if frame["type"] == "quotes.update" and "answer" in peer.memory:
        return [frame, peer.memory.pop("answer")]
    return [frame]


def second_first(peer: Peer, frame: Frame) -> list[Reply]:
    """The update after the snapshot before it."""
    if frame["type"] != "quotes.update":
        return [frame]
    if frame.get("snapshot"):
        peer.memory["snapshot"] = frame
        return []
    snapshot = peer.memory.pop("snapshot", None)
    return [frame, {**snapshot, "seq": frame["seq"]}] if snapshot is not None else [frame]


def hole(peer: Peer, frame: Frame) -> list[Reply]:
    """What the one who comes back has missed is not sent, though it was said to be."""
    if frame["type"] == "trades.subscribe.response" and frame.get("recovered") is True:
        peer.memory["hole"] = frame["seq"] + 1
    if frame["type"] == "trades.update" and frame["seq"] == peer.memory.get("hole"):
        return []
    return [frame]


def folded(peer: Peer, frame: Frame) -> list[Reply]:
    """The second and the third update of a subscription as one."""
    if frame["type"] != "trades.update":
        if frame["type"] == "trades.subscribe.response":
            peer.memory["count"] = 0  # an answer names a position, which may lie between the two
        return [frame]
    peer.memory["count"] = count = peer.memory.get("count", 0) + 1
    if count == 3:
        return [{**frame, "seq_from": frame["seq"] - 1}]
    return [] if count == 2 else [frame]


def proud(_: Peer, frame: Frame) -> Frame:
    """Say that everything is recovered, whatever was asked."""
    return {**frame, "recovered": True} if "recovered" in frame else frame


def without(name: str) -> Callable[[Peer, Frame], Frame]:
    """Leave a field of the envelope out."""
    return lambda _, frame: {key: value for key, value in frame.items() if key != name}


def crash(_: Peer, frame: Frame) -> list[Reply] | None:
    """Fall over one of the examples, and whatever else is about days and well formed."""
    crashes = asked(frame).get("resolution") == "1D" and well_formed(frame)
    return [Close(1011, "KeyError")] if crashes else None


def well_formed(frame: Frame) -> bool:
    """Whether a request fits its schema."""
    sight = Sight(contract())
    return sight.judge(sight.message(frame["type"])).accepts(frame)


def refused(frame: Frame, **fields: object) -> list[Reply]:
    """The server's usual refusal."""
    problem = {"status": "error", "code": "bad_payload", "message": "No.", "retryable": False}
    return [ok(frame, payload={**problem, **fields})]


def number(_: Peer, frame: Frame) -> Frame:
    """An id of digits as a number."""
    return {**frame, "id": str(frame["id"])} if "id" in frame else frame


FAULTS: dict[str, Planted] = {
    "another id": Planted(
        Fault(every("pong", lambda _, frame: {**frame, "id": "mine"} if "id" in frame else frame)),
        "id-echo",
        ("ping",),
    ),
    "no id": Planted(Fault(every("symbols.list.response", without("id"))), "id-echo", ("symbols",)),
    "an id of another type": Planted(Fault(every("pong", number)), "id-type", ("ping",)),
    "a required field left out": Planted(
        Fault(
            every("symbols.list.response", granted(lambda _, frame: {**frame, "payload": {"status": "ok"}}))
        ),
        "schema",
        ("symbols",),
    ),
    "a text for a number": Planted(
        Fault(every("quotes.update", body(bid="1.5"))), "schema", ("quotes.update",)
    ),
    "a number beyond its bounds": Planted(
        Fault(every("quotes.update", body(bid_size=-1))), "schema", ("quotes.update",)
    ),
    "a message that there is not": Planted(
        Fault(every("pong", lambda _, frame: [frame, {"type": "gossip", "payload": {}}])),
        "type-unknown",
        ("ping",),
    ),
    "a request for the client": Planted(
        Fault(every("pong", lambda _, frame: [frame, {"type": "ping"}])), "type-direction", ("ping",)
    ),
    "no JSON": Planted(Fault(every("pong", lambda _, frame: [frame, "pong"])), "frame-unreadable", ("ping",)),
    "an update for nobody": Planted(
        Fault(every("pong", stray)), "update-unsubscribed", ("ping",), {"time": 0.5}
    ),
    "an update after the end": Planted(Fault(afterwards), "update-after-unsubscribe", ("quotes.update",)),
    "an update before the answer": Planted(Fault(held_back), "update-before-answer", ("quotes.update",)),
    "an update lost": Planted(
        Fault(later("trades.update", 2, lambda _, __: [])), "seq-gap", ("trades.update",)
    ),
    "an update twice": Planted(
        Fault(later("trades.update", 2, lambda _, frame: [frame, frame])), "seq-repeated", ("trades.update",)
    ),
    "updates of a lossless channel folded": Planted(Fault(folded), "lossless-folded", ("trades.update",)),
    "updates without numbers": Planted(
        Fault(every("trades.update", without("seq"))), "seq-missing", ("trades.update",)
    ),
    "a wrong checksum": Planted(
        Fault(later("orderbook.update", 2, lambda _, frame: {**frame, "checksum": 1})),
        "checksum-wrong",
        ("orderbook.update",),
    ),
    "no checksum": Planted(
        Fault(every("orderbook.update", without("checksum"))), "checksum-missing", ("orderbook.update",)
    ),
    "a change left out": Planted(
        Fault(
            every(
                "orderbook.update",
                lambda _, frame: frame if frame.get("snapshot") else body(bids=[], asks=[])(_, frame),
            )
        ),
        "checksum-wrong",
        ("orderbook.update",),
    ),
    "no snapshot": Planted(
        Fault(every("quotes.update", lambda _, frame: [] if frame.get("snapshot") else frame)),
        "snapshot-missing",
        ("quotes.update",),
    ),
    "a snapshot that comes second": Planted(Fault(second_first), "snapshot-first", ("quotes.update",)),
    "a malformed request carried out": Planted(
        Fault(incoming=ask("symbols.list", lambda _, frame: [ok(frame)])), "broken-accepted", ("symbols",)
    ),
    "a request without an answer": Planted(
        Fault(
            incoming=ask(
                "symbols.list",
                lambda _, frame: (
                    [] if asked(frame).get("query") == "bitcoin" and well_formed(frame) else None
                ),
            )
        ),
        "no-answer",
        ("symbols",),
        {"patience": 0.3},
    ),
    "a malformed request without an answer": Planted(
        Fault(
            incoming=ask(
                "symbols.list",
                lambda _, frame: [] if isinstance(frame.get("payload", {}), str) else None,
            )
        ),
        "broken-unanswered",
        ("symbols",),
        {"patience": 0.3},
    ),
    "an answer twice": Planted(
        Fault(every("symbols.list.response", lambda _, frame: [frame, frame])), "answered-twice", ("symbols",)
    ),
    "1011 for what is no JSON": Planted(Fault(incoming=bad_json_closes), "broken-closed", ("envelope",)),
    "a close code of its own": Planted(
        Fault(incoming=ask("ping", lambda _, frame: [Close(4444)] if frame.get("id") == [] else None)),
        "close-undeclared",
        ("ping",),
    ),
    "another request's answer": Planted(
        Fault(
            every(
                "bars.history.response",
                lambda _, frame: {
                    **frame,
                    "type": "bars.subscribe.response",
                    "payload": {"status": "ok", "message": "", "topic": ""},
                },
            )
        ),
        "wrong-response",
        ("bars.history",),
    ),
    "an answer about another topic": Planted(
        Fault(every("trades.subscribe.response", granted(body(topic="trades:OTHER")))),
        "topic-echo",
        ("trades.subscribe",),
    ),
    "an answer about something else": Planted(
        Fault(every("bars.history.response", granted(body(symbol="OTHER")))),
        "parameter-echo",
        ("bars.history",),
    ),
    "a hole in what is recovered": Planted(Fault(hole), "recovered-hole", ("trades.update",)),
    "everything recovered": Planted(
        Fault(every("trades.subscribe.response", proud)), "recovered-unprovable", ("trades.update",)
    ),
    "no word of recovery": Planted(
        Fault(every("trades.subscribe.response", without("recovered"))),
        "recovered-missing",
        ("trades.update",),
    ),
    "another epoch": Planted(
        Fault(later("trades.update", 2, lambda _, frame: {**frame, "epoch": "another"})),
        "epoch-changed",
        ("trades.update",),
    ),
    "a subscription without an answer": Planted(
        Fault(every("trades.subscribe.response", lambda _, __: [])),
        "no-answer",
        ("trades.update",),
        {"patience": 0.5},
    ),
    "a crash": Planted(Fault(incoming=ask("bars.history", crash)), "closed", ("bars.history",)),
    "a crash of everything": Planted(
        Fault(
            incoming=ask("symbols.list", lambda _, frame: [Die()] if asked(frame).get("limit") == 0 else None)
        ),
        "server-gone",
        ("symbols",),
    ),
    "an example taken for malformed": Planted(
        Fault(incoming=ask("symbols.list", lambda _, frame: refused(frame) if asked(frame) == {} else None)),
        "valid-refused",
        ("symbols",),
    ),
}
