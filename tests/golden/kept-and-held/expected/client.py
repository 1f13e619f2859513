# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The client of Soundings."""

from __future__ import annotations

from collections.abc import Callable

from .constants import DEFAULT_URL, ENVELOPE, STATE, reconnect
from .models import (
    AlarmUpdate,
    AlarmUpdateBody,
    Anew,
    LoginBody,
    OutlookUpdate,
    OutlookUpdateBody,
    Over,
    SoundingSubscribeBody,
    SoundingUpdate,
    Welcome,
    Winds,
)
from .runtime.client import Client
from .runtime.codec import Codec
from .runtime.exchange import (
    Authentication,
    ChannelRule,
    Exchange,
    KeyedList,
    Pair,
    update_type,
)
from .runtime.hole import Hole
from .runtime.options import ClientOptions
from .runtime.session import Session
from .runtime.subscription import Subscription
from .topics import AlarmTopic, OutlookTopic, SoundingTopic

_SOUNDING_SUBSCRIBE_BODY_CODEC = Codec(SoundingSubscribeBody)
_LOGIN_BODY_CODEC = Codec(LoginBody)
_SOUNDING_SUBSCRIBE = Pair("sounding.subscribe", "sounding.subscribe.response")
_ALARM_SUBSCRIBE = Pair("alarm.subscribe", "alarm.subscribe.response")
_OUTLOOK_SUBSCRIBE = Pair("outlook.subscribe", "outlook.subscribe.response")
_SESSION_LOGIN = Exchange("login", "login.response", Codec(Welcome))
_SOUNDING_UPDATE = update_type(
    "sounding.update",
    Codec(SoundingUpdate),
    lambda update: update.body,
    {"air": KeyedList("air", "metres", "knots"), "up-draft": KeyedList("up_draft", "metres", "knots")},
)
_SOUNDING_SUBSCRIBE_RULE: ChannelRule[Winds, SoundingUpdate] = ChannelRule(
    _SOUNDING_SUBSCRIBE,
    None,
    (_SOUNDING_UPDATE,),
    current=True,
    snapshot="subscribe",
    state=STATE["sounding"],
)
_ALARM_UPDATE = update_type("alarm.update", Codec(AlarmUpdate), lambda update: update.body)
_ALARM_SUBSCRIBE_RULE: ChannelRule[AlarmUpdateBody, AlarmUpdate] = ChannelRule(
    _ALARM_SUBSCRIBE, None, (_ALARM_UPDATE,), current=True, snapshot="recover"
)
_OUTLOOK_UPDATE = update_type("outlook.update", Codec(OutlookUpdate), lambda update: update.body)
_OUTLOOK_SUBSCRIBE_RULE: ChannelRule[OutlookUpdateBody, OutlookUpdate] = ChannelRule(
    _OUTLOOK_SUBSCRIBE, None, (_OUTLOOK_UPDATE,), snapshot="subscribe"
)
_SESSION_ANEW_HEARD = Codec(Anew)
_SESSION_OVER_HEARD = Codec(Over)


class SoundingChannel:
    """The wind by height.

    For clients whose `ticket` (bearer token, JWT) has the scopes `winds:read`, `live` and names the topic's
    `station`.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def subscribe(
        self,
        payload: SoundingSubscribeBody,
        on_update: Callable[[Winds], None] | None = None,
        *,
        on_hole: Callable[[Hole], None] | None = None,
        capacity: int | None = None,
        response_timeout: float | None = None,
    ) -> Subscription[Winds, SoundingUpdate]:
        """Send `sounding.subscribe`."""
        return await self._session.subscribe(
            SoundingTopic.of_payload(payload).address,
            _SOUNDING_SUBSCRIBE_RULE,
            _SOUNDING_SUBSCRIBE_BODY_CODEC.encode(payload),
            on_update=on_update,
            on_hole=on_hole,
            capacity=capacity,
            response_timeout=response_timeout,
        )


class AlarmChannel:
    """For clients with `ticket` (bearer token, JWT) or `badge` (API key in the header X-Badge)."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def subscribe(
        self,
        on_update: Callable[[AlarmUpdateBody], None] | None = None,
        *,
        on_hole: Callable[[Hole], None] | None = None,
        capacity: int | None = None,
        response_timeout: float | None = None,
    ) -> Subscription[AlarmUpdateBody, AlarmUpdate]:
        """Send `alarm.subscribe`."""
        return await self._session.subscribe(
            AlarmTopic().address,
            _ALARM_SUBSCRIBE_RULE,
            None,
            on_update=on_update,
            on_hole=on_hole,
            capacity=capacity,
            response_timeout=response_timeout,
        )


class OutlookChannel:
    """`outlook`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def subscribe(
        self,
        on_update: Callable[[OutlookUpdateBody], None] | None = None,
        *,
        on_hole: Callable[[Hole], None] | None = None,
        capacity: int | None = None,
        response_timeout: float | None = None,
    ) -> Subscription[OutlookUpdateBody, OutlookUpdate]:
        """Send `outlook.subscribe`."""
        return await self._session.subscribe(
            OutlookTopic().address,
            _OUTLOOK_SUBSCRIBE_RULE,
            None,
            on_update=on_update,
            on_hole=on_hole,
            capacity=capacity,
            response_timeout=response_timeout,
        )


class SessionChannel:
    """`session`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def login(self, payload: LoginBody, *, response_timeout: float | None = None) -> Welcome:
        """Send `login`."""
        return await self._session.request(
            _SESSION_LOGIN, _LOGIN_BODY_CODEC.encode(payload), response_timeout=response_timeout
        )

    def on_anew(self, heard: Callable[[Anew], None]) -> Callable[[], None]:
        """A topic begins anew."""
        return self._session.listen("anew", _SESSION_ANEW_HEARD, heard)

    def on_over(self, heard: Callable[[Over], None]) -> Callable[[], None]:
        """A topic is taken away."""
        return self._session.listen("over", _SESSION_OVER_HEARD, heard)


class SoundingsClient(Client):
    """What balloons measure, kept for those who come back."""

    def __init__(self, url: str = DEFAULT_URL, *, options: ClientOptions | None = None) -> None:
        super().__init__(
            Session(
                url,
                ENVELOPE,
                reconnect,
                options=options or ClientOptions(),
                authentication=Authentication("login", "login.response", "ticket", "lasts"),
                heartbeat=None,
            )
        )
        self.sounding = SoundingChannel(self._session)
        self.alarm = AlarmChannel(self._session)
        self.outlook = OutlookChannel(self._session)
        self.session = SessionChannel(self._session)
