"""How logs name topics: whose account one is, is nobody's business who only looks after the service."""

from __future__ import annotations

from functools import lru_cache

from generated.constants import ACCESS
from generated.runtime.errors import TopicError
from generated.topics import parse_topic


@lru_cache(maxsize=1024)
def in_log(address: str) -> str:
    """A topic's address; of one that is not for everybody its channel alone, as in `account:…`."""
    try:
        channel = parse_topic(address).channel
    except TopicError:
        return address
    return f"{channel}:…" if channel in ACCESS else address
