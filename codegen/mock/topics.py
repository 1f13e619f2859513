"""Topics under an envelope: numbered updates, a history, what each holds, and who is subscribed."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

from codegen.contract import Channel, Json, Message
from codegen.mock.alive import Alive
from codegen.mock.durations import seconds_of, span_of
from codegen.mock.kits import ImpossibleError, Kit, Kits, at, schema_at
from codegen.mock.levels import Levels
from codegen.mock.lists import Lists
from codegen.mock.outbox import Update
from codegen.mock.past import Past
from codegen.mock.roles import Place
from codegen.runtime.python.publication import Publication
from codegen.runtime.python.state import HeldState

_GRACE = 60.0
"""Seconds for which a topic goes on after its last subscriber left: long enough to come back and recover."""
_MOST_TOPICS = 2000
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


class Subscriber(Protocol):
    """Whoever is sent a topic's updates."""

    def push(self, update: Update) -> None:
        """Send an update some time soon; never waits."""


@dataclass(slots=True)
class Kind:
    """One kind of update of a topic."""

    kit: Kit
    alive: Alive | None
    past: Past | None


@dataclass(frozen=True, slots=True)
class Missed:
    """What a subscriber is sent before what is live."""

    seq: int
    recovered: bool | None
    updates: tuple[Update, ...]


