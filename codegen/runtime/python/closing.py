"""What a client does about a close code that its contract does not list."""

from __future__ import annotations

_RECONNECT = frozenset({1001, 1005, 1006, 1011, 1012, 1013, 1014})


def may_reconnect(code: int) -> bool:
    """Whether opening another connection may help: 4000-4499 yes, 4500-4999 no, else as RFC 6455 means it."""
    return 4000 <= code <= 4499 or code in _RECONNECT
