# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The client of Traits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Never

from .constants import reconnect
from .models import Job
from .runtime.codec import Codec
from .runtime.errors import InvalidMessage
from .runtime.options import ClientOptions
from .runtime.stream import ChannelConnection, MessageReader
from .topics import JobsTopic

_JOB_CODEC = Codec(Job)
_JOBS_READER: MessageReader[Never] = MessageReader(None, [])


class JobsConnection(ChannelConnection[Never]):
    """A connection to `/jobs`."""

    async def job(self, message: Job) -> None:
        """From the trait."""
        await self._tell(_JOB_CODEC, message)


class TraitsClient:
    """A client of Traits."""

    def __init__(self, url: str, *, options: ClientOptions | None = None) -> None:
        self.url = url
        self.options = options or ClientOptions()

    def jobs(
        self,
        *,
        query: Mapping[str, str] | None = None,
        on_invalid: Callable[[InvalidMessage, str | bytes], None] | None = None,
    ) -> JobsConnection:
        """Connect to `/jobs`."""
        return JobsConnection(
            self.url,
            JobsTopic().path,
            _JOBS_READER,
            reconnect,
            options=self.options,
            query=query,
            on_invalid=on_invalid,
        )
