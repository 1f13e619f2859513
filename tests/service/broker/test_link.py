"""The link to the broker by itself."""

from __future__ import annotations

import asyncio
import gc
import logging
import warnings
from contextlib import suppress

import pytest

from service.broker.link import Link, LinkLost
from tests.service.running import eventually
from tests.valkey import ValkeyServer


async def test_a_connection_that_goes_while_something_is_sent_is_a_loss(
    valkey: ValkeyServer, caplog: pytest.LogCaptureFixture
) -> None:
    """redis-py then fails on what it has just taken away: that is no fault of ours, and no error in the log."""

    async def send() -> None:
        await link._hearing.disconnect(nowait=True)
        writer: asyncio.StreamWriter = None  # type: ignore[assignment]
        writer.writelines([b"PING"])

    link = _link(valkey)
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


async def test_what_comes_back_is_asked_for_only_once_it_is_listened_to(valkey: ValkeyServer) -> None:
    """Redis serves two connections in whatever order, above all when it stood still: a link is not lost by that."""
    published = asyncio.Event()
    count = 0

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        count += 1
        hearing, asked = count == 2, False
        there_reader, there = await asyncio.open_connection("127.0.0.1", valkey.port)

        async def back() -> None:
            while data := await there_reader.read(65_536):
                writer.write(data)
                if asked:
                    published.set()

        answers = asyncio.create_task(back())
        while data := await reader.read(65_536):
            asked = not hearing and link._own in data
            if hearing and link._own in data:
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.3):
                        await published.wait()
            there.write(data)
        answers.cancel()
        there.close()
        writer.close()

    lags: list[float] = []
    async with await asyncio.start_server(relay, "127.0.0.1", 0) as server:
        link = Link(
            f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}",
            "one",
            timeout=1.0,
            on_message=lambda channel, data: None,
            on_subscribed=lambda channel: None,
            on_lag=lags.append,
        )
        try:
            await link.connect()
            await eventually(lambda: link.lost.done() or bool(lags and link._probe_sent is None))
            assert not link.lost.done(), link.lost.exception()
        finally:
            await link.close()


async def test_what_a_lost_link_never_began_is_no_warning(valkey: ValkeyServer) -> None:
    """Work that is given up before its first turn leaves nothing behind that Python would complain of."""

    async def work() -> None:
        raise AssertionError("this was to be given up")

    link = _link(valkey)
    await link.connect()
    with warnings.catch_warnings(record=True) as complaints:
        warnings.simplefilter("always")
        link.spawn(work())
        await link.close()
        del link
        gc.collect()
    # The collector may have found what other tests left, too.
    assert [told for one in complaints if "never awaited" in (told := str(one.message))] == []


def _link(valkey: ValkeyServer) -> Link:
    return Link(
        valkey.url,
        "one",
        timeout=5.0,
        on_message=lambda channel, data: None,
        on_subscribed=lambda channel: None,
        on_lag=lambda seconds: None,
    )
