"""One socket of a path, without an envelope: which messages come over it, and whether they fit."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

from codegen.contract import Endpoint, Json, Message, Source
from codegen.verify.report import Finding
from codegen.verify.session import Try
from codegen.verify.sight import Sight, routed


@dataclass(slots=True)
class Watched:
    """A socket of one path, and what came over it."""

    sight: Sight
    endpoint: Endpoint
    findings: list[Finding] = field(default_factory=list)
    received: Counter[str] = field(default_factory=Counter)
    came: list[tuple[str, Json, str]] = field(default_factory=list)
    """Keys of messages, frames, and texts, since the last frame was sent."""
    sent: str = ""

    def arrived(self, data: str | bytes) -> None:
        """Find out which message a frame is, and whether it fits."""
        text = data if isinstance(data, str) else repr(data)
        try:
            frame: Json = json.loads(data)
        except (ValueError, RecursionError):
            self._find("frame-unreadable", None, "the server sends what is no JSON", text)
            return
        routing = self.endpoint.outgoing
        messages = {one.key: one for one in (*(tagged for _, tagged in routing.tagged), *routing.untagged)}
        message = routed(routing, frame)
        if message is None:
            fitting = [one for one in routing.untagged if self.sight.judge(one).accepts(frame)]
            # What takes anything is meant only where nothing else is.
            message = next((one for one in fitting if not self.sight.takes_all(one)), None)
            message = message or next(iter(fitting), None)
        if message is None and len(messages) == 1:
            (message,) = messages.values()  # then it can be said what is wrong
        if message is None:
            told = f"what comes on {self.endpoint.path} is none of its messages"
            self._find("push-invalid", None, told, text)
            return
        self.received[message.key] += 1
        self.came.append((message.key, frame, text))
        fault = self.sight.fault(message, frame)
        if fault is not None:
            where = "/" + "/".join(map(str, fault.at))
            told = f"{message.key} at {where}: {fault.message[:200]}"
            self._find("schema", message, told, text, self.sight.place(message, fault), kind=str(fault.by))

    def find(self, rule: str, one: Try, detail: str, came: str, place: Source | None = None) -> None:
        """Add what whoever has the socket saw."""
        self._find(rule, one.message, detail, came, place, kind=one.kind)

    def _find(
        self,
        rule: str,
        message: Message | None,
        detail: str,
        came: str,
        place: Source | None = None,
        *,
        kind: str = "",
    ) -> None:
        if place is None:
            place = self.sight.place(message) if message else self.endpoint.channels[0].source
        key = message.key if message is not None else ""
        self.findings.append(Finding(rule, key, detail, self.sent, came, place, kind))
