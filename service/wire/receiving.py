"""The receiving side: frames are taken one by one, as fast as the application takes messages, and no faster.

Uvicorn's own parses whatever one read of the socket brought, in one go: tens of thousands of pings, while all
other clients wait. Here what has come waits as bytes. It is cut at the frames' ends and parsed frame by frame, so
that each turn of the event loop does a bounded part of it, the next message is looked at when the one before it
has been taken, and what a broken frame follows has been answered before the connection is failed for it.
"""

from __future__ import annotations

import logging
from codecs import IncrementalDecoder, getincrementaldecoder
from typing import TYPE_CHECKING, Any
from uuid import UUID

from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import State

from service.counters import Counters
from service.logs import event, on_behalf

try:
    from websockets.speedups import apply_mask
except ImportError:  # the library's wheel for this platform has no compiled part
    from websockets.utils import apply_mask

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from uvicorn._types import ASGIReceiveEvent, ASGISendEvent

log = logging.getLogger(__name__)

FRAMES_A_TURN = 32
"""Frames of one connection that are parsed before other connections get their turn."""

_READ_AHEAD = 65_536
"""Bytes that may wait to be parsed before reading from the socket stops."""

_LINGER = 1.0
"""Seconds in which a peer whose connection was failed may read why."""

_WHOLE_TEXT = 0x80 | Opcode.TEXT
_RESERVED = 0x70
_MASKED = 0x80

_utf8 = getincrementaldecoder("utf-8")


class CountingConfig(Config):
    """Uvicorn's settings, and where its connections count."""

    counters: Counters
    most_sockets: int | None = None
    """How many connections there may be at once, WebSockets or not; None where nothing limits them."""


def counters_of(config: Config) -> Counters:
    """Where connections with these settings count; nowhere that anybody looks under a server that is not ours."""
    return config.counters if isinstance(config, CountingConfig) else Counters()


