"""Rights that a connection holds for a while."""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import inf
from typing import Final

from generated.constants import ACCESS
from generated.runtime.errors import RequestError
from generated.topics import Topic
from service.access.rights import ANONYMOUS, Rights


@dataclass(frozen=True, slots=True)
class Grant:
    """Rights, and until when they count by this machine's clock; times in Unix seconds."""

    rights: Rights
    ends_at: float
    """From then on nothing new may be subscribed to."""
    gone_at: float
    """From then on nothing is read any more. In between, the client may show a fresh token."""

    @property
    def gone(self) -> bool:
        """Whether there is nothing left of it."""
        return time.time() >= self.gone_at

    def allows_new(self, topic: Topic) -> RequestError | None:
        """Why a topic may not be subscribed to now; None where it may."""
        if topic.channel in ACCESS and time.time() >= self.ends_at:
            return RequestError("unauthenticated", "The token has run out; send a fresh one first.")
        return self.rights.allows(topic)


EVERYBODY: Final = Grant(ANONYMOUS, inf, inf)
"""What a connection begins with."""