class Topic:
    """One address."""

    def __init__(self, stage: Topics, channel: Channel, address: str, parameters: Mapping[str, str]) -> None:
        self.channel, self.address, self.parameters = channel, address, parameters
        self.subscribers: dict[Subscriber, None] = {}
        self.seq = 0
        self.random = Random(f"{stage.seed}:{address}")  # noqa: S311 - makes examples, keeps no secret
        self.epoch = "".join(self.random.choice(_LETTERS) for _ in range(8))
        self._stage = stage
        self._history: deque[Update] = deque(maxlen=channel.history or 1)
        self._task: asyncio.Task[None] | None = None
        self._left_at = 0.0
        self._latest: tuple[Message, Json] | None = None
        self._lists = self._make_lists()
        self.kinds = [] if self._lists else [self._kind(update) for update in self._updates()]

    @property
    def idle(self) -> bool:
        """Whether nothing is published to it now."""
        return self._task is None

    def subscribe(self, subscriber: Subscriber, recover: tuple[str, int] | None) -> Missed:
        """Send a subscriber what comes from now on; what it has to be sent before that."""
        self.subscribers[subscriber] = None
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        if recover is not None and self._reaches(recover):
            missed = tuple(update for update in self._history if update.seq > recover[1])
            return Missed(recover[1], recovered=True, updates=missed)
        wanted = self.channel.snapshot == "subscribe" or (
            self.channel.snapshot == "recover" and recover is not None
        )
        snapshot = self._snapshot() if wanted else None
        updates = () if snapshot is None else (snapshot,)
        return Missed(self.seq, None if recover is None else False, updates)

    def unsubscribe(self, subscriber: Subscriber) -> bool:
        """Whether it was subscribed."""
        if subscriber not in self.subscribers:
            return False
        del self.subscribers[subscriber]
        self._left_at = time.monotonic()
        return True

    async def stop(self) -> None:
        """Publish nothing any more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    @property
    def conflates(self) -> bool:
        """Whether the latest of its updates makes up for those before."""
        return self.channel.delivery == "conflate"

    @property
    def held(self) -> HeldState | None:
        """What a subscriber holds after the latest update, where updates are changes to keyed lists."""
        return None if self._lists is None else self._lists.held

    def publish(self) -> Update | None:
        """Number the next update and send it to all; None where there is nothing valid to send."""
        if self._lists is not None:
            message = self.channel.updates[0]
            payload, changes = self._lists.advance()
            update = self._made(message, payload, self.seq + 1, changes=changes)
        elif self.kinds:
            kind = self.random.choice(self.kinds)
            message, payload = kind.kit.message, self._next(kind)
            update = self._made(message, payload, self.seq + 1)
        else:
            return None
        if update is None:
            return None
        self.seq += 1
        self._latest = (message, payload)
        self._history.append(update)
        for subscriber in list(self.subscribers):
            subscriber.push(update)
        return update

    def past(self, kit: Kit) -> Past | None:
        """What there was before, of updates of one kind; None where updates are not of spans of time."""
        return next((kind.past for kind in self.kinds if kind.kit is kit), None)

    async def _run(self) -> None:
        """Publish at the stage's rate, with pauses that are not all alike, until long after the last one left."""
        pauses = Random(f"{self._stage.seed}:{self.address}:pauses")  # noqa: S311 - as above
        try:
            while self.subscribers or time.monotonic() - self._left_at < _GRACE:
                await asyncio.sleep(pauses.uniform(0.7, 1.3) / self._stage.rate)
                self.publish()
        finally:
            if asyncio.current_task() is self._task:
                self._task = None

    def _reaches(self, recover: tuple[str, int]) -> bool:
        """Whether all that followed a position is still here."""
        epoch, seq = recover
        if epoch != self.epoch or seq > self.seq or self.channel.history is None:
            return False
        return seq == self.seq or (bool(self._history) and self._history[0].seq <= seq + 1)

    def _snapshot(self) -> Update | None:
        if self._lists is not None:
            held = self._lists.held.changes()
            return self._made(
                self.channel.updates[0], self._lists.payload(), self.seq, changes=held, snapshot=True
            )
        if self._latest is None and self.kinds:
            kind = self.kinds[0]
            self._latest = (kind.kit.message, self._next(kind))
        if self._latest is None:
            return None
        return self._made(*self._latest, self.seq, snapshot=True)

    def _made(
        self,
        message: Message,
        payload: Json,
        seq: int,
        *,
        changes: Mapping[str, Any] | None = None,
        snapshot: bool = False,
    ) -> Update | None:
        key = None if self.channel.delivery_key is None else at(payload, (self.channel.delivery_key,))
        publication = Publication(
            channel=self.channel.name.rstrip("_"),
            topic=self.address,
            type=message.key if message.tag is None else message.tag.value,
            payload=json.dumps(payload, ensure_ascii=False).encode(),
            snapshot=snapshot,
            key=key if isinstance(key, int | str) else None,
            changes=changes,
        )
        return self.update(
            publication,
            seq,
            ts=int(time.time() * 1000),
            epoch=self.epoch if snapshot or seq <= 1 else None,
            checksum=None if self._lists is None else self._lists.held.checksum(),
        )

    def update(
        self,
        publication: Publication,
        seq: int,
        *,
        ts: int,
        epoch: str | None,
        checksum: int | None,
        seq_from: int | None = None,
    ) -> Update | None:
        """A publication with its numbers; None, and a word in the log, where that is not what the document says."""
        frame = self._stage.encode(
            publication, seq=seq, ts=ts, epoch=epoch, seq_from=seq_from, checksum=checksum
        )
        message = next(
            (
                one
                for one in self.channel.updates
                if publication.type == (one.key if one.tag is None else one.tag.value)
            ),
            self.channel.updates[0],
        )
        if self._stage.kits.of(message).accepts(json.loads(frame)):
            return Update(self, publication, seq, ts, epoch, checksum, frame)
        self._stage.complain(f"{self.address}: no valid {message.key} was found")
        return None

    def _next(self, kind: Kind) -> Json:
        """A payload that the schema of the whole message accepts, as near to what goes on as can be."""
        now = time.time()
        envelope = self._stage.envelope
        if kind.alive is not None:
            payload = kind.alive.advance(now)
            if self._stage.fits(kind.kit, payload):
                if kind.past is not None:
                    kind.past.note(payload, kind.alive.key)
                return payload
            like: Json = {envelope.payload: payload}
        else:
            like = None
        try:
            return at(kind.kit.make(self.random, like=like), (envelope.payload,))
        except ImpossibleError:
            return {}

    def _updates(self) -> list[Message]:
        return [update for update in self.channel.updates if update.body is not None]

    def _kind(self, update: Message) -> Kind:
        kit, envelope = self._stage.kits.of(update), self._stage.envelope
        schema = schema_at(kit.schema, (envelope.payload,))
        schema["definitions"] = kit.schema.get("definitions", {})
        told = self._stage.examples(kit, self.address)
        if not told:
            try:
                chance = Random(f"{self._stage.seed}:{self.address}:{update.key}")  # noqa: S311 - as above
                made = [kit.make(chance) for _ in range(1 if self.channel.delivery_key else 4)]
            except ImpossibleError:
                return Kind(kit, None, None)
            told = [at(one, (envelope.payload,)) for one in made]
        alive = Alive(
            schema,
            told,
            Random(f"{self._stage.seed}:{self.address}:{update.key}:values"),  # noqa: S311 - as above
            key=self.channel.delivery_key,
            fixed=self._fixed(told[0]),
            level=self._level(),
            digits=self._digits(),
            events=self.channel.delivery == "lossless" and self.channel.snapshot is None,
            names=self._stage.levels.names,
            span=self._stage.span(self.channel, self.parameters, kit),
        )
        past = None
        if alive.has_spans:
            past = Past(alive, f"{self._stage.seed}:{self.address}", lambda one: self._stage.fits(kit, one))
        return Kind(kit, alive, past)

    def _fixed(self, example: Json) -> dict[Place, Json]:
        """Where an update says again what the topic's parameters are."""
        found: dict[Place, Json] = {}
        for parameter in self.channel.parameters:
            value = self.parameters.get(parameter.name)
            place = (parameter.location or ("", parameter.name))[1:]
            there = at(example, place) if place else None
            if value is not None and isinstance(there, str | int) and not isinstance(there, bool):
                found[tuple(place)] = (
                    value if isinstance(there, str) else int(value) if value.isdigit() else there
                )
        return found

    def _level(self) -> float | None:
        first = next(iter(self.parameters.values()), None)
        return None if first is None else self._stage.levels.of(self.channel, first)

    def _digits(self) -> int | None:
        first = next(iter(self.parameters.values()), None)
        return None if first is None else self._stage.levels.digits(self.channel, first)

    def _make_lists(self) -> Lists | None:
        state, updates = self.channel.state, self._updates()
        if state is None or not updates:
            return None
        told = self._stage.examples(self._stage.kits.of(updates[0]), self.address)
        most = next(
            (
                int(value)
                for p in self.channel.parameters
                if p.is_number and (value := self.parameters[p.name]).isdigit()
            ),
            None,
        )
        return Lists(state, told, self.random, most=most, level=self._level(), digits=self._digits())


