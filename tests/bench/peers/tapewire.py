"""Tapewire as it is served, publishing validated models through the public publisher; no feed of its own.

    python -m tests.bench.peers.tapewire [--no-rest] [--quotes] [--metrics off] [--token-key FILE] …

Beside the orders of `control` it knows `positions`, of all topics in turn, `counts`, which tells what it has
counted, and `count` and `uncount`: go on with counting, or without.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys

import uvloop
from annotated_types import Le

from generated.models import Bar, Quote
from generated.publisher import Publisher
from generated.topics import BarsTopic, QuotesTopic
from service.app import create_app
from service.http import package_version
from service.server import listen, server_of
from service.settings import Settings
from tests.bench.peers.control import Control, Options, Publish, Update, started
from tests.bench.peers.uncounted import Counting

_LIMITS = (
    "messages_per_second",
    "message_burst",
    "subscriptions_per_connection",
    "connections_per_address",
    "connections",
    "connections_per_user",
)
"""What would keep a load of one machine out."""


def how() -> argparse.Namespace:
    """What is not as by default."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--no-rest", action="store_true")
    parser.add_argument("--quotes", action="store_true")
    parser.add_argument("--metrics")
    parser.add_argument("--token-key")
    return parser.parse_known_args()[0]


def settings_of(deflate: bool, given: argparse.Namespace) -> Settings:
    """The defaults, with limits out of the way."""
    values: dict[str, object] = {"feed": "none", "port": 0, "heartbeat_interval": 3600.0}
    if given.no_rest:
        values["fanout_rest"] = 0.0
    values |= {name: value for name in ("metrics", "token_key") if (value := getattr(given, name))}
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


def publish_to(publisher: Publisher, topics: int, *, quotes: bool) -> Publish:
    """What publishes a message of the kind."""

    def bar(number: int, stamp: int) -> None:
        update = Update.of(number, stamp, topics)
        publisher.bars_update(BarsTopic(update.symbol, "1"), Bar(**update.bar))

    def quote(number: int, stamp: int) -> None:
        update = Update.of(number, stamp, topics)
        bid = update.unit + 0.25
        sides = {"bid": bid, "ask": bid + 0.25, "bid_size": 100.0, "ask_size": 200.0}
        payload = Quote(time=update.time, **sides, last=bid, change=0.25)
        publisher.quotes_update(QuotesTopic(update.symbol), payload)

    return quote if quotes else bar


async def main() -> None:
    """Serve until stdin ends."""
    options, given = Options.parse(), how()
    logging.basicConfig(level=logging.WARNING)
    settings = settings_of(options.deflate, given)
    app = create_app(settings)
    sockets = listen(settings.host, settings.port)
    counters, access = app.state.counters, app.state.access.counters

    def positions() -> dict[str, object]:
        states = {state.topic.address: (state.epoch, state.seq) for state in app.state.hub.states()}
        return {"positions": [states[f"quotes:SY{number:02}"] for number in range(options.topics)]}

    counting = Counting()

    def count(*, on: bool) -> dict[str, object]:
        counting.set(on=on)
        return {"counting": on}

    def counts() -> dict[str, object]:
        names = ("opened", "recovered", "turns", "bytes_sent")
        return {"auth_ok": access.auth_ok, **{name: getattr(counters, name) for name in names}}

    server = server_of(app, settings)
    serving = asyncio.create_task(server.serve(sockets=sockets))
    await started(server)
    publish = publish_to(app.state.publisher, options.topics, quotes=given.quotes)
    words = {
        "positions": positions,
        "counts": counts,
        "count": lambda: count(on=True),
        "uncount": lambda: count(on=False),
    }
    control = Control(options, publish, words=words)
    await control.serve(sockets[0].getsockname()[1], package_version())
    await serving


if __name__ == "__main__":
    uvloop.run(main())
