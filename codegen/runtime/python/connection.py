"""The server's side of one WebSocket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Generic, TypeAlias, TypeVar
from uuid import UUID, uuid4

from litestar import WebSocket
from litestar.datastructures import State
from litestar.exceptions import WebSocketDisconnect

from .codec import encode
from .errors import Disconnected, RequestError

Sends_contra = TypeVar("Sends_contra", contravariant=True)

Socket: TypeAlias = WebSocket[object, object, State]
"""Litestar's socket."""

_LONGEST_REASON = 123  # bytes; a close frame has no room for more


class Connection(Generic[Sends_contra]):
    """One client; `Sends_contra` is the union of the messages that the contract lets the server send.

    Subclass it to queue instead of writing straight, to count mistakes, or to remember who the client is.
    Frames that go through `send_frame` leave in the order of the calls.
    """

    def __init__(self, socket: Socket) -> None:
        self.id: UUID = uuid4()
        """Names the connection in logs."""
        self.socket = socket
        self._closed = False

    async def receive(self) -> str | bytes:
        """The next frame: text as str, binary as bytes. Raises Disconnected once there are no more."""
        try:
            event = await self.socket.receive()
        except WebSocketDisconnect as error:
            raise Disconnected(error.code, error.detail) from error
        if event["type"] == "websocket.receive":
            text = event.get("text")
            return text if text is not None else (event.get("bytes") or b"")
        if event["type"] == "websocket.disconnect":
            raise Disconnected(event.get("code") or 1006)
        return await self.receive()

    async def send(self, message: Sends_contra) -> None:
        """Encode and send one message. Raises Disconnected where the client is gone."""
        await self.send_frame(encode(message))

    async def send_frame(self, frame: bytes) -> None:
        """Send a text frame that is encoded already, UTF-8. Raises Disconnected where the client is gone."""
        if self._closed:
            raise Disconnected(1000, "closed by this side")
        try:
            await self.socket.send_text(frame)
        except (WebSocketDisconnect, OSError, RuntimeError) as error:
            # RuntimeError: the server has closed the socket by itself, and takes no more for it.
            raise Disconnected(1006) from error

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the connection; does nothing where it is closed. A reason beyond 123 bytes is cut."""
        if self._closed:
            return
        self._closed = True
        try:
            cut = reason.encode()[:_LONGEST_REASON].decode(errors="ignore")
            await self.socket.close(code=code, reason=cut)
        except (WebSocketDisconnect, OSError, RuntimeError):
            return  # gone before we could say so

    def admit(self) -> RequestError | None:
        """Called before each frame is handled; what it returns refuses the frame, and no handler sees it.

        Admits every frame unless overridden: here a service counts messages, say. A frame that is no valid
        message is refused for that all the same.
        """
        return None

    def on_mistake(self, error: RequestError) -> None:
        """Called after each frame of this client that is refused; does nothing unless overridden.

        `error.code` tells a handler's refusal from a frame that could not be understood.
        """


@asynccontextmanager
async def accept(socket: Socket) -> AsyncIterator[Connection[object]]:
    """Accept a socket as a plain Connection, and close it at the end: a ready `connect` for the routes."""
    await socket.accept()
    connection: Connection[object] = Connection(socket)
    try:
        yield connection
    finally:
        await connection.close()
