"""Tapewire as it is served, publishing validated models through the public publisher; no feed of its own."""

from __future__ import annotations

import asyncio
import logging
import sys

import uvloop
from pydantic import ValidationError

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


def settings_of(deflate: str) -> Settings:
    """The defaults, with limits out of the way."""
    values: dict[str, object] = {"feed": "none", "port": 0, "heartbeat_interval": 3600.0}
    for name in _LIMITS:
        if name in Settings.model_fields:
            values[name] = _largest(name)
    if deflate:
        if "compress" not in Settings.model_fields:
            sys.exit("this Tapewire does not compress")
        values |= {"compress": True, "compress_min_bytes": 64}
    return Settings.model_validate(values)


def _largest(name: str) -> int:
    for power in range(9, 3, -1):
        try:
            Settings.model_validate({name: 10**power})
        except ValidationError:
            continue
        return 10**power
    sys.exit(f"the setting {name} cannot be raised")


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
