"""How a contract is tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def _quiet(line: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Options:
    """What can be chosen; times in seconds."""

    seed: int = 0
    """Same seed, same frames."""
    examples: int = 5
    """How many frames are made up for each message, beside the document's own."""
    time: float = 60.0
    """After which nothing new is begun."""
    only: tuple[str, ...] = ()
    """Names of channels and keys of messages; empty for all."""
    patience: float = 5.0
    """How long an answer may take."""
    listen: float = 3.0
    """How long updates are waited for, at least and at most."""
    headers: tuple[tuple[str, str], ...] = ()
    """Of the handshake: what says who we are, where the server asks for it there."""
    token: str | None = None
    """Sent first on each connection, where the contract has a request for it (`x-authenticate`)."""
    slow: bool = False
    """Try what takes long, too: the heartbeat's interval and lifespan, hundreds of topics and connections."""
    progress: Callable[[str], None] = _quiet
    """Told what is being done."""
