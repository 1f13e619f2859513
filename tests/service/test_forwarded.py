"""Clients behind a proxy: whose word counts, and that the limit for each address holds for clients, not proxies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import websockets
from pydantic import ValidationError
from websockets.asyncio.client import ClientConnection as Socket

from service.forwarded import Proxies
from service.settings import Settings
from tests.service.running import Running, eventually, service


@asynccontextmanager
async def from_behind(running: Running, *forwarded: str, local: str = "127.0.0.1") -> AsyncIterator[Socket]:
    """A connection with these headers, from this address."""
    url = running.url.replace("http", "ws", 1) + "/api/v1/ws"
    headers = [("X-Forwarded-For", value) for value in forwarded]
    async with websockets.connect(url, additional_headers=headers, local_addr=(local, 0)) as socket:
        yield socket


async def addresses(running: Running, count: int) -> list[str]:
    """Of all connections, once there are so many."""
    await eventually(lambda: len(running.connections) == count)
    return [connection.address for connection in running.connections]


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "client"),
    [
        ("10.0.0.0/8", "10.0.0.1", ["192.0.2.7"], "192.0.2.7"),
        ("10.0.0.0/8", "10.0.0.1", ["198.51.100.1, 192.0.2.7"], "192.0.2.7"),  # the left one is made up
        ("10.0.0.0/8", "10.0.0.1", ["198.51.100.1", "192.0.2.7, 10.0.0.9"], "192.0.2.7"),
        ("10.0.0.0/8", "10.0.0.1", ["10.0.0.8,10.0.0.9"], "10.0.0.8"),
        ("10.0.0.0/8", "192.0.2.1", ["192.0.2.7"], "192.0.2.1"),
        ("10.0.0.0/8", "10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", ["192.0.2.7, nonsense, 10.0.0.9"], "10.0.0.9"),
        ("10.0.0.0/8", "10.0.0.1", ["192.0.2.7:4711"], "192.0.2.7"),
        ("10.0.0.0/8", "10.0.0.1", ["[2001:db8::1]:4711"], "2001:db8::1"),
        ("10.0.0.0/8", "10.0.0.1", ["2001:DB8:0::1"], "2001:db8::1"),
        ("10.0.0.0/8", "10.0.0.1", ["fe80::1%x\ny"], "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.0/8", "::ffff:10.0.0.1", ["::ffff:192.0.2.7"], "192.0.2.7"),
        ("fd00::/8, ::1", "::1", ["fd00::7, ::1"], "fd00::7"),
        ("*", "192.0.2.1", ["198.51.100.1, 192.0.2.7"], "192.0.2.7"),
        ("*", "", ["192.0.2.7"], "192.0.2.7"),
        ("", "127.0.0.1", ["192.0.2.7"], "127.0.0.1"),
    ],
)
def test_whose_word_counts(trusted: str, peer: str, forwarded: list[str], client: str) -> None:
    """Addresses are believed from the right, as far as who wrote them is; what is no address ends it."""
    assert Proxies.parse(trusted).client_of(peer, forwarded) == client


def test_a_long_header_is_not_looked_through() -> None:
    """However many addresses a header has, 32 are looked at."""
    endless = ",".join(["192.0.2.7"] + ["10.0.0.9"] * 1_000)
    assert Proxies.parse("10.0.0.0/8").client_of("10.0.0.1", [endless]) == "10.0.0.9"


@pytest.mark.parametrize("wrong", ["10.0.0.1/8", "proxy.example", "*, 10.0.0.1", "10.0.0.300"])
def test_a_wrong_setting_is_told_at_the_start(wrong: str) -> None:
    """A proxy that is none is no reason to guess."""
    with pytest.raises(ValidationError, match="forwarded_allow_ips"):
        Settings(forwarded_allow_ips=wrong)


async def test_a_client_is_known_by_its_own_address() -> None:
    """Behind a proxy that is believed, each client is one of its own, and the limit counts them apart."""
    async with (
        service(forwarded_allow_ips="127.0.0.1", connections_per_address=1) as running,
        from_behind(running, "192.0.2.7"),
        from_behind(running, "192.0.2.8"),
        from_behind(running, "192.0.2.7") as third,
    ):
        async with asyncio.timeout(10):
            await third.wait_closed()
        assert third.close_code == 4504
        assert sorted(await addresses(running, 2)) == ["192.0.2.7", "192.0.2.8"]


async def test_nobody_else_is_believed() -> None:
    """A header from a peer that is no proxy of ours changes nothing: nobody escapes the limit by one."""
    async with (
        service(forwarded_allow_ips="127.0.0.9", connections_per_address=1) as running,
        from_behind(running, "192.0.2.7"),
        from_behind(running, "192.0.2.8") as second,
    ):
        async with asyncio.timeout(10):
            await second.wait_closed()
        assert second.close_code == 4504
        async with from_behind(running, "192.0.2.9", local="127.0.0.9"):
            assert sorted(await addresses(running, 2)) == ["127.0.0.1", "192.0.2.9"]


async def test_without_the_setting_no_header_counts() -> None:
    """By default there is no proxy."""
    async with service() as running, from_behind(running, "192.0.2.7"):
        assert await addresses(running, 1) == ["127.0.0.1"]
