"""FastWS, as its README shows it: typed operations, topics, `server_send`; under uvicorn with uvloop."""

import asyncio
import socket
import time
from importlib.metadata import version

import uvicorn
import uvloop
from fastapi import Depends, FastAPI
from fastws import Client, FastWS, Message
from pydantic import BaseModel

from tests.bench.peers.control import Control, Options, Update, started


class Selection(BaseModel):
    """Which bars."""

    symbol: str
    resolution: str = "1"


class Answer(BaseModel):
    """What became of a request."""

    status: str
    message: str
    topic: str


class Bar(BaseModel):
    """One bar, and what Tapewire has in its envelope."""

    topic: str
    seq: int
    ts: int
    time: int
    open: float
    high: float
    low: float
    close: float
    volume: float


def bars_subscribe(payload: Selection, client: Client) -> Answer:
    """Subscribe to a topic."""
    topic = f"bars:{payload.symbol}:{payload.resolution}"
    client.subscribe(topic)
    return Answer(status="ok", message=f"Subscribed to {topic}", topic=topic)


def bars_update(payload: Bar) -> Bar:
    """What subscribers get."""
    return payload


async def main() -> None:
    """Serve until stdin ends."""
    options = Options.parse()
    service = FastWS()
    service.send("bars.subscribe", reply="bars.subscribe.response")(bars_subscribe)
    service.recv("bars.update")(bars_update)
    app = FastAPI()

    async def endpoint(client: Client = Depends(service.manage)) -> None:  # noqa: B008, FastAPI's way
        await service.serve(client)

    app.websocket("/")(endpoint)

    async def publish_update(number: int, stamp: int) -> None:
        update = Update.of(number, stamp, options.topics)
        payload = {
            "topic": update.topic,
            "seq": update.seq,
            "ts": time.time_ns() // 1_000_000,
            **update.bar,
        }
        await service.server_send(Message(type="bars.update", payload=payload), topic=update.topic)

    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    await started(server)
    await Control(options, publish_update).serve(listening.getsockname()[1], version("fastws"))
    await serving


if __name__ == "__main__":
    uvloop.run(main())
