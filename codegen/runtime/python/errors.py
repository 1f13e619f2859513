"""Everything that the generated code raises.

WireError
├── RequestError          a request was refused: `code`, `message`, `retryable`, `retry_after_ms`, `errors`
├── TopicError            a topic's parameter has no allowed value (also a ValueError)
├── InvalidMessage        a frame is not what the contract says (also a ValueError)
├── DuplicateRequest      client: a request has the id of one that still waits (also a ValueError)
├── Disconnected          server: the other side is gone
├── ConnectionLost        client: the connection ended, and whether another may help
├── ResponseTimeout       client: no answer came in time (also a TimeoutError)
├── QueueFullError        client: too many requests wait for a connection
└── SubscriptionOverflow  client: updates came faster than they were read
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class WireError(Exception):
    """Root of all errors of this package."""


@dataclass(frozen=True, slots=True)
class ProblemDetail:
    """One place of a message that is wrong."""

    path: str
    """A JSON Pointer into the message."""
    message: str
    """What is wrong there, for people."""


class RequestError(WireError):
    """A request that is not carried out: raised by handlers to refuse, raised by clients when refused.

    Handlers raise it with a `code` of the contract; whatever else they raise is answered with `internal`.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        retryable: bool = False,
        retry_after_ms: int | None = None,
        errors: Sequence[ProblemDetail] = (),
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        """What is wrong, for programs."""
        self.message = message
        """What is wrong, for people."""
        self.retryable = retryable
        """Whether the same request may succeed later."""
        self.retry_after_ms = retry_after_ms
        """After how many milliseconds it may be tried again; None where the server does not say.

        On the wire only where it is given: for contracts whose problem has a `retry_after_ms`.
        """
        self.errors = tuple(errors)
        """Each place of the request that is wrong; empty unless the request itself was."""


class TopicError(WireError, ValueError):
    """A value that a topic's parameter does not allow, or an address that is no topic's."""

    def __init__(self, message: str, *, parameter: str | None = None) -> None:
        super().__init__(message)
        self.parameter = parameter
        """The parameter's name in the document; None where the address as a whole is wrong."""


class InvalidMessage(WireError, ValueError):
    """A frame that does not match the message it claims to be."""

    def __init__(self, message: str, errors: Sequence[ProblemDetail] = ()) -> None:
        super().__init__(message)
        self.errors = tuple(errors)
        """Each place that is wrong."""


class DuplicateRequest(WireError, ValueError):
    """A request with the id of another that still waits for its answer; it was not sent."""


class Disconnected(WireError):
    """The client is gone; raised where a server's connection is read or written."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"disconnected with {code}" + (f": {reason}" if reason else ""))
        self.code = code
        """The close code; 1006 where the client left without one."""
        self.reason = reason


OWN_CLOSE = "closed by this client"
"""The reason after one's own `close()`: nothing was lost, and nobody asks whether another connection would help."""


class ConnectionLost(WireError):
    """A client's connection ended, or could not be opened.

    Raised by a request that was under way: whether it was carried out is not known.
    """

    def __init__(self, code: int, reason: str = "", *, reconnect: bool) -> None:
        what = f" with {code}" + (f" ({reason})" if reason else "")
        advice = "another may help" if reconnect else "another would not help"
        own = (code, reason) == (1000, OWN_CLOSE)
        super().__init__(f"connection closed{what}" if own else f"connection lost{what}; {advice}")
        self.code = code
        """The close code; 1006 where the connection broke or never opened, 1000 after one's own `close()`."""
        self.reason = reason
        self.reconnect = reconnect
        """Whether another connection may help, as the contract says for this code."""


class ResponseTimeout(WireError, TimeoutError):
    """The server did not answer a request in time; whether it was carried out is not known.

    Or there was no connection for so long, and it was not sent.
    """


class QueueFullError(WireError):
    """More requests wait for a connection than the options allow; this one was not sent."""


class SubscriptionOverflow(WireError):
    """Updates came faster than they were read, and the subscription's queue is full.

    Read faster, raise the subscription's `capacity`, or take updates by callback. The subscription has ended.
    """
