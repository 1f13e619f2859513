"""The connection itself."""

from __future__ import annotations

import time

from generated.handlers import SessionHandler
from generated.models import Ping, Pong, SessionAuthenticate, SessionAuthenticateResponse
from generated.runtime.errors import RequestError
from service.connection import ClientConnection


class Session(SessionHandler[ClientConnection]):
    """Answers signs of life; that they count as such is the connection's doing."""

    async def ping(self, connection: ClientConnection, request: Ping) -> Pong:
        """The server's clock."""
        return Pong(type="pong", ts=int(time.time() * 1000))

    async def authenticate(
        self, connection: ClientConnection, request: SessionAuthenticate
    ) -> SessionAuthenticateResponse:
        """Refuse: this service has no accounts, and so nothing to judge a token by."""
        raise RequestError(
            "unavailable", "This service has no accounts: all that it serves needs no token.", retryable=False
        )
