# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The client of Reserved words."""

from __future__ import annotations

from collections.abc import Callable

from .constants import DEFAULT_URL, ENVELOPE, reconnect
from .models import ClassReturn, ClassReturnPayload, ClassSubscribePayload
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
from .topics import ClassTopic

_CLASS_SUBSCRIBE_PAYLOAD_CODEC = Codec(ClassSubscribePayload)
_CLASS_CLASS_SUBSCRIBE = Pair("class.subscribe", "class.subscribe.response")
_CLASS_CLASS_RETURN = update_type("class.return", Codec(ClassReturn), lambda update: update.payload)
_CLASS_CLASS_SUBSCRIBE_RULE: ChannelRule[ClassReturnPayload, ClassReturn] = ChannelRule(
    _CLASS_CLASS_SUBSCRIBE, None, (_CLASS_CLASS_RETURN,)
)


class ClassChannel:
    """`class:{import}`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def class_subscribe(
        self,
        payload: ClassSubscribePayload,
        on_update: Callable[[ClassReturnPayload], None] | None = None,
        *,
        on_hole: Callable[[Hole], None] | None = None,
        capacity: int | None = None,
        response_timeout: float | None = None,
    ) -> Subscription[ClassReturnPayload, ClassReturn]:
        """Send `class.subscribe`."""
        return await self._session.subscribe(
            ClassTopic.of_payload(payload).address,
            _CLASS_CLASS_SUBSCRIBE_RULE,
            _CLASS_SUBSCRIBE_PAYLOAD_CODEC.encode(payload),
            on_update=on_update,
            on_hole=on_hole,
            capacity=capacity,
            response_timeout=response_timeout,
        )


class ReservedWordsClient(Client):
    """A client of Reserved words."""

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
        self.class_ = ClassChannel(self._session)
