"""The judge of the recovery run finds what it is there for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.stress.recovery.judge import judge
from tests.stress.recovery.record import Record
from tests.stress.recovery.terms import Report
from tests.stress.recovery.truth import Row, Truth

TRADES, BARS, BOOK = "trades:X", "bars:X:1S", "orderbook:X:10"
FIRST = 10_000
"""When the first trade is, in ms; each is 400 ms after the one before it."""


def trade(number: int) -> dict[str, Any]:
    """The trade with this id."""
    return {"id": number, "price": 100 + number % 7, "size": 0.1, "side": "buy", "time": FIRST + 400 * number}


def values(payload: dict[str, Any]) -> list[Any]:
    """A body in a client's row."""
    return list(payload.values())


class Material:
    """A server's record and one client's, of a run in which everything went well; tests change it."""

    def __init__(self) -> None:
        self.server: list[Row] = [
            ["j", 5, "c", TRADES, None, ["a", 0], None, 0],
            ["j", 5, "c", BARS, None, ["a", 0], None, 0],
            ["j", 5, "c", BOOK, None, ["a", 0], None, 0],
        ]
        self.client: list[Row] = [
            ["x", 1, "connecting", None],
            ["x", 2, "open", None],
            ["s", 6, 0, TRADES],
            ["s", 6, 1, BARS],
            ["s", 6, 2, BOOK],
        ]
        book: dict[float, float] = {}
        bar: dict[str, Any] = {}
        bars: dict[int, list[Any]] = {}
        for seq in range(1, 21):
            sold = trade(seq)
            self.server.append(["p", TRADES, "a", seq, False, sold])
            self.client.append(["u", 8, 0, seq, None, "a" if seq == 1 else None, False, values(sold)])
            bar = _folded(bar, sold)
            self.server.append(["p", BARS, "a", seq, False, dict(bar)])
            self.client.append(["u", 8, 1, seq, None, None, False, values(bar)])
            bars[bar["time"]] = values(bar)
            level = {"price": 90 + seq % 5, "size": seq % 3}
            book[level["price"]] = level["size"]
            self.server.append(
                ["p", BOOK, "a", seq, seq == 1, {"bids": [level], "asks": [{"price": 200, "size": seq}]}]
            )
            held = [
                sorted(([price, size] for price, size in book.items() if size), reverse=True),
                [[200, seq]],
            ]
            self.client.append(["u", 8, 2, seq, None, None, seq == 1, held if seq % 4 == 0 else None])
        self.server.append(["z", TRADES, "a", 20, None])
        self.server.append(["z", BARS, "a", 20, None])
        self.server.append(["z", BOOK, "a", 20, _levels(held)])
        self.client += [["f", 1, list(bars.values())], ["f", 2, held]]

    def update(self, number: int, seq: int) -> int:
        """Where a client's row of this update is."""
        return next(
            place for place, row in enumerate(self.client) if row[0] == "u" and row[2:4] == [number, seq]
        )

    def tell(self, after: int | None, seq: int | None, *, place: int) -> None:
        """Tell the client of a hole in the trades, after so many updates."""
        self.client.append(["h", 9, 0, place, "reconnect", after, seq])

    def report(self) -> Report:
        """The judgement."""
        truth, record, report = Truth(), Record("c"), Report()
        for row in self.server:
            truth.take(row)
        for row in self.client:
            record.take(row)
        judge(truth, [record], report)
        return report

    def broken(self) -> list[str]:
        """What is broken."""
        return list(self.report().times)

    def lose(self, number: int, *seqs: int) -> None:
        """Take updates from what the client was given."""
        for seq in seqs:
            del self.client[self.update(number, seq)]


def _folded(bar: dict[str, Any], sold: dict[str, Any]) -> dict[str, Any]:
    """The forming bar after a trade."""
    time, price = sold["time"] - sold["time"] % 1000, sold["price"]
    if bar.get("time") != time:
        return {"time": time, "open": price, "high": price, "low": price, "close": price, "volume": 0.1}
    return {
        **bar,
        "high": max(bar["high"], price),
        "low": min(bar["low"], price),
        "close": price,
        "volume": round(bar["volume"] + 0.1, 1),
    }


def _levels(held: list[Any]) -> dict[str, Any]:
    sides = zip(("bids", "asks"), held, strict=True)
    return {side: [{"price": price, "size": size} for price, size in levels] for side, levels in sides}


