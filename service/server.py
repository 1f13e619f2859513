"""Uvicorn, as this service runs it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import logging
import signal
import socket
import threading
import warnings
from collections.abc import Iterator

import uvicorn
from litestar import Litestar

from service.clients import Connections, Drain
from service.settings import Settings
from service.wire import CountingConfig, Handshake, WireProtocol

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

log = logging.getLogger(__name__)

_BACKLOG = 2048

_OTHER_FILES = 100
"""Open files beside connections."""

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


def run(app: Litestar, settings: Settings, sockets: list[socket.socket]) -> None:
    """Serve an application on these sockets until SIGINT or SIGTERM, on an event loop of its own."""
    server = server_of(app, settings)
    server.ends_process = True
    _make_room(settings.connections)
    # A model that holds what its type forbids is a fault of ours, and not to be sent.
    warnings.filterwarnings("error", message="Pydantic serializer warnings", category=UserWarning)
    # What was made so far stays: the garbage collector need not look at it again, 20 ms at a time.
    gc.collect()
    gc.freeze()
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=sockets))


def _make_room(connections: int) -> None:
    """Allow as many open files as the connections would like, two each; say so where there is not one for each."""
    if resource is None:
        return
    wanted = 2 * connections + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        if soft < connections + _OTHER_FILES:
            log.warning(
                "open files are limited to %d, too few for the %d connections allowed; see `ulimit -n`",
                soft,
                connections,
            )


def listen(host: str, port: int, *, shared: bool = False) -> list[socket.socket]:
    """Listening sockets on every address of the host; OSError where there is none, or the port is taken.

    `shared`: other processes of this user may listen on the same port, where the system has that.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    absent: OSError | None = None
    try:
        for family, _, _, _, address in found:
            # Where any port will do, every address listens on the one that the first was given.
            chosen = sockets[0].getsockname()[1] if port == 0 and sockets else port
            try:
                sockets.append(_listen(family, (address[0], chosen, *address[2:]), shared=shared))
            except OSError as error:
                # A machine may name an address, such as ::1, that it does not have.
                if error.errno not in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:
                    raise
                absent = error
    except OSError:
        for bound in sockets:
            bound.close()
        raise
    if not sockets and absent is not None:
        raise absent
    return sockets


def _listen(family: socket.AddressFamily, address: tuple[object, ...], *, shared: bool) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared and hasattr(socket, "SO_REUSEPORT"):
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
        bound.listen(_BACKLOG)
        bound.setblocking(False)
    except OSError:
        bound.close()
        raise
    return bound


def url_of(sockets: list[socket.socket]) -> str:
    """Where a browser finds the service."""
    host, port = sockets[0].getsockname()[:2]
    if host in {"0.0.0.0", "::"}:  # noqa: S104, compared, not bound
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
