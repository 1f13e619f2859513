"""Litestar's ChannelsPlugin with the memory backend, under uvicorn with uvloop."""

import asyncio
import socket
from importlib.metadata import version
from typing import Any

import uvicorn
import uvloop
from litestar import Litestar, WebSocket, websocket
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.memory import MemoryChannelsBackend

from tests.bench.peers.control import Control, Options, Update, started, subscriptions


@websocket("/")
async def endpoint(socket: WebSocket[Any, Any, Any], channels: ChannelsPlugin) -> None:
    """Subscribe to what the first message asks for, then send updates until the client leaves."""
    await socket.accept()
    topics = subscriptions(await socket.receive_text())
    async with channels.start_subscription(topics) as subscriber:
        await socket.send_text('{"ok":true}')
        async with subscriber.run_in_background(socket.send_text):
            while (await socket.receive())["type"] != "websocket.disconnect":
                pass


async def main() -> None:
    """Serve until stdin ends."""
    options = Options.parse()
    plugin = ChannelsPlugin(backend=MemoryChannelsBackend(), arbitrary_channels_allowed=True)
    app = Litestar([endpoint], plugins=[plugin], openapi_config=None)

    def publish(number: int, stamp: int) -> None:
        update = Update.of(number, stamp, options.topics)
        plugin.publish(update.text(), update.topic)

    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    await started(server)
    await Control(options, publish).serve(listening.getsockname()[1], version("litestar"))
    await serving


if __name__ == "__main__":
    uvloop.run(main())
