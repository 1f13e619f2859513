# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The numbers and names of Lighthouse that every program needs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from .runtime.closing import may_reconnect
from .runtime.envelope import Envelope

TITLE: Final = "Lighthouse"

VERSION: Final = "1.0.0"
"""The contract's version."""

DEFAULT_URL: Final = "ws://localhost:9000/light"
"""Where clients connect to unless they are told."""

SOCKET_PATH: Final = "/light"
"""The path of the socket."""

CONNECTIONS_PER_ADDRESS_LIMIT: Final = 3
"""How many connections there may be from one network address."""

MESSAGE_BYTES_LIMIT: Final = 4096
"""The largest message, in bytes, that the server reads."""

ENVELOPE: Final = Envelope(
    type="type",
    payload="payload",
    error="refused",
    problem=(("status",), "error"),
    id="id",
    topic=None,
    seq=None,
    seq_from=None,
    epoch=None,
    snapshot=None,
    checksum=None,
    recover=None,
    recovered=None,
    ts=None,
    events=("lamp.going",),
)
"""The names of the fields that frames may have."""


class CloseCode(IntEnum):
    """Why a connection is closed."""

    DARK = 4000
    """The lamp is being changed."""

    SCRAPPED = 4100
    """Clients stop."""

    FOG = 4500
    """Clients reconnect."""

    REEF = 4501
    """Clients stop."""


_RECONNECT: Final[Mapping[int, bool]] = {
    CloseCode.DARK: True,
    CloseCode.SCRAPPED: False,
    CloseCode.FOG: True,
    CloseCode.REEF: False,
}


def reconnect(code: int) -> bool:
    """Whether a client that was closed with this code should open another connection."""
    declared = _RECONNECT.get(code)
    return may_reconnect(code) if declared is None else declared
