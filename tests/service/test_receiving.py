"""What a client can do by what it sends: to itself, and to nobody else."""

from __future__ import annotations

import asyncio

import pytest

from service.wire import WireProtocol
from service.wire.receiving import FRAMES_A_TURN
from tests.frames import BINARY, PING, PONG, TEXT, frame
from tests.service.raw import raw
from tests.service.running import PATIENCE, Running, eventually, service


def protocols(running: Running) -> list[WireProtocol]:
    """The server's ends of all connections."""
    return [found for found in running.server.server_state.connections if isinstance(found, WireProtocol)]


async def test_a_flood_of_pings_leaves_turns_to_others() -> None:
    """While the pings that one client has sent at once are answered, the event loop turns all along."""
    pings = 20_000
    async with service() as running, raw(running.url) as flooding:
        flooding.writer.write(frame(PING) * pings)
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        counting = asyncio.create_task(count())
        async with asyncio.timeout(PATIENCE):
            pongs = await flooding.reader.readexactly(2 * pings)
        counting.cancel()
        assert pongs == b"\x8a\0" * pings
        # What has just come is begun at once, on top of what waits: two portions in some of the turns.
        assert turns > pings / FRAMES_A_TURN / 2


async def test_a_message_behind_a_flood_is_no_silence() -> None:
    """A client is not closed as silent while the server has yet to get to the message that it sent."""
    async with service(heartbeat_interval=0.5) as running, raw(running.url) as flooding:
        flooding.writer.write(frame(PING) * 30_000 + frame(TEXT, b'{"type":"ping"}'))
        opcode = PONG
        while opcode == PONG:
            opcode, payload = await flooding.receive()
        assert payload.startswith(b'{"type":"pong"')


async def test_pongs_do_not_pile_up_for_who_does_not_read() -> None:
    """Of the pongs for a client that pings and does not read, the last is kept; it comes when there is room."""
    async with service() as running, raw(running.url, receive_buffer=4096) as client:
        [protocol] = protocols(running)
        for number in range(40):
            # Ever new bytes, until the server's kernel and buffer are full, and then as much again.
            client.writer.write(frame(PING, b"%03d" % number + b"x" * 122) * 2000)
            await client.writer.drain()
        client.writer.write(frame(PING, b"last"))
        await eventually(lambda: protocol._pong.endswith(b"last"))
        assert protocol.transport.get_write_buffer_size() < 256 * 1024
        while (await client.receive()) != (PONG, b"last"):
            pass


async def test_empty_fragments_take_no_memory() -> None:
    """A message of no bytes in any number of frames is nothing that the server keeps."""
    async with service() as running, raw(running.url) as client:
        [protocol] = protocols(running)
        for first in (TEXT, BINARY):
            client.writer.write(frame(first, final=False) + frame(0, final=False) * 5000 + frame(PING))
            assert (await client.receive())[0] == PONG
            assert len(protocol.frames) <= 1
            assert not protocol._text
            client.writer.write(frame(0, b"x"))
            assert b"bad_" in (await client.receive())[1]


@pytest.mark.parametrize("first", [TEXT, BINARY])
async def test_a_fragment_of_nothing_that_comes_in_pieces(
    first: int, caplog: pytest.LogCaptureFixture
) -> None:
    """What goes on no message is refused with 1002, also where a message has ended before, and half of it is there."""
    async with service() as running, raw(running.url) as client:
        client.writer.write(frame(first, b"{", final=False) + frame(0, b"}"))
        assert b"bad_" in (await client.receive())[1]
        whole = frame(0, b"x" * 100)
        [protocol] = protocols(running)
        client.writer.write(whole[:50])
        await eventually(lambda: protocol._rest > 0)
        client.writer.write(whole[50:])
        assert await client.closed() == 1002
        assert "Traceback" not in caplog.text


async def test_who_goes_on_sending_still_reads_why_it_was_closed() -> None:
    """A message that is announced too big fails at its head; what follows it is no reset that hides the code."""
    async with service(max_message_bytes=1024) as running, raw(running.url) as client:
        client.writer.write(frame(BINARY, b"x" * 500_000, length=50_000_000))
        await client.writer.drain()
        client.writer.write(b"x" * 500_000)
        assert await client.closed() == 1009
        await eventually(lambda: len(running.connections) == 0)


async def test_who_never_leaves_after_a_failure_is_cut_off() -> None:
    """A client that neither reads nor closes after it was failed is gone a moment later."""
    async with service() as running, raw(running.url) as client:
        client.writer.write(b"\xff\x80\0\0\0\0")
        await eventually(lambda: len(running.server.server_state.connections) == 0)


async def test_a_handshake_that_the_library_refuses_is_answered_and_ended() -> None:
    """A handshake with more header fields than are read is refused by an HTTP answer, not left to wait."""
    fields = b"".join(b"X-%d: y\r\n" % number for number in range(200))
    async with service() as running, raw(running.url, headers=fields) as client:
        async with asyncio.timeout(PATIENCE):
            answer = await client.reader.read()
        assert answer.startswith(b"HTTP/1.1 431 ")
        await eventually(lambda: len(running.server.server_state.connections) == 0)


async def test_a_wrong_byte_in_the_midst_of_a_message_ends_it_there() -> None:
    """Text that cannot become UTF-8 any more is refused with 1007 before the rest of it has come."""
    async with service() as running, raw(running.url) as client:
        client.writer.write(frame(TEXT, b"good \xf4\x90", length=1000))
        assert await client.closed() == 1007


async def test_a_slow_reader_that_moves_is_not_taken_for_dead() -> None:
    """A pong late by what the client reads before the ping costs nothing, as long as it reads on."""
    async with (
        service(ping_interval=0.1, ping_timeout=0.6, outbox_bytes=2**30) as running,
        raw(running.url, receive_buffer=65_536) as slow,
    ):
        slow.writer.write(frame(TEXT, b'{"type":"bars.subscribe","payload":{"symbol":"AAPL"}}'))
        await slow.receive()
        for number in range(40_000):
            running.publish(float(number))
        loop = asyncio.get_running_loop()
        until = loop.time() + 2.0
        while loop.time() < until:
            await slow.reader.readexactly(16_384)
            await asyncio.sleep(0.02)
        assert len(running.connections) == 1
        # And one that stops is found dead, whatever waits for it.
        await eventually(lambda: len(running.server.server_state.connections) == 0)


async def test_a_fault_of_the_server_costs_one_connection(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Who cannot be attended to is closed with 1011, not left waiting; the log says why, and others are served."""
    async with service() as running, raw(running.url) as other, raw(running.url) as client:
        [first, second] = protocols(running)

        def fail() -> None:
            raise RuntimeError("planted")

        broken = first if first.transport.get_extra_info("peername")[1] == client.port else second
        monkeypatch.setattr(broken, "next_frame", fail)
        client.send({"type": "ping"})
        assert await client.closed() == 1011
        assert "a client cannot be attended to" in caplog.text
        assert "planted" in caplog.text
        other.send({"type": "ping"})
        assert (await other.message())["type"] == "pong"
