"""What a mock is asked to do beside what is right: refusals, silence, delays, lost connections."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FAILURE = re.compile(
    r"(?P<message>.+?)=(?P<what>[^=@:\s]+)(?::(?P<code>\d{4}))?(?:@(?P<chance>0?\.\d+|0|1|1\.0*|\d{1,2}%|100%))?"
)

SILENCE, CLOSE = "silence", "close"

UNSENDABLE = (
    "no code that a server may close with: those are 1000 to 1014 without 1004 to 1006, and 3000 to 4999"
)


def may_close_with(code: int) -> bool:
    """Whether a close frame may have a code; some are kept for what a client finds out by itself."""
    return (1000 <= code <= 1014 and code not in (1004, 1005, 1006)) or 3000 <= code <= 4999


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
            ValueError: the text is none of these, or has a code that cannot be sent.

        """
        found = _FAILURE.fullmatch(text.strip())
        if found is None or (found["code"] and found["what"] != CLOSE):
            raise ValueError(
                f"{text!r} is not MESSAGE=CODE, MESSAGE=silence or MESSAGE=close:1011, "
                "with or without a chance behind it, as in MESSAGE=CODE@20%"
            )
        code = int(found["code"] or 1011)
        if not may_close_with(code):
            raise ValueError(f"{text!r}: {code} is {UNSENDABLE}")
        chance = found["chance"] or "1"
        share = float(chance[:-1]) / 100 if chance.endswith("%") else float(chance)
        return cls(found["message"], found["what"], code, share)


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
