"""The outbox alone: order, bounds, folding, patience, and the end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from service.delivery import Bounds, Farewell, Outbox, Turn
from service.delivery.message import Message
from tests.service.delivering import Numbering, Scripted, answer, turn
from tests.service.running import PATIENCE

BYE = Farewell(4001, "over")


@pytest.fixture(autouse=True)
def _deliveries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bars conflate, trades do not."""
    monkeypatch.setattr("service.delivery.message.DELIVERY", {"bars": "conflate", "trades": "lossless"})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time by which patience is measured; a test sets it."""
    now = [1000.0]
    monkeypatch.setattr("service.delivery.outbox.time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def seen(got: list[dict[str, Any]]) -> list[object]:
    """Of each message what tells it: an answer's name, an update's number, or the range that it stands for."""
    return [
        message["name"]
        if message["type"] == "answer"
        else message["seq"]
        if "seq_from" not in message
        else (message["seq_from"], message["seq"])
        for message in got
    ]


def stuck(bounds: Bounds) -> tuple[Turn, Scripted, Numbering]:
    """An outbox whose client does not read, and a topic."""
    ours = turn()
    client = Scripted(ours, bounds)
    client.way.ready = False
    return ours, client, Numbering()


async def test_what_a_turn_brings_leaves_in_order_and_in_one_write() -> None:
    """Answers and updates of one turn leave at its end, together, in the order of the calls; then the goodbye."""
    ours, topic = turn(), Numbering()
    client = Scripted(ours)
    client.outbox.take([topic.next()])
    answer(client.outbox, name="a")
    client.outbox.take([topic.next()])
    client.outbox.finish(BYE)
    assert client.way.writes == []
    ours.flush()
    assert seen(client.got) == [1, "a", 2]
    assert len(client.way.writes) == 1
    assert client.way.said == BYE
    assert client.outbox.waiting == 0


async def test_an_answer_leaves_by_itself() -> None:
    """Nobody has to flush: the event loop's next turn does."""
    client = Scripted(turn())
    answer(client.outbox, name="a")
    await asyncio.sleep(0)
    assert seen(client.got) == ["a"]


async def test_held_updates_follow_the_answer() -> None:
    """Between `hold` and the answer updates stay back, in their order; after it nothing does."""
    ours, topic = turn(), Numbering()
    client = Scripted(ours)
    client.outbox.take([topic.next()])
    client.outbox.hold()
    client.outbox.take([topic.next(), topic.next()])
    ours.flush()
    client.outbox.settle()
    assert seen(client.got) == [1]
    answer(client.outbox, name="a")
    client.outbox.take([topic.next()])
    ours.flush()
    assert seen(client.got) == [1, "a", 2, 3, 4]


async def test_holding_twice_is_holding_once() -> None:
    """A second `hold` before the answer changes nothing."""
    ours, topic = turn(), Numbering()
    client = Scripted(ours)
    client.outbox.hold()
    client.outbox.take([topic.next()])
    client.outbox.hold()
    client.outbox.take([topic.next()])
    answer(client.outbox, name="a")
    ours.flush()
    assert seen(client.got) == ["a", 1, 2]


async def test_within_the_bound_a_slow_client_gets_everything() -> None:
    """What waits for a client that is slow, but within the bound, is not folded."""
    ours, client, topic = stuck(Bounds(10_000, 0.0))
    for _ in range(50):
        client.outbox.take([topic.next()])
    assert 0 < client.outbox.waiting <= 10_000
    client.way.open()
    ours.flush()
    assert seen(client.got) == list(range(1, 51))
    assert client.outbox.waiting == 0


async def test_beyond_the_bound_the_latest_of_each_topic_is_kept() -> None:
    """Each topic that conflates leaves its latest update, which says from which one on it stands for them."""
    ours, client, one = stuck(Bounds(5_000, 0.0))
    two = Numbering(name="y")
    for number in range(1000):
        client.outbox.take([one.next()] if number % 10 else [one.next(), two.next()])
        assert client.outbox.waiting <= 5_000
    assert client.outbox.farewell is None
    client.way.open()
    ours.flush()
    got = client.got
    for topic in (one, two):
        updates = [message for message in got if message["topic"] == topic.address]
        assert updates[-1]["seq"] == topic.seq
        assert updates[0].get("seq_from", updates[0]["seq"]) == 1
        assert updates[0]["epoch"] == "first"
        for before, after in pairwise(updates):
            assert after.get("seq_from", after["seq"]) == before["seq"] + 1
    assert len(got) < 100
    assert client.outbox.waiting == 0


