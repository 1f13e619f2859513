"""Servers: their URLs with variables replaced, and which of them speak WebSocket."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from codegen.build.context import Context
from codegen.contract import Server
from codegen.document import Location

_WEBSOCKET = ("ws", "wss", "http", "https")


@dataclass(frozen=True, slots=True)
class Servers:
    """What channels need to know of the servers."""

    all: tuple[Server, ...]
    websocket: tuple[str, ...]
    """Names of the servers that can speak WebSocket; empty where none says so."""

    def serves(self, names: tuple[str, ...]) -> bool:
        """Whether a channel limited to these servers (all, if empty) is one for WebSockets."""
        return not self.websocket or not names or any(name in self.websocket for name in names)

    def base_path(self, names: tuple[str, ...]) -> str:
        """The path that the URL of the first fitting server begins with; `/` where it has none."""
        fitting = [server for server in self.all if not names or server.name in names]
        capable = [server for server in fitting if server.name in self.websocket] or fitting
        return url_path(capable[0].url) if capable else "/"


def build_servers(context: Context) -> Servers:
    """The servers of the document."""
    found = []
    for name, place in context.entries(context.root, "servers"):
        found.append(
            Server(
                name=name,
                url=_url(context, place),
                protocol=context.text(place, "protocol"),
                description=context.text(place, "description"),
            )
        )
    capable = tuple(server.name for server in found if server.protocol.lower() in _WEBSOCKET)
    return Servers(tuple(found), capable)


def _url(context: Context, at: Location) -> str:
    url = context.text(at, "url")
    for name, place in context.entries(at, "variables"):
        value = context.get(place, "default")
        if value is None:
            listed = context.get(place, "enum")
            value = listed[0] if isinstance(listed, list) and listed else None
        if value is not None:
            url = url.replace("{" + name + "}", str(value))
    return url


def url_path(url: str) -> str:
    """The path of a URL that may lack its scheme: `/` where it has none."""
    if "://" not in url:
        url = "ws://" + url.lstrip("/")
    try:
        path = urlsplit(url).path
    except ValueError:
        return "/"
    return "/" + path.strip("/")
