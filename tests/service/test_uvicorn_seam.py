"""What the wire rests on in uvicorn and in websockets, neither of which promises it.

Where a new version of either breaks one of these, `service/wire` has to follow; then raise the bound.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import cast

import pytest
import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame
from websockets.protocol import State
from websockets.server import ServerProtocol

from service.wire import WireProtocol
from tests.frames import CLOSE, PING, TEXT, frame

_REQUEST = (
    b"GET /here?x=1 HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)

METHODS = {
    "connection_made": "(self, transport)",
    "connection_lost": "(self, exc)",
    "data_received": "(self, data)",
    "eof_received": "(self)",
    "pause_writing": "(self)",
    "resume_writing": "(self)",
    "shutdown": "(self)",
    "handle_events": "(self)",
    "handle_connect": "(self, event)",
    "handle_text": "(self, event)",
    "handle_bytes": "(self, event)",
    "handle_cont": "(self, event)",
    "handle_ping": "(self)",
    "handle_pong": "(self, event)",
    "handle_close": "(self, event)",
    "handle_parser_exception": "(self)",
    "send_receive_event_to_app": "(self)",
    "send_keepalive_ping": "(self)",
    "keepalive_timeout": "(self)",
    "start_keepalive": "(self)",
    "stop_keepalive": "(self)",
    "schedule_ping": "(self)",
    "send_500_response": "(self)",
    "on_task_complete": "(self, task)",
    "run_asgi": "(self)",
    "receive": "(self)",
    "send": "(self, message)",
}
"""The methods that are overridden, called, or called at the times that the overriding ones count on."""

ATTRIBUTES = {
    "loop": "the event loop that parsing goes on in",
    "queue": "the events that the application has yet to take",
    "conn": "the library's protocol",
    "writable": "the event that is clear while the peer does not read",
    "read_paused": "whether reading was stopped; a close resumes it",
    "handshake_initiated": "whether the request has come",
    "handshake_complete": "whether it has been answered",
    "close_sent": "whether nothing may follow any more",
    "disconnected": "whether the transport is gone",
    "close_timer": "what ends a close that lingers; a set one keeps the application's end from closing",
    "close_timeout": "how long a close may linger",
    "frames": "the binary message at hand",
    "curr_msg_data_type": "whether the message at hand is text",
    "ping_timeout": "how long a pong may take",
    "pong_timer": "what takes the peer for dead",
}


async def _ignore(scope: object, receive: Callable[[], object], send: object) -> None:
    await asyncio.Event().wait()


class Recorder(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.written: list[bytes] = []
        self.closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep it."""
        self.written.append(bytes(data))

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing ever waits here."""

    def get_write_buffer_size(self) -> int:
        """Nothing ever waits here."""
        return 0

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self.closing

    def close(self) -> None:
        """Note it."""
        self.closing = True


def made(kind: type[WebSocketsSansIOProtocol]) -> tuple[WebSocketsSansIOProtocol, Recorder]:
    """A protocol of this class whose handshake has been answered."""
    config = uvicorn.Config(_ignore, ws=WireProtocol, lifespan="off", log_config=None)
    config.load()
    transport = Recorder()
    protocol = kind(config, ServerState(), {})
    protocol.connection_made(transport)
    protocol.data_received(_REQUEST)
    return protocol, transport


async def accepted(kind: type[WebSocketsSansIOProtocol]) -> tuple[WebSocketsSansIOProtocol, Recorder]:
    """The same, and the application has accepted."""
    protocol, transport = made(kind)
    await protocol.receive()
    await protocol.send({"type": "websocket.accept"})
    transport.written.clear()
    return protocol, transport


async def finish(protocol: WebSocketsSansIOProtocol) -> None:
    """Leave no task and no timer."""
    protocol.stop_keepalive()
    tasks = list(protocol.tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _parameters(method: Callable[..., object]) -> str:
    return f"({', '.join(inspect.signature(method).parameters)})"


@pytest.mark.parametrize("name", METHODS)
def test_uvicorn_has_the_methods(name: str) -> None:
    """Each method that is overridden exists and takes what it took."""
    assert _parameters(getattr(WebSocketsSansIOProtocol, name)) == METHODS[name]


def test_every_method_of_ours_is_known_here() -> None:
    """Whatever of uvicorn's the wire overrides stands in the table above."""
    ours = {
        name
        for kind in WireProtocol.__mro__
        if kind.__module__.startswith("service.wire")
        for name, value in vars(kind).items()
        if inspect.isfunction(value) and hasattr(WebSocketsSansIOProtocol, name) and name != "__init__"
    }
    assert ours - set(METHODS) == set()


