"""The end of a turn of the event loop: what leaves with it, and what rests."""

from __future__ import annotations

import asyncio

import pytest

from generated.runtime.publication import Publication
from service.delivery import Compression, Outbox, Turn
from service.delivery import turn as module
from service.hub import Hub
from tests.service.delivering import PLENTY, ScriptedWay, answer, topic
from tests.service.running import eventually

ADDRESS = "bars:a"


class Listener:
    """One subscriber of one topic."""

    def __init__(self, turn: Turn) -> None:
        self.hub = Hub(turn, grace=0.0)
        self.way = ScriptedWay()
        self.outbox = Outbox(self.way, turn, PLENTY, lambda: None)
        self.hub.subscribe(topic(ADDRESS), self.outbox)

    def publish(self) -> None:
        """One update."""
        self.hub.publish(Publication("bars", ADDRESS, "bars.update", b"{}"))

    @property
    def writes(self) -> list[int]:
        """How many messages each write had."""
        return [len(texts) for texts in self.way.writes]


async def some_turns() -> None:
    """Let the loop go round."""
    for _ in range(4):
        await asyncio.sleep(0)


@pytest.fixture
def _slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every fan-out counts as one that took long."""
    monkeypatch.setattr(module, "_LONG", -1.0)
    monkeypatch.setattr(module, "_SHARE", 1e-9)


@pytest.mark.usefixtures("_slow")
async def test_after_a_long_fan_out_updates_rest_and_leave_together() -> None:
    """What is published while updates rest leaves in one write at the end of the rest."""
    listener = Listener(Turn(Compression(512), rest=0.5))
    await some_turns()
    listener.publish()
    await some_turns()
    before = list(listener.writes)
    for _ in range(5):
        listener.publish()
        await some_turns()
    assert listener.writes == before
    await eventually(lambda: listener.writes != before)
    assert listener.writes == [*before, 5]


@pytest.mark.usefixtures("_slow")
async def test_answers_do_not_rest_and_keep_their_place() -> None:
    """An answer is written at the end of its turn, with the updates that were published before it."""
    listener = Listener(Turn(Compression(512), rest=3600.0))
    await some_turns()
    listener.publish()
    await some_turns()
    listener.way.writes.clear()
    listener.publish()
    answer(listener.outbox, name="a")
    listener.publish()
    await some_turns()
    assert listener.writes == [2]
    assert b'"answer"' in listener.way.writes[0][1]


async def test_without_a_rest_each_turn_is_written() -> None:
    """With 0 nothing rests, however long a fan-out takes."""
    listener = Listener(Turn(Compression(512), rest=0.0))
    for _ in range(3):
        listener.publish()
        await some_turns()
    assert listener.writes == [1, 1, 1]
