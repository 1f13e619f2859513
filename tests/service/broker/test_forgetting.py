"""What a node keeps of topics that it has published to is bounded, and what is forgotten is told."""

from __future__ import annotations

import pytest

from service.broker import outgoing
from tests.service.broker.nodes import TRADES, Tape, following, node, status
from tests.service.running import eventually
from tests.valkey import ValkeyServer


async def test_numbers_that_were_forgotten_begin_an_epoch(
    valkey: ValkeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is taken for a duplicate, nothing is lost, and followers are told that it begins anew."""
    monkeypatch.setattr(outgoing, "_MOST_TOPICS", 3)
    tape = Tape()
    async with node(valkey.url) as one, following(one) as (follower,):
        tape.print(one, 3)
        await follower.reaches(3)
        for number in range(4):
            one.publish(1.0, symbol=f"S{number}")
        await eventually(lambda: status(one).queued == 0)
        tape.print(one, 3)
        await follower.reaches(6)
        assert follower.ids == [1, 2, 3, 4, 5, 6]
        assert len(follower.holes) == 1
        assert one.hub.subscribers(TRADES) == 1
