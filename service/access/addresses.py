"""Addresses that settings name: where keys are fetched from, and which web pages may connect."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

_HOST: Final = re.compile(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?")
_PORTS: Final = {"http": 80, "https": 443}


def checked_url(url: str, *, insecure: bool) -> str:
    """The address of a JWK set, where it is one that can be trusted to say what the issuer says.

    Raises ValueError for anything but https, or http on this machine; with `insecure` http anywhere is allowed.
    """
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise ValueError(
            "an address has no spaces and no characters beyond ASCII; write them as %20 and the like"
        )
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError("give an https:// address")
    _port(parts)
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address with a password ends up in logs")
    if parts.scheme == "http" and not (insecure or on_this_machine(parts.hostname)):
        raise ValueError(
            "over http anybody on the way can put keys of their own in; use https://, or --jwks-insecure"
        )
    return url


def shown_url(url: str) -> str:
    """The same for logs and health: what follows a `?` may be a key."""
    parts = urlsplit(url)
    return parts._replace(query="…" if parts.query else "", fragment="").geturl()


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        raise ValueError("an address has a port from 1 to 65535, or none") from None


def on_this_machine(host: str) -> bool:
    """Whether a host is the one that this runs on."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def origins_of(text: str) -> str:
    """Origins separated by commas, as browsers spell them. Raises ValueError for what no browser says."""
    origins = [_origin(part.strip().rstrip("/").lower()) for part in text.split(",") if part.strip()]
    if not origins:
        raise ValueError("give at least one origin")
    return ",".join(origins)


def _origin(text: str) -> str:
    parts = urlsplit(text)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host or text != f"{parts.scheme}://{parts.netloc}":
        raise ValueError(
            f"{text!r} is no origin; give such as https://app.example or http://localhost:3000, or all"
        )
    if "*" in text:
        raise ValueError(
            f"{text!r} has a wildcard, and origins are compared as they are: name each, or give all"
        )
    if not text.isascii():
        raise ValueError(f"{text!r} is not how browsers spell it; give the name that begins with xn--")
    if not (_HOST.fullmatch(host) or ":" in host) or "@" in text:
        raise ValueError(f"{text!r} is no origin: there is no such host")
    port = _port(parts)
    # Browsers leave out the port that goes without saying.
    said = parts.netloc if port != _PORTS[parts.scheme] else parts.netloc.removesuffix(f":{port}")
    return f"{parts.scheme}://{said}"
