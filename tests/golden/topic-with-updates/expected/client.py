# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The client of Weather."""

from __future__ import annotations

from collections.abc import Callable

from .constants import DEFAULT_URL, ENVELOPE, reconnect
from .models import Station, Weather, WeatherUpdate
from .runtime.client import Client
from .runtime.codec import Codec
from .runtime.options import ClientOptions
from .runtime.session import Pair, Session
from .runtime.subscription import Subscription, update_type
from .topics import WeatherChannelTopic

_STATION_CODEC = Codec(Station)
_WEATHER_SUBSCRIBE = Pair("weather.subscribe", "weather.subscribe.response")
_WEATHER_UPDATE = update_type("weather.update", Codec(WeatherUpdate), lambda update: update.body)


class WeatherChannelChannel:
    """The weather at a station."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def subscribe(
        self,
        payload: Station,
        on_update: Callable[[Weather], None] | None = None,
        *,
        capacity: int | None = None,
        response_timeout: float | None = None,
    ) -> Subscription[Weather, WeatherUpdate]:
        """Send `weather.subscribe`."""
        return await self._session.subscribe(
            WeatherChannelTopic.of_payload(payload).address,
            _WEATHER_SUBSCRIBE,
            _STATION_CODEC.encode(payload),
            (_WEATHER_UPDATE,),
            unsubscribe=None,
            on_update=on_update,
            capacity=capacity,
            response_timeout=response_timeout,
        )


class WeatherClient(Client):
    """One topic per station."""

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
        self.weather = WeatherChannelChannel(self._session)
