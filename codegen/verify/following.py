"""One subscription: whether its updates are whole, in order, and lead to what they say."""

from __future__ import annotations

from codegen.contract import Channel, Envelope, Json, Message, Source
from codegen.verify.held import Held
from codegen.verify.report import Finding
from codegen.verify.sight import Sight, at, same


class Subscription:
    """Follows the updates of a topic from the answer to the subscribe request on."""

    def __init__(self, sight: Sight, channel: Channel, topic: str) -> None:
        envelope = sight.contract.envelope
        assert envelope is not None
        self._sight = sight
        self._envelope: Envelope = envelope
        self.channel = channel
        self.topic = topic
        self.live = False
        """From the answer to a subscribe request to that to an unsubscribe request."""
        self.sent = ""
        """The subscribe request."""
        self.seq: int | None = None
        self.epoch: str | None = None
        self.first: int | None = None
        """The position at which the subscription began."""
        self.updates = 0
        self.grants = 0
        """How many times it was granted in a row."""
        self.recovered: bool | None = None
        self._fresh = True
        """Whether nothing has come since the answer."""
        self.owed = False
        """Whether what the topic holds is still to come."""
        self._may_follow = False
        self._early: tuple[Message, str] | None = None
        """An update that came before it."""
        self._held: Held | None = None

    @property
    def followed(self) -> bool:
        """Whether an update has come since the answer."""
        return not self._fresh

    @property
    def awaits_snapshot(self) -> bool:
        """Whether a snapshot that comes now is the one that belongs to the last answer."""
        return self.owed or (self._fresh and self._may_follow)

    def begin(self, sent: str, recover: Json, answer: Json, text: str) -> list[Finding]:
        """Take the answer that grants the topic."""
        found = self.finish()
        envelope, was, old = self._envelope, self.live, self.epoch
        self.live, self.sent, self._fresh = True, sent, True
        self.grants = self.grants + 1 if was else 1
        self._early = None
        self._held = None
        seq = self._field(answer, envelope.seq)
        epoch = self._field(answer, envelope.epoch)
        recovered = self._field(answer, envelope.recovered)
        self.recovered = recovered if isinstance(recovered, bool) else None
        self.seq = self.first = seq if isinstance(seq, int) else None
        self.epoch = epoch if isinstance(epoch, str) else None
        if was and old is not None and self.epoch is not None and self.epoch != old:
            found.append(self._finding("epoch-changed", f"{self.topic} went on, its epoch did not", text))
        found += self._check_recovered(recover, text)
        when = self.channel.snapshot
        self._may_follow = self.recovered is not True and (
            when == "subscribe" or (when == "recover" and self.recovered is False)
        )
        self.owed = self._may_follow and self.seq != 0  # a topic that has just begun may hold nothing
        return found

    def _check_recovered(self, recover: Json, text: str) -> list[Finding]:
        envelope = self._envelope
        if envelope.recovered is None:
            return []
        if recover is None:
            told = "the answer speaks of recovery, which nobody asked for"
            return [] if self.recovered is None else [self._finding("recovered-unasked", told, text)]
        if self.recovered is None:
            told = f"`{envelope.recover}` was sent, and the answer has no `{envelope.recovered}`"
            return [self._finding("recovered-missing", told, text)]
        asked_seq, asked_epoch = self._field(recover, envelope.seq), self._field(recover, envelope.epoch)
        if self.recovered and (self.epoch != asked_epoch or self.seq != asked_seq):
            told = (
                f"recovered from {asked_epoch}/{asked_seq}, and yet the position is {self.epoch}/{self.seq}"
            )
            return [self._finding("recovered-unprovable", told, text)]
        return []

    def reset(self, frame: dict[str, Json]) -> list[Finding]:
        """Take the message that begins the topic anew."""
        found = self.finish()
        seq, epoch = self._field(frame, self._envelope.seq), self._field(frame, self._envelope.epoch)
        self._fresh, self._held, self.recovered = True, None, None
        self.seq = self.first = seq if isinstance(seq, int) else None
        self.epoch = epoch if isinstance(epoch, str) else None
        self._may_follow = self.channel.snapshot is not None
        self.owed = self._may_follow and self.seq != 0
        return found

    def end(self) -> list[Finding]:
        """Take the answer that ends the subscription."""
        found = self.finish()
        self.live = False
        return found

    def finish(self) -> list[Finding]:
        """What is known once nothing more comes."""
        early, self._early = self._early, None
        if early is None or not self.owed:
            return []
        message, text = early
        told = f"{self.topic} is granted without what it holds; the first update changes something unknown"
        return [self._finding("snapshot-missing", told, text, message, self._place("x-snapshot"))]

    def update(self, message: Message, frame: dict[str, Json], text: str) -> list[Finding]:
        """Take an update of the topic."""
        self.updates += 1
        envelope = self._envelope
        snapshot = envelope.snapshot is not None and frame.get(envelope.snapshot) is True
        found = self._check_epoch(message, frame, text, snapshot=snapshot)
        found += self._check_snapshot(message, text, snapshot=snapshot)
        unbroken, faults = self._check_seq(message, frame, text, snapshot=snapshot)
        found += faults
        found += self._check_held(message, frame, text, snapshot=snapshot, unbroken=unbroken)
        self._fresh = False
        return found

    def _check_epoch(
        self, message: Message, frame: dict[str, Json], text: str, *, snapshot: bool
    ) -> list[Finding]:
        epoch = self._field(frame, self._envelope.epoch)
        if not isinstance(epoch, str) or epoch == self.epoch:
            return []
        before, self.epoch = self.epoch, epoch
        if before is None:
            return []
        if snapshot:
            self.seq = -1  # older numbers mean nothing any more
            return []
        told = f"the epoch of {self.topic} was {before}, and is {epoch} without a snapshot"
        return [self._finding("epoch-changed", told, text, message)]

    def _check_snapshot(self, message: Message, text: str, *, snapshot: bool) -> list[Finding]:
        if not self.owed:
            return []
        if not snapshot:
            self._early = self._early or (message, text)
            return []
        self.owed = False
        early, self._early = self._early, None
        if early is None:
            return []
        told = f"an update of {self.topic} came before the snapshot"
        return [self._finding("snapshot-first", told, early[1], message, self._place("x-snapshot"))]

    def _check_seq(
        self, message: Message, frame: dict[str, Json], text: str, *, snapshot: bool
    ) -> tuple[bool, list[Finding]]:
        """Whether the update joins what came before; what is wrong with its number."""
        envelope = self._envelope
        if self.seq is None or envelope.seq is None:
            return True, []
        seq = frame.get(envelope.seq)
        if not isinstance(seq, int) or isinstance(seq, bool):
            told = f"an update of {self.topic} has no `{envelope.seq}`"
            return True, [self._finding("seq-missing", told, text, message)] if seq is None else []
        start = self._field(frame, envelope.seq_from)
        found = []
        if isinstance(start, int) and start > seq:
            told = f"the update stands for {start} to {seq}, which ends before it begins"
            found.append(self._finding("seq-from", told, text, message))
        if self.channel.delivery == "lossless" and isinstance(start, int) and start < seq and not snapshot:
            told = f"an update of {self.topic} stands for {start} to {seq}, and the channel is lossless"
            place = self._place("x-delivery")
            found.append(self._finding("lossless-folded", told, text, message, place))
        first = start if isinstance(start, int) and not isinstance(start, bool) and start <= seq else seq
        last, self.seq = self.seq, max(seq, self.seq)
        if snapshot:
            if seq < last:
                told = f"a snapshot of {self.topic} as of {seq}, after {last} had come"
                found.append(self._finding("seq-repeated", told, text, message))
            return True, found
        if first > last + 1:
            rule = "recovered-hole" if self._fresh and self.recovered else "seq-gap"
            told = f"{self.topic} stood at {last}, and goes on with {first}"
            found.append(self._finding(rule, told, text, message))
            return False, found
        if first <= last:
            told = f"{self.topic} stood at {last}, and {first} comes again"
            found.append(self._finding("seq-repeated", told, text, message))
            return False, found
        return True, found

    def _check_held(
        self, message: Message, frame: dict[str, Json], text: str, *, snapshot: bool, unbroken: bool
    ) -> list[Finding]:
        rule = self.channel.state
        if rule is None:
            return []
        if snapshot:
            self._held = Held(rule)
        elif self._held is None and self._fresh and self.first == 0 and not self.owed:
            self._held = Held(rule)  # a topic that has just begun holds nothing
        if not unbroken or self._held is None:
            self._held = None
            return []
        if not self._held.apply(frame.get(self._envelope.payload), snapshot=snapshot):
            self._held = None
        elif rule.checksum is not None and self._envelope.checksum is not None:
            return self._check_sum(message, frame, text, self._held)
        return []

    def _check_sum(self, message: Message, frame: dict[str, Json], text: str, held: Held) -> list[Finding]:
        assert self._envelope.checksum is not None
        came = frame.get(self._envelope.checksum)
        if came is None:
            told = f"an update of {self.topic} has no `{self._envelope.checksum}`"
            return [self._finding("checksum-missing", told, text, message, self._place("x-state"))]
        computed = held.checksum()
        if same(came, computed):
            return []
        told = f"what {self.topic} now holds begins {held.text()[:120]}, its checksum is {computed}"
        self._held = None
        return [self._finding("checksum-wrong", told, text, message, self._place("x-state"))]

    def _finding(
        self, rule: str, detail: str, came: str, message: Message | None = None, place: Source | None = None
    ) -> Finding:
        subscribe = next(one for one in self.channel.client_to_server if one.action == "subscribe")
        about = message or subscribe
        return Finding(rule, about.key, detail, self.sent, came, place or self._sight.place(about))

    def _place(self, key: str) -> Source:
        return self._sight.channel_place(self.channel, key)

    def _field(self, value: Json, name: str | None) -> Json:
        found: Json = None if name is None else at(value, (name,))
        return found