def test_uvicorn_makes_protocols_from_the_same_arguments() -> None:
    """The class named by `ws` is called with config, server_state and app_state."""
    expected = "(self, config, server_state, app_state, _loop)"
    assert _parameters(WebSocketsSansIOProtocol.__init__) == expected
    assert _parameters(WireProtocol.__init__) == expected


async def test_uvicorn_has_the_attributes() -> None:
    """Each attribute that is read or set is there from the beginning."""
    protocol, _ = made(WebSocketsSansIOProtocol)
    missing = [f"{name}: {meaning}" for name, meaning in ATTRIBUTES.items() if not hasattr(protocol, name)]
    await finish(protocol)
    assert missing == []


async def test_connecting_makes_the_scope_before_the_application_runs() -> None:
    """`handle_connect` sets a scope with extensions, and starts the application as a task, not at once."""
    seen: list[dict[str, object]] = []

    class Watched(WebSocketsSansIOProtocol):
        def handle_connect(self, event: object) -> None:
            super().handle_connect(event)  # type: ignore[arg-type]
            assert not seen
            self.scope["extensions"]["seam"] = {}

        async def run_asgi(self) -> None:
            seen.append(cast("dict[str, object]", self.scope["extensions"]))

    protocol, _ = made(Watched)
    await asyncio.gather(*protocol.tasks)
    assert protocol.response.status_code == 101
    assert [list(found) for found in seen] == [["websocket.http.response", "seam"]]


async def test_a_refused_handshake_has_no_scope() -> None:
    """A request that the library refuses is answered without a scope, an application, or a message."""
    config = uvicorn.Config(_ignore, ws=WireProtocol, lifespan="off", log_config=None)
    config.load()
    transport, protocol = Recorder(), WireProtocol(config, ServerState(), {})
    protocol.connection_made(transport)
    protocol.data_received(_REQUEST.replace(b"Version: 13", b"Version: 12"))
    assert b"".join(transport.written).startswith(b"HTTP/1.1 400 ")
    assert transport.closing
    assert not hasattr(protocol, "scope")
    assert not protocol.tasks


async def test_sending_is_one_write_of_one_unmasked_frame() -> None:
    """`send` writes the frame to the transport before it returns, and nothing else."""
    protocol, transport = await accepted(WireProtocol)
    await protocol.send({"type": "websocket.send", "text": "hello"})
    await finish(protocol)
    assert transport.written == [b"\x81\x05hello"]


async def test_closing_marks_the_connection_before_it_returns() -> None:
    """After `websocket.close` the Close frame is written, `close_sent` set, and the library's state CLOSING."""
    protocol, transport = await accepted(WireProtocol)
    await protocol.send({"type": "websocket.close", "code": 4000, "reason": "bye"})
    await finish(protocol)
    assert protocol.close_timer is not None
    protocol.close_timer.cancel()
    assert transport.written == [b"\x88\x05\x0f\xa0bye"]
    assert protocol.close_sent
    assert protocol.conn.state is State.CLOSING


async def test_the_server_says_1012_by_itself() -> None:
    """`shutdown`, called on each connection when the server stops, writes a Close frame and closes."""
    protocol, transport = await accepted(WebSocketsSansIOProtocol)
    protocol.shutdown()
    await finish(protocol)
    assert transport.written == [b"\x88\x02\x03\xf4"]
    assert transport.closing


