"""Where a service can be asked: `HOST:PORT`, or `unix:PATH` for a socket that only its owner may open."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

_UNIX = "unix:"
_MOST_BYTES = 64 * 2**20


class NotAnswered(Exception):
    """Nobody is there, or no answer came in time, or one that is none; the message says which."""


@dataclass(frozen=True, slots=True)
class Address:
    """A port of a host."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class SocketFile:
    """A unix socket."""

    path: Path

    def __str__(self) -> str:
        return f"{_UNIX}{self.path}"


Place: TypeAlias = Address | SocketFile


def place_of(text: str) -> Place:
    """Read a place; ValueError for what is none. A path may do without `unix:` where it has a slash."""
    if text == _UNIX:
        raise ValueError("a path is missing: give unix:PATH")
    if text.startswith(_UNIX) or "/" in text:
        return SocketFile(Path(text.removeprefix(_UNIX)))
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise ValueError("give HOST:PORT or unix:PATH")
    return Address(host, int(port))


async def ask(place: Place, path: str, *, timeout: float = 2.0) -> bytes:  # noqa: ASYNC109, callers differ
    """The body of the answer to a GET, with status 200 or 503; raises NotAnswered. `timeout` is in seconds."""
    try:
        async with asyncio.timeout(timeout):
            head, _, body = (await _exchange(place, path)).partition(b"\r\n\r\n")
    except TimeoutError as error:
        raise NotAnswered(f"{place} did not answer within {timeout:g} s") from error
    except (OSError, asyncio.LimitOverrunError) as error:
        raise NotAnswered(f"{place} cannot be reached: {error}") from error
    status = head.split(b"\r\n", 1)[0].split(b" ")
    if len(status) < 2 or not status[0].startswith(b"HTTP/1."):
        raise NotAnswered(f"{place} does not speak HTTP")
    if status[1] == b"404":
        raise NotAnswered(
            f"{place} answered 404: it is no admin listener, or not of this version; see serve --admin"
        )
    if status[1] not in {b"200", b"503"}:
        raise NotAnswered(f"{place} answered {status[1].decode(errors='replace')}")
    return body


async def _exchange(place: Place, path: str) -> bytes:
    if isinstance(place, SocketFile):
        reader, writer = await asyncio.open_unix_connection(str(place.path))
    else:
        reader, writer = await asyncio.open_connection(place.host, place.port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: tapewire\r\nConnection: close\r\n\r\n".encode())
        # All of it: whoever answers closes the connection then.
        answer = bytearray()
        while chunk := await reader.read(65_536):
            answer += chunk
            if len(answer) > _MOST_BYTES:
                raise NotAnswered(f"{place} answers without end")
        return bytes(answer)
    finally:
        writer.close()
