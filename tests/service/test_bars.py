"""Spans of time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.bars.resolution import Resolution


def ms(text: str) -> int:
    """A UTC time as Unix milliseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("1", "1"),
        ("240", "240"),
        ("S", "1S"),
        ("30S", "30S"),
        ("D", "1D"),
        ("W", "1W"),
        ("M", "1M"),
        ("3M", "3M"),
    ],
)
def test_resolutions_have_one_spelling(text: str, canonical: str) -> None:
    """Each spelling reads as the resolution whose canonical spelling is given."""
    assert str(Resolution.parse(text)) == canonical


@pytest.mark.parametrize(
    "text", ["", "0", "01", "10000", "0S", "-1", "1X", "1.5", "1D1", "٣", "1\n2", "9" * 99]
)
def test_what_is_no_resolution_is_refused(text: str) -> None:
    """Anything else is an error that quotes it."""
    with pytest.raises(ValueError, match="is no resolution") as raised:
        Resolution.parse(text)
    assert repr(text) in str(raised.value)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("1H", "hours are written in minutes: 60"),
        ("4h", "hours are written in minutes: 240"),
        ("1m", "minutes are a number alone: 1"),
        ("15min", "minutes are a number alone: 15"),
        ("d", "days are written with D: 1D"),
        ("1 D", "days are written with D: 1D"),
        ("1D\n", "days are written with D: 1D"),
        ("2w", "weeks are written with W: 2W"),
        ("30s", "seconds are written with S: 30S"),
        ("3mo", "months are written with M: 3M"),
        ("1Y", "years are written in months: 12M"),
        ("200H", "numbers are 1 to 9999"),
        ("0D", "numbers are 1 to 9999"),
        ("1X", "write minutes (60) or a number with S, D, W or M"),
    ],
)
def test_what_was_meant_is_told(text: str, advice: str) -> None:
    """Another spelling is not taken, but the right one is named."""
    with pytest.raises(ValueError, match="is no resolution") as raised:
        Resolution.parse(text)
    assert str(raised.value).endswith(advice)


@pytest.mark.parametrize(
    ("resolution", "moment", "begins", "next_"),
    [
        ("1", "2026-01-05T14:30:59.999", "2026-01-05T14:30", "2026-01-05T14:31"),
        ("5", "2026-01-05T14:34:00", "2026-01-05T14:30", "2026-01-05T14:35"),
        ("30S", "2026-01-05T14:30:30", "2026-01-05T14:30:30", "2026-01-05T14:31"),
        ("1D", "2026-01-05T23:59:59", "2026-01-05", "2026-01-06"),
        # A Sunday belongs to the week of the Monday before it; a Monday begins its own.
        ("1W", "2026-01-11T23:59:59", "2026-01-05", "2026-01-12"),
        ("1W", "2026-01-12T00:00:00", "2026-01-12", "2026-01-19"),
        ("1M", "2024-02-29T12:00", "2024-02-01", "2024-03-01"),
        ("1M", "2026-12-31T23:59:59.999", "2026-12-01", "2027-01-01"),
        ("3M", "2026-05-15", "2026-04-01", "2026-07-01"),
        ("12M", "2026-05-15", "2026-01-01", "2027-01-01"),
        # The calendar begins in 1970 and has no end.
        ("1S", "1970-01-01", "1970-01-01", "1970-01-01T00:00:01"),
        ("1M", "9999-11-30T23:59:59.999", "9999-11-01", "9999-12-01"),
    ],
)
def test_a_moment_belongs_to_one_bar(resolution: str, moment: str, begins: str, next_: str) -> None:
    """A bar begins where the calendar says, in UTC, and ends where the next begins."""
    span = Resolution.parse(resolution)
    assert span.floor(ms(moment)) == ms(begins)
    assert span.next(ms(begins)) == ms(next_)


def test_the_calendar_goes_on_after_the_year_9999() -> None:
    """Months far away are those of a year 400 years before, which has the same days."""
    month, cycle = Resolution.parse("1M"), 146_097 * 86_400_000
    for moment in ("2000-02-29T12:00", "1999-12-31T23:59:59.999", "2023-03-01"):
        for cycles in (21, 600):
            later = ms(moment) + cycles * cycle
            assert month.floor(later) == month.floor(ms(moment)) + cycles * cycle
            assert month.next(month.floor(later)) == month.next(month.floor(ms(moment))) + cycles * cycle


@pytest.mark.parametrize(
    ("finer", "coarser"),
    [
        ("1", "1"),
        ("1S", "7S"),
        ("1S", "12M"),
        ("1", "60"),
        ("60", "1D"),
        ("60", "1W"),
        ("60", "1M"),
        ("240", "1D"),
        ("1D", "1W"),
        ("2D", "2W"),
        ("1D", "1M"),
        ("1W", "2W"),
        ("1M", "3M"),
    ],
)
def test_coarser_bars_are_made_of_whole_finer_ones(finer: str, coarser: str) -> None:
    """Where it says so, each coarser bar begins where a finer one does, looked at over years."""
    fine, coarse = Resolution.parse(finer), Resolution.parse(coarser)
    assert fine.divides(coarse)
    edge = coarse.floor(ms("1999-12-31"))
    for _ in range(60):
        edge = coarse.next(edge)
        assert fine.floor(edge) == edge


@pytest.mark.parametrize(
    ("finer", "coarser"),
    [
        ("60", "1"),
        ("2", "3"),
        ("7", "60"),
        ("1D", "240"),
        ("2D", "1W"),
        ("7D", "1W"),
        ("1W", "7D"),
        ("1W", "1M"),
        ("2D", "1M"),
        ("1000", "1D"),
        ("1M", "1W"),
        ("2M", "3M"),
        ("12M", "365D"),
    ],
)
def test_what_does_not_divide_is_told(finer: str, coarser: str) -> None:
    """Where it says no, some coarser bar begins within a finer one."""
    fine, coarse = Resolution.parse(finer), Resolution.parse(coarser)
    assert not fine.divides(coarse)
    edges = [coarse.floor(ms("1999-12-31"))]
    for _ in range(60):
        edges.append(coarse.next(edges[-1]))
    assert any(fine.floor(edge) != edge for edge in edges)


@pytest.mark.parametrize(
    ("gaps", "resolution"),
    [
        ({3_600_000: 4957, 176_400_000: 37}, "60"),
        ({60_000: 5}, "1"),
        ({86_400_000: 4, 259_200_000: 1}, "1D"),
        ({604_800_000: 3}, "1W"),
        ({31 * 86_400_000: 7, 30 * 86_400_000: 4, 28 * 86_400_000: 1}, "1M"),
        ({15_000: 2}, "15S"),
        ({60_000: 1, 120_000: 1}, "1"),
    ],
)
def test_the_commonest_distance_tells_the_resolution(gaps: dict[int, int], resolution: str) -> None:
    """Rows that mostly stand so far apart have bars that long; of two as common, the shorter counts."""
    assert str(Resolution.of_spacing(gaps.items())) == resolution


@pytest.mark.parametrize("gaps", [{}, {250: 3}, {1_500: 3}])
def test_a_distance_that_is_no_resolution_is_not_rounded(gaps: dict[int, int]) -> None:
    """Without a distance, or with one that no resolution has, there is no answer."""
    with pytest.raises(ValueError, match=r"no spacing|no resolution"):
        Resolution.of_spacing(gaps.items())
