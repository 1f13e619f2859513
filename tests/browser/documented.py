"""What the tests of the documentation page share: a page of ours, and one of somebody else's document."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from litestar import Litestar, WebSocket, get, websocket
from litestar.params import FromPath

from codegen.pipeline import understand
from codegen.render.reference import Reference
from service.server import listen, url_of
from service.web import web_routes

PATH = "/api/v1/ws/asyncapi"
READY = "document.querySelector('#pageReference').dataset.ready"
FOCUSED = "document.activeElement.id"

FOREIGN: dict[str, Any] = {
    "asyncapi": "2.6.0",
    "info": {"title": "Trees", "version": "7"},
    "servers": {"main": {"url": "{h}/base", "protocol": "wss", "variables": {"h": {"default": "a.example"}}}},
    "channels": {
        "/grow/{kind}": {
            "parameters": {"kind": {"schema": {"type": "string"}}},
            "publish": {
                "operationId": "grow",
                "traits": [{"summary": "Make it grow."}],
                "message": {
                    "name": "water",
                    "traits": [{"title": "Water the tree"}],
                    "payload": {"$ref": "#/components/schemas/Tree"},
                    "examples": [{"name": "leaf", "payload": {"op": "grow", "$ref": "as it is"}}],
                },
            },
            "subscribe": {"message": {"payload": {"$ref": "#/components/schemas/Tree"}}},
        }
    },
    "components": {
        "schemas": {
            "Tree": {
                "type": "object",
                "properties": {
                    "op": {"const": "grow"},
                    "branches": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                },
            }
        }
    },
}  # fmt: skip


@asynccontextmanager
async def serving(folder: Path, document: dict[str, Any]) -> AsyncIterator[str]:
    """The pages beside a document of somebody else's, whose socket answers with what it is sent; the host's address."""
    path = folder / "theirs.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    data = Reference(understand(path).contract).data

    @get("/api/v1/ws/reference.json", sync_to_thread=False)
    def reference() -> dict[str, Any]:
        return data

    @websocket("/base/grow/{kind:str}")
    async def grow(socket: WebSocket[Any, Any, Any], kind: FromPath[str]) -> None:
        await socket.accept()
        async for text in socket.iter_data("text"):
            await socket.send_data(text)
            await socket.send_data('{"branches": 1}')

    app = Litestar([reference, grow, *web_routes()], openapi_config=None, logging_config=None)
    sockets = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    task = asyncio.create_task(server.serve(sockets=sockets))
    try:
        yield url_of(sockets)
    finally:
        server.should_exit = True
        await task


async def contract_of(url: str) -> dict[str, Any]:
    """The document that a service serves."""
    async with httpx.AsyncClient() as http:
        document: dict[str, Any] = (await http.get(f"{url}{PATH}.json")).json()
    return document
