"""The server whose clients are cut off, a process of its own: the real service and market, a recorder, and orders.

An order a line on standard input, a JSON answer a line on standard output; the log goes to standard error.

    {"do": "stats"}                               what there is
    {"do": "dismiss", "client": …, "code": …}     close this client's connections, as a server may
    {"do": "freeze"}                              let the market's clock stand still; where every topic is then
"""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from litestar import Litestar

from generated.constants import CloseCode
from generated.models import ServerShutdown, Shutdown
from generated.publisher import Publisher
from generated.runtime.codec import encode
from generated.runtime.connection import Socket
from generated.runtime.publication import Publication
from generated.topics import Topic, TradesTopic
from service import logs
from service.app import create_app
from service.connection import ClientConnection
from service.delivery import Bounds, Farewell, Outbox
from service.delivery.message import Message
from service.feeds.base import Feed
from service.feeds.simulate import Simulation
from service.hub import Hub, Joined, Position
from service.hub import topic as topics
from service.server import listen, server_of, url_of
from service.settings import Settings
from service.wire import NOT_DIRECT
from tests.stress.recovery.terms import ON_ORDER

_SEND_BUFFER = 16_384
_PAGE = 4096
_LOOK = 0.02
_QUIET = 0.4
"""Seconds without a publication after which none is taken to come any more."""
_WINDOW_MS = 50
"""Within which clients are told to come back after a drain."""


class Clock:
    """The machine's, until it is frozen. Unix seconds."""

    def __init__(self) -> None:
        self._stands: float | None = None

    def __call__(self) -> float:
        """What time it is."""
        return time.time() if self._stands is None else self._stands

    def freeze(self) -> None:
        """Let it stand still."""
        self._stands = self()


class Recorder:
    """Between the feed and the hub: writes down what is published, and who is told what when subscribing."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=1 << 20)
        self._hub: Hub
        self._names: dict[Outbox, str] = {}
        self.published = 0
        self.last = 0.0
        """When something was published last, by the monotonic clock."""

    def attach(self, app: Litestar) -> None:
        """Listen to an application."""
        hub: Hub = app.state.hub
        connections = app.state.connections
        open_for, gone, subscribe = connections._open_for, connections._gone, hub.subscribe

        def opened(bare: Socket) -> ClientConnection:
            query = parse_qs(bare.scope["query_string"].decode())
            connection: ClientConnection = open_for(bare)
            self._names[connection.outbox] = query.get("client", [""])[0]
            return connection

        def left(connection: ClientConnection) -> None:
            gone(connection)
            self._names.pop(connection.outbox, None)

        def joined(topic: Topic, outbox: Outbox, after: Position | None = None) -> Joined:
            place = subscribe(topic, outbox, after)
            where = None if after is None else [after.epoch, after.seq]
            at = [place.epoch, place.seq]
            replayed = self._hub._topics[topic.address].seq - place.seq
            self._write(
                "j", _now_ms(), self.name(outbox), topic.address, where, at, place.recovered, replayed
            )
            return place

        self._hub = hub
        vars(connections).update(_open_for=opened, _gone=left)
        vars(hub)["subscribe"] = joined

    def name(self, outbox: Outbox) -> str:
        """The client's, as its URL says."""
        return self._names.get(outbox, "")

    def publish(self, publication: Publication) -> None:
        """Hand it on, and write down which number it got."""
        self._hub.publish(publication)
        self.published += 1
        self.last = time.monotonic()
        state = self._hub._topics.get(publication.topic)
        if state is not None:
            head = ["p", publication.topic, state.epoch, state.seq, publication.snapshot]
        elif publication.channel == "trades":
            head = ["t", publication.topic]
        else:
            return
        self._file.write(json.dumps(head)[:-1].encode() + b"," + publication.payload + b"]\n")

    def ends(self) -> dict[str, list[Any]]:
        """Where each open topic stands; written down, too."""
        ends: dict[str, list[Any]] = {}
        for address, state in self._hub._topics.items():
            book = None if state.held is None else state.held.payload()
            self._write("z", address, state.epoch, state.seq, book)
            ends[address] = [state.epoch, state.seq]
        self._file.flush()
        return ends

    def _write(self, *row: object) -> None:
        self._file.write(json.dumps(row).encode() + b"\n")