async def test_a_folded_update_keeps_the_epoch_of_the_first() -> None:
    """Where the first update of an epoch is folded into later ones, these say the epoch."""
    _, client, topic = stuck(Bounds(100, 0.0))
    client.outbox.take([topic.next(), topic.next(), topic.next()])
    client.outbox.take([topic.next()])
    client.way.open()
    [update] = client.got
    assert (update["seq_from"], update["seq"], update["epoch"]) == (1, 4, "first")


async def test_folding_goes_on_until_all_is_written() -> None:
    """Once a client has been over its bound, each topic has one place until nothing waits; then none is folded."""
    ours, client, topic = stuck(Bounds(300, 0.0))
    for _ in range(10):
        client.outbox.take([topic.next()])
    waited = client.outbox.waiting
    client.outbox.take([topic.next()])
    assert client.outbox.waiting <= waited + 1
    client.way.open()
    client.way.ready = False
    client.outbox.take([topic.next()])
    client.outbox.take([topic.next()])
    client.way.open()
    ours.flush()
    assert seen(client.got) == [(1, 11), 12, 13]


async def test_no_update_is_folded_across_an_answer_about_topics() -> None:
    """What was owed before the answer that ends a hold is written before it, what came later after it."""
    _, client, topic = stuck(Bounds(600, 3600.0))
    for name in ("a", "b", "c"):
        for _ in range(20):
            client.outbox.take([topic.next()])
        client.outbox.hold()
        answer(client.outbox, name=name)
    for _ in range(20):
        client.outbox.take([topic.next()])
    client.way.open()
    assert seen(client.got) == [(1, 20), "a", (21, 40), "b", (41, 60), "c", (61, 80)]


async def test_other_answers_do_not_stop_folding() -> None:
    """A client that is behind and goes on sending pings is owed one update of a topic, however many pongs."""
    _, client, topic = stuck(Bounds(1_000, 0.0))
    for number in range(12):
        client.outbox.take([topic.next() for _ in range(20)])
        answer(client.outbox, name=number)
    assert client.outbox.farewell is None
    client.way.open()
    got = seen(client.got)
    assert [entry for entry in got if isinstance(entry, tuple)] == [(1, 240)]
    assert len(got) == 13


async def test_answers_are_never_folded_and_count() -> None:
    """A client that asks and never reads the answers is closed with 4004 when these alone are too much."""
    _, client, topic = stuck(Bounds(1_000, 0.0))
    client.outbox.take([topic.next()])
    for number in range(100):
        answer(client.outbox, name=number)
    assert client.outbox.farewell == Farewell(4004, "slow")
    assert client.outbox.waiting == 0


