"""What `/metrics` tells of who may not: each reason counts under its own name, once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import websockets

from generated.constants import CloseCode
from service.access.grant import EVERYBODY
from tests.service.access.issuing import issuer
from tests.service.access.test_foreign_accounts import authenticate, publish, subscribe
from tests.service.metrics.asked import Scraped, scrape
from tests.service.running import eventually, service

SIGNER = issuer("ES256", "one")


def denied(scraped: Scraped) -> dict[str, float]:
    """How often what was denied, by reason."""
    name = "tapewire_access_denied_total"
    return {
        dict(labels)["reason"]: value for (named, labels), value in scraped.series.items() if named == name
    }


async def test_each_denial_counts_once_by_its_reason(tmp_path: Path) -> None:
    """Subscribes that were refused, rights that went, foreign pages, and one connection too many of a user."""
    settings: dict[str, Any] = {"origins": "https://ours.example", "connections_per_user": 1}
    async with (
        service(token_key=SIGNER.file(tmp_path), **settings) as running,
        running.client() as client,
        running.client() as second,
    ):
        await client.ask(subscribe("A1"))
        await client.ask(authenticate(SIGNER.token()))
        await client.ask(subscribe("A2"))
        assert denied(await scrape(running)) == {
            **{"subscribe": 2, "revoked": 0, "origin": 0, "timeout": 0, "user_limit": 0}
        }
        await client.ask(subscribe("A1"))
        await client.ask(authenticate(SIGNER.token(accounts=[])))
        with pytest.raises(websockets.InvalidStatus):
            async with running.client(headers={"Origin": "https://theirs.example"}):
                pass
        await second.send(authenticate(SIGNER.token()))
        assert (await second.closed())[0] == CloseCode.CONNECTION_LIMIT
        assert denied(await scrape(running)) == {
            **{"subscribe": 2, "revoked": 1, "origin": 1, "timeout": 0, "user_limit": 1}
        }


async def test_who_never_shows_a_token_counts(tmp_path: Path) -> None:
    """Its connection was closed for want of one."""
    settings: dict[str, Any] = {"anonymous": "off", "authentication_timeout": 0.05}
    async with service(token_key=SIGNER.file(tmp_path), **settings) as running, running.client() as client:
        assert (await client.closed())[0] == CloseCode.FORBIDDEN
        assert denied(await scrape(running))["timeout"] == 1


async def test_what_waits_for_who_has_lost_the_right_counts_as_dropped(tmp_path: Path) -> None:
    """Deliveries that were counted and are never written are told of, by their channel."""
    async with (
        service(token_key=SIGNER.file(tmp_path), send_buffer=4096, outbox_bytes=2**24) as running,
        running.client(max_queue=1) as client,
    ):
        await client.ask(authenticate(SIGNER.token()))
        await client.ask(subscribe("A1"))
        (connection,) = running.connections
        client.socket.transport.pause_reading()
        published = 0
        while connection.outbox.waiting < 100_000:
            publish(running, "A1", "1" * 30)
            published += 1
            await asyncio.sleep(0)
        connection.take_grant(EVERYBODY)
        running.hub.hold_against_rights(connection.outbox)
        client.socket.transport.resume_reading()
        received = 0
        while (await client.receive())["type"] == "account.update":
            received += 1
        scraped = await scrape(running)
        dropped = scraped["tapewire_updates_dropped_total", {"channel": "account", "reason": "revoked"}]
        assert dropped > 100
        assert received + dropped == published
        assert scraped["tapewire_deliveries_total", {"channel": "account"}] == published
        await eventually(lambda: connection.outbox.waiting == 0)
