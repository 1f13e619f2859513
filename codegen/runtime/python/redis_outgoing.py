"""What a publisher over the broker has yet to send, and what became of what it sent; waits for nothing by itself."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit

from .backoff import Backoff
from .publication import Publication
from .redis_errors import (
    BrokerError,
    BrokerOutOfMemory,
    BrokerRefused,
    BrokerUnavailable,
    PublicationLost,
    SnapshotNeeded,
)
from .redis_protocol import (
    TTL_SECONDS,
    ChannelRules,
    new_publisher,
    pack,
    parse_published,
    publish_command,
)
from .redis_refusals import is_memory, may_pass

_MOST_AT_ONCE = 1000
_MOST_SECONDS = 2**31 - 1
"""What sockets and Redis take for a time."""
_MOST_TOPICS = 50_000
"""Topics of which the numbers are kept. Over that all are forgotten, under another name, and each topic that is
published again begins an epoch: of what failed before, nobody knows any more."""


class PublishedAt(NamedTuple):
    """Where in its topic an update stands."""

    epoch: str
    """Names the life of the topic's history."""
    seq: int
    """Counts the updates of the topic within the epoch, from 1."""


@dataclass(frozen=True, slots=True)
class PublisherOptions:
    """How a publisher deals with Redis. ValueError for a number that makes no sense."""

    timeout_s: float = 10.0
    """For how many seconds a publication is tried before it fails; so long too the first connection."""
    socket_timeout_s: float = 2.0
    """For how many seconds Redis may be silent before the connection counts as lost."""
    backoff: Backoff = field(default_factory=lambda: Backoff(base=0.05, cap=2.0))
    """How long to wait before the next try, by the number of those in vain."""
    most_waiting_bytes: int = 16 * 1024 * 1024
    """How much may wait to be sent, in bytes; what comes on top is refused."""
    exclusive: bool = False
    """Whether nobody else publishes these topics. Then a publisher that takes over from another, or the same program
    started again, begins an epoch, since nobody can know what the one before it had yet to say."""
    ttl_s: int = TTL_SECONDS
    """After how many seconds without update or reader Redis forgets a topic."""

    def __post_init__(self) -> None:
        _check_positive("timeout_s", self.timeout_s)
        _check_positive("socket_timeout_s", self.socket_timeout_s, most=_MOST_SECONDS)
        _check_positive("most_waiting_bytes", self.most_waiting_bytes)
        _check_positive("ttl_s", self.ttl_s, most=_MOST_SECONDS, whole=True)


def _check_positive(name: str, value: float, *, most: float = math.inf, whole: bool = False) -> None:
    """ValueError, which names the option, where its value is no number above 0 and up to `most`."""
    kind = "whole number" if whole else "number"
    fits = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    if not fits or not value > 0:
        raise ValueError(f"{name}: expected a {kind} above 0, not {value!r}")
    if value > most:
        raise ValueError(f"{name}: expected at most {most}, not {value!r}")


Outcome: TypeAlias = PublishedAt | BrokerError


class Entry:
    """A publication on its way; once `outcome` is set it is at its end."""

    __slots__ = ("command", "deadline", "done", "outcome", "topic")

    def __init__(self, topic: str, command: bytes, deadline: float) -> None:
        self.topic = topic
        self.command = command
        """As it goes over the wire."""
        self.deadline = deadline
        self.outcome: Outcome | None = None
        self.done: Callable[[Outcome], None] | None = None
        """Called with the outcome."""

    def settle(self, outcome: Outcome) -> None:
        """Its end."""
        self.outcome = outcome
        if self.done is not None:
            self.done(outcome)


