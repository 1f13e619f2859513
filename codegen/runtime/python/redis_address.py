"""Where a Redis or Valkey is, as a URL: what may stand there, and what of it may be shown. No password is repeated."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

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

_ENCODE = "special characters in a name or password are percent-encoded: # is %23, / is %2F, @ is %40"


def driver_url(url: str) -> str:
    """The URL as redis-py wants it. ValueError, which repeats nothing of the URL, where it is none that it takes."""
    scheme, separator, _ = url.partition("://")
    if not separator or scheme.lower() not in _SCHEMES:
        raise ValueError(f"give a URL that begins with one of {', '.join(_SCHEMES)} and ://")
    begins = f"this {scheme.lower()}:// URL cannot be read"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"{begins}: its port is no number up to 65535; {_ENCODE}") from None
    if parts.fragment or url.endswith("#") or "@" in parts.query:
        raise ValueError(f"{begins}: it goes on after its end; {_ENCODE}")
    driver = _SCHEMES[parts.scheme]
    if driver == "unix":
        if not parts.path or port is not None or parts.netloc.rpartition("@")[2]:
            raise ValueError(f"{begins}: say where the socket is, unix:///path/to/socket; {_ENCODE}")
    elif not parts.hostname:
        raise ValueError(f"{begins}: say which host, redis://host:6379; {_ENCODE}")
    elif parts.path not in {"", "/"} and not _is_number(parts.path[1:]):
        raise ValueError(f"{begins}: after the host comes the number of a database, or nothing; {_ENCODE}")
    if any(not _is_number(value) for name, value in parse_qsl(parts.query, True) if name == "db"):
        raise ValueError(f"{begins}: db is the number of a database")
    # Not by urlunsplit, which writes unix:/path.
    return driver + url[len(scheme) :]


def shown(url: str) -> str:
    """A URL that can be read, for people: without name, password and options."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
