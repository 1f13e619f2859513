"""What a client may read, as its token says."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Final

from generated.constants import ACCESS
from generated.runtime.errors import RequestError
from generated.topics import Topic


@dataclass(frozen=True, slots=True)
class Rights:
    """Who a client is, and what it may read until when."""

    subject: str
    """Names the user; empty for nobody in particular."""
    scopes: frozenset[str]
    accounts: frozenset[str]
    """The ids of the accounts that it may read, exactly as they are spelt."""
    expires_at: float = inf
    """Unix seconds, as the token says; whoever holds it may have some time more to fetch another."""

    @property
    def authenticated(self) -> bool:
        """Whether these come from a token."""
        return bool(self.subject)

    def allows(self, topic: Topic) -> RequestError | None:
        """Why a topic may not be read, None where it may; the time is not looked at here.

        The answer is the same whether there is such an account or not.
        """
        rule = ACCESS.get(topic.channel)
        if rule is None:
            return None
        if not self.subject:
            return RequestError(
                "unauthenticated", f"Topics of {topic.channel} need a token; send session.authenticate first."
            )
        if not self.scopes.issuperset(rule.scopes):
            return RequestError("forbidden", f"The token lacks the scope {' '.join(rule.scopes)}.")
        if rule.parameter is not None and getattr(topic, rule.parameter) not in self.accounts:
            return RequestError("forbidden", f"The token does not grant {topic.address}.")
        return None


ANONYMOUS: Final = Rights("", frozenset(), frozenset())
"""What everybody may without a token."""
