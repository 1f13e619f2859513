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


@pytest.mark.parametrize("text", ["", "0", "01", "10000", "1H", "d", "1 D", "-1", "1D\n", "٣"])
def test_what_is_no_resolution_is_refused(text: str) -> None:
    """Anything else is an error that quotes it."""
    with pytest.raises(ValueError, match="is no resolution"):
        Resolution.parse(text)


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
    ],
)
def test_a_moment_belongs_to_one_bar(resolution: str, moment: str, begins: str, next_: str) -> None:
    """A bar begins where the calendar says, in UTC, and ends where the next begins."""
    span = Resolution.parse(resolution)
    assert span.floor(ms(moment)) == ms(begins)
    assert span.next(ms(begins)) == ms(next_)


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
