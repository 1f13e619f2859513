"""The link to the broker by itself."""

from __future__ import annotations

import asyncio
import logging

import pytest

from service.broker.link import Link, LinkLost
from tests.valkey import ValkeyServer


async def test_a_connection_that_goes_while_something_is_sent_is_a_loss(
    valkey: ValkeyServer, caplog: pytest.LogCaptureFixture
) -> None:
    """redis-py then fails on what it has just taken away: that is no fault of ours, and no error in the log."""

    async def send() -> None:
        await link._hearing.disconnect(nowait=True)
        writer: asyncio.StreamWriter = None  # type: ignore[assignment]
        writer.writelines([b"PING"])

    link = Link(
        valkey.url,
        "one",
        timeout=5.0,
        on_message=lambda channel, data: None,
        on_subscribed=lambda channel: None,
        on_lag=lambda seconds: None,
    )
    with caplog.at_level(logging.WARNING):
        await link.connect()
        await asyncio.sleep(0)  # all that the link does has begun
        try:
            await link._until_lost(send())
            with pytest.raises(LinkLost):
                await link.lost
        finally:
            await link.close()
    assert caplog.text == ""
