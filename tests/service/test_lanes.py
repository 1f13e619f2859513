"""Lanes: who has the same topics shares a queue, and what each client reads is what a simple model says."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from typing import Any

import pytest

from generated.topics import Topic
from service.delivery import Bounds, Farewell
from service.hub import TopicListener
from service.wire import text_frame
from tests.service.delivering import Scene, Scripted, answer, topic


@pytest.fixture(autouse=True)
def _deliveries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bars conflate, trades do not."""
    monkeypatch.setattr("service.delivery.message.DELIVERY", {"bars": "conflate", "trades": "lossless"})


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """An empty one."""
    made = Scene()
    yield made
    made.close()


def numbers(messages: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """Topic and number of each update."""
    return [(message["topic"], message["seq"]) for message in messages]


async def test_clients_with_the_same_topics_share_a_lane(scene: Scene) -> None:
    """Whatever the order in which they came to their topics, these have one lane; others another."""
    scene.client("bars:a", "bars:b", "bars:c")
    scene.client("bars:c", "bars:a", "bars:b")
    assert scene.lanes == 1
    scene.client("bars:a", "bars:b")
    assert scene.lanes == 2
    third = scene.client("bars:a")
    scene.hub.subscribe(topic("bars:b"), third.outbox)
    assert scene.lanes == 2
    scene.hub.unsubscribe(topic("bars:b"), third.outbox)
    assert scene.lanes == 3


async def test_lanes_dissolve_with_their_last_client(scene: Scene) -> None:
    """A lane that nobody is in any more is gone, and no topic knows of it."""
    one, two = scene.client("bars:a", "bars:b"), scene.client("bars:a")
    scene.hub.drop(one.outbox)
    assert scene.lanes == 1
    scene.hub.unsubscribe(topic("bars:a"), two.outbox)
    assert scene.lanes == 0
    assert one.outbox.lane is None
    assert two.outbox.lane is None
    assert scene.hub.topics == []


async def test_who_reads_compressed_frames_has_a_lane_apart(scene: Scene) -> None:
    """The same topics, but other bytes: what one client reads compressed, another reads plain."""
    plain, deflating = scene.client("bars:a"), scene.client("bars:a", deflates=True)
    assert scene.lanes == 2
    scene.publish("bars:a", size=500)
    scene.turn.flush()
    assert bytes(plain.theirs.recv(1)) == b"\x81"
    assert bytes(deflating.theirs.recv(1)) == b"\xc1"


async def test_a_publication_of_this_turn_is_not_for_who_comes_after_it(scene: Scene) -> None:
    """Within one turn, a subscriber gets what is published after it came, and no more once it left."""
    early = scene.client("bars:a")
    scene.publish("bars:a")
    late = scene.client()
    position = scene.hub.subscribe(topic("bars:a"), late.outbox)
    assert position.seq == 1
    scene.publish("bars:a")
    scene.hub.unsubscribe(topic("bars:a"), early.outbox)
    scene.publish("bars:a")
    scene.turn.flush()
    assert numbers(early.read()) == [("bars:a", 1), ("bars:a", 2)]
    assert numbers(late.read()) == [("bars:a", 2), ("bars:a", 3)]


async def test_updates_of_a_turn_leave_in_one_write_for_all(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten updates of a turn are joined once, and written to each client by one system call."""
    clients = [scene.client("bars:a", "bars:b") for _ in range(5)]
    written: list[bytes] = []

    def write(fd: int, data: bytes) -> int:
        written.append(data)
        return os.write(fd, data)

    monkeypatch.setattr("service.delivery.lanes.write", write)
    for _ in range(5):
        scene.publish("bars:a")
        scene.publish("bars:b")
    scene.turn.flush()
    assert len(written) == 5
    assert len({id(data) for data in written}) == 1
    assert all(len(client.read()) == 10 for client in clients)


async def test_who_vanishes_costs_nobody_else(scene: Scene) -> None:
    """A client whose socket is gone is cut off; the others of its lane get the update that found it out."""
    clients = [scene.client("bars:a") for _ in range(9)]
    clients[4].vanish()
    scene.publish("bars:a")
    scene.turn.flush()
    for client in clients[:4] + clients[5:]:
        assert numbers(client.read()) == [("bars:a", 1)]
    assert clients[4].link.closed
    assert clients[4].outbox.farewell is not None
    scene.publish("bars:a")
    scene.turn.flush()
    assert clients[4].outbox.waiting == 0


async def test_who_stalls_goes_on_its_own_and_comes_back(scene: Scene) -> None:
    """A client whose socket is full gets the rest of what it was given a part of, then all that came since."""
    stalled, fast = scene.client("bars:a"), scene.client("bars:a")
    got = []
    for _ in range(200):
        scene.publish("bars:a", size=300)
        scene.turn.flush()
        got += fast.read()
    assert stalled.link.stuck
    assert stalled.outbox.waiting > 0
    assert numbers(got) == numbers(stalled.read_all()) == [("bars:a", n) for n in range(1, 201)]
    assert stalled.outbox.waiting == 0
    assert stalled.outbox.lane is not None
    assert stalled.outbox.fd in stalled.outbox.lane.fds
    assert scene.lanes == 1


@pytest.mark.parametrize("deflates", [False, True])
async def test_a_turn_that_is_taken_in_part_is_gone_on_with(scene: Scene, deflates: bool) -> None:
    """Where the socket takes some frames of a turn, and half of one, the rest follows, in order, once."""
    slow, fast = scene.client("bars:a", deflates=deflates), scene.client("bars:a", deflates=deflates)
    for _ in range(20):
        for _ in range(30):
            scene.publish("bars:a", size=300)
        scene.turn.flush()
        fast.read_all()
    assert slow.link.stuck
    scene.publish("bars:a")
    scene.turn.flush()
    assert numbers(slow.read_all()) == [("bars:a", n) for n in range(1, 602)]


async def test_a_pong_that_is_taken_in_part_is_not_torn_apart(scene: Scene) -> None:
    """What the protocol writes itself and the socket takes half of: the lane waits for the other half."""
    client = scene.client("bars:a")
    own = text_frame(json.dumps({"type": "own", "filler": "x" * 20_000}).encode())
    while not client.link.stuck:
        client.link.write(own)
    # Room for a frame, which the transport has not noticed yet.
    client.unread += client.theirs.recv(8100)
    scene.publish("bars:a")
    scene.turn.flush()
    got = client.read_all()
    assert {message["type"] for message in got[:-1]} == {"own"}
    assert got[-1]["seq"] == 1


class Parting(TopicListener):
    """Publishes to another topic when one closes."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def topic_closed(self, topic: Topic) -> None:
        """Publish."""
        self.scene.publish("bars:other", size=500)


async def test_what_a_leaving_within_a_flush_sets_going_is_for_the_next_turn(scene: Scene) -> None:
    """A client that goes while its turn is written may make a feed publish; that reaches its subscribers."""
    scene.hub.listen(Parting(scene))
    leaving = scene.client("bars:a")
    readers = [scene.client("bars:other", deflates=deflates) for deflates in (True, False)]
    leaving.protocol.on_end = lambda: scene.hub.drop(leaving.outbox)
    scene.publish("bars:a")
    leaving.outbox.finish(Farewell(4001, "over"))
    scene.turn.flush()
    scene.turn.flush()
    for reader in readers:
        assert numbers(reader.read()) == [("bars:other", 1)]


async def test_one_clients_fault_costs_no_other(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """Where looking after one client raises, all others get theirs all the same, and the log says so."""
    broken, fine = Scripted(scene.turn), scene.client("bars:b")

    def fail(_: object) -> None:
        raise ZeroDivisionError

    broken.way.write = fail  # type: ignore[method-assign,assignment]
    scene.hub.subscribe(topic("bars:a"), broken.outbox)
    answer(broken.outbox)
    answer(fine.outbox)
    scene.turn.flush()
    scene.publish("bars:a")
    scene.publish("bars:b")
    scene.turn.flush()
    scene.hub.drop(broken.outbox)
    assert [message["type"] for message in fine.read()] == ["answer", "bars.update"]
    assert "writing failed" in caplog.text


async def test_too_much_at_the_end_is_one_end(scene: Scene) -> None:
    """What a client steps out with may be over its bound: then it is closed for that, once, with nothing after."""
    scene.bounds = Bounds(4096, 0.0)
    ends: list[int] = []
    for last in ("finish", "answer"):
        client = scene.client("trades:a")
        while not client.link.stuck:
            scene.publish("trades:a", size=1000)
            scene.turn.flush()
        for _ in range(20):
            scene.publish("trades:a", size=1000)
        if last == "finish":
            client.outbox.finish(Farewell(4001, "over"))
        else:
            answer(client.outbox)
        assert client.outbox.farewell is not None
        ends.append(client.outbox.farewell.code)
        assert client.outbox.waiting == 0
        scene.hub.drop(client.outbox)
    assert ends == [4004, 4004]
