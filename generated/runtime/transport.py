"""One connection as a client sees it, and nothing of what is said on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidMessage,
    InvalidProxy,
    InvalidStatus,
    InvalidURI,
    ProxyError,
)

from .errors import ConnectionLost
from .options import ClientOptions

Advice = Callable[[int], bool]
"""Whether a close code lets a client open another connection."""

_GOODBYE = 1.0
"""Seconds that a server may take to answer a close."""
_TOO_BIG = 1009
_NOT_NOW = frozenset({408, 425, 429})
"""HTTP statuses below 500 that say that the same handshake may be accepted later."""


class Transport(Protocol):
    """Sends and receives frames until the connection is lost."""

    async def send(self, frame: bytes) -> None:
        """Send a text frame, UTF-8. Raises ConnectionLost."""

    async def receive(self) -> str | bytes:
        """The next frame: text as str, binary as bytes. Raises ConnectionLost."""
        ...

    async def close(self) -> None:
        """Close with 1000, politely; does nothing where it is closed."""

    async def abort(self) -> None:
        """Close without a word; does nothing where it is closed."""


class WebSocketTransport:
    """A Transport over a WebSocket."""

    def __init__(self, socket: ClientConnection, advice: Advice) -> None:
        self._socket = socket
        self._advice = advice

    async def send(self, frame: bytes) -> None:
        """Send a text frame, UTF-8. Raises ConnectionLost."""
        try:
            await self._socket.send(frame, text=True)
        except ConnectionClosed as error:
            raise self._lost(error) from error

    async def receive(self) -> str | bytes:
        """The next frame: text as str, binary as bytes. Raises ConnectionLost."""
        try:
            return await self._socket.recv()
        except ConnectionClosed as error:
            raise self._lost(error) from error

    async def close(self) -> None:
        """Close with 1000, politely; does nothing where it is closed."""
        await self._socket.close()

    async def abort(self) -> None:
        """Close without a word; does nothing where it is closed."""
        self._socket.transport.abort()
        await self._socket.wait_closed()

    def _lost(self, error: ConnectionClosed) -> ConnectionLost:
        if error.rcvd is not None:
            return ConnectionLost(error.rcvd.code, error.rcvd.reason, reconnect=self._advice(error.rcvd.code))
        sent = error.sent  # where this side found something wrong with what came
        if sent is not None and sent.code == _TOO_BIG:
            return ConnectionLost(_TOO_BIG, "a message is larger than max_size", reconnect=False)
        return ConnectionLost(1006, "" if sent is None else sent.reason, reconnect=self._advice(1006))


async def open_transport(url: str, options: ClientOptions, advice: Advice) -> WebSocketTransport:
    """Open a connection; ConnectionLost where that fails, with advice on whether to try again."""
    try:
        socket = await connect(
            url,
            additional_headers=options.headers,
            open_timeout=options.open_timeout,
            close_timeout=_GOODBYE,
            max_size=options.max_size,
        )
    except InvalidURI as error:
        raise ConnectionLost(1006, f"{url} is no WebSocket URL", reconnect=False) from error
    except (ValueError, InvalidProxy, ImportError) as error:
        # A port that cannot be, a certificate that is not trusted, a proxy that this installation cannot use.
        raise ConnectionLost(1006, f"{url} cannot be: {error}", reconnect=False) from error
    except InvalidHandshake as error:
        raise ConnectionLost(1006, f"{url} refused: {error}", reconnect=_may_accept(error)) from error
    except (OSError, TimeoutError, ConnectionClosed) as error:
        reason = str(error) or f"no answer within {options.open_timeout:g} s"
        raise ConnectionLost(1006, f"{url} cannot be reached: {reason}", reconnect=True) from error
    return WebSocketTransport(socket, advice)


def _may_accept(error: InvalidHandshake) -> bool:
    """Whether a handshake that was refused may be accepted later."""
    if isinstance(error, InvalidStatus):
        status = error.response.status_code
        return status >= 500 or status in _NOT_NOW
    return isinstance(error, InvalidMessage | ProxyError)  # cut off, or refused on the way


def socket_url(base: str, path: str) -> str:
    """The URL of a channel: a server's URL with the channel's path, which may repeat the server's own.

    `http` and `https` become `ws` and `wss`.
    """
    parts = urlsplit(base)
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    prefix = parts.path.rstrip("/")
    whole = path if path == prefix or path.startswith(f"{prefix}/") else prefix + path
    return urlunsplit((scheme, parts.netloc, whole, parts.query, ""))
