"""What is wrong with keys and with tokens. No message holds any part of either."""

from __future__ import annotations

from typing import Literal, TypeAlias

Reason: TypeAlias = Literal[
    "malformed",
    "algorithm",
    "unknown_key",
    "signature",
    "expired",
    "not_yet",
    "claims",
    "elsewhere",
    "no_keys",
]
"""Why a token is refused; a name for counters, so there are few."""

_ANY = "The token is not one that this service accepts."

_TOLD: dict[Reason, str] = {
    "malformed": _ANY,
    "algorithm": _ANY,
    "unknown_key": _ANY,
    "signature": _ANY,
    "expired": "The token has run out; fetch another.",
    "not_yet": "The token is not valid yet.",
    "claims": "The token lacks a claim that this service needs, or has one of the wrong type.",
    "elsewhere": "The token was issued by somebody else, or for another service.",
    "no_keys": "Tokens cannot be judged at the moment; try again later.",
}


class KeyProblem(Exception):
    """A key that cannot be used; the message says which and why, in one sentence, for whoever set it."""

    setting: str | None = None
    """The setting that named it, where that is known."""


class TokenRefused(Exception):
    """A token that is not accepted; the message is for the client."""

    def __init__(
        self, reason: Reason, *, retryable: bool = False, message: str | None = None, claim: str | None = None
    ) -> None:
        self.reason = reason
        self.claim = claim
        """Which claim is wrong, by name, where it is one; for whoever runs the service."""
        self.message = message or _TOLD["no_keys" if retryable else reason]
        self.retryable = retryable
        """Whether the same token may be accepted a little later."""
        super().__init__(self.message)
