"""The protocol class that the server runs, with a way down to the connection's transport.

ASGI has no word for cutting a connection off: a close waits in line behind what the client does not read. The
transport, in the scope's extensions, lets the service end such a connection for good.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from service.wire.keepalive import Keepalive

if TYPE_CHECKING:
    from litestar.types import Scope
    from websockets.http11 import Request

_EXTENSION = "tapewire.transport"


@runtime_checkable
class Transport(Protocol):
    """What the service uses of a connection's transport; uvloop's is no subclass of asyncio's."""

    def abort(self) -> None:
        """Close at once, whatever has not been sent."""

    def pause_reading(self) -> None:
        """Leave what comes in the kernel's buffers, and the sender waiting."""


class WireProtocol(Keepalive):
    """Offers its transport to the application."""

    def handle_connect(self, event: Request) -> None:
        """Put the transport into the scope before the application, a task that has yet to run, sees it."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            extensions: dict[str, object] = self.scope["extensions"]  # type: ignore[assignment]
            extensions[_EXTENSION] = self.transport


def transport_of(scope: Scope) -> Transport | None:
    """The transport beneath a connection; None under a server that does not offer it."""
    found = (scope.get("extensions") or {}).get(_EXTENSION)
    return found if isinstance(found, Transport) else None
