"""What one connection shows, frame by frame, without a connection."""

from __future__ import annotations

import json
from typing import Any

import pytest

from codegen.contract import Json
from codegen.verify.sight import Sight
from codegen.verify.watching import Asked, Watcher, identity_of
from tests.codegen.verify.meddling import contract

QUOTE: dict[str, Json] = dict.fromkeys(("time", "bid", "ask", "bid_size", "ask_size", "last", "change"), 1)


class Line:
    """A watcher, told what goes to and fro."""

    def __init__(self) -> None:
        sight = Sight(contract())
        assert sight.contract.envelope is not None
        self.watcher = Watcher(sight, sight.contract.envelope)

    def ask(self, kind: str, identity: Json = 1, **fields: Json) -> Asked:
        """Send a request about quotes:A."""
        return self.send(kind, {"type": kind, "id": identity, "payload": {"symbol": "A"}, **fields})

    def send(self, kind: str, frame: Json) -> Asked:
        """Send a request."""
        message, sight = self.watcher.sight.message(kind), self.watcher.sight
        asked = Asked(message, json.dumps(frame), frame, "answer")
        asked.identity = identity_of(sight, self.watcher.envelope, message, frame)
        self.watcher.sent(asked)
        return asked

    def answer(self, kind: str, identity: Json = 1, **fields: Json) -> None:
        """Receive an answer that says yes."""
        payload = {"status": "ok", "message": "", "topic": "quotes:A"}
        self.come({"type": f"{kind}.response", "id": identity, "payload": payload, **fields})

    def update(self, seq: int, **fields: Json) -> None:
        """Receive an update."""
        self.come({"type": "quotes.update", "topic": "quotes:A", "seq": seq, "payload": QUOTE, **fields})

    def come(self, frame: dict[str, Any]) -> None:
        """Receive a frame."""
        self.watcher.arrived(json.dumps(frame))

    @property
    def rules(self) -> list[str]:
        """What was found, in order."""
        self.watcher.finish()
        return [finding.rule for finding in self.watcher.findings]


@pytest.fixture
def line() -> Line:
    """A line on which quotes:A is subscribed to, at seq 4."""
    line = Line()
    line.ask("quotes.subscribe")
    line.answer("quotes.subscribe", seq=4, epoch="e")
    return line


def test_a_subscription_as_it_should_be(line: Line) -> None:
    """The snapshot as of the answer's position, the next ones, and a folded one."""
    line.update(4, snapshot=True)
    line.update(5)
    line.update(9, seq_from=6)
    line.update(10)
    assert line.rules == []


@pytest.mark.parametrize(
    ("updates", "rules"),
    [
        ([{"seq": 6}], ["seq-gap"]),
        ([{"seq": 9, "seq_from": 7}], ["seq-gap"]),
        ([{"seq": 9, "seq_from": 4}], ["seq-repeated"]),
        ([{"seq": 5, "seq_from": 6}], ["seq-from"]),
        ([{"seq": 5}, {"seq": 5}], ["seq-repeated"]),
        ([{"seq": 5}, {"seq": 4}], ["seq-repeated"]),
        ([{"seq": 3, "snapshot": True}], ["seq-repeated"]),
        ([{"seq": 5, "epoch": "f"}], ["epoch-changed"]),
        ([{"seq": 0, "epoch": "f", "snapshot": True}, {"seq": 1}], []),
        ([{"seq": 5, "epoch": "e"}], []),
    ],
)
def test_positions(line: Line, updates: list[dict[str, Any]], rules: list[str]) -> None:
    """What comes after the snapshot as of 4."""
    line.update(4, snapshot=True)
    for update in updates:
        line.update(**update)
    assert line.rules == rules


def test_a_snapshot_before_the_answer_to_a_second_request(line: Line) -> None:
    """Belongs to the first one, where that is still owed one; it is not wanted twice."""
    line.ask("quotes.subscribe", 2)
    line.update(4, snapshot=True)
    line.update(5)
    line.answer("quotes.subscribe", 2, seq=5, epoch="e")
    line.update(5, snapshot=True)
    line.update(6)
    assert line.rules == []


def test_a_second_snapshot_that_does_not_come(line: Line) -> None:
    """Every subscribe request that is not recovered is followed by one."""
    line.update(4, snapshot=True)
    line.ask("quotes.subscribe", 2)
    line.answer("quotes.subscribe", 2, seq=4, epoch="e")
    line.update(5)
    assert line.rules == ["snapshot-missing"]


def test_what_is_recovered_needs_no_snapshot() -> None:
    """The updates after the position follow."""
    line = Line()
    line.ask("quotes.subscribe", recover={"epoch": "e", "seq": 2})
    line.answer("quotes.subscribe", seq=2, epoch="e", recovered=True)
    line.update(3)
    line.update(4)
    assert line.rules == []


def test_a_late_answer_is_no_second_fault() -> None:
    """That the request was not answered in time has been told; the subscription is as good as any."""
    line = Line()
    asked = line.ask("quotes.subscribe")
    line.watcher.lost(asked)
    line.answer("quotes.subscribe", seq=4, epoch="e")
    line.update(4, snapshot=True)
    line.update(5)
    assert line.rules == []


def test_answers_in_another_order() -> None:
    """Are told apart by their ids."""
    line = Line()
    line.ask("quotes.subscribe", 1)
    line.ask("quotes.unsubscribe", "1")
    line.answer("quotes.unsubscribe", "1")
    line.answer("quotes.subscribe", 1, seq=0, epoch="e")
    assert line.rules == []


NOTICE: dict[str, Json] = {"topic": "quotes:A", "payload": {"code": "unavailable", "message": "Lost"}}


def test_a_topic_may_begin_anew(line: Line) -> None:
    """After a reset updates are numbered from its position on, in its epoch, and what the topic holds comes first."""
    line.come({"type": "topic.reset", "epoch": "f", "seq": 9, **NOTICE})
    line.update(9, snapshot=True)
    line.update(10)
    assert line.rules == []


def test_what_follows_a_reset_is_held_against_it(line: Line) -> None:
    """A number left out after a reset is a gap, as after a subscribe request."""
    line.come({"type": "topic.reset", "epoch": "f", "seq": 9, **NOTICE})
    line.update(9, snapshot=True)
    line.update(11)
    assert line.rules == ["seq-gap"]


def test_nothing_follows_the_end_of_a_subscription(line: Line) -> None:
    """A server that has taken a topic away sends no update of it; what came before is right."""
    line.come({"type": "topic.closed", **NOTICE})
    line.update(5)
    assert line.rules == ["update-after-unsubscribe"]


@pytest.mark.parametrize("told", [False, True])
def test_what_is_not_for_everybody_is_refused_without_a_token(told: bool) -> None:
    """A private topic is not granted to who has not said who it is; once that was accepted, it may be."""
    line = Line()
    if told:
        frame: Json = {"type": "session.authenticate", "id": 1, "payload": {"token": "t"}}
        line.send("session.authenticate", frame)
        ok: Json = {"status": "ok", "message": "Welcome"}
        line.come({"type": "session.authenticate.response", "id": 1, "payload": ok})
    line.send("account.subscribe", {"type": "account.subscribe", "id": 2, "payload": {"account_id": "a"}})
    ok = {"status": "ok", "message": "", "topic": "account:a"}
    line.come({"type": "account.subscribe.response", "id": 2, "seq": 0, "epoch": "e", "payload": ok})
    assert line.rules == ([] if told else ["access-free"])
