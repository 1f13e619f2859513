"""A process that had no turn for a while: what its clients sent meanwhile is read before they are judged by it."""

from __future__ import annotations

import asyncio
import os
import socket
import time

from tests.frames import PING, PONG, TEXT, frame
from tests.service.raw import Raw, raw
from tests.service.running import PATIENCE, service


async def hold_up(client: Raw, octets: bytes, seconds: float) -> None:
    """Send, and hold the process up, while the event loop reads sockets: timers come next, then sockets again."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    ours, theirs = socket.socketpair()

    def hold() -> None:
        loop.remove_reader(ours)
        assert os.write(client.writer.get_extra_info("socket").fileno(), octets) == len(octets)
        time.sleep(seconds)
        done.set()

    with ours, theirs:
        loop.add_reader(ours, hold)
        theirs.send(b"x")
        async with asyncio.timeout(PATIENCE):
            await done.wait()


async def test_nobody_is_taken_for_silent() -> None:
    """A message that lies in the socket when the heartbeat is due counts as one, and is answered."""
    async with service(heartbeat_interval=0.5) as running, raw(running.url) as client:
        await client.subscribe()
        await hold_up(client, frame(TEXT, b'{"type":"ping"}'), 0.7)
        assert (await client.message())["type"] == "pong"
        # And who says nothing after that is silent.
        assert await client.closed() == 4002


async def test_nobody_is_taken_for_dead() -> None:
    """A pong that lies in the socket when it is due is one that came."""
    async with service(ping_interval=0.2, ping_timeout=0.4) as running, raw(running.url) as client:
        opcode, payload = await client.receive()
        assert opcode == PING
        await hold_up(client, frame(PONG, payload), 0.6)
        client.send({"type": "ping"})
        assert (await client.message())["type"] == "pong"
        # And who answers no ping after that is dead.
        assert await client.closed() == 1011