class Receiving(WebSocketsSansIOProtocol):
    """Uvicorn's protocol with a receiving side of its own."""

    connection: UUID | None = None
    """By which the log names it."""
    heard = True
    """Whether anything has come since somebody last set it to False."""
    _more_later = False
    """Whether the next turn of the loop goes on parsing."""
    _deaf = False
    """Whether the connection has failed or ended, and what comes is thrown away."""
    failed_with: int | None = None
    """The close code, where it was this protocol that failed the connection."""
    _pong = b""
    """The pong that a peer is owed who does not read."""

    # The frame whose beginning has been parsed.
    _rest = 0
    """Bytes that it still lacks."""
    _mask: bytes | None = None
    """For text that is not compressed: the mask, turned to where the rest begins."""

    # The text message whose beginning has been parsed.
    _decoder: IncrementalDecoder | None = None
    _text: list[str] | None = None
    """What has been decoded of it."""
    _compressed = False

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.counters = counters_of(config)
        self._unread = bytearray()
        """What has come and has not been parsed."""

    def data_received(self, data: bytes) -> None:
        """Take what came; parse a bounded part of it now."""
        self.heard = True
        self.counters.bytes_received += len(data)
        if self._deaf:
            return
        if self.handshake_initiated:
            self._unread += data
            self.parse_on()
        else:
            self._receive_handshake(data)

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio allows it, uvicorn has no use for it
        """Nothing more will come. What has come is still answered and may be read, but not for ever."""
        self._cut_off_after(_LINGER)
        return self.behind or bool(self._unread)

    async def receive(self) -> ASGIReceiveEvent:
        """The application's next event."""
        if self.queue.empty():
            self.parse_on()
        return await self.queue.get()

    async def send(self, message: ASGISendEvent) -> None:
        """The application's; after its close nobody receives, so what has come is gone through here."""
        await super().send(message)
        if self.close_sent and self._unread:
            self.parse_on()

    def resume_writing(self) -> None:
        """The peer reads again; what it is owed goes out first."""
        super().resume_writing()
        pong, self._pong = self._pong, b""
        if pong and not self.close_sent and not self.transport.is_closing():
            self.transport.write(pong)

    @property
    def behind(self) -> bool:
        """Whether something has come that the server could have looked at, and has not yet."""
        return self._more_later or not self.queue.empty()

    def flush_pending(self) -> None:
        """Write what is owed to the peer and held back; called before a Close frame. Nothing is, here."""

    def parse_on(self) -> None:
        """Parse until a message waits for the application, but not much in one turn of the loop."""
        if not self.handshake_complete or self.disconnected:
            self._keep_bounded()
            return
        frames = 0
        try:
            while not self._deaf and (self.close_sent or self.queue.empty()):
                if frames == FRAMES_A_TURN:
                    self._parse_later()
                    break
                if not self._parse_frame():
                    break
                frames += 1
        except UnicodeDecodeError as error:
            self.conn.fail(CloseCode.INVALID_DATA, f"Invalid UTF-8: {error.reason}")
            self.handle_parser_exception()
        self._write_answers()
        self._keep_bounded()

    def _parse_later(self) -> None:
        if not self._more_later:
            self._more_later = True
            self.loop.call_soon(self._parse_now)

    def _parse_now(self) -> None:
        self._more_later = False
        self.parse_on()

    def _write_answers(self) -> None:
        """Write the pongs of a turn together. Of those for a peer who does not read, keep the last.

        Nothing follows a Close frame.
        """
        answers = self.conn.data_to_send()
        if not answers or self.close_sent or self.transport.is_closing():
            return
        if self.writable.is_set():
            self.transport.write(b"".join(answers))
        else:
            self._pong = answers[-1]

    def _keep_bounded(self) -> None:
        """Stop reading from the socket while too much waits to be parsed."""
        if self._deaf:
            self._unread.clear()
        if self.read_paused == (len(self._unread) > _READ_AHEAD) or self.transport.is_closing():
            return
        self.read_paused = not self.read_paused
        if self.read_paused:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def _receive_handshake(self, data: bytes) -> None:
        self.conn.receive_data(data)
        self.handle_events()
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            # The library has said why; uvicorn would neither send it nor ever close the connection.
            self._deaf = True
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()

    def _parse_frame(self) -> bool:
        """Parse one frame, or as much of it as is there; False where that is nothing."""
        unread = self._unread
        if self._rest:
            if not unread:
                return False
            return self._feed(0)
        if len(unread) < 2:
            return False
        length = unread[1] & 0x7F
        start = 2 if length < 126 else 4 if length == 126 else 10
        if length >= 126:
            length = int.from_bytes(unread[2:start], "big")
        if unread[1] & _MASKED:
            start += 4
        if len(unread) < start:
            return False
        head, end = unread[0], start + length
        if (
            head == _WHOLE_TEXT
            and len(unread) >= end
            and unread[1] & _MASKED
            and self.conn.current_size is None
            and self.conn.state is State.OPEN
            and (self.conn.max_message_size is None or length <= self.conn.max_message_size)
        ):
            # What nearly all frames are. The library would go the same way, at several times the cost.
            text = apply_mask(unread[start:end], unread[start - 4 : start]).decode()
            del unread[:end]
            self._deliver(text)
            return True
        self._begin(head, bytes(unread[start - 4 : start]), end)
        return self._feed(start)

    def _begin(self, head: int, mask: bytes, size: int) -> None:
        """Note what the rest of a frame needs, whose head is there."""
        opcode = head & 0x0F
        self._rest = size
        self._mask = None
        if opcode == Opcode.CLOSE:
            # Legal amid the fragments of a message; the library takes it for a mistake.
            self.conn.current_size = None
        elif opcode == Opcode.TEXT and self.conn.current_size is None:
            self._decoder, self._text = _utf8(), []
            self._compressed = bool(head & _RESERVED)
            self._mask = None if self._compressed else mask
        elif opcode == Opcode.CONT and self._decoder is not None and not self._compressed:
            # Where none is open the library will refuse it, once it is whole.
            self._mask = mask

    def _feed(self, start: int) -> bool:
        """Give the library what is there of the frame; its payload begins after so many bytes of that."""
        piece = bytes(self._unread[: self._rest])
        del self._unread[: self._rest]
        self._rest -= len(piece)
        self.conn.receive_data(piece)
        if self.conn.parser_exc is not None:
            self.handle_parser_exception()
            return False
        if self._mask is not None and self.conn.state is State.OPEN:
            payload = piece[start:]
            self._add_text(apply_mask(payload, self._mask))
            turn = len(payload) % 4
            self._mask = self._mask[turn:] + self._mask[:turn]
        self.handle_events()
        return True

    def _add_text(self, data: bytes) -> None:
        """Decode what is there, so that a message fails where its first wrong byte is."""
        assert self._decoder is not None
        assert self._text is not None
        if text := self._decoder.decode(data):
            self._text.append(text)

    def handle_text(self, event: Frame) -> None:
        """The first frame of a text message, or all of it."""
        self.curr_msg_data_type = "text"
        self._take_text(event)

    def handle_cont(self, event: Frame) -> None:
        """A further frame of a message."""
        if self.curr_msg_data_type == "text":
            self._take_text(event)
        elif event.data or event.fin:
            # Empty ones are no bytes, but memory.
            super().handle_cont(event)

    def _take_text(self, event: Frame) -> None:
        if self._compressed:
            self._add_text(bytes(event.data))
        if event.fin:
            assert self._decoder is not None
            assert self._text is not None
            self._decoder.decode(b"", final=True)
            text = "".join(self._text)
            self._decoder = self._text = None
            self._deliver(text)

    def _deliver(self, text: str) -> None:
        # After a close of our own, nobody takes messages any more.
        if not self.close_sent:
            self.queue.put_nowait({"type": "websocket.receive", "text": text})

    def send_receive_event_to_app(self) -> None:
        """A binary message is complete."""
        data, self.frames = b"".join(self.frames), []
        if not self.close_sent:
            self.queue.put_nowait({"type": "websocket.receive", "bytes": data})

    def handle_ping(self) -> None:
        """The pong is written with the other answers of this turn."""

    def handle_close(self, event: Frame) -> None:
        """The peer closes. It has a moment to read what waits for it."""
        self.flush_pending()
        super().handle_close(event)
        self._deaf = True
        self._cut_off_after(self.close_timeout)

    def handle_parser_exception(self) -> None:
        """Fail the connection: say why, end our side, and give the peer a moment to read it.

        A socket that is closed with bytes unread is reset, and a reset overtakes the Close frame.
        """
        close = self.conn.close_sent
        assert close is not None
        self._deaf = True
        if not self.close_sent:
            self.flush_pending()
            self.close_sent = True
            self.failed_with = close.code
            with on_behalf(self.connection):
                log.info(event("closing", code=close.code, reason=close.reason))
            self.queue.put_nowait(
                {"type": "websocket.disconnect", "code": close.code, "reason": close.reason}
            )
        if self.transport.is_closing():
            return
        self.transport.write(b"".join(self.conn.data_to_send()))
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self._cut_off_after(_LINGER)
        else:
            self.transport.close()

    def _cut_off_after(self, seconds: float) -> None:
        """Abort the transport unless it is closed by then: closing waits for a peer that may never read."""
        if self.close_timer is not None:
            self.close_timer.cancel()
        self.close_timer = self.loop.call_later(seconds, self.transport.abort)
