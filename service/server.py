"""Uvicorn, as this service runs it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import threading
import warnings
from collections.abc import Callable, Iterator

import uvicorn
from litestar import Litestar

from service.clients import Connections, Drain
from service.files import most_sockets
from service.settings import Settings
from service.sockets import listen, url_of
from service.wire import CountingConfig, Handshake, WireProtocol

__all__ = ["Server", "listen", "run", "server_of", "url_of"]

_HURRY = 1.0
"""Seconds that the application may take to end when it is to be quick."""

_LOOK = 0.02
"""Seconds between two looks at who is still there."""

_DRAIN_PAUSE = 0.1
"""Seconds between two batches of closes."""


class Server(uvicorn.Server):
    """Ends in good order on SIGINT and SIGTERM, and tells its caller of neither again."""

    def __init__(
        self, config: uvicorn.Config, connections: Connections, drain: Drain, *, goodbye: float
    ) -> None:
        """`goodbye` is how long clients may take, in seconds, to answer a close."""
        super().__init__(config)
        self._connections = connections
        self._goodbye = goodbye
        self._drain = drain
        self.ends_process = False
        """Whether the process ends when this does."""
        self.on_started: Callable[[], None] | None = None
        """Called once, when connections are accepted."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as uvicorn does, and say so."""
        await super().startup(sockets)
        if self.started and self.on_started is not None:
            self.on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let nobody in, send the clients away, then end as uvicorn does.

        Uvicorn closes its connections with 1012 before the application hears that the end has come; a lifespan
        hook would find nobody left.
        """
        for server in self.servers:
            server.close()
        for listening in sockets or []:
            listening.close()
        await self._connections.drain(self._drain, hurry=lambda: self.force_exit)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._goodbye
        # Who is asked to leave may still be reading why; closing its socket now could take that from it.
        while self._leaving() and loop.time() < deadline and not self.force_exit:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK)  # uvicorn keeps its connections in a set, and tells nobody
        await super().shutdown(sockets)
        if self.force_exit:
            # Uvicorn leaves the application without a word then, which ends in a traceback.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_HURRY):
                    await self.lifespan.shutdown()

    def _leaving(self) -> bool:
        return any(isinstance(one, WireProtocol) for one in self.server_state.connections)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Shut down on a signal; uvicorn's own would raise it anew afterwards, which ends in a traceback."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {
            number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                # The process is about to end anyway: one Ctrl-C more is not to spoil its exit code.
                signal.signal(number, signal.SIG_IGN if self.ends_process else handler)


def server_of(app: Litestar, settings: Settings) -> Server:
    """A server for the application; give it sockets from `listen`."""
    config = CountingConfig(
        app,
        http=Handshake,
        ws=WireProtocol,
        ws_max_size=settings.max_message_bytes,
        ws_ping_interval=settings.ping_interval,
        ws_ping_timeout=settings.ping_timeout,
        ws_per_message_deflate=settings.compress,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        # After the drain nobody is left but requests under way; their tasks have a moment to end.
        timeout_graceful_shutdown=1,
    )
    config.counters = app.state.counters
    drain = Drain(settings.drain_window, settings.drain_batch, _DRAIN_PAUSE, settings.drain_deadline)
    return Server(config, app.state.connections, drain, goodbye=settings.close_grace)


def run(
    app: Litestar,
    settings: Settings,
    sockets: list[socket.socket],
    on_started: Callable[[], None] | None = None,
) -> None:
    """Serve an application on these sockets until SIGINT or SIGTERM, on an event loop of its own.

    `on_started` is called once connections are accepted.
    """
    server = server_of(app, settings)
    server.ends_process = True
    server.on_started = on_started
    if isinstance(server.config, CountingConfig):
        server.config.most_sockets = most_sockets()
    # A model that holds what its type forbids is a fault of ours, and not to be sent.
    warnings.filterwarnings("error", message="Pydantic serializer warnings", category=UserWarning)
    # What was made so far stays: the garbage collector need not look at it again, 20 ms at a time.
    gc.collect()
    gc.freeze()
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=sockets))
