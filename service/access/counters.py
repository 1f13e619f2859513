"""What is counted of who may and who may not; plain numbers, read whenever somebody asks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import get_args

from service.access.problems import Reason

_REASONS = (*get_args(Reason), "other_user")


@dataclass(slots=True)
class AccessCounters:
    """Since the start of the process."""

    auth_ok: int = 0
    """Tokens that were accepted, refreshes among them."""
    auth_failures: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(_REASONS, 0)))
    """Tokens that were refused, by problems.Reason, and by `other_user` (a refresh for somebody else)."""
    forbidden: int = 0
    """Subscribes that were refused for lack of a token or of rights."""
    revoked: int = 0
    """Subscriptions that were ended since the rights for them had gone."""
    expired: int = 0
    """Connections that were closed since their token had run out."""
    timeouts: int = 0
    """Connections that were closed since they did not authenticate in time."""
    origins_refused: int = 0
    """Handshakes that were refused for their Origin."""
    user_limit: int = 0
    """Connections that were closed since their user had as many as allowed."""
