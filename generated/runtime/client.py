"""What every client of a multiplexed socket offers beside its channels."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Self

from .errors import ConnectionLost
from .hole import Hole
from .session import Session, State


class Client:
    """A connection that comes back when it is lost: `async with` opens and closes it.

    Requests wait while there is no connection. Those that are under way when one is lost fail with ConnectionLost;
    subscriptions go on, and are told where something was missed.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def url(self) -> str:
        """Where the client connects to."""
        return self._session.url

    @property
    def state(self) -> State:
        """`idle`, `connecting`, `open`, `reconnecting` or `closed`."""
        return self._session.state

    @property
    def lost(self) -> ConnectionLost | None:
        """Why the client is closed: by its user, or since another connection would not help; None while it is not."""
        return self._session.lost

    async def open(self) -> None:
        """Connect, and wait until that is done; nothing is sent before the first request. Requests connect too.

        Raises ConnectionLost. Where no other attempt would help (no WebSocket URL, a handshake that is refused with
        an HTTP status below 500, a token that is refused, a code that says so) that is at once, and the client is
        closed. Else there is one attempt after another, and it is raised when the option `open_timeout` is over; the
        client then goes on trying until it is closed. `async with` closes it.

        A client that is closed begins anew.
        """
        await self._session.open()

    async def close(self) -> None:
        """Close the connection; subscriptions end quietly, requests with ConnectionLost. Nothing is left behind."""
        await self._session.close()

    def on_state(self, heard: Callable[[State, ConnectionLost | None], None]) -> Callable[[], None]:
        """Call `heard` with each new state, and why: of `reconnecting` and `closed`. Returns what ends that."""
        return self._session.states.add(heard)

    def on_hole(self, heard: Callable[[Hole], None]) -> Callable[[], None]:
        """Call `heard` for each hole in any topic. Returns what ends that."""
        return self._session.feeds.holes.add(heard)

    async def __aenter__(self) -> Self:
        try:
            await self.open()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
