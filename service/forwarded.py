"""Who a client is that comes through a proxy: what the proxy says counts, what others say does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Receive, Scope, Send

_HEADER = b"x-forwarded-for"

_MOST_HOPS = 32
"""Proxies in a row that are looked through."""


@dataclass(frozen=True, slots=True)
class Proxies:
    """The peers that are believed."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    anybody: bool = False
    """Whoever connects is a proxy: only where nobody else can."""

    @classmethod
    def parse(cls, text: str) -> Proxies:
        """Of `10.0.0.0/8, ::1`, or `*`. Raises ValueError, which names the part that is wrong."""
        parts = [part for part in (part.strip() for part in text.split(",")) if part]
        if "*" in parts:
            if len(parts) > 1:
                raise ValueError("* is everybody; leave out the others")
            return cls(anybody=True)
        networks = []
        for part in parts:
            try:
                networks.append(ip_network(part))
            except ValueError as error:
                raise ValueError(f"{part!r} is neither an address nor a network: {error}") from error
        return cls(tuple(networks))

    def __bool__(self) -> bool:
        return self.anybody or bool(self.networks)

    def client_of(self, peer: str, forwarded: Iterable[str]) -> str:
        """The address that the last proxy which is believed saw.

        `forwarded` are the values of X-Forwarded-For, in order. Each proxy adds, on the right, who came to it;
        what stands left of an address that is not believed, or of what is none, may be anybody's invention.
        """
        here = _parse(peer.partition("%")[0])
        believed = self.anybody or (here is not None and self._trusts(here))
        if not believed:
            return peer
        client = peer
        for hop in reversed(",".join(forwarded).rsplit(",", _MOST_HOPS)[-_MOST_HOPS:]):
            address = _parse(hop.strip())
            if address is None:
                break
            client = str(address)
            if not self._trusts(address):
                break
        return client

    def _trusts(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self.networks)


class Forwarded:
    """ASGI middleware: the scope's client is who came to the proxy, where the peer is one that is believed."""

    def __init__(self, app: ASGIApp, proxies: Proxies) -> None:
        self._app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put the client into the scope, then go on."""
        peer = scope.get("client")
        if peer is not None:
            values = [value.decode("latin-1") for name, value in scope["headers"] if name == _HEADER]
            if values and (client := self._proxies.client_of(peer[0], values)) != peer[0]:
                # The port is the proxy's business.
                scope["client"] = (client, 0)
        await self._app(scope, receive, send)


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    """An address, as proxies write it: some add the port. None where it is none."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    if "%" in text:
        return None  # a zone may be any text, and means nothing elsewhere
    try:
        address = ip_address(text)
    except ValueError:
        return None
    # What a socket for both families calls an IPv4 address.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
