"""The connection itself."""

from __future__ import annotations

import time

from pydantic import MISSING

from generated.handlers import SessionHandler
from generated.models import (
    Authenticated,
    Ping,
    Pong,
    SessionAuthenticate,
    SessionAuthenticateResponse,
)
from generated.runtime.errors import RequestError
from service.access.gate import Access
from service.access.problems import TokenRefused
from service.clients import Connections
from service.connection import ClientConnection


class Session(SessionHandler[ClientConnection]):
    """Answers signs of life, whose counting as such is the connection's doing, and takes tokens."""

    def __init__(self, access: Access, connections: Connections) -> None:
        self._access = access
        self._connections = connections

    async def ping(self, connection: ClientConnection, request: Ping) -> Pong:
        """The server's clock."""
        return Pong(type="pong", ts=int(time.time() * 1000))

    async def authenticate(
        self, connection: ClientConnection, request: SessionAuthenticate
    ) -> SessionAuthenticateResponse:
        """Give the connection the token's rights, in place of those of an earlier one of the same user.

        What it may not read any more is closed before the answer. A token that is refused changes nothing.
        """
        if not self._access.enabled:
            raise RequestError(
                "unavailable",
                "This service has no accounts: all that it serves needs no token.",
                retryable=False,
            )
        try:
            rights = await self._access.judge(request.payload.token)
        except TokenRefused as refused:
            code = "unavailable" if refused.retryable else "unauthenticated"
            raise RequestError(code, refused.message, retryable=refused.retryable) from None
        grant = self._connections.grant(connection, rights)
        expires_in_ms = max(0, int((grant.rights.expires_at - time.time()) * 1000))
        return SessionAuthenticateResponse(
            type="session.authenticate.response",
            payload=Authenticated(
                status="ok",
                message="Authenticated",
                expires_in_ms=expires_in_ms if expires_in_ms < 2**53 else MISSING,
            ),
        )
