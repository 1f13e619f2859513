"""The connection itself."""

from __future__ import annotations

import time

from generated.handlers import SessionHandler
from generated.models import Ping, Pong
from service.connection import ClientConnection


class Session(SessionHandler[ClientConnection]):
    """Answers signs of life; that they count as such is the connection's doing."""

    async def ping(self, connection: ClientConnection, request: Ping) -> Pong:
        """The server's clock."""
        return Pong(type="pong", ts=int(time.time() * 1000))