class Outgoing:
    """Numbers publications, and judges what Redis answered."""

    def __init__(self, url: str, rules: ChannelRules, options: PublisherOptions) -> None:
        self.where = _where(url)
        """The server, without name and password."""
        self._rules = rules
        self._options = options
        self._publisher = new_publisher()
        self._numbers: dict[str, int] = {}
        self._first = 1
        """A topic's first number; after numbers were forgotten one is left out, by which Redis knows."""
        self.fault: Exception | None = None
        """Why the last try was in vain; None where it was not."""

    def entry(self, publication: Publication) -> Entry:
        """The next of its topic. It has to be sent after those before it, and until it is settled."""
        n = self._numbers.get(publication.topic, 0) + 1
        if n == 1:
            if len(self._numbers) >= _MOST_TOPICS:
                self._numbers.clear()
                self._publisher, self._first = new_publisher(), 2
            n = self._first
        command = pack(
            publish_command(
                self._rules.of(publication.channel),
                publication,
                publisher=self._publisher,
                n=n,
                exclusive=self._options.exclusive,
                ttl=self._options.ttl_s,
            )
        )
        self._numbers[publication.topic] = n
        return Entry(publication.topic, command, time.monotonic() + self._options.timeout_s)

    def unexpired(self, entries: Sequence[Entry]) -> list[Entry]:
        """Those that may be tried (again); the others fail for what the last fault was."""
        now = time.monotonic()
        left = [entry for entry in entries if entry.deadline > now]
        if len(left) < len(entries):
            for entry in entries:
                if entry.deadline <= now:
                    entry.settle(self.unavailable())
        return left

    def judge(self, entries: Sequence[Entry], answers: Sequence[object]) -> list[Entry]:
        """Settle what Redis has answered for good; what is to be tried again, in order."""
        again: list[Entry] = []
        carried: set[str] = set()
        self.fault = None
        for entry, answer in zip(reversed(entries), reversed(answers), strict=True):
            if not isinstance(answer, Exception):
                carried.add(entry.topic)
                published = parse_published(answer)
                if published.status == "NEEDBASE":
                    entry.settle(SnapshotNeeded(entry.topic))
                else:
                    entry.settle(PublishedAt(published.epoch, published.seq))
            elif not may_pass(answer):
                entry.settle(self.refused(answer))
            elif entry.topic in carried:  # Redis has taken it for lost, and would now for a duplicate
                entry.settle(PublicationLost(f"{entry.topic}: {answer}; later updates went through"))
            else:
                self.fault = answer
                again.append(entry)
        again.reverse()
        return again

    def unavailable(self) -> BrokerUnavailable:
        """What to say after the last fault, when there is no time left."""
        begins = f"Redis at {self.where} did not take it within {self._options.timeout_s:g} s"
        if self.fault is not None and is_memory(self.fault):
            return BrokerOutOfMemory(f"{begins}: it is out of memory ({self.fault})")
        return BrokerUnavailable(f"{begins}: {_said(self.fault)}")

    def refused(self, error: Exception) -> BrokerRefused:
        """What to say of an error that will not pass."""
        return BrokerRefused(f"Redis at {self.where} refuses: {error}")


class PublicationBatch:
    """A sink that only gathers, for what is to be sent together."""

    def __init__(self) -> None:
        self.publications: list[Publication] = []

    def publish(self, publication: Publication) -> None:
        """Gather it."""
        self.publications.append(publication)


def all_published(outcomes: Sequence[Outcome]) -> list[PublishedAt]:
    """Where each went; raises the first error, with a note where there are others."""
    errors = [outcome for outcome in outcomes if isinstance(outcome, BrokerError)]
    if not errors:
        return [outcome for outcome in outcomes if isinstance(outcome, PublishedAt)]
    if len(outcomes) > 1:
        errors[0].add_note(f"{len(errors)} of {len(outcomes)} publications failed; this was the first")
    raise errors[0]


def in_parts(publications: Sequence[Publication]) -> list[Sequence[Publication]]:
    """Many publications, in as many as are sent at once."""
    return [
        publications[begin : begin + _MOST_AT_ONCE] for begin in range(0, len(publications), _MOST_AT_ONCE)
    ]


def _said(error: Exception | None) -> str:
    return "no answer came" if error is None else str(error) or type(error).__name__


def _where(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "unix" or parts.scheme.endswith("+unix"):
        return parts.path
    return f"{parts.hostname or 'localhost'}:{parts.port or 6379}"
