"""What is shown, as words and rows of words; how it is drawn is another matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from service.metrics.status import ClientStatus, Status, TopicStatus
from service.top.figures import Change, closes_of, load_of, number, shown, size, span

TopicOrder = Literal["subscribers", "rate", "name"]
ClientOrder = Literal["queued", "age", "silent"]

_TOPIC_ORDERS: Mapping[TopicOrder, Callable[[TopicStatus], tuple[float | str, ...]]] = {
    "subscribers": lambda topic: (-topic.subscribers, topic.address),
    "rate": lambda topic: (-(topic.updates_per_second or 0.0), topic.address),
    "name": lambda topic: (topic.address,),
}
_CLIENT_ORDERS: Mapping[ClientOrder, Callable[[ClientStatus], tuple[float | str, ...]]] = {
    "queued": lambda client: (not client.behind, -client.queued_bytes, client.id),
    "age": lambda client: (-client.age_seconds, client.id),
    "silent": lambda client: (-client.silent_seconds, client.id),
}


@dataclass(frozen=True, slots=True)
class Column:
    """Of a table."""

    title: str
    number: bool
    """Whether it is set to the right."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text."""

    columns: Sequence[Column]
    rows: Sequence[tuple[str, ...]]


TOPIC_COLUMNS = (
    Column("topic", number=False),
    Column("subscribers", number=True),
    Column("updates/s", number=True),
    Column("updates", number=True),
)
CLIENT_COLUMNS = (
    Column("slowest clients", number=False),
    Column("address", number=False),
    Column("queued", number=True),
    Column("behind", number=False),
    Column("topics", number=True),
    Column("age", number=True),
    Column("silent", number=True),
    Column("worker", number=True),
)


def topics_table(status: Status, order: TopicOrder) -> Table:
    """A row a topic."""
    rows = [
        (
            shown(topic.address),
            number(topic.subscribers),
            number(topic.updates_per_second),
            number(topic.updates),
        )
        for topic in sorted(status.topics, key=_TOPIC_ORDERS[order])
    ]
    return Table(TOPIC_COLUMNS, rows)


def clients_table(status: Status, order: ClientOrder) -> Table:
    """A row a client; its id is the one in the logs."""
    rows = [
        (
            shown(client.id),
            shown(client.address),
            size(client.queued_bytes),
            "yes" if client.behind else "",
            number(client.subscriptions),
            span(client.age_seconds),
            span(client.silent_seconds),
            "" if client.worker is None else str(client.worker),
        )
        for client in sorted(status.clients, key=_CLIENT_ORDERS[order])
    ]
    return Table(CLIENT_COLUMNS, rows)


def title(status: Status) -> str:
    """Who this is."""
    up = max((worker.uptime_seconds for worker in status.workers if worker.answered), default=0.0)
    return f"Tapewire {shown(status.version)}, contract {shown(status.contract)}, up {span(up)}"


def troubles(status: Status) -> list[str]:
    """Why not all is well; empty where it is."""
    found = []
    for worker in status.workers:
        name = "" if worker.worker is None else f"worker {worker.worker}: "
        if not worker.answered:
            found.append(f"{name}does not answer" if worker.pid else f"{name}is missing")
        found += [f"{name}{shown(reason)}" for reason in worker.reasons]
    return found


def facts(status: Status, found: Change) -> list[list[tuple[str, str]]]:
    """Lines of names and figures."""
    totals, rates = status.totals, found.rates
    return [
        [
            ("connections", number(totals.connections)),
            ("subscriptions", number(totals.subscriptions)),
            ("topics", number(totals.topics)),
            ("feed", shown(status.feed) + ("" if status.feeds else " (another node feeds)")),
            ("broker", shown(status.broker)),
        ],
        [
            ("publications", f"{number(rates['publications'])}/s"),
            ("deliveries", f"{number(rates['deliveries'])}/s"),
            ("sent", f"{size(rates['bytes_sent'])}/s"),
            ("messages in", f"{number(rates['messages_received'])}/s"),
            ("refused", f"{number(rates['refused'])}/s"),
        ],
        [
            ("behind", number(totals.clients_behind)),
            ("queued", size(totals.queued_bytes)),
            ("conflated", f"{number(rates['conflated'])}/s"),
            ("dropped", f"{number(rates['dropped'])}/s"),
        ],
        [
            (" ".join(filter(None, ("closed", code, name))), number(count))
            for code, name, count in closes_of(status)
        ]
        or [("closed", "0")],
    ]


def processes(status: Status, found: Change) -> list[list[tuple[str, str]]]:
    """A line for each process that answered."""
    lines = []
    for worker in status.workers:
        if not worker.answered:
            continue
        load = load_of(found, worker)
        lines.append(
            [
                ("process" if worker.worker is None else f"worker {worker.worker}", f"pid {worker.pid}"),
                ("connections", number(worker.connections)),
                ("load", "-" if load is None else f"{load * 100:.0f}%"),
                ("loop lag", f"{worker.loop_lag_seconds * 1000:.1f} ms"),
            ]
        )
    return lines
