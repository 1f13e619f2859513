# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""What a server of Traits implements: handlers of channels, joined by routes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, Never, TypeAlias, TypeVar

from litestar.handlers import WebsocketRouteHandler, websocket

from .models import Job
from .runtime.codec import Codec
from .runtime.connection import Connection, Socket
from .runtime.dispatch import Dispatcher, PathDispatcher, route
from .runtime.errors import RequestError, TopicError
from .runtime.serve import Connect, close_invalid, filled, refuse, serve_beside
from .topics import JobsTopic

JobsSends: TypeAlias = Never
"""What a server may send on `/jobs`."""

C = TypeVar("C", bound=Connection[JobsSends])

_JOB_CODEC = Codec(Job)


class JobsHandler(ABC, Generic[C]):
    """Handles the requests of `/jobs`."""

    @abstractmethod
    async def job(self, connection: C, topic: JobsTopic, request: Job) -> None:
        """From the trait."""

    async def connected(self, connection: C, topic: JobsTopic) -> None:
        """Run beside the reading of frames from when a client has connected; cancelled when it is gone.

        Does nothing unless overridden.
        """

    async def on_invalid(self, connection: C, topic: JobsTopic, error: RequestError) -> None:
        """Deal with a frame that is no valid message, or whose handler failed.

        The contract has no message for that. Closes the connection, with 1003 or 1011, unless overridden.
        """
        await close_invalid(connection, error)


def jobs_dispatcher(handler: JobsHandler[C], topic: JobsTopic) -> Dispatcher[C]:
    """Join a handler to the messages of one connection to `/jobs`."""
    return PathDispatcher(
        [
            route(None, _JOB_CODEC, lambda connection, request: handler.job(connection, topic, request)),
        ],
        path=None,
        on_invalid=lambda connection, error: handler.on_invalid(connection, topic, error),
    )


def jobs_route(handler: JobsHandler[C], *, connect: Connect[C], path: str = "/jobs") -> WebsocketRouteHandler:
    """Serve the socket at `/jobs` by this handler.

    `connect` accepts a socket and gives its connection: `accept` of `runtime.connection`, or one's own.
    """

    @websocket(path)
    async def jobs_endpoint(socket: Socket) -> None:
        try:
            topic = JobsTopic.parse(filled("/jobs", socket.path_params))
        except TopicError as error:
            await refuse(socket, error)
            return
        dispatcher = jobs_dispatcher(handler, topic)
        async with connect(socket) as connection:
            await serve_beside(connection, dispatcher, lambda: handler.connected(connection, topic))

    return jobs_endpoint
