"""The HTTP beside the socket: who this is, and the contract itself."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from typing import Literal

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler

API = "/api/v1"


@dataclass(frozen=True, slots=True)
class ApiVersion:
    """One version of the API."""

    version: str
    """As it stands in paths."""
    contract: str
    """The document's own version."""
    status: Literal["current"]
    links: dict[str, str]


@dataclass(frozen=True, slots=True)
class Root:
    """What is at the root."""

    name: str
    description: str
    version: str
    """Of the service."""
    contract: str
    """Of the API's document."""
    links: dict[str, str] = field(default_factory=dict)


@cache
def package_version() -> str:
    """The installed distribution's version; `unknown` where the code runs without being installed."""
    try:
        return version("tapewire")
    except PackageNotFoundError:
        return "unknown"


@cache
def document_json() -> bytes:
    """The contract in one piece, JSON, as generated."""
    return files("generated").joinpath("asyncapi.json").read_bytes()


@cache
def document_yaml() -> bytes:
    """The contract as authored: the same document, with its comments."""
    return files("spec").joinpath("asyncapi.yaml").read_bytes()


@cache
def reference_json() -> bytes:
    """What the generator says of the contract, for the documentation page."""
    return files("generated").joinpath("reference.json").read_bytes()


@cache
def reference_markdown() -> bytes:
    """The same for people."""
    return files("generated").joinpath("reference.md").read_bytes()


@cache
def changelog_markdown() -> bytes | None:
    """What changed in the contract, release by release; None where there was none yet."""
    changelog = files("generated").joinpath("changelog.md")
    return changelog.read_bytes() if changelog.is_file() else None


def http_routes() -> list[HTTPRouteHandler]:
    """Every route but the pages and what `service.metrics` serves."""
    info = json.loads(document_json())["info"]
    this_version = ApiVersion(
        version="v1",
        contract=info["version"],
        status="current",
        links={
            "socket": f"{API}/ws",
            "contract": f"{API}/ws/asyncapi.json",
            "documentation": f"{API}/ws/asyncapi",
        },
    )
    root_answer = Root(
        name=info["title"],
        description=info["description"].partition("\n")[0],
        version=package_version(),
        contract=info["version"],
        links={
            "demo": "/demo",
            "socket": f"{API}/ws",
            "documentation": f"{API}/ws/asyncapi",
            "contract": f"{API}/ws/asyncapi.json",
            "health": f"{API}/health",
            "versions": f"{API}/versions",
        },
    )

    @get("/", sync_to_thread=False)
    def root() -> Root:
        """Name, version, and where to go from here."""
        return root_answer

    @get(f"{API}/versions", sync_to_thread=False)
    def versions() -> list[ApiVersion]:
        """Which versions of the API there are."""
        return [this_version]

    @get(f"{API}/version", sync_to_thread=False)
    def this() -> ApiVersion:
        """The version that this path belongs to."""
        return this_version

    @get(f"{API}/ws/asyncapi.json", media_type="application/json", sync_to_thread=False)
    def contract_json() -> Response[bytes]:
        """The contract, JSON."""
        return Response(document_json(), media_type="application/json")

    @get(f"{API}/ws/asyncapi.yaml", media_type="application/yaml", sync_to_thread=False)
    def contract_yaml() -> Response[bytes]:
        """The contract, YAML."""
        return Response(document_yaml(), media_type="application/yaml")

    @get(f"{API}/ws/reference.json", media_type="application/json", sync_to_thread=False)
    def reference_data() -> Response[bytes]:
        """The contract in words and examples, JSON."""
        return Response(reference_json(), media_type="application/json")

    @get(f"{API}/ws/reference.md", media_type="text/markdown", sync_to_thread=False)
    def reference() -> Response[bytes]:
        """The contract in words and examples, Markdown."""
        return Response(reference_markdown(), media_type="text/markdown")

    @get(f"{API}/ws/changelog.md", media_type="text/markdown", sync_to_thread=False)
    def changelog() -> Response[bytes]:
        """What changed in the contract, Markdown."""
        text = changelog_markdown()
        if text is None:
            raise NotFoundException("No release of this contract came before this one.")
        return Response(text, media_type="text/markdown")

    documents = [contract_json, contract_yaml, reference_data, reference, changelog]
    return [root, versions, this, *documents]
