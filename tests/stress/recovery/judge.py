"""From what the server did and what its clients were given, what was broken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from tests.stress.recovery.charts import differences, folded, span_of
from tests.stress.recovery.record import Following, Record, body
from tests.stress.recovery.terms import Report
from tests.stress.recovery.truth import Body, Join, Place, TopicTruth, Truth
from tests.stress.recovery.walk import Walk


def judge(truth: Truth, records: Sequence[Record], report: Report) -> None:
    """Compare them all."""
    _build_books(truth, records)
    folds = Folds(truth)
    for record in records:
        _judge_states(record, report)
        _judge_asking(truth, record, report)
        for number, following in record.following.items():
            name = f"{record.name}/{number}"
            topic = truth.topic(following.topic)
            joins = truth.joins.get((record.name, following.topic), [])
            start = _start_of(record, following, joins)
            stays = following.left is None
            Walk(name, topic, following, joins, report).judge(start, to_the_end=stays)
            report.counts[f"updates of {topic.channel}"] += len(following.updates)
            if following.error is not None:
                report.violation("alive", f"{name} {following.topic} ended: {following.error}")
            if stays:
                _judge_held(name, topic, following, folds, report)
    for topic in truth.topics.values():
        _judge_server(topic, folds, report)
    _count_joins(truth, report)


class Folds:
    """The bars of the server's trades."""

    def __init__(self, truth: Truth) -> None:
        self._truth = truth
        self._known: dict[str, dict[int, Body]] = {}

    def of(self, topic: TopicTruth) -> tuple[dict[int, Body], int]:
        """A bars topic's bars, and from which time on they are whole; none where no trades are known."""
        span = span_of(topic.address.split(":")[2])
        trades = self._truth.trades.get(topic.symbol, {})
        if topic.address not in self._known:
            self._known[topic.address] = folded(trades.values(), span)
        # The recorder may have begun in the middle of one.
        begun = min((trade[4] for trade in trades.values()), default=0)
        return self._known[topic.address], begun - begun % span + span


def _build_books(truth: Truth, records: Sequence[Record]) -> None:
    wanted: dict[str, set[int]] = defaultdict(set)
    for record in records:
        for following in record.following.values():
            if following.channel == "orderbook":
                looked = (seen.seq for seen in following.updates if seen.body is not None)
                wanted[following.topic].update(looked)
    for topic in truth.topics.values():
        if topic.channel == "orderbook":
            places = {(epoch, seq) for epoch in topic.epochs for seq in wanted[topic.address]}
            if topic.end is not None:
                places.add((topic.end.epoch, topic.end.seq))
            topic.build_books(places)


def _start_of(record: Record, following: Following, joins: Sequence[Join]) -> Place | None:
    """Where a subscription began; None where the client had the topic already."""
    for other in record.following.values():
        since, until = other.rows
        if other is not following and other.topic == following.topic and since < following.rows[0] < until:
            return None
    granted = [join.at for join in joins if join.after is None and join.ms <= following.ms]
    return granted[-1] if granted else None


def _judge_asking(truth: Truth, record: Record, report: Report) -> None:
    """Who has a position names it; it is worth nothing before the snapshot that belongs to it has come."""
    by_topic: dict[str, list[Following]] = defaultdict(list)
    for following in record.following.values():
        by_topic[following.topic].append(following)
    for address, followings in by_topic.items():
        before: Join | None = None
        for join in truth.joins.get((record.name, address), []):
            for following in followings if join.after is None else ():
                there = following.ms < join.ms and (following.left is None or join.ms < following.left)
                wrong = any(hole.reason == "checksum" for hole in following.holes)
                if there and not wrong and _has_position(following, before, join):
                    report.violation("asked", f"{record.name} {address}: asked without its position")
                    break
            before = join


def _has_position(following: Following, before: Join | None, now: Join) -> bool:
    """Whether a subscriber had got something since it was told a place that it had to be brought to."""
    if before is None or before.recovered:
        return True
    return any(before.ms <= seen.ms < now.ms for seen in following.updates)


def _judge_held(name: str, topic: TopicTruth, following: Following, folds: Folds, report: Report) -> None:
    """What a client holds at the end."""
    if topic.channel == "orderbook":
        held = None if following.held is None else body(following.held)
        if held != topic.held:
            report.violation(
                "books", f"{name} {topic.address}: holds {_brief(held)}, not {_brief(topic.held)}"
            )
        report.counts["books compared at the end"] += 1
        report.counts["books compared on the way"] += sum(seen.body is not None for seen in following.updates)
    elif topic.channel == "quotes" and topic.end is not None and topic.end.seq:
        held = None if following.held is None else body(following.held)
        last = topic.body(topic.end.epoch, topic.end.seq)
        if held != last:
            report.violation("complete", f"{name} {topic.address}: holds {held}, the last is {last}")
    elif topic.channel == "bars":
        bars = {bar[0]: body(bar) for bar in following.held or ()}
        wanted, since = folds.of(topic)
        # A chart begins where its first page does.
        since = max(since, min(bars, default=since))
        until = max(wanted, default=0) + 1
        for what in differences(bars, wanted, since, until):
            report.violation("bars", f"{name} {topic.address}: {what}")
        report.counts["bars compared in charts"] += sum(since <= time < until for time in wanted)


def _brief(book: Body | None) -> str:
    return "nothing" if book is None else " | ".join(f"{len(side)}: {side[:2]}…" for side in book)


def _judge_server(topic: TopicTruth, folds: Folds, report: Report) -> None:
    """What the server itself says has to fit together."""
    end = topic.end
    if topic.channel == "orderbook" and end is not None:
        built = topic.books.get((end.epoch, end.seq))
        if built is not None and built != topic.held:
            report.violation(
                "books", f"{topic.address}: the changes lead to {_brief(built)}, the server holds another"
            )
    if topic.channel != "bars":
        return
    wanted, since = folds.of(topic)
    if not wanted:
        return
    for epoch, bars in topic.epochs.items():
        if not bars:
            continue
        last = {bar[0]: bar for bar in bars}
        forming = max(last)
        if end is None or epoch != end.epoch:
            # Nobody was told any more how this one ended.
            del last[forming]
        begun = max(since, min(last, default=since))
        for what in differences(last, wanted, begun, max(last, default=0) + 1):
            report.violation("fold", f"{topic.address}: {what}")
        report.counts["bars compared as published"] += len(last)


def _judge_states(record: Record, report: Report) -> None:
    """Outages, and the state in the end."""
    since: int | None = None
    for ms, state, _ in record.states:
        report.counts[f"times {state}"] += 1
        if state == "open" and since is not None:
            report.outages.append(ms - since)
            since = None
        elif state == "reconnecting" and since is None:
            since = ms
    if since is not None:
        report.violation("back", f"{record.name}: not connected any more for the last part of the run")
    for text in record.complaints:
        report.violation("quiet", f"{record.name}: {text[:400]}")


def _count_joins(truth: Truth, report: Report) -> None:
    counts = report.counts
    for joins in truth.joins.values():
        for join in joins:
            if join.after is None:
                counts["subscribes without a position"] += 1
            elif join.recovered:
                counts["recovers granted"] += 1
                counts["updates replayed"] += join.replayed
            else:
                counts["recovers refused, so that there is a hole"] += 1
