"""One subscription, followed through what its topic's truth says."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from tests.stress.recovery.record import Following, Seen, Told
from tests.stress.recovery.terms import Report
from tests.stress.recovery.truth import Place, TopicTruth


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a client stands, as far as that can be told: frames seldom name their epoch."""

    epochs: tuple[str, ...]
    """Those that it may be in."""
    seq: int

    def __str__(self) -> str:
        return f"{self.seq} of {' or '.join(self.epochs) or 'no epoch'}"


class Walk:
    """Judges a subscription update by update."""

    def __init__(self, name: str, topic: TopicTruth, following: Following, report: Report) -> None:
        self._name = f"{name} {topic.address}"
        self._topic = topic
        self._following = following
        self._report = report
        self._holes = deque(following.holes)
        self._epochs = tuple(topic.epochs)

    def judge(self, start: Place | None, *, to_the_end: bool) -> None:
        """Walk from where it began (None: with whatever came first) to its end, which may have to be the topic's."""
        stand: Stand | None = None if start is None else Stand((start.epoch,), start.seq)
        for seen in self._following.updates:
            stand = self._step(stand, seen)
        if stand is None:
            stand = Stand(self._epochs, 0)
        stand = self._last_holes(stand)
        end = self._topic.end
        if to_the_end and end is not None and (stand.seq != end.seq or end.epoch not in stand.epochs):
            self._broken("complete", f"is at {stand}, the server at {end.seq} of {end.epoch}")

    def _step(self, stand: Stand | None, seen: Seen) -> Stand:
        """Where it stands after an update."""
        if seen.first != seen.seq:
            self._report.counts["updates that stood for several"] += 1
            if self._topic.channel == "trades":
                self._broken("order", f"trades were folded: {seen}")
        if stand is None:
            stand = Stand(self._epochs, seen.seq if seen.snapshot else seen.first - 1)
        for skipped in range(max(1, len(self._holes))):
            chain = self._chain(stand, skipped)
            used = next((n for n, before in enumerate(chain) if self._fitting(before, seen)), None)
            if used is None:
                continue
            # A hole that ends where it begins, in another epoch perhaps, is behind the client too.
            while used + 1 < len(chain) and chain[used + 1].seq == chain[used].seq:
                used += 1
            epochs = self._fitting(chain[used], seen)
            self._consume(stand, skipped, used, chain[used], epochs)
            return Stand(epochs, seen.seq)
        return self._misfit(stand, seen)

    def _chain(self, stand: Stand, skipped: int) -> Sequence[Stand]:
        """Where it may stand before the next update: here, or after one hole, or after two that follow each other."""
        stands = [stand]
        for hole in list(self._holes)[skipped:]:
            here = stands[-1]
            if hole.after != here.seq or hole.seq is None:
                break
            stands.append(Stand(self._from(here), hole.seq))
        # Having skipped some, it is these holes or none.
        return stands if not skipped else stands[1:]

    def _from(self, stand: Stand) -> tuple[str, ...]:
        """The epochs in which somebody may be after a hole."""
        first = min((self._epochs.index(epoch) for epoch in stand.epochs), default=0)
        return self._epochs[first:]

    def _fitting(self, stand: Stand, seen: Seen, *, body: bool = True) -> tuple[str, ...]:
        """The epochs in which this update may come next."""
        if seen.snapshot:
            if not seen.first - 1 <= stand.seq <= seen.seq:
                return ()
        elif seen.first != stand.seq + 1:
            return ()
        return tuple(epoch for epoch in stand.epochs if self._is(epoch, seen, body=body))

    def _is(self, epoch: str, seen: Seen, *, body: bool) -> bool:
        topic = self._topic
        if not topic.has(epoch, seen.seq) or (seen.epoch is not None and seen.epoch != epoch):
            return False
        if not body or seen.body is None:
            return True
        published = topic.body(epoch, seen.seq)
        return published is None or published == seen.body

    def _consume(self, stand: Stand, skipped: int, used: int, before: Stand, epochs: tuple[str, ...]) -> None:
        """These holes are told, and explained; those skipped are not."""
        for _ in range(skipped):
            self._astray(self._holes.popleft(), stand)
        if skipped:
            used += 1  # the chain was given without its beginning
        for _ in range(used):
            self._holes.popleft()
        if used:
            self._count(stand, Stand(epochs, before.seq))

    def _count(self, before: Stand, after: Stand) -> None:
        counts = self._report.counts
        if len(before.epochs) != 1 or len(after.epochs) != 1:
            counts["holes told of which nobody can say what they covered"] += 1
            return
        one, other = Place(before.epochs[0], before.seq), Place(after.epochs[0], after.seq)
        missing = self._topic.distance(one, other)
        counts["updates that were missing in holes told"] += missing
        if one.epoch != other.epoch:
            counts["holes told over a change of epoch"] += 1
        elif missing:
            counts["holes told beyond the history"] += 1
        else:
            counts["holes told where nothing was missing"] += 1

    def _last_holes(self, stand: Stand) -> Stand:
        """Holes after which no update came."""
        while self._holes:
            hole = self._holes.popleft()
            if hole.after != stand.seq or hole.seq is None:
                self._astray(hole, stand)
                continue
            after = Stand(tuple(e for e in self._from(stand) if self._topic.has(e, hole.seq)), hole.seq)
            self._count(stand, after)
            stand = after
        return stand

    def _astray(self, hole: Told, stand: Stand) -> None:
        told = f"{hole.reason}, after {hole.after} to {hole.seq}"
        self._broken("told", f"was told of a hole ({told}) that fits nowhere; it was at {stand}")

    def _misfit(self, stand: Stand, seen: Seen) -> Stand:
        """Say what is wrong, and go on from there."""
        epochs = self._fitting(stand, seen, body=False)
        if epochs:
            published = [self._topic.body(epoch, seen.seq) for epoch in epochs]
            what = _difference(seen.body, published[0])
            self._broken("content", f"{seen} in {epochs[0]}: {what}")
            return Stand(epochs, seen.seq)
        holes = ", ".join(f"{hole.after} to {hole.seq}" for hole in list(self._holes)[:3]) or "none"
        self._broken("order", f"at {stand} came {seen}{' (snapshot)' * seen.snapshot}; holes told: {holes}")
        known = tuple(epoch for epoch in self._epochs if self._is(epoch, seen, body=True))
        return Stand(known or self._epochs, seen.seq)

    def _broken(self, invariant: str, what: str) -> None:
        if invariant == "content" and self._topic.channel == "orderbook":
            invariant = "books"
        self._report.violation(invariant, f"{self._name}: {what}")


def _difference(got: object, published: object) -> str:
    """Where two bodies differ; of books the first level that does."""
    if isinstance(got, tuple) and isinstance(published, tuple) and got and isinstance(got[0], tuple):
        for side, ours, theirs in zip(("bids", "asks"), got, published, strict=False):
            for level in range(max(len(ours), len(theirs))):
                one, other = (list(levels[level : level + 1]) for levels in (ours, theirs))
                if one != other:
                    return f"level {level} of {side} is {one}, not {other}"
    return f"{got} was {published}"
