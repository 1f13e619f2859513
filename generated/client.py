# Generated from spec/asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The client of Tapewire Trading API."""

from __future__ import annotations

from collections.abc import Callable

from .constants import DEFAULT_URL, ENVELOPE, HEARTBEAT_INTERVAL_MS, reconnect
from .models import Bar, BarsSelection, BarsUpdate, Pong, ServerShutdown
from .runtime.client import Client
from .runtime.codec import Codec
from .runtime.options import ClientOptions
from .runtime.session import Exchange, Pair, Session
from .runtime.subscription import Subscription, update_type
from .topics import BarsTopic

_BARS_SELECTION_CODEC = Codec(BarsSelection)
_BARS_SUBSCRIBE = Pair("bars.subscribe", "bars.subscribe.response")
_BARS_UNSUBSCRIBE = Pair("bars.unsubscribe", "bars.unsubscribe.response")
_SESSION_PING = Exchange("ping", "pong", Codec(Pong), whole=True)
_BARS_UPDATE = update_type("bars.update", Codec(BarsUpdate), lambda update: update.payload)
_SESSION_SERVER_SHUTDOWN_HEARD = Codec(ServerShutdown)


class BarsChannel:
    """Price bars (open, high, low, close, volume) of one symbol at one resolution.

    While a bar is forming, each update carries its whole state so far; the bar with the next `time` closes
    the one before it.

    A subscriber that reads too slowly is sent only the last of the updates that wait for it; its `seq_from`
    says which was the first of those that it stands for.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def subscribe(
        self,
        payload: BarsSelection,
        on_update: Callable[[Bar], None] | None = None,
        *,
        capacity: int | None = None,
        response_timeout: float | None = None,
    ) -> Subscription[Bar, BarsUpdate]:
        """Ask for the bars of a symbol at a resolution.

        Subscribing to a topic that one has already is answered `ok` again.
        """
        return await self._session.subscribe(
            BarsTopic.of_payload(payload).address,
            _BARS_SUBSCRIBE,
            _BARS_SELECTION_CODEC.encode(payload),
            (_BARS_UPDATE,),
            unsubscribe=_BARS_UNSUBSCRIBE,
            on_update=on_update,
            capacity=capacity,
            response_timeout=response_timeout,
        )


class SessionChannel:
    """The connection itself."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def ping(self, *, response_timeout: float | None = None) -> Pong:
        """A sign of life.

        Any message keeps a connection alive; this one is for clients that have nothing else to say.
        """
        return await self._session.request(_SESSION_PING, response_timeout=response_timeout)

    def on_server_shutdown(self, heard: Callable[[ServerShutdown], None]) -> Callable[[], None]:
        """The server is about to close this connection.

        A close with 4000 follows, here and on all other connections. Wait a random part of the time that the
        payload gives before you connect again, so that not all clients come back at once.
        """
        return self._session.listen("server.shutdown", _SESSION_SERVER_SHUTDOWN_HEARD, heard)


class TradingClient(Client):
    """Real-time market data over one WebSocket.

    A connection carries any number of topics. A client asks for a topic, is answered once, and from then on
    receives that topic's updates until it unsubscribes or leaves. Nothing is sent before the client's first
    request, and readers ignore fields they do not know.
    """

    def __init__(self, url: str = DEFAULT_URL, *, options: ClientOptions | None = None) -> None:
        super().__init__(
            Session(
                url,
                ENVELOPE,
                reconnect,
                options=options or ClientOptions(),
                heartbeat=(HEARTBEAT_INTERVAL_MS / 1000, Pair("ping", "pong")),
            )
        )
        self.bars = BarsChannel(self._session)
        self.session = SessionChannel(self._session)
