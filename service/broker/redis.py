"""The broker that many processes share: a Redis or Valkey."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from service.broker.address import shown
from service.broker.base import BrokerStatus, BrokerUnavailable, Receiver

if TYPE_CHECKING:
    from generated.runtime.publication import Publication
    from generated.topics import Topic


class RedisBroker:
    """Numbers come from Redis; every node follows."""

    remote = True

    def __init__(self, address: str, *, timeout: float, queue_bytes: int, ttl: float) -> None:
        self._name = shown(address)
        self._since = time.time()

    def bind(self, receiver: Receiver) -> None:
        """Say who follows topics."""
        self._receiver = receiver

    async def start(self) -> None:
        """Begin to connect."""

    async def stop(self) -> None:
        """End."""

    def publish(self, publication: Publication, *, exclusive: bool = False) -> None:
        """Take one publication."""

    async def open(self, topic: Topic) -> None:
        """Follow a topic."""
        raise BrokerUnavailable("it is not connected")

    def close(self, address: str) -> None:
        """Follow a topic no more."""

    def status(self) -> BrokerStatus:
        """How it is doing."""
        return BrokerStatus(self._name, "connecting", self._since)
