"""Listening sockets."""

from __future__ import annotations

import contextlib
import errno
import socket
import sys

_BACKLOG = 2048

SPREADS = sys.platform == "linux"
"""Whether several sockets may listen on one address, and the system gives each its share of the connections."""


def listen(host: str, port: int) -> list[socket.socket]:
    """Listening sockets on every address of the host; OSError where there is none, or the port is taken."""
    return _listen_on_all(host, port, shared=False)


def listen_apart(host: str, port: int, count: int) -> list[list[socket.socket]]:
    """Listening sockets as `listen` gives them, so many times over; connections are spread over them evenly.

    Where the system cannot, it is the same ones each time. OSError as of `listen`.
    """
    if not SPREADS:
        return [listen(host, port)] * count
    # Sockets that share an address share it with whoever asks to, another service of the same user too.
    for alone in listen(host, port):
        alone.close()
    doors: list[list[socket.socket]] = []
    try:
        for _ in range(count):
            doors.append(_listen_on_all(host, port, shared=True))
            port = doors[0][0].getsockname()[1]
    except OSError:
        close_all(doors)
        raise
    return doors


def listen_beside(host: str, port: int, *, later: bool = False) -> list[socket.socket]:
    """One set more of those that `listen_apart` gave, whose port it was.

    With `later`, nobody is sent there until somebody has said `listen` to them, as servers do with what they get.
    """
    return _listen_on_all(host, port, shared=True, later=later)


def close_all(doors: list[list[socket.socket]]) -> None:
    """Close them; whoever waits to be accepted is turned away."""
    for sockets in doors:
        for bound in sockets:
            bound.close()


def url_of(sockets: list[socket.socket]) -> str:
    """Where a browser finds the service."""
    host, port = sockets[0].getsockname()[:2]
    if host in {"0.0.0.0", "::"}:  # noqa: S104, compared, not bound
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _listen_on_all(host: str, port: int, *, shared: bool, later: bool = False) -> list[socket.socket]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    absent: OSError | None = None
    try:
        for family, _, _, _, address in found:
            # Where any port will do, every address listens on the one that the first was given.
            chosen = sockets[0].getsockname()[1] if port == 0 and sockets else port
            try:
                sockets.append(
                    _listen(family, (address[0], chosen, *address[2:]), shared=shared, later=later)
                )
            except OSError as error:
                # A machine may name an address, such as ::1, that it does not have.
                if error.errno not in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:
                    raise
                absent = error
    except OSError:
        close_all([sockets])
        raise
    if not sockets and absent is not None:
        raise absent
    return sockets


def _listen(
    family: socket.AddressFamily, address: tuple[object, ...], *, shared: bool, later: bool
) -> socket.socket:
    with contextlib.ExitStack() as undo:
        bound = undo.enter_context(contextlib.closing(socket.socket(family, socket.SOCK_STREAM)))
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(address)
        if not later:
            bound.listen(_BACKLOG)
        bound.setblocking(False)
        undo.pop_all()
    return bound
