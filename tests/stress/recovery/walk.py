"""One subscription, followed through what its topic's truth says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.stress.recovery.record import Following, Seen, Told
from tests.stress.recovery.terms import Report
from tests.stress.recovery.truth import Join, Place, TopicTruth


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a client stands, as far as that can be told: frames seldom name their epoch."""

    epochs: tuple[str, ...]
    """Those that it may be in."""
    seq: int

    def __str__(self) -> str:
        return f"{self.seq} of {' or '.join(self.epochs) or 'no epoch'}"


class Walk:
    """Judges a subscription event by event."""

    def __init__(
        self, name: str, topic: TopicTruth, following: Following, joins: Sequence[Join], report: Report
    ) -> None:
        """`joins` are all that the server granted this client of the topic."""
        self._name = f"{name} {topic.address}"
        self._topic = topic
        self._following = following
        self._report = report
        self._epochs = tuple(topic.epochs)
        self._joins = joins
        self._left: Stand | None = None
        """Where the client was before the holes that were told since the last update."""
        self._holes: list[Told] = []
        """Those holes."""

    def judge(self, start: Place | None, *, to_the_end: bool) -> None:
        """Walk from where it began (None: with whatever came first) to its end, which may have to be the topic's."""
        stand: Stand | None = None if start is None else Stand((start.epoch,), start.seq)
        for event in self._following.events:
            stand = self._hole(stand, event) if isinstance(event, Told) else self._update(stand, event)
        if stand is None:
            return
        self._count(stand)
        end = self._topic.end
        if to_the_end and end is not None and (stand.seq != end.seq or end.epoch not in stand.epochs):
            self._broken("complete", f"is at {stand}, the server at {end.seq} of {end.epoch}")

    def _hole(self, stand: Stand | None, hole: Told) -> Stand:
        """Where it stands after a hole: where the server has told it last that it is."""
        if hole.seq is None or (stand is not None and hole.after != stand.seq):
            self._broken("told", f"was told of a hole ({hole}), while it was at {stand}")
        self._left = self._left or stand
        self._holes.append(hole)
        seq = hole.seq or 0
        granted = [join.at for join in self._joins if join.ms <= hole.ms and not join.recovered]
        if granted and granted[-1].seq == seq:
            return Stand((granted[-1].epoch,), seq)
        # The client has found it by itself.
        epochs = self._epochs if stand is None else stand.epochs
        return Stand(tuple(epoch for epoch in epochs if self._topic.has(epoch, seq)), seq)

    def _update(self, stand: Stand | None, seen: Seen) -> Stand:
        """Where it stands after an update."""
        if seen.first != seen.seq:
            self._report.counts["updates that stood for several"] += 1
            if self._topic.channel == "trades":
                self._broken("order", f"trades were folded: {seen}")
        if stand is None:
            stand = Stand(self._epochs, seen.seq if seen.snapshot else seen.first - 1)
        epochs = self._fitting(stand, seen)
        if not epochs:
            return self._misfit(stand, seen)
        self._count(Stand(epochs, stand.seq))
        return Stand(epochs, seen.seq)

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

    def _count(self, after: Stand) -> None:
        """Note what the holes since the last update have covered."""
        before, holes = self._left, self._holes
        self._left, self._holes = None, []
        if not holes:
            return
        counts = self._report.counts
        counts["holes told"] += len(holes)
        if before is None or len(before.epochs) != 1 or len(after.epochs) != 1:
            counts["holes told that cover nobody can say what"] += 1
            return
        one, other = Place(before.epochs[0], before.seq), Place(after.epochs[0], after.seq)
        missing = self._topic.distance(one, other)
        counts["updates missing in holes told"] += missing
        if one.epoch != other.epoch:
            counts["holes told over a change of epoch"] += 1
        elif missing:
            counts["holes told within an epoch"] += 1
        else:
            counts["holes told where nothing was missing"] += 1

    def _misfit(self, stand: Stand, seen: Seen) -> Stand:
        """Say what is wrong, and go on from there."""
        epochs = self._fitting(stand, seen, body=False)
        if epochs:
            what = _difference(seen.body, self._topic.body(epochs[0], seen.seq))
            self._broken("content", f"{seen} in {epochs[0]}: {what}")
            return Stand(epochs, seen.seq)
        holes = "; ".join(map(str, self._holes)) or "none"
        what = f"{seen}{' (snapshot)' * seen.snapshot}"
        self._broken("order", f"at {stand} came {what}; holes told before: {holes}")
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
