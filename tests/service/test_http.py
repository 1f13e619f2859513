"""The HTTP beside the socket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest
from ruamel.yaml import YAML

from generated.publisher import Publisher
from service.feeds.base import Feed, FeedStatus
from tests.service.running import Running, service

GENERATED = Path(__file__).resolve().parents[2] / "generated"
CONTRACT = json.loads((GENERATED / "asyncapi.json").read_bytes())["info"]["version"]
"""The document's own version."""


@asynccontextmanager
async def browser(running: Running) -> AsyncIterator[httpx.AsyncClient]:
    """Something that gets."""
    async with httpx.AsyncClient(base_url=running.url) as client:
        yield client


async def test_the_root_says_who_this_is() -> None:
    """Name, version, the contract's version, and links that lead somewhere."""
    async with service() as running, browser(running) as client:
        answer = (await client.get("/")).json()
        assert answer["name"] == "Tapewire Trading API"
        assert answer["version"] == version("tapewire")
        assert answer["contract"] == CONTRACT
        for name, link in answer["links"].items():
            if name != "socket":
                # A page that has not been built yet says so with 503; none is missing.
                assert (await client.get(link)).status_code in {200, 503}, link


async def test_health_counts_what_there_is() -> None:
    """Connections, topics and subscriptions are those of the moment; the feed tells how it is."""
    async with service() as running, browser(running) as client:
        idle = (await client.get("/api/v1/health")).json()
        assert idle["status"] == "ok"
        assert idle["uptime_seconds"] >= 0
        assert (idle["connections"], idle["topics"], idle["subscriptions"]) == (0, 0, 0)
        assert idle["feed"]["name"] == "none"
        async with running.client() as one, running.client() as two:
            await one.subscribe()
            await two.subscribe()
            busy = (await client.get("/api/v1/health")).json()
        assert (busy["connections"], busy["topics"], busy["subscriptions"]) == (2, 1, 2)


class Broken(Feed):
    """A feed that has failed."""

    def status(self) -> FeedStatus:
        """Say so."""
        return FeedStatus("broken", "failed")


def broken(_: Publisher) -> Feed:
    """A feed that has failed."""
    return Broken()


async def test_a_failed_feed_shows() -> None:
    """Where the feed has failed the service is degraded, and answers all the same."""
    async with service(feed=broken) as running, browser(running) as client:
        answer = await client.get("/api/v1/health")
        assert answer.status_code == 200
        assert answer.json()["status"] == "degraded"


async def test_versions_list_this_version() -> None:
    """There is one version of the API, and it is the document's."""
    async with service() as running, browser(running) as client:
        this = (await client.get("/api/v1/version")).json()
        assert (this["version"], this["contract"], this["status"]) == ("v1", CONTRACT, "current")
        assert (await client.get("/api/v1/versions")).json() == [this]


async def test_the_contract_is_served_twice_and_says_the_same() -> None:
    """JSON and YAML are one document."""
    async with service() as running, browser(running) as client:
        as_json = await client.get("/api/v1/ws/asyncapi.json")
        as_yaml = await client.get("/api/v1/ws/asyncapi.yaml")
        assert as_json.headers["content-type"].startswith("application/json")
        assert as_yaml.headers["content-type"].startswith("application/yaml")
        # YAML 1.2's scalars, as JSON has them.
        assert YAML(typ="safe", pure=True).load(as_yaml.text) == as_json.json()


async def test_the_reference_and_the_changelog_are_served_as_generated() -> None:
    """The reference for people and as data, and what changed: the generated files, byte for byte."""
    kinds = {
        "reference.md": "text/markdown",
        "reference.json": "application/json",
        "changelog.md": "text/markdown",
    }
    async with service() as running, browser(running) as client:
        for name, kind in kinds.items():
            answer = await client.get(f"/api/v1/ws/{name}")
            assert answer.headers["content-type"].startswith(kind)
            assert answer.content == (GENERATED / name).read_bytes()


async def test_without_a_changelog_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no release came before, the changelog is a 404 that says so."""
    monkeypatch.setattr("service.http.changelog_markdown", lambda: None)
    async with service() as running, browser(running) as client:
        answer = await client.get("/api/v1/ws/changelog.md")
        assert answer.status_code == 404
        assert "No release" in answer.text


async def test_what_is_not_there_is_404_in_json() -> None:
    """An unknown path gets a JSON 404 without any innards."""
    async with service() as running, browser(running) as client:
        answer = await client.get("/api/v1/nothing")
        assert answer.status_code == 404
        assert "Traceback" not in answer.text
        json.loads(answer.text)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_nothing_can_be_changed_over_http(method: str) -> None:
    """The HTTP side is for reading."""
    async with service() as running, browser(running) as client:
        assert (await client.request(method, "/api/v1/health")).status_code == 405


async def test_the_socket_is_no_page() -> None:
    """A plain GET of the socket's path is an error, not a hang."""
    async with service() as running, browser(running) as client:
        assert (await client.get("/api/v1/ws")).status_code in {404, 405, 426}
