"""How the pages and what they load are served; no browser needed."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from service.web import CONTENT_SECURITY_POLICY, web_routes
from service.web.assets import DIST, STAMP, Bundle
from service.web.build import LOCK

PAGES = ("/demo", "/api/v1/ws/asyncapi")


def client_of(app: Litestar) -> httpx.AsyncClient:
    """A client that speaks to an application without a socket between."""
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url="http://host")


@pytest.fixture
async def http(pages: None) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the project's own pages."""
    async with client_of(Litestar(web_routes(), openapi_config=None)) as client:
        yield client


async def assets_of(http: httpx.AsyncClient, page: str) -> list[str]:
    """What a page loads from this host."""
    html = (await http.get(page)).text
    return re.findall(r'(?:src|href)="(/[^"]*/assets/[^"]+)"', html)


@pytest.mark.parametrize("page", PAGES)
async def testpages_and_assets(http: httpx.AsyncClient, page: str) -> None:
    """A page is revalidated each time, its assets may be kept; all carry the policy and their type."""
    answer = await http.get(page)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    loaded = await assets_of(http, page)
    assert {Path(asset).suffix for asset in loaded} == {".css", ".js", ".txt"}
    for asset in loaded:
        sent = await http.get(asset)
        assert sent.status_code == 200
        kind = {".css": "text/css", ".js": "text/javascript", ".txt": "text/plain"}[Path(asset).suffix]
        assert sent.headers["content-type"] == f"{kind}; charset=utf-8"
        assert sent.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert sent.headers["x-content-type-options"] == "nosniff"
        assert sent.headers["content-security-policy"] == CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("page", PAGES)
async def test_nothing_inline(http: httpx.AsyncClient, page: str) -> None:
    """No script, style or handler stands in the HTML, and nothing but links leads to other hosts."""
    html = (await http.get(page)).text
    assert re.findall(r"<script(?![^>]*\ssrc=)", html) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=", html) == []
    assert re.findall(r'(?:src|<link[^>]*href)="(?:https?:)?//', html) == []


@pytest.mark.parametrize("page", PAGES)
async def test_no_code_from_text(http: httpx.AsyncClient, page: str) -> None:
    """No script compiles text to code, which the policy would refuse."""
    for asset in await assets_of(http, page):
        script = (await http.get(asset)).text
        assert re.findall(r"new Function\(|\beval\(", script) == []


async def test_unchanged_is_not_sent_again(http: httpx.AsyncClient) -> None:
    """Whoever names the validator gets 304 without a body, plain or compressed."""
    for coding in ("gzip", "identity"):
        first = await http.get("/demo", headers={"accept-encoding": coding})
        again = await http.get(
            "/demo", headers={"accept-encoding": coding, "if-none-match": f'"other", {first.headers["etag"]}'}
        )
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"].removeprefix("W/") == first.headers["etag"].removeprefix("W/")
    other = await http.get("/demo", headers={"if-none-match": '"other"'})
    assert other.status_code == 200


async def test_compressed_on_request_only(http: httpx.AsyncClient) -> None:
    """The body is compressed for those who accept that, and the same bytes for all."""
    (script,) = [asset for asset in await assets_of(http, "/demo") if asset.endswith(".js")]
    plain = await http.get(script, headers={"accept-encoding": "identity"})
    refused = await http.get(script, headers={"accept-encoding": "gzip;q=0"})
    packed = await http.get(script, headers={"accept-encoding": "br, gzip;q=0.8"})
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in refused.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert packed.content == plain.content == refused.content
    assert packed.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "path",
    [
        "index.html",
        "none.js",
        "../index.html",
        "..%2fstamp.json",
        "..%2f..%2fpackage.json",
        "%2e%2e/%2e%2e/package.json",
        "%2fetc%2fpasswd",
        "..%5c..%5cpackage.json",
        "main.ts%00.js",
    ],
)
@pytest.mark.parametrize("page", PAGES)
async def test_only_assets_are_served(http: httpx.AsyncClient, page: str, path: str) -> None:
    """No name leads out of the folder, nor to the page by a second address."""
    answer = await http.get(httpx.URL(f"http://host{page}/assets/{path}"))
    assert answer.status_code == 404


@pytest.mark.parametrize("page", PAGES)
async def test_before_the_build(tmp_path: Path, page: str) -> None:
    """Without a build the page names the command; once it is made, it is served without a restart."""
    app = Litestar(web_routes(Bundle("demo", tmp_path), Bundle("docs", tmp_path)), openapi_config=None)
    async with client_of(app) as http:
        missing = await http.get(page)
        assert missing.status_code == 503
        assert "python -m service.web build" in missing.text
        assert missing.headers["cache-control"] == "no-store"
        for name in ("demo", "docs"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "index.html").write_text(f"here is {name}")
        (tmp_path / STAMP).write_text("{}")
        made = await http.get(page)
        assert made.status_code == 200
        assert made.text.startswith("here is")


def test_licences_travel_along(pages: None) -> None:
    """Each package in a bundle is listed with its licence, and the notice of the chart is in the page."""
    wanted = {"demo": ["lightweight-charts"], "docs": ["marked", "@cfworker/json-schema"]}
    for page, packages in wanted.items():
        (licences,) = (DIST / page).glob("licences-*.txt")
        for package in packages:
            assert re.search(rf"^{package} \d+\.\d+\.\d+ \(\S.*\)$", licences.read_text(), re.MULTILINE)
    page = (DIST / "demo" / "index.html").read_text()
    assert "TradingView, Inc." in page
    assert 'href="https://www.tradingview.com/"' in page


def test_lock_names_no_registry() -> None:
    """The lock file pins by checksum and leaves the choice of a registry to whoever installs."""
    lock = LOCK.read_text()
    assert '"integrity"' in lock
    assert (
        re.findall(r'"resolved"|https?://(?!.*(?:funding|opencollective|github|sponsor))[^"]*\.tgz', lock)
        == []
    )
