"""Lanes by chance: whatever clients do, what each one reads is what a simple model says."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from service.delivery import Bounds
from tests.service.delivering import PLENTY, Paired, Scene, answer, topic


@pytest.fixture(autouse=True)
def _deliveries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bars conflate, trades do not."""
    monkeypatch.setattr("service.delivery.message.DELIVERY", {"bars": "conflate", "trades": "lossless"})


@dataclass
class Reader:
    """A client, what it should read, and what it has read."""

    client: Paired
    deflates: bool
    topics: set[str] = field(default_factory=set)
    expected: dict[int, tuple[str, dict[str, int]]] = field(default_factory=dict)
    """By an answer's number: what it says, and the last update of each topic that must have come before it."""
    holding: tuple[str, int, dict[str, int]] | None = None
    """A subscribe that has yet to be answered: topic, position, and what must have come before the answer."""
    answers: int = 0
    last: dict[str, int] = field(default_factory=dict)
    """As read: each topic that it is subscribed to, and its last number."""
    answered: int = 0
    folded: int = 0

    def read(self, most: int) -> None:
        """Read so many bytes at most, and compare."""
        self._compare(self.client.read(most))

    def read_all(self) -> None:
        """Read until nothing comes any more, and compare."""
        self._compare(self.client.read_all())

    def _compare(self, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            if message["type"] == "answer":
                self._read_answer(message)
            else:
                self._read_update(message)

    def _read_answer(self, message: dict[str, Any]) -> None:
        self.answered += 1
        assert message["number"] == self.answered, "each answer once, in order"
        verb, positions = self.expected.pop(self.answered)
        if verb == "pong":
            assert self.last.keys() == positions.keys()
            # Of what conflates, updates before and after it may be one by now, at either side.
            assert all(
                self.last[each] == seq for each, seq in positions.items() if not each.startswith("bars:")
            ), "an answer stands where it was given among what is lossless"
        else:
            assert self.last == positions, (
                "an answer about topics stands where it was given among the updates"
            )
        if verb == "subscribe":
            self.last[message["topic"]] = message["seq"]
        elif verb == "unsubscribe":
            del self.last[message["topic"]]

    def _read_update(self, message: dict[str, Any]) -> None:
        address, seq = message["topic"], message["seq"]
        assert address in self.last, "nothing comes of what one is not subscribed to"
        first = message.get("seq_from", seq)
        assert first == self.last[address] + 1, "no gap, no duplicate, no other order"
        assert "epoch" in message or first > 1, "the first update of an epoch says so"
        if first != seq:
            assert first < seq
            assert address.startswith("bars:"), "what is lossless is never folded"
            self.folded += 1
        self.last[address] = seq


class Model:
    """Does one thing after another by chance, and knows what must come of it."""

    def __init__(self, seed: int, bounds: Bounds) -> None:
        self.random = random.Random(seed)
        self.scene = Scene(bounds, grace=self.random.choice((0.0, 3600.0)))
        names = "abcdef"
        self.addresses = [f"bars:{name}" for name in names] + [f"trades:{name}" for name in names[:3]]
        self.seqs: dict[str, int] = {}
        """The last number of each topic that is open."""
        self.readers: list[Reader] = []
        self.folded = 0
        self.cut = 0
        self.steps: list[tuple[Callable[[], None], int]] = [
            (self.publish, 40),
            (self.flush, 15),
            (self.read, 20),
            (self.subscribe, 10),
            (self.unsubscribe, 5),
            (self.answer_later, 4),
            (self.ask, 4),
            (self.vanish, 1),
            (self.leave, 1),
            (self.come, 3),
        ]

    def run(self, steps: int) -> None:
        """So many steps, then let everybody read to the end."""
        chosen = self.random.choices(
            [step for step, _ in self.steps], [weight for _, weight in self.steps], k=steps
        )
        for _ in range(10):
            self.come()
        for step in chosen:
            step()
            self._look_at_lanes()
        self.scene.turn.flush()
        for reader in self.readers:
            if reader.holding is not None:
                self._answer(reader)
        self.scene.turn.flush()
        for reader in list(self.readers):
            reader.read_all()
            self._bury_if_cut(reader)
        for reader in self.readers:
            assert reader.client.outbox.waiting == 0
            assert reader.last == {address: self.seqs[address] for address in reader.topics}
            assert reader.expected == {}
            self._leave(reader)
        assert self.scene.lanes == 0
        assert self.scene.hub.subscriptions == 0
        self.scene.close()

    def _look_at_lanes(self) -> None:
        living = [reader for reader in self.readers if reader.topics]
        assert self.scene.lanes == len({(reader.deflates, frozenset(reader.topics)) for reader in living})

    def _some(self) -> Reader | None:
        return self.random.choice(self.readers) if self.readers else None

    def come(self) -> None:
        """One client more."""
        if len(self.readers) < 30:
            deflates = self.random.random() < 0.4
            self.readers.append(Reader(self.scene.client(deflates=deflates), deflates))

    def publish(self) -> None:
        """One update, of a topic that may have no subscriber."""
        # Few topics in many updates, so that their clients share lanes and buffers fill.
        address = self.random.choice(self.addresses)
        if address in self.seqs:
            self.seqs[address] += 1
        self.scene.publish(address, size=self.random.choice((0, 10, 100, 700)))
        self._bury()

    def flush(self) -> None:
        """The end of a turn."""
        self.scene.turn.flush()
        self._bury()

    def read(self) -> None:
        """Somebody reads something."""
        if reader := self._some():
            reader.read(self.random.choice((1, 50, 500, 5_000, 50_000)))

    def subscribe(self) -> None:
        """Somebody subscribes; the answer may come later."""
        reader = self._some()
        if reader is None or reader.holding is not None:
            return
        missing = sorted(set(self.addresses) - reader.topics)
        if not missing:
            return
        # Rather those that others have.
        address = self.random.choice(missing[:3])
        reader.client.outbox.hold()
        self._bury()
        if reader not in self.readers:
            return
        before = {each: self.seqs[each] for each in reader.topics}
        position = self.scene.hub.subscribe(topic(address), reader.client.outbox)
        assert position.seq == self.seqs.setdefault(address, 0)
        reader.topics.add(address)
        reader.holding = address, position.seq, before
        if self.random.random() < 0.6:
            self._answer(reader)

    def answer_later(self) -> None:
        """Somebody whose answer is due gets it."""
        waiting = [reader for reader in self.readers if reader.holding is not None]
        if waiting:
            self._answer(self.random.choice(waiting))

    def _answer(self, reader: Reader) -> None:
        assert reader.holding is not None
        address, seq, before = reader.holding
        self._owe(reader, "subscribe", before, topic=address, seq=seq)

    def unsubscribe(self) -> None:
        """Somebody unsubscribes, and is answered."""
        reader = self._some()
        if reader is None or reader.holding is not None or not reader.topics:
            return
        address = self.random.choice(sorted(reader.topics))
        reader.client.outbox.hold()
        self._bury()
        if reader not in self.readers:
            return
        positions = {each: self.seqs[each] for each in reader.topics}
        assert self.scene.hub.unsubscribe(topic(address), reader.client.outbox)
        reader.topics.discard(address)
        self._owe(reader, "unsubscribe", positions, topic=address)
        self._close_topics()

    def ask(self) -> None:
        """Somebody asks something else, and is answered."""
        reader = self._some()
        if reader is not None and reader.holding is None:
            self._owe(reader, "pong", {address: self.seqs[address] for address in reader.topics})

    def _owe(self, reader: Reader, verb: str, positions: dict[str, int], **fields: object) -> None:
        reader.answers += 1
        reader.expected[reader.answers] = (verb, positions)
        reader.holding = None
        answer(reader.client.outbox, number=reader.answers, **fields)
        self._bury()

    def vanish(self) -> None:
        """Somebody's socket is gone."""
        if reader := self._some():
            reader.client.vanish()
            self.readers.remove(reader)
            self.flush()
            self._leave(reader)

    def leave(self) -> None:
        """Somebody leaves."""
        if reader := self._some():
            self.readers.remove(reader)
            self._leave(reader)

    def _leave(self, reader: Reader) -> None:
        self.folded += reader.folded
        self.scene.hub.drop(reader.client.outbox)
        self._close_topics()

    def _bury(self) -> None:
        for reader in list(self.readers):
            self._bury_if_cut(reader)

    def _bury_if_cut(self, reader: Reader) -> None:
        if reader.client.outbox.farewell is None:
            return
        assert reader.client.outbox.farewell.code == 4004
        self.readers.remove(reader)
        self.cut += 1
        self._leave(reader)
        self.scene.turn.flush()
        # What it still reads is right as far as it goes.
        reader.read_all()
        assert reader.client.close_code == 4004

    def _close_topics(self) -> None:
        for address in set(self.seqs) - set(self.scene.hub.topics):
            del self.seqs[address]


@pytest.mark.parametrize("seed", range(6))
async def test_by_chance_and_without_a_bound_everybody_reads_everything(seed: int) -> None:
    """Whoever joins, leaves, stalls and vanishes: every update after the position of the subscribe, in order."""
    model = Model(seed, PLENTY)
    model.run(4_000)
    assert (model.folded, model.cut) == (0, 0)


@pytest.mark.parametrize("seed", range(6))
async def test_by_chance_and_within_a_bound_each_gap_is_declared(seed: int) -> None:
    """With a small bound bars are folded, and say so; who lags with trades is closed; all else holds as before."""
    model = Model(100 + seed, Bounds(4_096, 0.0))
    model.run(4_000)
    assert model.folded > 0
    assert model.cut > 0
