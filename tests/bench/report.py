"""Medians and ratios: for the terminal, as JSON, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import get_args

from tests.bench.catalog import PEERS
from tests.bench.rounds import Record
from tests.bench.rows import Row, Table

DOCUMENT = "docs/benchmarks.md"
TABLES: tuple[Table, ...] = get_args(Table)
_OURS = "tapewire"


@dataclass(frozen=True)
class Line:
    """One peer in one row."""

    peer: str
    version: str
    values: list[float]
    ratios: dict[str, float]
    """To the row's references, and Tapewire's to this; medians of the ratios of those rounds that have both."""
    details: dict[str, float]
    """Medians."""
    note: str

    @property
    def median(self) -> float | None:
        """The middle one of its figures."""
        return median(self.values) if self.values else None


def lines_of(row: Row, records: Sequence[Record]) -> list[Line]:
    """The row's peers in its order, those that were run."""
    mine = [record for record in records if record.row.name == row.name]
    names = [name for name in row.peers if any(record.peer == name for record in mine)]
    return [_line(row, name, mine) for name in names]


def _line(row: Row, name: str, records: Sequence[Record]) -> Line:
    figures = [record.figure for record in records if record.peer == name and record.figure is not None]
    values = _by_round(records, name)
    others = {reference: _by_round(records, reference) for reference in {*row.references, _OURS}}
    ratios = {reference: _ratio(values, others[reference]) for reference in row.references}
    if name != _OURS and _OURS not in row.references:
        ratios[_OURS] = _ratio(others[_OURS], values)
    keys = figures[0].details if figures else {}
    reasons = [
        record.absent or f"failed in round {record.round}: {record.failure}"
        for record in records
        if record.peer == name and record.figure is None
    ]
    return Line(
        peer=name,
        version=figures[0].version if figures else "",
        values=list(values.values()),
        ratios={reference: ratio for reference, ratio in ratios.items() if ratio and row.mode != "stall"},
        details={key: median(figure.details[key] for figure in figures) for key in keys},
        note="; ".join(dict.fromkeys(reasons)),
    )


def _ratio(values: dict[int, float], references: dict[int, float]) -> float | None:
    """The median of the ratios of those rounds that have both; None where none has."""
    both = [number for number in values if references.get(number, 0) > 0]
    return median(values[number] / references[number] for number in both) if both else None


def _by_round(records: Sequence[Record], peer: str) -> dict[int, float]:
    return {
        record.round: record.figure.value
        for record in records
        if record.peer == peer and record.figure is not None
    }


def as_table(records: Sequence[Record]) -> str:
    """For the terminal."""
    parts = []
    for row in _rows(records):
        parts.append(f"\n{row.title} ({row.unit})")
        widths = (32, 12, 25, *(max(9, len(title) + 2) for _, title in _compared(row)))
        for cells in (_head(row), *_cells(row, records)):
            columns = [cells[0].ljust(widths[0])]
            columns += [cell.rjust(width) for cell, width in zip(cells[1:-1], widths[1:], strict=True)]
            parts.append(f"  {''.join(columns)}  {cells[-1]}".rstrip())
    return "\n".join(parts)


def as_document(records: Sequence[Record], about: dict[str, str]) -> str:
    """What goes between the markers of the document."""
    parts = ["| | |", "|---|---|", *(f"| {key} | {value} |" for key, value in about.items())]
    for row in _rows(records):
        parts += ["", f"### {row.title}", "", f"In {row.unit}.", ""]
        head = _head(row)
        parts += [f"| {' | '.join(head)} |", f"|---|{'---:|' * (len(head) - 2)}---|"]
        parts += [f"| {' | '.join(cells)} |" for cells in _cells(row, records)]
    return "\n".join(parts)


def as_json(records: Sequence[Record], about: dict[str, str]) -> dict[str, object]:
    """Every single figure, and what the tables say."""
    return {
        "about": about,
        "rows": {
            row.name: {
                "title": row.title,
                "unit": row.unit,
                "peers": [asdict(line) | {"median": line.median} for line in lines_of(row, records)],
            }
            for row in _rows(records)
        },
    }


