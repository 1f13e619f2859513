"""A short run of the recovery stress, and faults planted in what it has written down."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvloop

from tests.stress.recovery.cli import summary
from tests.stress.recovery.plan import Plan
from tests.stress.recovery.run import Run, judge_folder
from tests.stress.recovery.terms import Report
from tests.stress.recovery.truth import Row

Plant = Callable[[list[Row], int], None]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    """Six minutes of the market, about a hundred connections lost; where it is written down, and the judgement."""
    folder = tmp_path_factory.mktemp("recovery")
    plan = Plan(seed=1, hours=0.1, speed=60, clients=6, cuts=100)
    return folder, uvloop.run(Run(plan, folder, print).run())


def test_nothing_is_lost_without_being_told(done: tuple[Path, Report]) -> None:
    """Every client ends with what was sent, or was told what it has missed."""
    _, report = done
    assert not report.times, summary(report)
    for what in ("cuts", "recovers granted", "holes told", "updates of trades", "bars compared in charts"):
        assert report.counts[what], summary(report)


def _updates(rows: list[Row], number: int) -> list[int]:
    """Where a subscription's updates are."""
    return [place for place, row in enumerate(rows) if row[0] == "u" and row[2] == number]


def _lost(rows: list[Row], number: int) -> None:
    places = _updates(rows, number)
    del rows[places[len(places) // 2]]


def _doubled(rows: list[Row], number: int) -> None:
    places = _updates(rows, number)
    middle = places[len(places) // 2]
    rows.insert(middle, rows[middle])


def _swapped(rows: list[Row], number: int) -> None:
    places = _updates(rows, number)
    one, other = places[len(places) // 2 : len(places) // 2 + 2]
    rows[one], rows[other] = rows[other], rows[one]


def _altered(rows: list[Row], number: int) -> None:
    places = _updates(rows, number)
    rows[places[len(places) // 2]][7][1] += 0.01


def _cut_short(rows: list[Row], number: int) -> None:
    del rows[_updates(rows, number)[-1]]


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        (_lost, "order"),
        (_doubled, "order"),
        (_swapped, "order"),
        (_altered, "content"),
        (_cut_short, "complete"),
    ],
)
@pytest.mark.parametrize("language", ["python", "typescript"])
def test_one_trade_among_all_is_found(
    done: tuple[Path, Report], tmp_path: Path, language: str, plant: Plant, found: str
) -> None:
    """Lost in the server's history or on the way, doubled, swapped, altered, or the last one: it is found."""
    with _changed(done[0], tmp_path, language) as rows:
        plant(rows, _staying(rows, "trades:"))
    assert found in judge_folder(tmp_path).times


@pytest.mark.parametrize(
    ("channel", "found"), [("orderbook:", "books"), ("bars:", "bars"), ("quotes:", "complete")]
)
def test_one_figure_of_what_is_held_is_found(
    done: tuple[Path, Report], tmp_path: Path, channel: str, found: str
) -> None:
    """A size of the deepest level of a book, the volume of an old bar, a quote's time."""
    with _changed(done[0], tmp_path, "python") as rows:
        number = _staying(rows, channel)
        held = next(row for row in rows if row[:2] == ["f", number])[2]
        match channel:
            case "orderbook:":
                held[1][-1][1] += 1
            case "bars:":
                held[len(held) - 3][5] += 0.01
            case _:
                held[0] += 1
    assert found in judge_folder(tmp_path).times


def test_a_hole_that_is_not_told_is_found(done: tuple[Path, Report], tmp_path: Path) -> None:
    """Every hole that covers something is needed: by what is missing, or by where the next one begins."""
    with _changed(done[0], tmp_path, "typescript", which=_has_holes) as rows:
        del rows[next(place for place, row in enumerate(rows) if row[0] == "h" and row[5] != row[6])]
    assert {"order", "told"} & judge_folder(tmp_path).times.keys()


def _has_holes(rows: list[Row]) -> bool:
    return any(row[0] == "h" and row[5] != row[6] for row in rows)


def _staying(rows: list[Row], channel: str) -> int:
    """The number of a subscription that lasts to the end, and has seen some updates."""
    for row in rows:
        if (
            row[0] == "s"
            and row[3].startswith(channel)
            and not any(one[0] == "e" and one[2] == row[2] for one in rows)
        ):
            return int(row[2])
    raise AssertionError(f"nobody follows {channel} to the end")


class _changed:
    """The rows of one client, to be changed in a copy of a folder."""

    def __init__(
        self, folder: Path, copy: Path, language: str, which: Callable[[list[Row]], bool] = lambda rows: True
    ) -> None:
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        self._path, self.rows = next((path, rows) for path, rows in _records(copy, language) if which(rows))

    def __enter__(self) -> list[Row]:
        return self.rows

    def __exit__(self, *_: object) -> None:
        self._path.write_text("".join(f"{json.dumps(row)}\n" for row in self.rows))


def _records(folder: Path, language: str) -> Iterator[tuple[Path, list[Row]]]:
    for path in sorted(folder.glob(f"{language}-*.jsonl")):
        yield path, [json.loads(line) for line in path.read_text().splitlines()]