class Witness:
    """A way to nobody: keeps topics open, so that every trade is published and written down."""

    fd = NOT_DIRECT
    deflates = False
    ready = True
    taken = 0

    def listen(self, on_ready: Callable[[], None], on_close: Callable[[], None]) -> None:
        """Nothing ever happens."""

    def write(self, messages: Sequence[Message]) -> None:
        """Nobody reads."""

    def fell_short(self, rest: bytes) -> None:
        """Nothing does."""

    def close(self, farewell: Farewell) -> None:
        """Nobody is told."""

    def abort(self) -> None:
        """Nothing is open."""

    async def finished(self) -> None:
        """Nothing runs."""


class Orders:
    """What the run may ask of its server."""

    def __init__(self, app: Litestar, recorder: Recorder, clock: Clock, witnessed: Sequence[str]) -> None:
        self._state = app.state
        self._witnessed = witnessed
        self._recorder = recorder
        self._clock = clock
        self._lag = 0.0

    async def obey(self, order: dict[str, Any]) -> object:
        """Do what it says; the answer."""
        match order["do"]:
            case "stats":
                return self._stats()
            case "dismiss":
                return self._dismiss(order["client"], order["code"])
            case "freeze":
                self._clock.freeze()
                await self._quiet()
                return self._recorder.ends()
            case other:
                raise ValueError(other)

    def witness(self) -> None:
        """Listen to the trades of symbols of which everything has to be known."""
        outbox = Outbox(Witness(), self._state.connections._turn, Bounds(2**30, 3600.0), lambda: None)
        for symbol in self._witnessed:
            self._state.hub.subscribe(TradesTopic(symbol), outbox)

    async def watch(self) -> None:
        """Note how late the loop is."""
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(_LOOK)
            self._lag = max(self._lag, (loop.time() - before - _LOOK) * 1000)

    async def _quiet(self) -> None:
        """Wait until nothing is published any more: nothing says so by itself."""
        left = _QUIET
        while left > 0:
            await asyncio.sleep(left)
            left = self._recorder.last + _QUIET - time.monotonic()

    def _stats(self) -> dict[str, object]:
        gc.collect()
        lag, self._lag = self._lag, 0.0
        return {
            "connections": len(self._state.connections),
            "subscriptions": self._state.hub.subscriptions - len(self._witnessed),
            "topics": len(self._state.hub.topics) - len(self._witnessed),
            "memory": int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE / 1e6,
            "lag": lag,
            "published": self._recorder.published,
            "market": self._state.feed.reached_ms,
        }

    def _dismiss(self, client: str, code: int) -> int:
        """How many connections that were."""
        count = 0
        for connection in self._state.connections:
            if self._recorder.name(connection.outbox) != client:
                continue
            if code == CloseCode.DRAIN and connection.heard:
                notice = ServerShutdown(
                    type="server.shutdown", payload=Shutdown(reconnect_in_ms_max=_WINDOW_MS)
                )
                connection.outbox.answer(encode(notice))
            connection.end(code, ON_ORDER)
            count += 1
        return count


def _now_ms() -> int:
    return int(time.time() * 1000)


async def _main(settings: Settings, history: dict[str, int], witnessed: Sequence[str], truth: Path) -> None:
    # What the contract says is much for a run in which many are to come too late.
    vars(topics)["HISTORY"] = history
    recorder, clock = Recorder(truth), Clock()

    def feed(_: Publisher) -> Feed:
        return Simulation(
            Publisher(recorder),
            seed=settings.seed,
            updates_per_second=settings.updates_per_second,
            speed=settings.speed if isinstance(settings.speed, float) else 1.0,
            clock=clock,
        )

    app = create_app(settings, feed=feed)
    recorder.attach(app)
    sockets = listen("127.0.0.1", 0)
    for listening in sockets:
        # Inherited by each connection: what the kernel does not hide is the server's to deal with.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    server = server_of(app, settings)
    orders = Orders(app, recorder, clock, witnessed)

    async def listen_to_orders() -> None:
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            print(json.dumps(await orders.obey(json.loads(line))), flush=True)
        server.should_exit = True

    orders.witness()
    print(json.dumps({"url": url_of(sockets)}), flush=True)
    tasks = [asyncio.create_task(listen_to_orders()), asyncio.create_task(orders.watch())]
    await server.serve(sockets=sockets)
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    chosen = Settings.model_validate(given["settings"])
    logs.configure(chosen.log_level)
    import uvloop

    uvloop.run(_main(chosen, given["history"], given["witnessed"], Path(given["truth"])))