def check_document(path: Path) -> str:
    """The document's text. ValueError where the markers are not in it, OSError where it cannot be read."""
    text = path.read_text(encoding="utf-8")
    for marker in (marker for table in TABLES for marker in _markers(table)):
        if text.count(marker) != 1:
            raise ValueError(f"{path} needs the line {marker}, once")
    return text


def _markers(table: Table) -> tuple[str, str]:
    """Between which a part of the figures stands."""
    return f"<!-- {table}: written by `nox -s bench`, from here -->", f"<!-- {table}: to here -->"


def update_document(path: Path, records: Sequence[Record], about: dict[str, str]) -> None:
    """Replace what stands between the markers of those tables whose rows were run; the rest is written by hand."""
    text = check_document(path)
    for table in TABLES:
        mine = [record for record in records if record.row.table == table]
        if mine:
            begin, end = _markers(table)
            before, _, rest = text.partition(begin)
            text = f"{before}{begin}\n\n{as_document(mine, about)}\n\n{end}{rest.partition(end)[2]}"
    path.write_text(text, encoding="utf-8")


def _rows(records: Sequence[Record]) -> list[Row]:
    return list({record.row.name: record.row for record in records}.values())


def _compared(row: Row) -> list[tuple[str, str]]:
    """Whose ratios the row tells, and how the column is called."""
    found = [(name, f"times {PEERS[name].short or PEERS[name].title}") for name in row.references]
    ours = len(row.peers) > 1 and _OURS in row.peers and _OURS not in row.references
    return [*found, *([(_OURS, "Tapewire to it")] if ours else [])]


def _head(row: Row) -> tuple[str, ...]:
    return ("", "median", "from … to", *(title for _, title in _compared(row)), "remarks")


def _cells(row: Row, records: Sequence[Record]) -> list[tuple[str, ...]]:
    return [
        (
            f"{PEERS[line.peer].title} {line.version}".strip(),
            _number(line.median),
            f"{_number(min(line.values))} … {_number(max(line.values))}" if line.values else "",
            *(_times(line, reference) for reference, _ in _compared(row)),
            ", ".join(filter(None, (_details(line), line.note))),
        )
        for line in lines_of(row, records)
    ]


def _times(line: Line, reference: str) -> str:
    return f"{line.ratios[reference]:.2f}" if reference in line.ratios else ""


def _details(line: Line) -> str:
    found = line.details
    parts = []
    if "max_ms" in found:
        parts.append(f"p50 {found['p50_ms']:.1f}, max {found['max_ms']:.1f} ms")
    if "p99_ms" in found:
        parts.append(f"p50 {found['p50_ms']:,.0f}, p99 {found['p99_ms']:,.0f} ms")
        parts.append(
            f"{found['messages']:.0f} messages and {found['client_us'] / 1000:.2f} ms of CPU a client"
        )
    if "per_second" in found:
        parts.append(f"{found['per_second']:,.0f} a second")
    if "counted_us" in found:
        parts.append(f"middle half {found['lower']:.1f} … {found['upper']:.1f} %")
        parts.append(f"{found['counted_us']:.2f} and {found['uncounted_us']:.2f} µs a delivery")
    if "scrapes" in found:
        parts.append(f"scrapes: {found['scrapes']:.0f}")
    if "delivery_us" in found:
        parts.append(f"{found['delivery_us']:.1f} µs of CPU a delivery")
    if "calm" in found:
        parts.append(f"{found['calm']:,.0f} → {found['stalled']:,.0f} deliveries/s")
        parts += ["publisher blocked"] * bool(found["publisher_blocked"])
        parts += ["stalled one closed"] * bool(found["stalled_was_closed"])
    if "server_cpu" in found:
        broker = f", Valkey {found['broker_cpu']:.0%}" if found.get("broker_cpu") else ""
        parts.append(f"CPU: server {found['server_cpu']:.0%}{broker}, generator {found['generator_cpu']:.0%}")
    if found.get("waits_per_turn", 0) >= 1 and not PEERS[line.peer].publisher_apart:
        parts.append(f"waited {found['waits_per_turn']:.0f} times a turn")
    if "size" in found:
        parts.append(f"{found['size']:.0f} bytes")
    return ", ".join(parts)


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
