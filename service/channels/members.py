"""Handlers that answer nobody without a token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TypeVar

from generated.runtime.errors import RequestError
from service.connection import ClientConnection

H = TypeVar("H")
Q = TypeVar("Q")
A = TypeVar("A")


def members_only(handler: H) -> H:
    """The same handler, each of whose requests asks for a token from now on."""
    for name in dir(handler):
        if any(
            getattr(vars(kind).get(name), "__isabstractmethod__", False) for kind in type(handler).__mro__
        ):
            setattr(handler, name, _asking(getattr(handler, name)))
    return handler


def _asking(
    handle: Callable[[ClientConnection, Q], Awaitable[A]],
) -> Callable[[ClientConnection, Q], Awaitable[A]]:
    @wraps(handle)
    async def asking(connection: ClientConnection, request: Q) -> A:
        if not connection.rights.authenticated:
            raise RequestError(
                "unauthenticated", "Nothing is told without a token; send session.authenticate first."
            )
        return await handle(connection, request)

    return asking
