"""permessage-deflate: compressed once for all, readable by everybody, and only where it is worth it."""

from __future__ import annotations

import asyncio
import json
import zlib
from typing import Any

import pytest

from service.wire import Deflater, frames
from tests.frames import CLOSE, TEXT, frame
from tests.service.raw import Raw, raw
from tests.service.running import PATIENCE, Running, service

OFFER = b"Sec-WebSocket-Extensions: permessage-deflate%b\r\n"


@pytest.fixture
def compressed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Every text that is given to the compressor."""
    texts: list[bytes] = []
    really = Deflater.frame

    def counting(self: Deflater, text: bytes) -> bytes | None:
        texts.append(text)
        return really(self, text)

    monkeypatch.setattr(Deflater, "frame", counting)
    return texts


async def handshake(client: Raw) -> bytes:
    """What the server has agreed to, in lower case; empty where to nothing."""
    async with asyncio.timeout(PATIENCE):
        answer = await client.reader.readuntil(b"\r\n\r\n")
    assert b" 101 " in answer
    lines = [line for line in answer.lower().split(b"\r\n") if line.startswith(b"sec-websocket-extensions:")]
    return lines[0].partition(b":")[2].strip() if lines else b""


async def first_byte_and_text(client: Raw, window: int = 12) -> tuple[int, dict[str, Any]]:
    """The next message, read with nothing remembered of those before it."""
    async with asyncio.timeout(PATIENCE):
        head = await client.reader.readexactly(2)
        size = head[1]
        if size == 126:
            size = int.from_bytes(await client.reader.readexactly(2), "big")
        body = await client.reader.readexactly(size)
    if head[0] == 0xC1:
        body = zlib.decompressobj(wbits=-window).decompress(body + b"\0\0\xff\xff")
    return head[0], json.loads(body)


def subscribe(client: Raw) -> None:
    """Ask for bars."""
    client.send({"type": "bars.subscribe", "payload": {"symbol": "AAPL"}})


async def test_without_being_told_to_the_server_offers_nothing() -> None:
    """Compression is off by default, whatever clients offer."""
    async with service() as running, raw(running.url, headers=OFFER % b"") as client:
        assert await handshake(client) == b""
        subscribe(client)
        assert (await first_byte_and_text(client))[0] == 0x81


async def test_nobody_keeps_a_window() -> None:
    """What is negotiated makes each message readable by itself, in both directions, with a small window."""
    async with (
        service(compress=True) as running,
        raw(running.url, headers=OFFER % b"; client_max_window_bits") as client,
    ):
        agreed = {part.strip() for part in (await handshake(client)).split(b";")}
        assert agreed == {
            b"permessage-deflate",
            b"server_no_context_takeover",
            b"client_no_context_takeover",
            b"server_max_window_bits=12",
            b"client_max_window_bits=12",
        }


async def test_a_client_that_does_not_offer_it_gets_it_plain() -> None:
    """Nothing is compressed for a client that has not asked for it."""
    async with service(compress=True, compress_min_bytes=0) as running, running.client() as client:
        assert (await client.subscribe())["payload"]["status"] == "ok"
        running.publish(1.0)
        assert (await client.receive())["seq"] == 1


async def test_one_compressed_frame_serves_all(compressed: list[bytes]) -> None:
    """However many clients read compressed frames, each update is compressed once; all read the same text."""
    async with service(compress=True, compress_min_bytes=0) as running:
        await _many(running, 7)
        updates = [text for text in compressed if b"bars.update" in text]
        assert len(updates) == len(set(updates)) == 5


async def _many(running: Running, clients: int) -> None:
    async with asyncio.timeout(2 * PATIENCE):
        if clients:
            async with running.client(compression="deflate") as client:
                assert (await client.subscribe())["payload"]["status"] == "ok"
                await _many(running, clients - 1)
                assert [(await client.receive())["seq"] for _ in range(5)] == [1, 2, 3, 4, 5]
            return
        async with running.client() as plain:
            await plain.subscribe()
            for number in range(5):
                running.publish(float(number))
            assert [(await plain.receive())["seq"] for _ in range(5)] == [1, 2, 3, 4, 5]


async def test_short_messages_go_as_they_are(compressed: list[bytes]) -> None:
    """Below `compress_min_bytes` nothing is compressed, though it was negotiated; answers neither."""
    async with (
        service(compress=True, compress_min_bytes=100) as running,
        raw(running.url, headers=OFFER % b"") as client,
    ):
        assert await handshake(client)
        client.send({"type": "ping"})
        assert (await first_byte_and_text(client))[0] == 0x81
        assert compressed == []
        subscribe(client)
        first, answer = await first_byte_and_text(client)
        assert (first, answer["type"]) == (0xC1, "bars.subscribe.response")
        running.publish(1.0)
        first, update = await first_byte_and_text(client)
        assert (first, update["seq"]) == (0xC1, 1)


@pytest.mark.parametrize("bits", [9, 10, 11])
async def test_a_client_with_a_smaller_window_reads_everything(bits: int) -> None:
    """One that can look back on less than the shared compressor does gets plain frames, which stay legal."""
    offer = OFFER % (b"; server_max_window_bits=%d" % bits)
    async with (
        service(compress=True, compress_min_bytes=0) as running,
        raw(running.url, headers=offer) as client,
    ):
        agreed = await handshake(client)
        assert b"server_max_window_bits=%d" % bits in agreed
        subscribe(client)
        for _ in range(3):
            running.publish(1.0)
            first, message = await first_byte_and_text(client, window=bits)
            assert first == 0x81
            assert message["type"].startswith("bars.")


async def test_what_a_client_compresses_is_read() -> None:
    """A client's own compressed requests are answered; a compressed one over the limit is closed with 1009."""
    async with (
        service(compress=True, max_message_bytes=2048) as running,
        raw(running.url, headers=OFFER % b"") as client,
    ):
        assert await handshake(client)
        for size, good in ((1000, True), (1_000_000, False)):
            text = json.dumps({"type": "ping", "filler": "x" * size}).encode()
            deflater = zlib.compressobj(wbits=-12)
            body = deflater.compress(text) + deflater.flush(zlib.Z_SYNC_FLUSH)
            client.writer.write(frame(TEXT | 0x40, body.removesuffix(b"\0\0\xff\xff")))
            if good:
                assert (await first_byte_and_text(client))[1]["type"] == "pong"
            else:
                assert await client.closed() == 1009
        client.writer.write(frame(CLOSE))


