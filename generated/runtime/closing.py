"""What a client does about a close code that its contract does not list."""

from __future__ import annotations

_STOP = frozenset({1002, 1003, 1007, 1008, 1009, 1010})
"""The client, or what it sent, is at fault: another connection would end the same way."""


def may_reconnect(code: int) -> bool:
    """Whether opening another connection may help: not where the client is at fault, nor for 4500-4999."""
    return code not in _STOP and not 4500 <= code <= 4999
