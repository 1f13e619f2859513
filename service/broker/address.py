"""Where a broker is: what may stand in the setting, and what of it may be shown."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

MEMORY = "memory"

_SCHEMES = {
    "redis": "redis",
    "rediss": "rediss",
    "unix": "unix",
    "valkey": "redis",
    "valkeys": "rediss",
    "redis+unix": "unix",
    "valkey+unix": "unix",
}
"""By what may be written, what redis-py reads."""


def check_address(text: str) -> str:
    """The address, which is `memory` or a URL. ValueError, without a word of its password, where it is neither."""
    if text == MEMORY:
        return text
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("give memory, or a URL whose port is a number up to 65535") from None
    if parts.scheme not in _SCHEMES:
        raise ValueError(f"give memory, or a URL that begins with one of {', '.join(_SCHEMES)} and ://")
    unix = _SCHEMES[parts.scheme] == "unix"
    if unix and (not parts.path or port is not None):
        raise ValueError("say where the socket is: unix:///path/to/socket")
    if not unix and not parts.hostname:
        raise ValueError("say which host: redis://host:6379")
    return text


def driver_url(address: str) -> str:
    """The same as redis-py wants it."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(scheme=_SCHEMES[parts.scheme]))


def shown(address: str) -> str:
    """The same for logs and health: without user, password and options."""
    if address == MEMORY:
        return address
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))