@pytest.fixture
def material() -> Material:
    """One of its own for each test."""
    return Material()


def test_what_is_right_is_found_right(material: Material) -> None:
    """Nothing is broken, and everything was looked at."""
    report = material.report()
    assert not report.times, dict(report.broken)
    assert report.counts["updates of trades"] == 20
    assert report.counts["books compared on the way"] == 5
    assert report.counts["books compared at the end"] == 1
    assert report.counts["bars compared in charts"] == 8
    assert report.counts["bars compared as published"] == 9


def _dropped(material: Material) -> None:
    material.lose(0, 7)


def _several(material: Material) -> None:
    material.lose(0, 7, 8, 9)


def _twice(material: Material) -> None:
    place = material.update(0, 7)
    material.client.insert(place, material.client[place])


def _swapped(material: Material) -> None:
    one, other = material.update(0, 7), material.update(0, 8)
    material.client[one], material.client[other] = material.client[other], material.client[one]


def _late_in_the_history(material: Material) -> None:
    """The server renumbers what it replays, and leaves one out."""
    for seq in range(7, 20):
        material.client[material.update(0, seq)][7] = values(trade(seq + 1))
    material.lose(0, 20)


def _changed(material: Material) -> None:
    material.client[material.update(0, 7)][7][1] += 1


def _folded_trades(material: Material) -> None:
    material.lose(0, 7)
    material.client[material.update(0, 8)][4] = 7


def _from_before(material: Material) -> None:
    material.server[0][5] = ["a", 3]


def _bar_dropped(material: Material) -> None:
    material.lose(1, 9)


def _bar_changed(material: Material) -> None:
    material.client[material.update(1, 9)][7][4] += 1


def _book_dropped(material: Material) -> None:
    material.lose(2, 9)


def _snapshot_jumps(material: Material) -> None:
    material.lose(2, 9, 10, 11)
    material.client[material.update(2, 12)][6] = True


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        (_dropped, "order"),
        (_several, "order"),
        (_twice, "order"),
        (_swapped, "order"),
        (_late_in_the_history, "content"),
        (_changed, "content"),
        (_folded_trades, "order"),
        (_from_before, "order"),
        (_bar_dropped, "order"),
        (_bar_changed, "content"),
        (_book_dropped, "order"),
        (_snapshot_jumps, "order"),
    ],
)
def test_a_fault_on_the_way_is_found(
    material: Material, plant: Callable[[Material], None], found: str
) -> None:
    """What was dropped, doubled, swapped, changed, folded though it must not be: each breaks its invariant."""
    plant(material)
    assert found in material.broken()


def test_a_wrong_level_on_the_way_is_found(material: Material) -> None:
    """One size of one level of one book."""
    material.client[material.update(2, 12)][7][0][1][1] += 1
    report = material.report()
    assert list(report.times) == ["books"]
    assert "level 1 of bids is [(91, 3)], not [(91, 2)]" in report.broken["books"][0]


@pytest.mark.parametrize("level", [[100, 1], [200, 21]])
def test_a_wrong_book_at_the_end_is_found(material: Material, level: list[int]) -> None:
    """A level more, and a size that is another."""
    held = [list(material.client[-1][2][0]), [level]]
    material.client[-1] = ["f", 2, held]
    assert material.broken() == ["books"]


def test_a_missing_end_is_found(material: Material) -> None:
    """Who does not get the last of what there is stands where the server is not."""
    material.lose(0, 20)
    assert material.broken() == ["complete"]


def test_a_hole_that_was_told_is_none(material: Material) -> None:
    """What is missing where the client was told so breaks nothing; it is counted."""
    material.lose(0, 7, 8, 9)
    material.tell(6, 9, place=6)
    report = material.report()
    assert not report.times, dict(report.broken)
    assert report.counts["updates missing in holes told"] == 3
    assert report.counts["holes told within an epoch"] == 1


def test_two_holes_after_each_other_are_as_good_as_one(material: Material) -> None:
    """A client that is cut off again before anything came."""
    material.lose(0, 7, 8, 9)
    material.tell(6, 8, place=6)
    material.tell(8, 9, place=6)
    assert material.broken() == []


@pytest.mark.parametrize(("after", "seq"), [(5, 9), (6, 8), (7, 9), (6, None), (None, 9)])
def test_a_hole_that_does_not_cover_what_is_missing_is_found(
    material: Material, after: int | None, seq: int | None
) -> None:
    """It has to begin where the client was, and to end where it goes on."""
    material.lose(0, 7, 8, 9)
    material.tell(after, seq, place=6)
    assert {"order", "told"} & set(material.broken())


