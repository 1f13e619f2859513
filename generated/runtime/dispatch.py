"""From a frame to the handler's method and back to a frame.

Frames of one connection are handled one after another, in order, so that a client's requests cannot overtake
each other. A handler that has long work to do starts a task of its own.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from .codec import Codec, Json, Path, TagValue, at, decode_json, encode_json, put
from .envelope import Envelope
from .errors import Disconnected, InvalidMessage, RequestError, TopicError

logger = logging.getLogger(__name__)

Q = TypeVar("Q")
A = TypeVar("A")
E = TypeVar("E")

_MOST_KNOWN_TYPES = 50
_LONGEST_QUOTE = 80


class Sender(Protocol):
    """What the dispatcher needs of a connection: whether its frames are welcome, and to be told of mistakes."""

    def admit(self) -> RequestError | None:
        """Say why the next frame is refused; None to have it handled."""

    def on_mistake(self, error: RequestError) -> None:
        """Take note of a frame that was refused."""


C = TypeVar("C", bound=Sender)


@dataclass(frozen=True, slots=True)
class Route(Generic[C]):
    """One message that clients send, and what happens then; made by `route`."""

    tag: TagValue | None
    """What the message is told by; None where it is found by trying."""
    start: Callable[[C, str], Awaitable[bytes | None]]
    """Validates a frame at once, or raises InvalidMessage; awaited, calls the handler, encodes the answer."""
    check: Callable[[str], object]
    """Validates a frame, or raises InvalidMessage, and no more."""
    identity: Path | None
    """Where the request's id stands."""
    refused_by: TagValue | None
    """Under an envelope: the type of the answer that may carry a problem."""
    echo: Callable[[bytes, Json], bytes]
    """Sets the request's id in the encoded answer."""


def route(
    tag: TagValue | None,
    request: Codec[Q],
    handle: Callable[[C, Q], Awaitable[A]],
    answer: Codec[A] | None = None,
    *,
    identity: Path | None = None,
    answer_identity: Path | None = None,
    answer_attribute: str | None = None,
    refused_by: TagValue | None = None,
) -> Route[C]:
    """Join a message to a handler's method.

    `answer` is None for messages that nobody answers. `identity` and `answer_identity` say where the ids are
    in request and answer; `answer_attribute` is the model's attribute for an id at the answer's top.
    """
    decode = request.decode
    exclude = None if answer_attribute is None else {answer_attribute}
    id_key = (
        encode_json(answer_identity[0]) if answer_identity is not None and len(answer_identity) == 1 else None
    )

    async def finish(connection: C, message: Q) -> bytes | None:
        result = await handle(connection, message)
        return None if answer is None else answer.encode(result, exclude=exclude)

    def start(connection: C, frame: str) -> Awaitable[bytes | None]:
        return finish(connection, decode(frame))

    def echo(body: bytes, value: Json) -> bytes:
        if answer_identity is None or value is None:
            return body
        if id_key is None or exclude is None or body == b"{}":
            return put(body, answer_identity, value)
        return b"%b,%b:%b}" % (body[:-1], id_key, encode_json(value))

    return Route(tag, start, decode, identity, refused_by, echo)


class Dispatcher(ABC, Generic[C]):
    """Finds the route for each frame; what becomes of a mistake is for the subclasses to say."""

    def __init__(self, routes: Sequence[Route[C]], path: Path | None) -> None:
        self._path = path or ()
        self._named = {known.tag: known for known in routes if isinstance(known.tag, str)}
        # 1 and True are one key of a dictionary, and two tags.
        self._others = {(type(known.tag), known.tag): known for known in routes if isinstance(known.tag, int)}
        self._untagged = tuple(known for known in routes if known.tag is None)
        self.received: dict[TagValue, int] = {known.tag: 0 for known in routes if known.tag is not None}
        """How many messages came of each type that there is a route for, refused ones included."""

    async def dispatch(self, connection: C, frame: str | bytes) -> bytes | None:
        """Handle one frame; the answer, encoded, or None where there is nothing to say.

        Only Disconnected and cancellation come out of here. Between a handler's return and this one's nothing
        is awaited: send the answer at once, and it precedes whatever the handler set going.
        """
        message: Json = None
        chosen: Route[C] | None = None
        refused = connection.admit()
        try:
            text, message = _read(frame)
            chosen = self._find(message)
            if chosen is not None and chosen.tag is not None:
                self.received[chosen.tag] += 1
            if refused is not None:
                if chosen is not None:
                    _check(chosen, text)  # the answer repeats the id: it has to be one
                return await self._refuse(connection, refused, chosen, message)
            pending = self._try(connection, text) if chosen is None else _start(chosen, connection, text)
            answer = await pending
        except RequestError as error:
            return await self._refuse(connection, error, chosen, message)
        except TopicError as error:
            return await self._refuse(connection, RequestError("bad_payload", str(error)), chosen, message)
        except Disconnected:
            raise
        except Exception:
            logger.exception("a handler failed")
            failure = RequestError(
                "internal", "The server failed; the request may be at no fault.", retryable=True
            )
            return await self._refuse(connection, failure, chosen, message)
        if answer is None or chosen is None or chosen.identity is None:
            return answer
        return chosen.echo(answer, at(message, chosen.identity))

    @abstractmethod
    async def _refuse(
        self, connection: C, error: RequestError, chosen: Route[C] | None, message: Json
    ) -> bytes | None:
        """Deal with a mistake, the client's or ours; the frame to send, or None."""

    @abstractmethod
    def _unknown(self, message: Json, tag: Json) -> RequestError:
        """What is wrong with a message that no route is for."""

    def _find(self, message: Json) -> Route[C] | None:
        tag = at(message, self._path) if self._path else None
        if isinstance(tag, str):
            found = self._named.get(tag)
        elif isinstance(tag, int):
            found = self._others.get((type(tag), tag))
        else:
            found = None
        if found is None and not self._untagged:
            raise self._unknown(message, tag)
        return found

    def _try(self, connection: C, frame: str) -> Awaitable[bytes | None]:
        """Start the first message without a tag that the frame is valid for."""
        failures: list[InvalidMessage] = []
        for candidate in self._untagged:
            try:
                pending = candidate.start(connection, frame)
            except InvalidMessage as error:
                failures.append(error)
            else:
                return pending
        errors = failures[0].errors if len(failures) == 1 else ()
        raise RequestError("bad_payload", "The message is none that the contract knows.", errors=errors)


