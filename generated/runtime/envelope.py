"""The fields that every frame of a multiplexed socket may have, and the frames that need no model."""

from __future__ import annotations

from dataclasses import dataclass

from .codec import Json, Path, TagValue, at, encode_json
from .errors import ProblemDetail, RequestError


@dataclass(frozen=True, slots=True)
class Envelope:
    """The names of an envelope's fields on the wire; None for a field that this contract does not have."""

    type: str
    payload: str
    error: TagValue
    """The type of the message that tells of what matches no request."""
    problem: tuple[Path, TagValue]
    """What tells a payload that refuses from one that does not: the path in it, and the value there."""
    id: str | None = None
    topic: str | None = None
    seq: str | None = None
    seq_from: str | None = None
    epoch: str | None = None
    snapshot: str | None = None
    checksum: str | None = None
    recover: str | None = None
    recovered: str | None = None
    ts: str | None = None
    reset: TagValue | None = None
    """The type of the message by which a server begins a topic anew; None where there is none."""
    close: TagValue | None = None
    """The type of the message by which a server takes a subscription back; None where there is none."""
    events: tuple[TagValue, ...] = ()
    """The types of messages that a server sends unasked and that are no updates."""

    def refusal(self, type_: TagValue, error: RequestError, identity: Json = None) -> bytes:
        """The frame that refuses a request, or, with the type `error`, tells of a frame that is none."""
        frame: dict[str, Json] = {self.type: type_}
        if identity is not None and self.id is not None:
            frame[self.id] = identity
        frame[self.payload] = self._problem(error)
        return encode_json(frame)

    def problem_in(self, payload: Json) -> RequestError | None:
        """What a payload refuses; None where it says yes."""
        path, value = self.problem
        if not isinstance(payload, dict) or at(payload, path) != value:
            return None
        listed = payload.get("errors")
        wait = payload.get("retry_after_ms")
        details = [
            ProblemDetail(str(item.get("path", "")), str(item.get("message", "")))
            for item in (listed if isinstance(listed, list) else [])
            if isinstance(item, dict)
        ]
        return RequestError(
            str(payload.get("code", "internal")),
            str(payload.get("message", "")),
            retryable=payload.get("retryable") is True,
            retry_after_ms=wait if isinstance(wait, int) and not isinstance(wait, bool) else None,
            errors=details,
        )

    def request(
        self, type_: TagValue, identity: Json, payload: bytes | None, recover: bytes | None = None
    ) -> bytes:
        """A request's frame around a payload, and a position to recover from, that are encoded already."""
        parts = [b'{"%b":%b' % (self.type.encode(), encode_json(type_))]
        if self.id is not None:
            parts.append(b',"%b":%b' % (self.id.encode(), encode_json(identity)))
        if recover is not None and self.recover is not None:
            parts.append(b',"%b":%b' % (self.recover.encode(), recover))
        if payload is not None:
            parts.append(b',"%b":%b' % (self.payload.encode(), payload))
        return b"".join(parts) + b"}"

    def _problem(self, error: RequestError) -> Json:
        path, value = self.problem
        body: dict[str, Json] = {}
        inner = body
        for name in path[:-1]:
            child: dict[str, Json] = {}
            inner[name] = child
            inner = child
        inner[path[-1]] = value
        body["code"] = error.code
        body["message"] = error.message
        body["retryable"] = error.retryable
        if error.retry_after_ms is not None:
            body["retry_after_ms"] = error.retry_after_ms
        if error.errors:
            body["errors"] = [{"path": detail.path, "message": detail.message} for detail in error.errors]
        return body