async def test_folded_updates_are_compressed_too() -> None:
    """For a client that lags, what stands for several updates is a frame of its own, and readable."""
    async with (
        service(compress=True, compress_min_bytes=0, outbox_bytes=4096, send_buffer=8192) as running,
        raw(running.url, headers=OFFER % b"", receive_buffer=4096) as slow,
    ):
        await handshake(slow)
        subscribe(slow)
        await first_byte_and_text(slow)
        for number in range(3000):
            running.publish(float(number))
            if number % 4 == 0:
                await asyncio.sleep(0)
        last = folded = 0
        while last < 3000:
            first, update = await first_byte_and_text(slow)
            assert first == 0xC1
            assert update.get("seq_from", update["seq"]) == last + 1
            folded += "seq_from" in update
            last = update["seq"]
        assert folded > 0


def test_each_frame_can_be_read_alone() -> None:
    """The shared compressor forgets each message; one that would not shrink is not compressed."""
    deflater = Deflater()
    for text in (b"hello " * 20, b"hello " * 20, b"other " * 1000, b"x" * 200_000):
        made = deflater.frame(text)
        assert made is not None
        assert made[0] == 0xC1
        start = 2 if made[1] < 126 else 4 if made[1] == 126 else 10
        body = made[start:] + b"\0\0\xff\xff"
        assert zlib.decompressobj(wbits=-frames.WINDOW_BITS).decompress(body) == text
    assert deflater.frame(b"x") is None
    assert deflater.frame(bytes(range(100))) is None