class EnvelopeDispatcher(Dispatcher[C]):
    """Answers mistakes: by the request's own answer where that can refuse, else by the error message."""

    def __init__(
        self, routes: Sequence[Route[C]], path: Path | None, envelope: Envelope, error: Codec[E]
    ) -> None:
        super().__init__(routes, path)
        self._envelope = envelope
        self._accepts_error = error.accepts
        self._known = sorted(str(known.tag) for known in routes if known.tag is not None)

    async def _refuse(
        self, connection: C, error: RequestError, chosen: Route[C] | None, message: Json
    ) -> bytes | None:
        id_field = self._envelope.id
        identity = at(message, (id_field,)) if id_field is not None else None
        if any(detail.path == f"/{id_field}" for detail in error.errors):
            error = RequestError("bad_envelope", f"{_quoted(id_field)} is not valid.", errors=error.errors)
            chosen, identity = None, None
        connection.on_mistake(error)
        if chosen is not None and chosen.refused_by is not None:
            return self._envelope.refusal(chosen.refused_by, error, identity)
        frame = self._envelope.refusal(self._envelope.error, error, identity)
        if identity is not None and not self._accepts_error(frame):
            frame = self._envelope.refusal(self._envelope.error, error)
        return frame

    def _unknown(self, message: Json, tag: Json) -> RequestError:
        field = _quoted(".".join(self._path))
        if not isinstance(message, dict):
            return RequestError("bad_envelope", f"A message is an object with {field}.")
        if not isinstance(tag, str):
            return RequestError("bad_envelope", f"The message has no {field}, or one that is no text.")
        known = ", ".join(self._known[:_MOST_KNOWN_TYPES])
        if len(self._known) > _MOST_KNOWN_TYPES:
            known += f" and {len(self._known) - _MOST_KNOWN_TYPES} more"
        return RequestError("unknown_type", f"No request has the {field} {_quoted(tag)}; known: {known}.")


class PathDispatcher(Dispatcher[C]):
    """Hands mistakes to the channel's handler, for the contract has no message that tells of them."""

    def __init__(
        self,
        routes: Sequence[Route[C]],
        path: Path | None,
        on_invalid: Callable[[C, RequestError], Awaitable[None]],
    ) -> None:
        super().__init__(routes, path)
        self._on_invalid = on_invalid

    async def _refuse(
        self, connection: C, error: RequestError, chosen: Route[C] | None, message: Json
    ) -> bytes | None:
        connection.on_mistake(error)
        try:
            await self._on_invalid(connection, error)
        except Disconnected:
            raise
        except Exception:
            logger.exception("on_invalid failed")
        return None

    def _unknown(self, message: Json, tag: Json) -> RequestError:
        if tag is None:
            return RequestError("bad_payload", "The message is none that the contract knows.")
        return RequestError("unknown_type", f"The contract has no message {_quoted(tag)} here.")


def _read(frame: str | bytes) -> tuple[str, Json]:
    if not isinstance(frame, str):
        raise RequestError("bad_frame", "Binary frames are not read; send text frames.")
    try:
        return frame, decode_json(frame)
    except InvalidMessage as error:
        raise RequestError("bad_json", str(error)) from error


def _start(chosen: Route[C], connection: C, frame: str) -> Awaitable[bytes | None]:
    try:
        return chosen.start(connection, frame)
    except InvalidMessage as error:
        raise _bad_payload(chosen, error) from error


def _check(chosen: Route[C], frame: str) -> None:
    try:
        chosen.check(frame)
    except InvalidMessage as error:
        raise _bad_payload(chosen, error) from error


def _bad_payload(chosen: Route[C], error: InvalidMessage) -> RequestError:
    message = f"The message is not what {_quoted(chosen.tag)} takes."
    return RequestError("bad_payload", message, errors=error.errors)


def _quoted(value: object) -> str:
    text = value if isinstance(value, str) else str(value)
    return f'"{text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "…"}"'