@dataclass(slots=True)
class Topics:
    """All topics of a mock."""

    kits: Kits
    encode: Callable[..., bytes]
    """`encode_update` of the generated publisher."""
    seed: int
    rate: float
    complain: Callable[[str], None]
    levels: Levels
    _topics: dict[str, Topic] = field(default_factory=dict)

    @property
    def envelope(self) -> Any:  # noqa: ANN401 - an Envelope; only contracts that have one have topics
        """The names of the envelope's fields."""
        return self.kits.contract.envelope

    def get(self, channel: Channel, address: str, parameters: Mapping[str, str]) -> Topic:
        """The topic at an address, which is made where there is none."""
        topic = self._topics.get(address)
        if topic is None:
            if len(self._topics) >= _MOST_TOPICS:
                for old in [old for old, known in self._topics.items() if known.idle][: _MOST_TOPICS // 2]:
                    del self._topics[old]
            topic = self._topics[address] = Topic(self, channel, address, parameters)
        return topic

    def leave(self, subscriber: Subscriber) -> None:
        """Send a subscriber nothing any more."""
        for topic in self._topics.values():
            topic.unsubscribe(subscriber)

    async def stop(self) -> None:
        """Publish nothing any more."""
        for topic in list(self._topics.values()):
            await topic.stop()

    def examples(self, kit: Kit, address: str) -> list[Json]:
        """The payloads that the document gives for a topic, else those that it gives for others."""
        envelope = self.envelope
        own = [one for one in kit.examples if envelope.topic and at(one, (envelope.topic,)) == address]
        found = [at(one, (envelope.payload,)) for one in own or kit.examples]
        return [payload for payload in found if payload is not None]

    def fits(self, kit: Kit, payload: Json) -> bool:
        """Whether a payload makes a valid message of a kind."""
        message, envelope = kit.message, self.envelope
        frame: dict[str, Json] = {envelope.type: message.tag.value if message.tag else message.key}
        numbers = (envelope.seq, 1), (envelope.ts, int(time.time() * 1000))
        frame |= {name: value for name, value in numbers if name}
        if envelope.topic:
            frame[envelope.topic] = self.kits.contract.channels[0].address
        frame[envelope.payload] = payload
        return kit.accepts(frame)

    def span(self, channel: Channel, parameters: Mapping[str, str], kit: Kit) -> float | None:
        """Of what length the spans of a topic's updates are, in seconds, so far as its parameters say."""
        for parameter in channel.parameters:
            value = parameters.get(parameter.name)
            if value is None or parameter.name == channel.parameters[0].name:
                continue
            seconds = seconds_of(value, self._bare(channel, kit))
            if seconds:
                return seconds
        return None

    def _bare(self, channel: Channel, kit: Kit) -> float:
        """What a number alone means where spans are told by texts: a minute, unless the examples are finer."""
        key = channel.delivery_key
        times = [
            float(found)
            for one in kit.examples
            if isinstance(found := at(one, (self.envelope.payload, key or "")), int)
        ]
        unit = 1000 if times and max(times) > 10**11 else 1
        return 1.0 if times and span_of(times, unit) < 60 * unit else 60.0
