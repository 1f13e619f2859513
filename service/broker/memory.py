"""The broker of a process that is alone: there is nothing to reach, and so nothing to lose."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from service.broker.base import BrokerStatus, Receiver

if TYPE_CHECKING:
    from generated.runtime.publication import Publication
    from generated.topics import Topic


class MemoryBroker:
    """Leaves everything to the hub, whose topics number what is published the moment it is."""

    remote = False

    def __init__(self) -> None:
        self._since = time.time()

    def bind(self, receiver: Receiver) -> None:
        """Nothing will come."""

    async def start(self) -> None:
        """Nothing to connect to."""

    async def reached(self, patience: float) -> bool:
        """Always."""
        return True

    async def stop(self) -> None:
        """Nothing to hand over."""

    def publish(self, publication: Publication, *, exclusive: bool = False) -> None:
        """Never called: the hub does this."""
        raise NotImplementedError

    def begin(self, address: str) -> None:
        """Never called: who feeds here does so from the topic's first subscriber to its last."""
        raise NotImplementedError

    def end(self, address: str) -> None:
        """Never called."""
        raise NotImplementedError

    def withdraw(self) -> None:
        """Never called: nobody else feeds."""
        raise NotImplementedError

    async def open(self, topic: Topic) -> None:
        """Never called: the hub does this."""
        raise NotImplementedError

    async def catch_up(self, address: str) -> None:
        """Never called: nobody else publishes."""
        raise NotImplementedError

    def close(self, address: str) -> None:
        """Nothing is followed."""

    def status(self) -> BrokerStatus:
        """Always up."""
        return BrokerStatus("memory", "up", self._since)