def test_uvicorn_reads_the_servers_state_from_the_configuration() -> None:
    """`ws_max_size`, `ws_ping_interval`, `ws_ping_timeout` and `ws_per_message_deflate` are settings of uvicorn."""
    known = inspect.signature(uvicorn.Config).parameters
    assert {"ws", "ws_max_size", "ws_ping_interval", "ws_ping_timeout", "ws_per_message_deflate"} <= set(
        known
    )


def opened() -> ServerProtocol:
    """The library's protocol with its handshake done."""
    connection = ServerProtocol(max_size=1000)
    connection.receive_data(_REQUEST)
    [request] = connection.events_received()
    connection.send_response(connection.accept(request))  # type: ignore[arg-type]
    connection.data_to_send()
    return connection


def test_websockets_takes_one_frame_at_a_time() -> None:
    """Fed exactly one frame, in pieces or whole, the library gives exactly that event and keeps nothing."""
    connection = opened()
    assert connection.state is State.OPEN
    for piece in (b"\x81", b"\x82\0\0", b"\0\0h", b"i"):
        assert connection.events_received() == []
        connection.receive_data(piece)
    [event] = connection.events_received()
    assert isinstance(event, Frame)
    assert (bytes(event.data), event.fin) == (b"hi", True)
    assert connection.reader.buffer == b""


def test_websockets_knows_of_the_message_at_hand() -> None:
    """`current_size` is None between messages and the size so far within one; `max_message_size` is the bound."""
    connection = opened()
    assert connection.current_size is None
    assert connection.max_message_size == 1000
    connection.receive_data(frame(TEXT, b"abc", final=False))
    assert connection.current_size == 3
    connection.receive_data(frame(0, b"d"))
    assert connection.current_size is None


def test_websockets_takes_a_close_within_a_message_once_the_size_is_forgotten() -> None:
    """With `current_size` set to None, a Close amid fragments is echoed instead of refused."""
    connection = opened()
    connection.receive_data(frame(TEXT, b"abc", final=False))
    connection.current_size = None
    connection.receive_data(frame(CLOSE, b"\x03\xe8"))
    assert connection.parser_exc is None
    assert connection.data_to_send()[0] == b"\x88\x02\x03\xe8"


def test_websockets_queues_a_pong_for_each_ping() -> None:
    """Pongs wait in order, one item each, until `data_to_send` takes them."""
    connection = opened()
    connection.receive_data(frame(PING, b"1"))
    connection.receive_data(frame(PING, b"2"))
    assert connection.data_to_send() == [b"\x8a\x011", b"\x8a\x012"]


def test_websockets_says_what_failed() -> None:
    """A broken frame sets `parser_exc`, queues a Close frame, and is described by `close_sent`."""
    connection = opened()
    connection.receive_data(frame(TEXT | 0x40))
    assert connection.parser_exc is not None
    assert connection.close_sent is not None
    assert connection.close_sent.code == 1002
    assert connection.data_to_send()[0] == b"\x88\x19\x03\xeareserved bits must be 0"


def test_websockets_can_be_told_to_fail() -> None:
    """`fail` queues a Close frame with the code given, and the library reads no further."""
    connection = opened()
    connection.fail(1007, "why")
    assert connection.data_to_send()[0] == b"\x88\x05\x03\xefwhy"
    connection.receive_data(frame(PING))
    assert connection.events_received() == []


def test_websockets_refuses_a_handshake_by_an_exception_and_an_answer() -> None:
    """Too many header fields leave `handshake_exc` and an HTTP answer, and no event."""
    connection = ServerProtocol()
    connection.receive_data(_REQUEST[:-2] + b"".join(b"X-%d: y\r\n" % n for n in range(200)) + b"\r\n")
    assert connection.events_received() == []
    assert connection.handshake_exc is not None
    assert connection.data_to_send()[0].startswith(b"HTTP/1.1 431 ")
