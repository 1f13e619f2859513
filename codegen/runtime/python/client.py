"""What every client of a multiplexed socket offers beside its channels."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from .errors import ConnectionLost
from .session import Session


class Client:
    """One connection: `async with` opens and closes it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def url(self) -> str:
        """Where the client connects to."""
        return self._session.url

    @property
    def lost(self) -> ConnectionLost | None:
        """Why the connection is over; None while it lives, and before it is opened."""
        return self._session.lost

    async def open(self) -> None:
        """Connect; ConnectionLost where that fails. Nothing is sent before the first request."""
        await self._session.open()

    async def close(self) -> None:
        """Close the connection; subscriptions end quietly, requests under way with ConnectionLost."""
        await self._session.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
