"""A listener apart from the public one, for who runs the service: a port, or a unix socket."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import uvicorn
from litestar import Litestar
from uvicorn.server import ServerState

from service.logs import event
from service.metrics.monitor import Monitor
from service.metrics.places import Place, SocketFile
from service.metrics.routes import health_routes, internal_routes, metrics_routes
from service.sockets import listen, url_of
from service.wire import Handshake

log = logging.getLogger(__name__)

_BACKLOG = 64


class AdminUnusable(Exception):
    """A place of the admin listener cannot be listened on; the message says which and why."""


class Places:
    """Sockets that listen at these places, once they are taken and until they are given back."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = places
        self.sockets: list[socket.socket] = []
        self._files: list[tuple[SocketFile, int]] = []
        """Those that were made here, with their inodes."""

    def take(self) -> None:
        """Listen, and answer nobody yet. Raises AdminUnusable, and has taken none then."""
        for place in self._places:
            try:
                self._take(place)
            except (OSError, UnicodeError) as error:
                self.give_back()
                reason = getattr(error, "strerror", None) or str(error)
                raise AdminUnusable(f"cannot listen on {place}: {reason}; --admin chooses another") from error

    def _take(self, place: Place) -> None:
        if isinstance(place, SocketFile):
            self.sockets.append(_bind(place))
            self._files.append((place, place.path.stat().st_ino))
        else:
            self.sockets += listen(place.host, place.port)

    def give_back(self) -> None:
        """Listen no more, and leave no socket's file behind."""
        for bound in self.sockets:
            bound.close()
        self.sockets.clear()
        for place, inode in self._files:
            with suppress(OSError):
                # Another process may have taken the place meanwhile.
                if place.path.stat().st_ino == inode:
                    place.path.unlink()
        self._files.clear()


class Admin:
    """Serves metrics, health and status at these places from `start` to `stop`."""

    def __init__(self, monitor: Monitor, places: Sequence[Place], doors: Sequence[int] = ()) -> None:
        """`doors` are descriptors of sockets that somebody else has opened, and that others accept from too."""
        self._taken = Places(places)
        self._doors = doors
        self._state = ServerState()
        self._servers: list[asyncio.Server] = []
        self._app = Litestar(
            [*health_routes(monitor), *metrics_routes(monitor), *internal_routes(monitor)],
            openapi_config=None,
            logging_config=None,
        )

    @property
    def sockets(self) -> list[socket.socket]:
        """What is listened on."""
        return list(self._taken.sockets)

    def listen(self) -> None:
        """Take the places, and answer nobody yet. Raises AdminUnusable, and has taken none then."""
        if self._taken.sockets:
            return
        self._taken.take()
        self._taken.sockets += [socket.socket(fileno=door) for door in self._doors]

    async def start(self) -> None:
        """Answer; takes the places where that has not been done."""
        self.listen()
        if not self._taken.sockets:
            return
        config = uvicorn.Config(
            self._app, http=Handshake, ws="none", lifespan="off", log_config=None, access_log=False
        )
        config.load()
        protocol = partial(Handshake, config=config, server_state=self._state, app_state={})
        loop = asyncio.get_running_loop()
        for bound in self._taken.sockets:
            self._servers.append(await loop.create_server(protocol, sock=bound, backlog=_BACKLOG))
        log.info(event("admin listens", on=", ".join(map(_name_of, self._taken.sockets))))

    async def stop(self) -> None:
        """Listen no more; whoever is being answered is cut off."""
        for server in self._servers:
            server.close()
        self._servers.clear()
        for connection in list(self._state.connections):
            connection.shutdown()
        self._taken.give_back()


def _bind(place: SocketFile) -> socket.socket:
    """A socket that only this user may open; in the place of one that nobody listens on any more."""
    if _answers(place):
        raise OSError(errno.EADDRINUSE, "somebody listens there already")
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if place.path.is_socket():
            place.path.unlink()
        bound.bind(str(place.path))
        place.path.chmod(0o600)  # before anybody can connect, which takes a socket that listens
        bound.listen(_BACKLOG)
        bound.setblocking(False)
    except BaseException:
        bound.close()
        raise
    return bound


def _answers(place: SocketFile) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial:
        trial.setblocking(False)
        return trial.connect_ex(str(place.path)) in {0, errno.EAGAIN}


def _name_of(bound: socket.socket) -> str:
    name = bound.getsockname()
    return f"unix:{name}" if isinstance(name, str) else url_of([bound])
