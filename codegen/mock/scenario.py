"""What a mock is asked to do beside what is right: refusals, silence, delays, lost connections."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FAILURE = re.compile(
    r"(?P<message>.+?)=(?P<what>[^=@:\s]+)(?::(?P<code>\d{4}))?(?:@(?P<chance>0?\.\d+|0|1|1\.0*|\d{1,3}%))?"
)

SILENCE, CLOSE = "silence", "close"


@dataclass(frozen=True, slots=True)
class Failure:
    """What becomes of a request."""

    message: str
    """The message's key, or what it is told by on the wire; `*` for every request."""
    what: str
    """The code of a problem; `silence`: no answer; `close`: the connection ends."""
    close_code: int = 1011
    chance: float = 1.0

    @classmethod
    def parse(cls, text: str) -> Failure:
        """`MESSAGE=CODE`, `MESSAGE=silence`, `MESSAGE=close:1011`, each with a chance: `@0.2` or `@20%`.

        Raises:
            ValueError: the text is none of these.

        """
        found = _FAILURE.fullmatch(text.strip())
        if found is None or (found["code"] and found["what"] != CLOSE):
            raise ValueError(
                f"{text!r} is not MESSAGE=CODE, MESSAGE=silence or MESSAGE=close:1011, with @0.2 at most"
            )
        chance = found["chance"] or "1"
        share = float(chance[:-1]) / 100 if chance.endswith("%") else float(chance)
        return cls(found["message"], found["what"], int(found["code"] or 1011), min(share, 1.0))


@dataclass(frozen=True, slots=True)
class Sending:
    """A message that every connection is sent once."""

    message: str
    """Its key, or what it is told by."""
    after: float
    """Seconds after the connection was made."""

    @classmethod
    def parse(cls, text: str) -> Sending:
        """`MESSAGE@SECONDS`.

        Raises:
            ValueError: the text is something else.

        """
        name, separator, seconds = text.strip().rpartition("@")
        if not (separator and name and re.fullmatch(r"\d+(\.\d+)?", seconds)):
            raise ValueError(f"{text!r} is not MESSAGE@SECONDS")
        return cls(name, float(seconds))


@dataclass(frozen=True, slots=True)
class Scenario:
    """How a mock behaves; all that is here is off unless asked for."""

    failures: tuple[Failure, ...] = ()
    """The first that is for a request decides."""
    latency: float = 0.0
    """Seconds by which everything that the mock sends is late."""
    drop_every: float | None = None
    """Seconds after which every connection is closed."""
    drop_code: int = 1012
    sendings: tuple[Sending, ...] = ()
    heartbeat: bool = True
    """Whether silent connections are closed, where the document has `x-heartbeat`."""
