"""Asking a service how it is, on its admin listener."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

from service.metrics.places import NotAnswered, Place, ask, place_of
from service.metrics.status import Order, Status, decode

_PORT = 80


@dataclass(frozen=True, slots=True)
class Source:
    """One service, which may be of several processes: whichever answers tells of all."""

    place: Place
    most: int
    """Topics and clients that are asked for."""

    async def look(self, order: Order) -> Status:
        """How it is now; its first topics in this order. Raises NotAnswered."""
        body = await ask(self.place, f"/internal/status?most={self.most}&order={order}")
        try:
            return decode(body)
        except msgspec.DecodeError as error:
            raise NotAnswered(
                f"{self.place} tells something else than this version reads: {error}"
            ) from error


def place_named(text: str) -> Place:
    """`http://HOST:PORT`, `HOST:PORT`, `unix:PATH` or a path; ValueError for what is none of them."""
    scheme, separator, _ = text.partition("://")
    if not separator:
        return place_of(text)
    if scheme != "http":
        raise ValueError("give http://HOST:PORT, HOST:PORT or unix:PATH")
    parts = urlsplit(text)
    if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("give http://HOST:PORT, and nothing else in it")
    host = parts.hostname or ""
    return place_of(f"[{host}]:{parts.port or _PORT}" if ":" in host else f"{host}:{parts.port or _PORT}")
