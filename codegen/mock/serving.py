"""The server: generated routes under uvicorn, in the process that asks for them."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import cache, partial

import uvicorn
from litestar import Litestar, MediaType, Response, get
from litestar.config.cors import CORSConfig
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

import codegen.runtime.python as runtime
from codegen.contract import Contract
from codegen.mock.connections import Guest, House, received
from codegen.mock.handlers import Cast
from codegen.mock.kits import Kits, may_refuse
from codegen.mock.levels import Levels
from codegen.mock.package import Package
from codegen.mock.page import page
from codegen.mock.scenario import Scenario
from codegen.mock.topics import Topics
from codegen.mock.wire import Wire
from codegen.pipeline import Understood
from codegen.runtime.python.connection import Socket


@dataclass(frozen=True, slots=True)
class Mock:
    """A mock that is being served."""

    base: str
    """`ws://127.0.0.1:8000`: what clients of documents whose channels have sockets of their own connect to."""
    url: str
    """The socket, where all channels share one; else the same as `base`."""
    contract: Contract
    house: House = field(repr=False)

    async def drain(self) -> None:
        """Send all clients away before the mock ends, as the document says: with a word, where it has one, and 4000."""
        await self.house.drain()

    def cut(self) -> None:
        """Cut off all clients that are still here: there is no time to wait for them."""
        self.house.cut()


class _Heard(logging.Handler):
    """Has the mock's log tell what the run-time code notes."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.INFO)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        self._say(self.format(record))


class _Server(uvicorn.Server):
    """A server that leaves signals to whoever runs it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        finally:
            self.ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(
    understood: Understood,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    seed: int = 0,
    rate: float = 1.0,
    scenario: Scenario | None = None,
    log: Callable[[str], None] | None = None,
) -> AsyncIterator[Mock]:
    """Serve a document for as long as the context is open.

    `port` 0 takes a free one. The same `seed` makes the same values, times aside. `rate` is how many updates a
    second each topic has, or each socket, where channels have their own.

    Raises:
        OSError: the address is not to be had.

    """
    contract, scenario, say = understood.contract, scenario or Scenario(), log or (lambda _: None)
    listener = _listening(host, port)
    heard = _Heard(say)
    logging.getLogger(runtime.__name__).addHandler(heard)
    package = Package(contract)
    try:
        kits = Kits(understood)
        encode = getattr(package.publisher, "encode_update", None)
        topics = Topics(kits, encode or (lambda *_, **__: b""), seed, rate, say, Levels(kits, seed))
        cast = Cast(package, kits, topics, scenario, seed=seed, log=say)
        house = House(
            limits={limit.name: limit.value for limit in contract.limits},
            heartbeat=contract.heartbeat,
            close_codes={code.code: code.name for code in contract.close_codes},
            scenario=scenario,
            log=say,
            leave=topics.leave,
            made=cast.made,
            leaving=cast.leaving,
            problem_codes=cache(partial(may_refuse, kits)),  # asked at each message
        )

        def connect(socket_: Socket) -> AbstractAsyncContextManager[Guest]:
            return received(socket_, house)

        shown, bound = (f"[{host}]" if ":" in host else host), listener.getsockname()[1]
        base = f"ws://{shown}:{bound}"
        server = _Server(_config(contract, cast.routes(connect), base, say))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await server.ready.wait()
            alone = contract.endpoints[0].path if contract.envelope is not None and contract.endpoints else ""
            yield Mock(base, base + alone, contract, house)
        finally:
            await topics.stop()
            server.should_exit = True
            await asyncio.gather(task, return_exceptions=True)
            for connection in list(server.server_state.connections):
                if isinstance(connection, Wire):  # whoever does not read what is left for it
                    connection.cut_off()
    finally:
        listener.close()
        package.close()
        logging.getLogger(runtime.__name__).removeHandler(heard)


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener


def _noting(app: ASGIApp, contract: Contract, say: Callable[[str], None]) -> ASGIApp:
    """An app that tells of sockets that it does not open, whose clients see no more than a 403."""
    paths = ", ".join(endpoint.path for endpoint in contract.endpoints) or "nowhere"

    async def noted(scope: Scope, receive: Receive, send: Send) -> None:
        accepted = False

        async def watched(message: Message) -> None:
            nonlocal accepted
            if message["type"] == "websocket.accept":
                accepted = True
            elif message["type"] == "websocket.close" and not accepted:
                say(f"refused a connection to {scope['path']}: the sockets are at {paths}")
            await send(message)

        await app(scope, receive, watched if scope["type"] == ScopeType.WEBSOCKET else send)

    return noted


def _config(
    contract: Contract, routes: list[object], base: str, say: Callable[[str], None]
) -> uvicorn.Config:
    shown, document = page(contract, base), json.dumps(contract.document, indent=2, ensure_ascii=False)

    @get("/", media_type=MediaType.HTML, sync_to_thread=False)
    def home() -> str:
        return shown

    @get("/asyncapi.json", sync_to_thread=False)
    def asyncapi() -> Response[str]:
        return Response(document, media_type="application/json")

    app = Litestar(
        route_handlers=[*routes, home, asyncapi],  # type: ignore[list-item]
        openapi_config=None,
        logging_config=None,
        cors_config=CORSConfig(allow_origins=["*"]),
    )
    most = next((limit.value for limit in contract.limits if limit.name == "message_bytes"), 16 * 1024 * 1024)
    return uvicorn.Config(
        _noting(app, contract, say),
        log_level="critical",
        access_log=False,
        lifespan="off",
        ws=Wire,
        ws_max_size=most,
        timeout_graceful_shutdown=1,
    )
