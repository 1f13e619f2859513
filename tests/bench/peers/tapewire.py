"""Tapewire as it is served, publishing validated models through the public publisher; no feed of its own."""

from __future__ import annotations

import asyncio
import json
import logging
import sys

import uvloop
from annotated_types import Le

from generated.models import Bar
from generated.topics import BarsTopic
from service.app import create_app
from service.http import package_version
from service.server import listen, server_of
from service.settings import Settings
from tests.bench.peers.control import Control, Options, Update, started

_LIMITS = (
    "messages_per_second",
    "message_burst",
    "subscriptions_per_connection",
    "connections_per_address",
    "connections",
)
"""What would keep a load of one machine out."""


def settings_of(deflate: bool) -> Settings:
    """The defaults, with limits out of the way."""
    values: dict[str, object] = {"feed": "none", "port": 0, "heartbeat_interval": 3600.0}
    if "--no-rest" in sys.argv:
        values["fanout_rest"] = 0.0
    for name in _LIMITS:
        if name in Settings.model_fields:
            values[name] = largest(name)
    if deflate:
        if "compress" not in Settings.model_fields:
            print(json.dumps({"unavailable": "this Tapewire does not compress"}), flush=True)
            sys.exit()
        values |= {"compress": True, "compress_min_bytes": 64}
    return Settings.model_validate(values)


def largest(name: str) -> int:
    """The largest value that a setting takes, up to a thousand million."""
    bounds = [bound.le for bound in Settings.model_fields[name].metadata if isinstance(bound, Le)]
    return min([10**9, *(int(float(str(bound))) for bound in bounds)])


async def main() -> None:
    """Serve until stdin ends."""
    options = Options.parse()
    logging.basicConfig(level=logging.WARNING)
    settings = settings_of(options.deflate)
    app = create_app(settings)
    sockets = listen(settings.host, settings.port)
    publisher = app.state.publisher

    def publish(number: int, stamp: int) -> None:
        update = Update.of(number, stamp, options.topics)
        publisher.bars_update(BarsTopic(update.symbol, "1"), Bar(**update.bar))

    server = server_of(app, settings)
    serving = asyncio.create_task(server.serve(sockets=sockets))
    await started(server)
    await Control(options, publish).serve(sockets[0].getsockname()[1], package_version())
    await serving


if __name__ == "__main__":
    uvloop.run(main())