async def test_a_queue_is_searched_for_what_can_be_folded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a client lags with what cannot be folded, its queue is not gone through for each update."""
    _, client, _ = stuck(Bounds(5_000, 3600.0))
    trades = Numbering("trades")
    folds = 0
    fold = Outbox._fold

    def counting(self: Outbox) -> None:
        nonlocal folds
        folds += 1
        fold(self)

    monkeypatch.setattr(Outbox, "_fold", counting)
    for number in range(100):
        client.outbox.take([trades.next()])
        if number % 10 == 0:
            answer(client.outbox, name=number)
    assert client.outbox.waiting > 5_000
    assert folds == 1


async def test_who_does_not_move_is_closed_beyond_the_bound(clock: list[float]) -> None:
    """What cannot be folded waits for a client that has not read for its patience up to the bound, no more."""
    _, client, _ = stuck(Bounds(1_000, 5.0))
    trades = Numbering("trades")
    client.outbox.take([trades.next()])
    clock[0] += 5.0
    while client.outbox.waiting + 120 < 1_000:
        client.outbox.take([trades.next()])
    assert client.outbox.farewell is None
    client.outbox.take([trades.next(), trades.next()])
    assert client.outbox.farewell == Farewell(4004, "slow")
    assert client.outbox.waiting == 0


async def test_who_moves_is_borne_with_up_to_four_times_the_bound(clock: list[float]) -> None:
    """A client that reads now and then, within its patience, may be owed four times the bound, not more."""
    _, client, _ = stuck(Bounds(1_000, 5.0))
    trades = Numbering("trades")
    client.outbox.take([trades.next() for _ in range(5)])
    for _ in range(3):
        clock[0] += 4.0
        client.way.open()  # takes all that waits, and no more: that is progress
        client.way.ready = False
        while client.outbox.waiting <= 3_700:
            client.outbox.take([trades.next()])
    assert client.outbox.farewell is None
    client.outbox.take([trades.next() for _ in range(10)])
    assert client.outbox.farewell == Farewell(4004, "slow")


async def test_who_reads_little_by_little_moves(clock: list[float]) -> None:
    """A client that takes something within each span of patience is borne with, though the way stays full."""
    _, client, _ = stuck(Bounds(1_000, 5.0))
    trades = Numbering("trades")
    client.outbox.take([trades.next() for _ in range(10)])
    for _ in range(20):
        clock[0] += 4.0
        client.way.taken += 1
        client.outbox.take([trades.next()])
        assert client.outbox.farewell is None
    clock[0] += 4.0
    client.outbox.take([trades.next()])
    assert client.outbox.farewell is None
    clock[0] += 1.0
    client.outbox.take([trades.next()])
    assert client.outbox.farewell == Farewell(4004, "slow")


async def test_a_lossless_channel_loses_nothing_while_another_folds() -> None:
    """Beyond the bound, trades stay all, in order, while bars between them are folded."""
    _, client, bars = stuck(Bounds(1_000, 3600.0))
    trades = Numbering("trades")
    for _ in range(15):
        client.outbox.take([bars.next(), trades.next(), bars.next()])
    client.way.open()
    assert [message["seq"] for message in client.got if message["topic"] == trades.address] == list(
        range(1, 16)
    )
    assert [message["seq"] for message in client.got if message["topic"] == bars.address][-1] == 30


async def test_after_the_end_nothing_is_taken() -> None:
    """What comes after `finish` is dropped, and the first goodbye counts."""
    ours, topic = turn(), Numbering()
    client = Scripted(ours)
    client.outbox.take([topic.next()])
    client.outbox.finish(BYE)
    client.outbox.take([topic.next()])
    answer(client.outbox, name="late")
    client.outbox.finish(Farewell(1000, "other"))
    ours.flush()
    assert seen(client.got) == [1]
    assert client.way.said == client.outbox.farewell == BYE
    await client.outbox.ended()


async def test_discarding_says_goodbye_at_once() -> None:
    """With `discard`, what waits is given up, and the goodbye does not wait for it."""
    ours, client, topic = stuck(Bounds(10_000, 5.0))
    client.outbox.take([topic.next(), topic.next()])
    client.outbox.finish(BYE, discard=True)
    ours.flush()
    assert client.way.said == BYE
    assert client.way.texts == []
    assert client.outbox.waiting == 0


async def test_without_discarding_the_goodbye_waits_for_its_turn() -> None:
    """A client that does not read gets the goodbye after what it is owed."""
    ours, client, topic = stuck(Bounds(10_000, 5.0))
    client.outbox.take([topic.next()])
    client.outbox.finish(BYE)
    ours.flush()
    assert client.way.said is None
    client.way.open()
    assert seen(client.got) == [1]
    assert client.way.said == BYE


async def test_a_client_that_is_gone_ends_it() -> None:
    """When nobody is there any more, the outbox ends, forgets what waits, and takes nothing more."""
    ours, client, topic = stuck(Bounds(10_000, 5.0))
    client.outbox.hold()
    client.outbox.take([topic.next()])
    ending = asyncio.create_task(client.outbox.ended())
    await asyncio.sleep(0)
    client.way.lose()
    async with asyncio.timeout(PATIENCE):
        await ending
    assert client.outbox.farewell is not None
    answer(client.outbox, name="late")
    client.outbox.take([topic.next()])
    ours.flush()
    assert client.outbox.waiting == 0
    assert client.way.writes == []
    assert client.way.said is None


async def test_a_lagging_client_is_written_to_in_pieces() -> None:
    """Not more than some 64 KiB are handed out at a time: what the kernel holds cannot be folded any more."""
    _, client, topic = stuck(Bounds(2**20, 5.0))
    for _ in range(200):
        client.outbox.take([topic.next(size=1000)])
    wrote = client.way.write

    def write_and_shut(messages: Sequence[Message]) -> None:
        wrote(messages)
        client.way.ready = False

    client.way.write = write_and_shut  # type: ignore[method-assign]
    client.way.open()
    assert 65_536 <= sum(map(len, client.way.writes[0])) < 70_000
    while client.outbox.waiting:
        client.way.open()
    assert seen(client.got) == list(range(1, 201))
