"""Reading rows: what is taken, and what is refused by file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.feeds.cells import parse_time
from service.feeds.table import BadRow, BarRow, TableError, TradeRow, read_columns, read_rows

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
    assert rows == [BarRow(2, 1_767_623_400_000, 1.5, 2.0, 1.0, 1.75, 10.0)]


def test_columns_may_stand_in_any_order_among_others(tmp_path: Path) -> None:
    """Columns are found by name; those that mean nothing here are passed over."""
    text = "symbol,volume,close,low,high,open,time\nX,10,1.75,1.0,2.0,1.5,2026-01-05 14:30:00\n"
    assert list(read_rows(write(tmp_path, text))) == [BarRow(2, 1_767_623_400_000, 1.5, 2.0, 1.0, 1.75, 10.0)]


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
    assert isinstance(first, BarRow)
    assert isinstance(bad, BadRow)
    assert str(bad).startswith(f"{path}:3: {problem}")
    assert isinstance(last, BarRow)
    assert last.line == 4


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    """Empty lines, at the end or between, mean nothing, and lines are counted all the same."""
    path = write(tmp_path, HEADER + "\n" + GOOD + "\r\n\n")
    assert [row.line for row in read_rows(path)] == [3]


def test_numbers_are_not_changed(tmp_path: Path) -> None:
    """A number comes out as the double that its digits mean."""
    path = write(tmp_path, HEADER + "2017-04-19 09:00:00,1.0716,1.0722,1.07083,1.07219,2300413.7295\n")
    (row,) = read_rows(path)
    assert isinstance(row, BarRow)
    assert [repr(value) for value in (row.open, row.high, row.low, row.close, row.volume)] == [
        "1.0716", "1.0722", "1.07083", "1.07219", "2300413.7295",
    ]  # fmt: skip


TRADES = "time,price,size,side,id\n"
TRADE = "2026-01-05 14:30:00.250,1.5,0.25,buy,7\n"
AT = 1_767_623_400_250


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1762795433.9717445", 1_762_795_433_971),
        ("1762795433.9", 1_762_795_433_900),
        ("1762795433", 1_762_795_433_000),
        ("1762795433971.744", 1_762_795_433_971),
        ("1762795433971744", 1_762_795_433_971),
        ("1762795433971744599", 1_762_795_433_971),
        ("1762795433971744599.5", 1_762_795_433_971),
        ("2025-11-10 17:23:53.971744", 1_762_795_433_971),
        ("2025-11-10T17:23:53.971744599Z", 1_762_795_433_971),
    ],
)
def test_times_of_trades_are_cut_to_milliseconds(text: str, milliseconds: int) -> None:
    """What is finer than a millisecond is cut, never rounded into the next one; microseconds and finer are read too."""
    assert parse_time(text, cut=True) == milliseconds


@pytest.mark.parametrize("text", ["", "12", "176279543397174459912", "1762795433.", "1762795433.9x", "soon"])
def test_times_of_trades_are_not_guessed(text: str) -> None:
    """Cutting does not make a time of what is none."""
    with pytest.raises(ValueError, match="time"):
        parse_time(text, cut=True)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("time,price,size,side,id", "2026-01-05 14:30:00.250,1.5,0.25,buy,7"),
        ("Timestamp,Price,Qty,Side,Trade_ID", "1767623400250,1.5,0.25,B,7"),
        ("trade_id,side,amount,price,date,exchange", "7,BUY,0.25,1.5,1767623400.2509,X"),
        ("id,price,qty,quote_qty,time,is_buyer_maker", "7,1.5,0.25,0.375,1767623400250999,False"),
        ("time,price,volume,side,id", "2026-01-05 14:30:00.250,1.5,0.25,buy,7"),
        ("time,open,price,size,side,id", "2026-01-05 14:30:00.250,1.25,1.5,0.25,buy,7"),
    ],
)
def test_the_header_tells_trades_from_bars(tmp_path: Path, header: str, row: str) -> None:
    """A price and a size make a trade, under the names that exchanges give them."""
    path = write(tmp_path, f"{header}\n{row}\n")
    assert read_columns(path).trades
    assert list(read_rows(path)) == [TradeRow(2, AT, 1.5, 0.25, "buy", 7)]


def test_whole_bars_are_bars(tmp_path: Path) -> None:
    """A column price beside open, high, low and close does not make trades of bars."""
    path = write(
        tmp_path, "time,price,open,high,low,close,volume\n2026-01-05 14:30:00,9,1.5,2.0,1.0,1.75,10\n"
    )
    assert not read_columns(path).trades
    assert list(read_rows(path)) == [BarRow(2, 1_767_623_400_000, 1.5, 2.0, 1.0, 1.75, 10.0)]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("time,price\n", "names no column size; it reads"),
        ("price,size\n", "names no column time; it reads"),
        ("time,price,size,qty\n", "several columns could be the size: 'size', 'qty'"),
        ("time,price,size,side,is_buyer_maker\n", "several columns could be the side"),
        (
            "timestamp,side,update_type,price,qty\n",
            "levels of an order book, as its column 'update_type' tells",
        ),
        (
            "time,value\n",
            r"names no column open, high, low, close, volume \(trades have time, price and size\)",
        ),
    ],
)
def test_a_header_of_trades_that_says_too_little_is_refused(
    tmp_path: Path, content: str, problem: str
) -> None:
    """What is missing, or there twice, is named."""
    with pytest.raises(TableError, match=problem):
        list(read_rows(write(tmp_path, content)))


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("2026-01-05 14:31:00,x,1,buy,8", "price 'x' is not a number"),
        ("2026-01-05 14:31:00,1.5,nan,buy,8", "size 'nan' is not a finite number"),
        ("2026-01-05 14:31:00,1.5,-1,buy,8", "size -1.0 is below 0"),
        ("2026-01-05 14:31:00,1.5,1,short,8", "side 'short' is neither buy nor sell"),
        ("2026-01-05 14:31:00,1.5,1,,8", "side '' is neither buy nor sell"),
        ("2026-01-05 14:31:00,1.5,1,buy,-8", "id '-8' is no whole number; without a column id, trades are"),
        ("2026-01-05 14:31:00,1.5,1,buy,", "id '' is no whole number"),
        ("2026-01-05 14:31:00,1.5,1,buy,9007199254740992", "id '9007199254740992' is above 9007199254740991"),
        ("2026-01-05 14:31:00,1.5,1,buy", "has 4 cells, the first row 5"),
        ("1969-12-31,1.5,1,buy,8", "time '1969-12-31' is before 1970"),
    ],
)
def test_a_bad_trade_is_named_and_the_next_is_read(tmp_path: Path, row: str, problem: str) -> None:
    """A row that is no trade is told by file and line, and does not keep the rows after it from being read."""
    path = write(tmp_path, TRADES + TRADE + row + "\n" + TRADE)
    first, bad, last = read_rows(path)
    assert isinstance(first, TradeRow)
    assert isinstance(bad, BadRow)
    assert str(bad).startswith(f"{path}:3: {problem}")
    assert isinstance(last, TradeRow)


def test_trades_may_come_late(tmp_path: Path) -> None:
    """Rows of trades are taken in the order of the file, whatever their times."""
    text = TRADES + TRADE + "2026-01-05 14:29:00,1.4,1,sell,6\n" + TRADE
    assert [row.line for row in read_rows(write(tmp_path, text)) if isinstance(row, TradeRow)] == [2, 3, 4]


def test_trades_without_ids_are_numbered(tmp_path: Path) -> None:
    """The first is 1; rows that are bad have no number."""
    text = "time,price,size,side\n" + "1767623400,1,1,b\n" + "soon,1,1,b\n" + "1767623400,1,1,b\n" * 2
    assert [row.id for row in read_rows(write(tmp_path, text)) if isinstance(row, TradeRow)] == [1, 2, 3]


def test_without_a_side_the_tick_rule_tells_it(tmp_path: Path) -> None:
    """Who raises the price bought, who lowers it sold, at the same price it goes on as before; buying to begin with."""
    prices = [5.0, 5.0, 5.1, 5.1, 5.0, 5.0, 5.2, 4.9, 4.9]
    text = "time,price,size\n" + "".join(f"1767623400,{price},1\n" for price in prices)
    sides = [row.side for row in read_rows(write(tmp_path, text)) if isinstance(row, TradeRow)]
    assert sides == ["buy", "buy", "buy", "buy", "sell", "sell", "buy", "sell", "sell"]


@pytest.mark.parametrize(
    ("cell", "side"), [("true", "sell"), ("False", "buy"), ("1", "sell"), ("0", "buy"), ("maybe", None)]
)
def test_a_buyer_who_made_the_offer_did_not_take_it(tmp_path: Path, cell: str, side: str | None) -> None:
    """Where the file says whether the buyer was the maker, the taker is the other one."""
    path = write(tmp_path, f"time,price,qty,is_buyer_maker\n1767623400,1,1,{cell}\n")
    (row,) = read_rows(path)
    if side is None:
        assert str(row) == f"{path}:2: buyer is maker 'maybe' is neither true nor false"
    else:
        assert isinstance(row, TradeRow)
        assert row.side == side
