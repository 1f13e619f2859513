"""What is logged: an event's name, and fields that programs can read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from service.logs.secrets import HIDDEN, is_secret, safe

connection_id: ContextVar[UUID | None] = ContextVar("connection_id", default=None)
"""The connection on whose behalf the current task runs; None where there is none."""

_LONGEST = 500
"""Characters of a field."""

_BARE = re.compile(r"[\w.:/@+,\[\]-]+", re.ASCII)

Plain = str | int | float | bool | None


@contextmanager
def on_behalf(connection: UUID | None) -> Iterator[None]:
    """Log in a connection's name, whoever brought it about."""
    token = connection_id.set(connection)
    try:
        yield
    finally:
        connection_id.reset(token)


class Event:
    """A message for `logging`; as text, under whatever formatter, `closing code=4004 reason='too slow'`."""

    __slots__ = ("fields", "name")

    def __init__(self, name: str, fields: Mapping[str, object]) -> None:
        self.name = name
        """The same for all events of a kind: what differs is in the fields."""
        self.fields = fields

    def plain(self) -> dict[str, Plain]:
        """The fields as JSON has them; nothing secret, and no text without an end."""
        return {name: _plain(name, value) for name, value in self.fields.items()}

    def __str__(self) -> str:
        return " ".join((self.name, *(f"{name}={_shown(value)}" for name, value in self.plain().items())))

    def __repr__(self) -> str:
        return f"<Event {self}>"


def event(name: str, /, **fields: object) -> Event:
    """What to hand to a logger: `log.info(event("topic opened", topic=address))`.

    A field that is called `token`, `payload` or the like is not shown, whatever it holds.
    """
    return Event(name, fields)


def _plain(name: str, value: object) -> Plain:
    if is_secret(name):
        return HIDDEN
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and -1e300 < value < 1e300:
        return float(value)
    return safe(str(value), _LONGEST)


def _shown(value: Plain) -> str:
    """On a line for people: in quotes where it could be taken for more than one word."""
    if isinstance(value, str):
        if _BARE.fullmatch(value):
            return value
        # What is no printable character was escaped already.
        quote = '"' if "'" in value and '"' not in value else "'"
        return quote + value.replace(quote, "\\" + quote) + quote
    return f"{value:g}" if isinstance(value, float) else str(value)