@pytest.mark.parametrize("place", [5, 7])
def test_a_hole_that_is_told_too_early_or_too_late_is_found(material: Material, place: int) -> None:
    """It belongs between the updates before and after it."""
    material.lose(0, 7, 8, 9)
    material.tell(6, 9, place=place)
    assert "told" in material.broken()


def test_a_hole_where_nothing_is_missing_is_counted(material: Material) -> None:
    """Nothing is broken by it."""
    material.tell(6, 6, place=6)
    material.tell(20, 20, place=20)
    report = material.report()
    assert not report.times, dict(report.broken)
    assert report.counts["holes told where nothing was missing"] == 2


def test_a_hole_that_was_somewhere_else_is_found(material: Material) -> None:
    """What was told is not so."""
    material.tell(20, 40, place=20)
    assert material.broken() == ["complete"]
    material.tell(30, 20, place=20)
    assert "told" in material.broken()


def test_a_change_of_epoch_has_to_be_told(material: Material) -> None:
    """Numbers start over: that is a hole, even where the next number happens to be the right one."""
    material.server += [["p", TRADES, "b", seq, False, trade(100 + seq)] for seq in range(1, 23)]
    material.server.append(["z", TRADES, "b", 22, None])
    material.client += [["u", 8, 0, seq, None, None, False, values(trade(100 + seq))] for seq in (21, 22)]
    assert "order" in material.broken()
    material.tell(20, 20, place=20)
    material.server.append(["j", 9, "c", TRADES, ["a", 20], ["b", 20], False, 0])
    report = material.report()
    assert not {"order", "content", "told", "complete"} & set(report.times)
    assert report.counts["holes told over a change of epoch"] == 1


def test_what_is_folded_says_so(material: Material) -> None:
    """A bar that stands for several is none the worse."""
    material.lose(1, 9, 10)
    material.client[material.update(1, 11)][4] = 9
    assert material.broken() == []


@pytest.mark.parametrize("change", ["another", "a missing", "a needless"])
def test_a_wrong_chart_is_found(material: Material, change: str) -> None:
    """One figure of one bar, a bar that is not there, and one that should not be."""
    bars = next(row for row in material.client if row[:2] == ["f", 1])[2]
    if change == "another":
        bars[4] = [*bars[4][:5], bars[4][5] + 0.1]
    elif change == "a missing":
        del bars[4]
    else:
        bars.append([bars[4][0] + 500, *bars[4][1:]])
    assert material.broken() == ["bars"]


def test_bars_that_are_not_the_fold_of_the_trades_are_found(material: Material) -> None:
    """The server publishes one that no trades make."""
    last = [row for row in material.server if row[:2] == ["p", BARS]][6]
    last[5]["close"] += 1
    assert "fold" in material.broken()


def test_who_forgets_where_it_was_is_found(material: Material) -> None:
    """A client with a position that subscribes as if it had none."""
    material.server.append(["j", 9, "c", TRADES, None, ["a", 20], None, 0])
    assert material.broken() == ["asked"]


def test_who_has_not_got_its_snapshot_may_ask_for_it(material: Material) -> None:
    """Cut off between the answer and what it was to bring: the position in the answer is worth nothing."""
    material.server.append(["j", 9, "c", TRADES, ["a", 20], ["a", 20], False, 0])
    material.server.append(["j", 10, "c", TRADES, None, ["a", 20], None, 0])
    assert material.broken() == []


def test_who_is_not_connected_in_the_end_is_found(material: Material) -> None:
    """The last state counts."""
    material.client.append(["x", 9, "reconnecting", "lost"])
    assert material.broken() == ["back"]


def test_a_subscription_that_ends_by_itself_is_found(material: Material) -> None:
    """Whatever the error."""
    material.client.append(["e", 9, 1, "RequestError: no"])
    assert material.broken() == ["alive"]


def test_a_second_subscription_begins_where_the_client_is(material: Material) -> None:
    """It costs the server nothing, so the server does not know of it; from its first update on it is judged as any."""
    material.client.append(["s", 7, 3, TRADES])
    material.client += [["u", 8, 3, seq, None, None, False, values(trade(seq))] for seq in range(5, 21)]
    assert material.broken() == []
    material.lose(3, 9)
    assert material.broken() == ["order"]
