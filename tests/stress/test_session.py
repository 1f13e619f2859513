"""The checks of the stress run find what they are there for."""

from __future__ import annotations

import json
import time

import pytest

from tests.stress.server import number_of
from tests.stress.session import Session
from tests.stress.terms import Report

TOPIC = "bars:C1:1"


class Wire:
    """In place of a socket: keeps what is sent."""

    def text(self, text: bytes) -> None:
        """Nothing to do."""


def session(**options: bool) -> Session:
    """A client that has subscribed to one topic, at position 4 of epoch e."""
    made = Session("client", Report(), **options)
    made.peer = Wire()  # type: ignore[assignment]
    made.ask("bars.subscribe")
    take(made, answer(1))
    assert not made.report.times
    return made


def take(made: Session, *messages: dict[str, object]) -> list[str]:
    """Hand it messages; which invariants are broken then."""
    for message in messages:
        made.take(json.dumps(message).encode())
    return list(made.report.times)


def answer(identity: int, **changed: object) -> dict[str, object]:
    """An answer to a subscribe."""
    payload = {"status": "ok", "message": "", "topic": TOPIC}
    message = {"type": "bars.subscribe.response", "id": identity, "seq": 4, "epoch": "e", "payload": payload}
    return {**message, **changed}


def update(seq: int, **changed: object) -> dict[str, object]:
    """An update as it should be."""
    payload = {"open": number_of("C1"), "close": float(seq)}
    message = {"type": "bars.update", "topic": TOPIC, "seq": seq, "ts": int(time.time() * 1000)}
    return {**message, "payload": payload, **changed}


async def test_what_is_right_is_found_right() -> None:
    """Updates in order, a fold that is declared, answers in order: nothing is broken, and the fold is counted."""
    made = session(reads=True)
    made.ask("ping")
    made.ask("bars.unsubscribe")
    pong = {"type": "pong", "id": 2}
    gone = answer(3, type="bars.unsubscribe.response")
    assert take(made, update(5, epoch="e"), update(6), update(9, seq_from=7), pong, update(10), gone) == []
    assert (made.folded, made.updates, sum(made.report.delays.values())) == (2, 4, 4)
    assert made.following == {}


@pytest.mark.parametrize(
    "messages",
    [
        [update(6)],
        [update(4)],
        [update(5), update(5)],
        [update(5), update(7), update(6)],
        [update(9, seq_from=6)],
        [update(9, seq_from=4)],
        [update(5, epoch="f")],
    ],
    ids=[
        "a gap",
        "an old one",
        "a duplicate",
        "reordered",
        "a hole before a fold",
        "an overlap",
        "another epoch",
    ],
)
async def test_order_is_checked(messages: list[dict[str, object]]) -> None:
    """Whatever is not the next number of the epoch is found."""
    assert "order" in take(session(), *messages)


async def test_updates_without_a_subscription_are_found() -> None:
    """An update of a topic never asked for, and one after the answer to the unsubscribe."""
    assert take(session(), update(5, topic="bars:C2:1")) == ["scope"]
    made = session()
    made.ask("bars.unsubscribe")
    assert take(made, update(5), answer(2, type="bars.unsubscribe.response"), update(6)) == ["scope"]


async def test_an_update_before_the_answer_is_found() -> None:
    """The answer to a subscribe precedes its first update."""
    made = session()
    made.following.clear()
    made.ask("bars.subscribe")
    assert take(made, update(5), answer(2)) == ["scope"]


@pytest.mark.parametrize(
    "changed",
    [
        {"payload": {"open": number_of("C1"), "close": 6.0}},
        {"payload": {"open": 1.0, "close": 5.0}},
        {"ts": None},
    ],
)
async def test_content_is_checked(changed: dict[str, object]) -> None:
    """Another update's body, another topic's, and no time of publishing are found."""
    assert take(session(), update(5, **changed)) == ["content"]


@pytest.mark.parametrize(
    "messages",
    [
        [{"type": "pong", "id": 3}],
        [{"type": "pong", "id": 2}, {"type": "pong", "id": 2}],
        [answer(2)],
        [{"type": "pong", "id": 2, "payload": {"status": "error", "code": "internal"}}],
        [{"type": "error", "id": 2, "payload": {"status": "error", "code": "internal"}}],
    ],
    ids=["another's id", "twice", "another type", "refused", "an error"],
)
async def test_answers_are_checked(messages: list[dict[str, object]]) -> None:
    """An answer of another id or type, a second one, and a refusal of what is no mistake are found."""
    made = session()
    made.ask("ping")
    assert take(made, *messages) == ["answered"]
