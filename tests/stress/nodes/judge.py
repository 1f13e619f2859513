"""Compares what clients were given with what was published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tests.stress.nodes.record import PRIVATE, Followed, Missed, Truth, Update
from tests.stress.nodes.terms import Report


def judge(
    truth: Truth, followed: Iterable[Followed], report: Report, last: Mapping[str, int] | None = None
) -> None:
    """Hold every subscription against the truth; `last` are the marks of the updates that ended each topic."""
    for one in followed:
        _Walk(truth, one, report).walk()
        wanted = None if last is None else last.get(one.topic)
        if one.to_the_end and wanted is not None:
            got = max((event.mark for event in one.events if isinstance(event, Update)), default=None)
            if got != wanted:
                report.violation("back", f"{one.client} {one.topic} ends with {got}, not with {wanted}")


class _Walk:
    """One subscription, event by event."""

    def __init__(self, truth: Truth, followed: Followed, report: Report) -> None:
        self._truth = truth
        self._followed = followed
        self._report = report
        self._seq: int | None = None
        """The number of the last update, or that after which a hole said that it goes on."""
        self._epoch: str | None = None
        self._told: Missed | None = None
        """The hole that was told since the last update."""
        self._first = True
        self._resets = 0
        self._seen: dict[int, int] = {}
        """How many resets had been told when an update came, by its mark."""

    def walk(self) -> None:
        """From beginning to end."""
        for event in self._followed.events:
            if isinstance(event, Missed):
                self._missed(event)
            else:
                self._update(event)

    def _broken(self, invariant: str, what: str) -> None:
        self._report.violation(invariant, f"{self._followed.client} {self._followed.topic}: {what}")

    def _missed(self, hole: Missed) -> None:
        self._report.counts[f"holes told: {hole.reason}"] += 1
        if None not in (hole.after, self._seq) and hole.after != self._seq:
            self._broken("order", f"a hole begins after {hole.after}, the client was at {self._seq}")
        self._seq, self._epoch, self._told, self._first = hole.seq, None, hole, hole.seq is None
        # Whatever is told as missed may have been missed since the topic began anew.
        self._resets += 1

    def _update(self, update: Update) -> None:
        self._report.counts[f"updates of {self._followed.channel}"] += 1
        self._check_scope(update)
        topic, mark = self._followed.topic, update.mark
        if (topic, mark) not in self._truth.begun:
            self._broken("content", f"{mark} (seq {update.seq}) was never published")
            return
        place = self._truth.place(topic, mark)
        if place is not None and (
            place.seq != update.seq or (update.epoch is not None and update.epoch != place.epoch)
        ):
            self._broken(
                "content", f"{mark} is {update.seq} of {update.epoch}, not {place.seq} of {place.epoch}"
            )
        self._check_order(update)
        epoch = update.epoch or (place.epoch if place is not None else None)
        if self._told is None and None not in (epoch, self._epoch) and epoch != self._epoch:
            self._broken(
                "order", f"the epoch went from {self._epoch} to {epoch} in silence, before {update.seq}"
            )
        self._check_once(update)
        self._seq, self._epoch = update.seq, epoch if epoch is not None or self._told else self._epoch
        self._told, self._first = None, False

    def _check_scope(self, update: Update) -> None:
        followed = self._followed
        if update.owner != followed.owner:
            self._broken("scope", f"was given an update of {update.owner}")
        if followed.channel in PRIVATE and update.owner not in update.grants:
            self._broken("scope", f"was given an update, though granted {sorted(update.grants)} only")

    def _check_order(self, update: Update) -> None:
        if update.seq_from is not None and update.seq_from != update.seq:
            self._broken("order", f"updates were folded: {update.seq_from} to {update.seq}")
        if self._first or self._seq is None:
            return
        # A snapshot is what the topic holds already where the client begins anew.
        fits = {self._seq + 1, self._seq} if update.snapshot and self._told else {self._seq + 1}
        if update.seq not in fits:
            told = f", after the hole {self._told}" if self._told else ""
            self._broken("order", f"after {self._seq} came {update.seq}{told}")

    def _check_once(self, update: Update) -> None:
        before = self._seen.get(update.mark)
        self._seen[update.mark] = self._resets
        if before is None or update.snapshot:
            return
        if before < self._resets and self._truth.may_be_twice(self._followed.topic, update.mark):
            self._report.counts["updates that came twice, as was told"] += 1
            return
        self._broken("once", f"{update.mark} came again as {update.seq}")
