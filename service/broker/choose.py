"""From settings to the broker that they name."""

from __future__ import annotations

from service.broker.address import MEMORY
from service.broker.base import Broker
from service.broker.memory import MemoryBroker
from service.settings import Settings


def broker_of(settings: Settings) -> Broker:
    """The broker that the settings name; it is not connected yet."""
    if settings.broker == MEMORY:
        return MemoryBroker()
    # Imported late: who needs no Redis need not wait for its driver.
    from service.broker.redis import RedisBroker  # noqa: PLC0415

    return RedisBroker(
        settings.broker,
        timeout=settings.broker_timeout,
        queue_bytes=settings.broker_queue_bytes,
        ttl=settings.broker_ttl,
    )
