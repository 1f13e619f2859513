"""Addresses that settings name: where keys are fetched from, and which web pages may connect."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def checked_url(url: str, *, insecure: bool) -> str:
    """The address of a JWK set, where it is one that can be trusted to say what the issuer says.

    Raises ValueError for anything but https, or http on this machine; with `insecure` http anywhere is allowed.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError("give an https:// address")
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address with a password ends up in logs")
    if parts.scheme == "http" and not (insecure or on_this_machine(parts.hostname)):
        raise ValueError(
            "over http anybody on the way can put keys of their own in; use https://, or --jwks-insecure"
        )
    return url


def on_this_machine(host: str) -> bool:
    """Whether a host is the one that this runs on."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def origins_of(text: str) -> str:
    """Origins separated by commas, as browsers spell them. Raises ValueError for what is none."""
    origins = [part.strip().rstrip("/").lower() for part in text.split(",") if part.strip()]
    for origin in origins:
        parts = urlsplit(origin)
        if (
            parts.scheme not in ("http", "https")
            or not parts.hostname
            or origin != f"{parts.scheme}://{parts.netloc}"
        ):
            raise ValueError(
                f"{origin!r} is no origin; give such as https://app.example or http://localhost:3000"
            )
    if not origins:
        raise ValueError("give at least one origin")
    return ",".join(origins)
