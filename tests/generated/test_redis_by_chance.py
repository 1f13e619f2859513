"""Many publishers, a line that breaks, a server that forgets: what a follower is told against what was sent."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
import redis

from generated.broker import RULES
from generated.constants import STATE
from generated.runtime.publication import Publication
from generated.runtime.redis_protocol import (
    Message,
    Reading,
    decode_message,
    parse_published,
    parse_reading,
    publish_command,
    read_command,
    topic_key,
)
from generated.runtime.redis_scripts import PUBLISH, READ
from generated.runtime.state import Entry, HeldState
from tests.valkey import Listening, ValkeyServer, execute, valkey_server

ADDRESS = "orderbook:A:10"
TRADES = "trades:A"


@pytest.fixture(scope="module")
def server() -> Iterator[ValkeyServer]:
    """One server for all seeds."""
    with valkey_server() as running:
        yield running


@pytest.fixture
def client(server: ValkeyServer) -> Iterator[redis.Redis]:
    """A client of an empty server that knows the scripts."""
    with server.client() as one:
        one.flushall()
        for script in (PUBLISH, READ):
            one.script_load(script.text)
        yield one


def reading(client: redis.Redis, channel: str, address: str) -> Reading:
    """What there is of a topic."""
    return parse_reading(channel, address, execute(client, *read_command(address)))


@pytest.mark.parametrize("seed", range(3))
def test_keyed_lists_are_those_of_a_subscriber(client: redis.Redis, seed: int) -> None:
    """After any updates, what Redis holds has the checksum of what a subscriber made of them holds."""
    chance = random.Random(seed)
    rule = STATE["orderbook"]
    held = HeldState(rule)
    for n in range(1, 200):
        snapshot = n == 1 or chance.random() < 0.05
        changes: dict[str, list[Entry]] = {
            name: [
                (
                    chance.choice([1, 2.5, 3.0, 1e21, 1e-7, 0.1 + 0.2, 12345.678]),
                    chance.choice([0, 0, 1, 2.5e-9]),
                )
                for _ in range(chance.randrange(4))
            ]
            for name in rule.lists
        }
        held.apply(changes, snapshot=snapshot)
        publication = Publication("orderbook", ADDRESS, "orderbook.update", b"{}", snapshot, changes=changes)
        execute(client, *publish_command(RULES.of("orderbook"), publication, publisher="A", n=n))
        if n % 10 == 0:
            kept = HeldState(rule)
            state = reading(client, "orderbook", ADDRESS).state
            assert state is not None
            kept.apply(state)
            assert kept.changes() == held.changes()
            assert kept.checksum() == held.checksum()


class Follower:
    """What a subscriber of the channel concludes: updates it was told, and where it was told of a hole."""

    def __init__(self) -> None:
        self.epoch, self.seq = "", 0
        self.lives: list[list[str]] = []

    def hear(self, message: Message) -> None:
        """The next message of the channel."""
        if message.epoch != self.epoch:
            assert message.seq <= 1, "an epoch begins at its beginning"
            self.epoch, self.seq = message.epoch, 0
            self.lives.append([])
        if message.publication is None:
            return
        assert message.seq == self.seq + 1, "numbers follow on each other"
        self.seq = message.seq
        self.lives[-1].append(message.publication.payload.decode())


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_lost_or_doubled_but_told(client: redis.Redis, seed: int) -> None:
    """Publishers retry at random, give up at random, Redis forgets at random.

    No update comes twice; within an epoch each publisher's updates follow on each other without a gap, wherever the
    next one is of the same epoch.
    """
    chance = random.Random(seed)
    counts = dict.fromkeys("ABC", 0)
    follower = Follower()
    flushes = losses = 0
    with Listening(client, topic_key(TRADES)) as heard:
        for _ in range(400):
            by = chance.choice("ABC")
            counts[by] += 1
            n = counts[by]
            kind = chance.random()
            if kind < 0.02:
                client.flushall()
                flushes += 1
            if kind > 0.98:
                losses += 1
                continue  # given up, never sent
            publication = Publication("trades", TRADES, "trades.update", f'"{by}{n}"'.encode())
            command = publish_command(RULES.of("trades"), publication, publisher=by, n=n)
            answers = [
                parse_published(execute(client, *command)) for _ in range(chance.choice([1, 1, 1, 2, 3]))
            ]
            assert {answer.status for answer in answers[1:]} <= {"DUPLICATE"}
            assert len({(answer.epoch, answer.seq) for answer in answers}) == 1
        while (message := heard.next(timeout=0.05)) is not None:
            follower.hear(decode_message("trades", TRADES, message))
    told = [update for life in follower.lives for update in life]
    assert len(told) == len(set(told)) == sum(counts.values()) - losses
    for life in follower.lives:
        for by in "ABC":
            numbers = [int(update[2:-1]) for update in life if update[1] == by]
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else True
    assert flushes
    assert losses
    assert len(follower.lives) > flushes
    last = reading(client, "trades", TRADES)
    assert [m.publication and m.publication.payload.decode() for m in last.history] == follower.lives[-1]
