# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The client of Weather."""

from __future__ import annotations

from collections.abc import Callable

from .constants import DEFAULT_URL, ENVELOPE, reconnect
from .models import Station, Weather, WeatherUpdate
from .runtime.client import Client
from .runtime.codec import Codec
from .runtime.exchange import (
    ChannelRule,
    Pair,
    update_type,
)
from .runtime.hole import Hole
from .runtime.options import ClientOptions
from .runtime.session import Session
from .runtime.subscription import Subscription
from .topics import WeatherChannelTopic

_STATION_CODEC = Codec(Station)
_WEATHER_SUBSCRIBE = Pair("weather.subscribe", "weather.subscribe.response")
_WEATHER_UPDATE = update_type("weather.update", Codec(WeatherUpdate), lambda update: update.body)
_WEATHER_SUBSCRIBE_RULE: ChannelRule[Weather, WeatherUpdate] = ChannelRule(
    _WEATHER_SUBSCRIBE, None, (_WEATHER_UPDATE,), current=True
)


class WeatherChannelChannel:
    """The weather at a station."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def subscribe(
        self,
        payload: Station,
        on_update: Callable[[Weather], None] | None = None,
        *,
        on_hole: Callable[[Hole], None] | None = None,
        capacity: int | None = None,
        response_timeout: float | None = None,
    ) -> Subscription[Weather, WeatherUpdate]:
        """Send `weather.subscribe`."""
        return await self._session.subscribe(
            WeatherChannelTopic.of_payload(payload).address,
            _WEATHER_SUBSCRIBE_RULE,
            _STATION_CODEC.encode(payload),
            on_update=on_update,
            on_hole=on_hole,
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
