"""A short run, and faults planted in what its clients were given."""

from __future__ import annotations

import copy

import pytest
import uvloop

from tests.stress.nodes.cli import main, summary
from tests.stress.nodes.judge import judge
from tests.stress.nodes.plan import Plan
from tests.stress.nodes.record import PRIVATE, Followed, Missed, Update
from tests.stress.nodes.run import Run
from tests.stress.nodes.terms import INVARIANTS, Report


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Report]:
    """Some seconds of faults, of the clients' way, the broker and a node at least; and the judgement."""
    run = Run(Plan(seed=2, seconds=6.0, clients=6, spies=2), tmp_path_factory.mktemp("nodes"), print)
    return run, uvloop.run(run.run())


def test_nothing_is_lost_or_leaked_in_silence(done: tuple[Run, Report]) -> None:
    """Whatever fails: each update comes once and in order, or its loss is told; nobody is told of another's account."""
    _, report = done
    assert not report.times, summary(report)
    for what in (
        "updates of trades",
        "updates of orders",
        "attempts of spies",
        "drains",
        "tokens sent by clients",
    ):
        assert report.counts[what], summary(report)


def _planted(run: Run, fault: str, followed: list[Followed]) -> dict[str, int]:
    """What the judge finds in a subscription to which something was done."""
    report = Report()
    judge(run.truth, followed, report, run.last)
    assert report.times, f"{fault} is not found"
    return report.times


def _place(one: Followed) -> int:
    """An update in the middle of one's own, with an update before and after it."""
    for place in range(len(one.events) // 2, len(one.events) - 1):
        around = one.events[place - 1 : place + 2]
        if place and all(isinstance(event, Update) and not event.snapshot for event in around):
            return place
    return 0


def _some(run: Run, *channels: str) -> tuple[Followed, int]:
    """A copy of a subscription long enough to do something to, and where."""
    for one in sorted(run.followed, key=lambda one: -len(one.events)):
        if one.channel in channels and (place := _place(one)):
            return copy.deepcopy(one), place
    raise AssertionError("nobody was given anything")


@pytest.mark.parametrize("channels", [("trades",), PRIVATE])
def test_an_update_that_is_lost_is_found(done: tuple[Run, Report], channels: tuple[str, ...]) -> None:
    """One that did not come, and of which no hole tells."""
    one, place = _some(done[0], *channels)
    del one.events[place]
    assert _planted(done[0], "a lost update", [one])["order"] == 1


def test_an_update_that_comes_twice_is_found(done: tuple[Run, Report]) -> None:
    """The same once more."""
    one, place = _some(done[0], "trades")
    one.events.insert(place, copy.copy(one.events[place]))
    assert _planted(done[0], "a doubled update", [one])["once"] == 1


def test_an_update_of_the_past_is_found_behind_a_hole(done: tuple[Run, Report]) -> None:
    """A hole excuses what is missing, and nothing that comes again."""
    one, place = _some(done[0], "trades")
    before, here = one.events[place - 1], one.events[place]
    assert isinstance(before, Update)
    assert isinstance(here, Update)
    one.events[place:place] = [Missed("gap", before.seq, before.seq - 1), copy.copy(before)]
    assert _planted(done[0], "an update of the past", [one])["once"] == 1


def test_updates_in_another_order_are_found(done: tuple[Run, Report]) -> None:
    """Two that changed places."""
    one, place = _some(done[0], "trades")
    one.events[place], one.events[place + 1] = one.events[place + 1], one.events[place]
    assert _planted(done[0], "another order", [one])["order"]


def test_an_update_under_another_number_is_found(done: tuple[Run, Report]) -> None:
    """Numbers that fit each other, but not what the publisher was told."""
    one, _ = _some(done[0], "trades")
    for event in one.events:
        if isinstance(event, Update):
            event.seq += 1
        else:
            event.seq = None if event.seq is None else event.seq + 1
            event.after = None if event.after is None else event.after + 1
    assert set(_planted(done[0], "other numbers", [one])) == {"content"}


def test_what_nobody_published_is_found(done: tuple[Run, Report]) -> None:
    """Content of nobody."""
    one, place = _some(done[0], "trades")
    event = one.events[place]
    assert isinstance(event, Update)
    event.mark = 999_999_999_999
    assert _planted(done[0], "what nobody published", [one])["content"] == 1


def test_an_epoch_that_ends_in_silence_is_found(done: tuple[Run, Report]) -> None:
    """Numbers go on, but what they count has begun anew."""
    one, place = _some(done[0], "trades")
    event = one.events[place]
    assert isinstance(event, Update)
    event.epoch = "another"
    assert _planted(done[0], "another epoch", [one])["order"]


def test_an_update_of_another_account_is_found(done: tuple[Run, Report]) -> None:
    """On a topic that is granted, and on one that is not any more."""
    one, place = _some(done[0], *PRIVATE)
    event = one.events[place]
    assert isinstance(event, Update)
    event.owner = "A2" if event.owner != "A2" else "A1"
    event.grants = frozenset(("A1", "A2"))
    assert set(_planted(done[0], "another's update", [one])) == {"scope"}
    one, place = _some(done[0], *PRIVATE)
    event = one.events[place]
    assert isinstance(event, Update)
    event.grants = frozenset()
    assert set(_planted(done[0], "an update without a right", [one])) == {"scope"}


def test_a_topic_that_does_not_come_back_is_found(done: tuple[Run, Report]) -> None:
    """Whose last update never came."""
    [*_, one] = [one for one in done[0].followed if one.to_the_end and one.channel == "trades"]
    one = copy.deepcopy(one)
    del one.events[-1]
    assert set(_planted(done[0], "a topic that stands still", [one])) == {"back"}


def test_the_seed_decides() -> None:
    """The same seed plans the same, another does not."""
    assert Plan(1, 60.0).faults() == Plan(1, 60.0).faults() != Plan(2, 60.0).faults()
    assert Plan(1, 60.0).wanted() == Plan(1, 60.0).wanted() != Plan(2, 60.0).wanted()


def test_it_tells_what_it_checks(capsys: pytest.CaptureFixture[str]) -> None:
    """`--invariants` names each, `--plan` what would fail; nothing is run."""
    assert main(["--invariants"]) == 0
    told = capsys.readouterr().out
    assert [line.partition(":")[0] for line in told.splitlines()] == list(INVARIANTS)
    assert main(["--plan", "--seed", "1"]) == 0
    assert "valkey killed" in capsys.readouterr().out
