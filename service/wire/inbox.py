"""What comes from a client, for a service that is woken for it, rather than waiting in a task of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from uvicorn._types import ASGIReceiveEvent


class Inbox:
    """Stands in for the queue of a protocol's events: holds one message, and knows whether there will be more."""

    __slots__ = ("_frame", "_gone", "_wake", "busy", "ended")

    def __init__(self, wake: Callable[[], None], gone: Callable[[int, str], None]) -> None:
        """`wake` is called when a message is there, `gone` once with code and reason when none will follow."""
        self._wake = wake
        self._gone = gone
        self._frame: str | bytes | None = None
        self.busy = False
        """Whether somebody was woken, and has not yet come back for a message that is not there."""
        self.ended = False
        """Whether the connection is over."""

    def empty(self) -> bool:
        """Whether the next message may be parsed."""
        return self._frame is None

    def take(self) -> str | bytes | None:
        """The message that is there."""
        frame, self._frame = self._frame, None
        self.busy = frame is not None
        return frame

    def put_nowait(self, event: ASGIReceiveEvent) -> None:
        """Take an event from the protocol."""
        fields: Mapping[str, object] = event
        if event["type"] == "websocket.receive":
            frame = fields.get("text")
            if frame is None:
                frame = fields.get("bytes") or b""
            self._frame = cast("str | bytes", frame)
            self.busy = True
            self._wake()
        elif event["type"] == "websocket.disconnect" and not self.ended:
            self.ended = True
            code, reason = fields.get("code"), fields.get("reason")
            self._gone(code if isinstance(code, int) else 1006, reason if isinstance(reason, str) else "")
