"""Real servers for tests: Litestar under uvicorn on a free port, in the test's own loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from litestar import Litestar
from litestar.handlers import WebsocketRouteHandler


@asynccontextmanager
async def served(*routes: WebsocketRouteHandler) -> AsyncIterator[str]:
    """Serve the routes for as long as the context lasts; gives `ws://host:port`."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        config = uvicorn.Config(Litestar(list(routes)), log_config=None, timeout_graceful_shutdown=2)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve([listening]))
        while not server.started:
            await asyncio.wait([serving], timeout=0.01)
            if serving.done():
                serving.result()
        try:
            yield f"ws://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            await serving
