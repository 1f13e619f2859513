"""One look, as text for scripts and reports, or as JSON."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from service.metrics.status import Status
from service.top.figures import Change
from service.top.tables import (
    ClientOrder,
    Table,
    TopicOrder,
    clients_table,
    facts,
    processes,
    title,
    topics_table,
    troubles,
)


def as_text(status: Status, found: Change, topics: TopicOrder, clients: ClientOrder) -> str:
    """All that the live view shows."""
    parts = [
        [
            title(status) + ("" if troubles(status) else ", all well"),
            *(f"! {one}" for one in troubles(status)),
        ]
    ]
    parts.append(["  ".join(f"{name} {value}" for name, value in line) for line in facts(status, found)])
    parts.append(["  ".join(f"{name} {value}" for name, value in line) for line in processes(status, found)])
    parts.append(list(_lines(topics_table(status, topics))))
    parts.append(list(_lines(clients_table(status, clients))))
    return "\n\n".join("\n".join(part) for part in parts if part)


def as_json(status: Status, found: Change) -> str:
    """What the service told, and the rates that two looks gave."""
    return msgspec.json.encode({**msgspec.to_builtins(status), "rates_per_second": found.rates}).decode()


def _lines(table: Table) -> Iterator[str]:
    rows = [tuple(column.title for column in table.columns), *table.rows]
    widths = [max(len(row[at]) for row in rows) for at in range(len(table.columns))]
    for row in rows:
        cells = (
            cell.rjust(width) if column.number else cell.ljust(width)
            for cell, width, column in zip(row, widths, table.columns, strict=True)
        )
        yield "  ".join(cells).rstrip()
