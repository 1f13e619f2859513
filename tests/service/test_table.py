"""Reading OHLCV rows: what is taken, and what is refused by file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.feeds.table import BadRow, Row, TableError, parse_time, read_rows

HEADER = "time,open,high,low,close,volume\n"
GOOD = "2026-01-05 14:30:00,1.5,2.0,1.0,1.75,10\n"


def write(folder: Path, text: str | bytes) -> Path:
    """A file with this content."""
    path = folder / "rows.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("2017-04-19 09:00:00", 1_492_592_400_000),
        ("2021-12-31 23:01:00.000000", 1_640_991_660_000),
        ("2021-12-31T23:01:00.250Z", 1_640_991_660_250),
        ("2022-01-01T00:01:00+01:00", 1_640_991_660_000),
        ("2022-01-01", 1_640_995_200_000),
        ("1640991660", 1_640_991_660_000),
        ("1640991660.250", 1_640_991_660_250),
        ("1640991660250", 1_640_991_660_250),
        ("1640991660250.000", 1_640_991_660_250),
    ],
)
def test_times_are_read(text: str, milliseconds: int) -> None:
    """ISO 8601 with or without an offset, Unix seconds and milliseconds; without an offset it is UTC."""
    assert parse_time(text) == milliseconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "20220101",
        "12",
        "1640991660250000",
        "-1640991660",
        "1640991660.2505",
        "1969-12-31",
        "2022-13-01",
        "31.12.2021 10:00",
        "2021-12-31 23:01:00.000001",
        "nan",
        "1e9",
    ],
)
def test_times_are_not_guessed(text: str) -> None:
    """What could mean several things, or nothing, is refused."""
    with pytest.raises(ValueError, match="time"):
        parse_time(text)


@pytest.mark.parametrize(
    "header",
    [
        "Time,Open,High,Low,Close,Volume",
        "DATE,o,h,l,c,v",
        "timestamp, OPEN ,High,low,close,VOL",
        "\ufeffdatetime,open,high,low,close,volume",
    ],
)
def test_columns_are_known_by_several_names(tmp_path: Path, header: str) -> None:
    """Names of columns may be written large or small, and short."""
    rows = list(read_rows(write(tmp_path, header + "\n" + GOOD)))
    assert rows == [Row(2, 1_767_623_400_000, 1.5, 2.0, 1.0, 1.75, 10.0)]


def test_columns_may_stand_in_any_order_among_others(tmp_path: Path) -> None:
    """Columns are found by name; those that mean nothing here are passed over."""
    text = "symbol,volume,close,low,high,open,time\nX,10,1.75,1.0,2.0,1.5,2026-01-05 14:30:00\n"
    assert list(read_rows(write(tmp_path, text))) == [Row(2, 1_767_623_400_000, 1.5, 2.0, 1.0, 1.75, 10.0)]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "is empty"),
        (GOOD, "names no column"),
        ("time,open,high,low,close\n", "names no column volume"),
        ("date,time,open,high,low,close,volume\n", "several columns could be the time: 'date', 'time'"),
        (b"\xff\xfe\x00", "is not UTF-8"),
        (HEADER + '2026-01-05 14:30:00,"1.5,2,1,1.75,10\n', "is not CSV"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: str | bytes, problem: str) -> None:
    """A file without a header that says what is what cannot be read at all."""
    path = write(tmp_path, content)
    with pytest.raises(TableError, match=problem) as raised:
        list(read_rows(path))
    assert str(raised.value).startswith(str(path))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder and a missing file are named, each in one line."""
    for path, problem in [(tmp_path, "is a folder"), (tmp_path / "none.csv", "No such file")]:
        with pytest.raises(TableError, match=problem):
            list(read_rows(path))


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("2026-01-05 14:31:00,1.5,2.0,1.0,1.75", "has 5 cells, the first row 6"),
        ("2026-01-05 14:31:00,1.5,2.0,1.0,1.75,10,11", "has 7 cells, the first row 6"),
        ("2026-01-05 14:31:00,abc,2.0,1.0,1.75,10", "open 'abc' is not a number"),
        ("2026-01-05 14:31:00,,2.0,1.0,1.75,10", "open is empty"),
        ("2026-01-05 14:31:00,nan,2.0,1.0,1.75,10", "open 'nan' is not a finite number"),
        ("2026-01-05 14:31:00,1.5,inf,1.0,1.75,10", "high 'inf' is not a finite number"),
        ("2026-01-05 14:31:00,1.5,1e999,1.0,1.75,10", "high '1e999' is not a finite number"),
        ("2026-01-05 14:31:00,1_5,20,1.0,1.75,10", "open '1_5' is not a number"),
        ("2026-01-05 14:31:00,1.5,1.0,2.0,1.75,10", "low 2.0 is above high 1.0"),
        ("2026-01-05 14:31:00,0.5,2.0,1.0,1.75,10", "open 0.5 is not between low 1.0 and high 2.0"),
        ("2026-01-05 14:31:00,1.5,2.0,1.0,2.5,10", "close 2.5 is not between low 1.0 and high 2.0"),
        ("2026-01-05 14:31:00,1.5,2.0,1.0,1.75,-1", "volume -1.0 is below 0"),
        ("2026-01-05 14:30:00,1.5,2.0,1.0,1.75,10", "same time as line 2"),
        ("2026-01-05 14:29:00,1.5,2.0,1.0,1.75,10", "time is before that of line 2"),
        ("yesterday,1.5,2.0,1.0,1.75,10", "time 'yesterday' is neither"),
    ],
)
def test_a_bad_row_is_named_and_the_next_is_read(tmp_path: Path, row: str, problem: str) -> None:
    """A row that is no bar is told by file and line, and does not keep the rows after it from being read."""
    path = write(tmp_path, HEADER + GOOD + row + "\n2026-01-05 14:32:00,1.5,2.0,1.0,1.75,10\n")
    first, bad, last = read_rows(path)
    assert isinstance(first, Row)
    assert isinstance(bad, BadRow)
    assert str(bad).startswith(f"{path}:3: {problem}")
    assert isinstance(last, Row)
    assert last.line == 4


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    """Empty lines, at the end or between, mean nothing, and lines are counted all the same."""
    path = write(tmp_path, HEADER + "\n" + GOOD + "\r\n\n")
    assert [row.line for row in read_rows(path)] == [3]


def test_numbers_are_not_changed(tmp_path: Path) -> None:
    """A number comes out as the double that its digits mean."""
    path = write(tmp_path, HEADER + "2017-04-19 09:00:00,1.0716,1.0722,1.07083,1.07219,2300413.7295\n")
    (row,) = read_rows(path)
    assert isinstance(row, Row)
    assert [repr(value) for value in (row.open, row.high, row.low, row.close, row.volume)] == [
        "1.0716", "1.0722", "1.07083", "1.07219", "2300413.7295",
    ]  # fmt: skip
