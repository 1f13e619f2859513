# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""Typed publishing from any process, over the Redis or Valkey that nodes share; no service is needed for it.

    async with Publisher("redis://localhost:6379") as publisher:
        epoch, seq = await publisher.sounding_update(topic, payload)

Each method returns when Redis has the update, and raises what `runtime/redis_errors.py` lists. Needs the package
`redis`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

from .constants import DELIVERY, HISTORY, SNAPSHOT, STATE
from .models import AlarmUpdateBody, OutlookUpdateBody, Winds
from .publisher import Publications
from .publisher import Publisher as ToSink
from .runtime.redis_outgoing import PublicationBatch, PublishedAt, PublisherOptions
from .runtime.redis_protocol import ChannelRules
from .runtime.redis_publisher import AsyncBrokerPublisher, SyncBrokerPublisher
from .topics import AlarmTopic, OutlookTopic, SoundingTopic

DEFAULT_BROKER: Final = "redis://localhost:6379"
"""Where publishers connect to unless they are told."""

RULES: Final = ChannelRules(delivery=DELIVERY, history=HISTORY, snapshot=SNAPSHOT, state=STATE)
"""What the contract says of channels that Redis has to know."""


class Publisher(AsyncBrokerPublisher):
    """Publishes over the broker; one method per channel and kind of update.

    What is published while a round trip is under way leaves together in the next one.
    """

    def __init__(self, url: str = DEFAULT_BROKER, *, options: PublisherOptions | None = None) -> None:
        super().__init__(url, RULES, options)

    @asynccontextmanager
    async def batch(self) -> AsyncIterator[ToSink]:
        """Gather updates, and publish them in order at the block's end; the first error is raised there."""
        gathered = PublicationBatch()
        yield ToSink(gathered)
        await self._publish_all(gathered.publications)

    async def sounding_update(
        self, topic: SoundingTopic, payload: Winds, *, snapshot: bool = False
    ) -> PublishedAt:
        """Publish `sounding.update`."""
        return await self.publish(Publications.sounding_update(topic, payload, snapshot=snapshot))

    async def alarm_update(
        self, topic: AlarmTopic, payload: AlarmUpdateBody, *, snapshot: bool = False
    ) -> PublishedAt:
        """Publish `alarm.update`."""
        return await self.publish(Publications.alarm_update(topic, payload, snapshot=snapshot))

    async def outlook_update(
        self, topic: OutlookTopic, payload: OutlookUpdateBody, *, snapshot: bool = False
    ) -> PublishedAt:
        """Publish `outlook.update`."""
        return await self.publish(Publications.outlook_update(topic, payload, snapshot=snapshot))


class SyncPublisher(SyncBrokerPublisher):
    """The same for programs without an event loop: each method blocks until Redis has the update."""

    def __init__(self, url: str = DEFAULT_BROKER, *, options: PublisherOptions | None = None) -> None:
        super().__init__(url, RULES, options)

    @contextmanager
    def batch(self) -> Iterator[ToSink]:
        """Gather updates, and publish them in order at the block's end; the first error is raised there."""
        gathered = PublicationBatch()
        yield ToSink(gathered)
        self._publish_all(gathered.publications)

    def sounding_update(self, topic: SoundingTopic, payload: Winds, *, snapshot: bool = False) -> PublishedAt:
        """Publish `sounding.update`."""
        return self.publish(Publications.sounding_update(topic, payload, snapshot=snapshot))

    def alarm_update(
        self, topic: AlarmTopic, payload: AlarmUpdateBody, *, snapshot: bool = False
    ) -> PublishedAt:
        """Publish `alarm.update`."""
        return self.publish(Publications.alarm_update(topic, payload, snapshot=snapshot))

    def outlook_update(
        self, topic: OutlookTopic, payload: OutlookUpdateBody, *, snapshot: bool = False
    ) -> PublishedAt:
        """Publish `outlook.update`."""
        return self.publish(Publications.outlook_update(topic, payload, snapshot=snapshot))
