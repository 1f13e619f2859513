"""One topic that somebody listens to."""

from __future__ import annotations

import secrets
from asyncio import TimerHandle
from typing import TYPE_CHECKING

from service.delivery import Audience

if TYPE_CHECKING:
    from generated.topics import Topic


class TopicState(Audience):
    """Position, and who listens. A new state is a new epoch: what came before it cannot be told any more."""

    __slots__ = ("closing", "epoch", "epoch_told", "seq", "topic")

    def __init__(self, topic: Topic) -> None:
        super().__init__()
        self.topic = topic
        self.seq = 0
        """The last update's number; the first update of an epoch is 1."""
        self.epoch = secrets.token_hex(5)
        self.epoch_told = False
        """Whether an update of this epoch has gone out; the first one carries the epoch."""
        self.closing: TimerHandle | None = None
        """Running while nobody listens."""
