# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The client of Lighthouse."""

from __future__ import annotations

from collections.abc import Callable

from .constants import DEFAULT_URL, ENVELOPE, reconnect
from .models import LampGoing, Seen
from .runtime.client import Client
from .runtime.codec import Codec
from .runtime.exchange import (
    Exchange,
)
from .runtime.options import ClientOptions
from .runtime.session import Session

_LAMP_LOOK = Exchange("look", "seen", Codec(Seen), whole=True)
_LAMP_GOING_HEARD = Codec(LampGoing)


class LampChannel:
    """`lamp`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def look(self, *, response_timeout: float | None = None) -> Seen:
        """Send `look`."""
        return await self._session.request(_LAMP_LOOK, response_timeout=response_timeout)

    def on_going(self, heard: Callable[[LampGoing], None]) -> Callable[[], None]:
        """The light is about to go out."""
        return self._session.listen("lamp.going", _LAMP_GOING_HEARD, heard)


class LighthouseClient(Client):
    """The limits of a client and the goodbyes of a server."""

    def __init__(self, url: str = DEFAULT_URL, *, options: ClientOptions | None = None) -> None:
        super().__init__(
            Session(
                url,
                ENVELOPE,
                reconnect,
                options=options or ClientOptions(),
                heartbeat=None,
            )
        )
        self.lamp = LampChannel(self._session)
