"""The live view, on textual."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.coordinate import Coordinate
from textual.events import Resize
from textual.widgets import DataTable, Footer, Sparkline, Static

from service.metrics.places import NotAnswered
from service.metrics.status import Order, Status
from service.top.figures import Change, change
from service.top.source import Source
from service.top.tables import (
    CLIENT_COLUMNS,
    TOPIC_COLUMNS,
    ClientOrder,
    Column,
    Table,
    TopicOrder,
    clients_table,
    facts,
    processes,
    title,
    topics_table,
    troubles,
)

_FEW_LINES = 24

_LOOKS = 120
"""Looks whose deliveries are drawn."""


class Cells(DataTable[Text]):
    """A table of text."""


class Top(App[None]):
    """Looks at a service again and again, and shows what it saw."""

    CSS = """
    #head { height: auto; padding: 0 1; }
    #trouble { height: auto; padding: 0 1; background: $error; color: $text; display: none; }
    #deliveries { height: 2; margin: 0 1; }
    DataTable { height: 1fr; margin-top: 1; }
    .short #head { max-height: 30%; }
    .short #trouble { max-height: 2; }
    .short #deliveries { display: none; }
    .short DataTable { margin-top: 0; scrollbar-size-horizontal: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "quit"),
        Binding("p,space", "pause", "pause", key_display="p"),
        Binding("s", "topics('subscribers')", "by subscribers"),
        Binding("r", "topics('rate')", "by rate"),
        Binding("n", "topics('name')", "by name"),
        Binding("b", "clients('queued')", "by queued"),
        Binding("a", "clients('age')", "by age"),
        Binding("i", "clients('silent')", "by silence"),
    ]
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        source: Source,
        *,
        interval: float,
        topics: TopicOrder = "subscribers",
        clients: ClientOrder = "queued",
    ) -> None:
        """`interval` is in seconds, from one look to the next."""
        super().__init__()
        self._source = source
        self._interval = interval
        self.topic_order: TopicOrder = topics
        self.client_order: ClientOrder = clients
        self.status: Status | None = None
        """What was seen last."""
        self.found: Change | None = None
        self.paused = False
        self._going = asyncio.Event()
        self._again = asyncio.Event()
        """Set when the next look is not to wait."""
        self._rates: deque[float] = deque([0.0] * _LOOKS, maxlen=_LOOKS)

    def compose(self) -> ComposeResult:
        """Figures, what is wrong, deliveries over time, topics, clients, keys."""
        yield Static(id="head")
        yield Static(id="trouble")
        yield Sparkline(list(self._rates), id="deliveries")
        yield Cells(id="topics", cursor_type="row", zebra_stripes=True)
        yield Cells(id="clients", cursor_type="row", zebra_stripes=True)
        yield Footer()

    def on_mount(self) -> None:
        """Begin to look."""
        for name, columns in (("#topics", TOPIC_COLUMNS), ("#clients", CLIENT_COLUMNS)):
            table = self.query_one(name, Cells)
            for column in columns:
                table.add_column(_title(column), key=column.title)
        self.query_one("#topics").focus()
        self._going.set()
        self.run_worker(self._watch(), exclusive=True)

    def on_resize(self, resized: Resize) -> None:
        """On few lines the tables come first."""
        self.screen.set_class(resized.size.height < _FEW_LINES, "short")

    def action_pause(self) -> None:
        """Stand still, or go on."""
        self.paused = not self.paused
        if self.paused:
            self._going.clear()
        else:
            self._going.set()
        self._draw()

    def action_topics(self, order: TopicOrder) -> None:
        """Put topics in another order; those that are far down in one may be first in another, so ask again."""
        self.topic_order = order
        self._again.set()
        self._draw()

    def action_clients(self, order: ClientOrder) -> None:
        """Put clients in another order."""
        self.client_order = order
        self._draw()

    async def _watch(self) -> None:
        while True:
            await self._going.wait()
            self._again.clear()
            order: Order = "rate" if self.topic_order == "rate" else "subscribers"
            try:
                status = await self._source.look(order)
            except NotAnswered as error:
                self._tell([f"{time.strftime('%H:%M:%S')} {error}; trying again"])
            else:
                self._take(status)
            try:
                async with asyncio.timeout(self._interval):
                    await self._again.wait()
            except TimeoutError:
                pass

    def _take(self, status: Status) -> None:
        if self.paused:
            return
        self.found = change(self.status, status)
        self.status = status
        self._rates.append(self.found.rates["deliveries"] or 0.0)
        self.query_one(Sparkline).data = list(self._rates)
        self._draw()

    def _draw(self) -> None:
        if self.status is None or self.found is None:
            return
        head = Text(title(self.status), style="bold")
        if self.paused:
            head.append("  paused", style="bold reverse")
        for line in (*facts(self.status, self.found), *processes(self.status, self.found)):
            head.append("\n")
            for name, value in line:
                head.append(f"{name} ", style="dim not bold")
                head.append(f"{value}   ", style="not bold")
        self.query_one("#head", Static).update(head)
        self._tell(troubles(self.status))
        self._fill("#topics", topics_table(self.status, self.topic_order))
        self._fill("#clients", clients_table(self.status, self.client_order))

    def _tell(self, lines: list[str]) -> None:
        trouble = self.query_one("#trouble", Static)
        trouble.display = bool(lines)
        trouble.update(Text("\n".join(lines)))

    def _fill(self, name: str, table: Table) -> None:
        """Put in the new rows; who had scrolled or chosen a row stays there."""
        widget = self.query_one(name, Cells)
        where, top = widget.cursor_coordinate, widget.scroll_y
        widget.clear()
        for row in table.rows:
            # As Text: in plain text, textual would look for markup, and a client chose some of it.
            cells = (
                Text(cell, justify="right" if column.number else "left")
                for cell, column in zip(row, table.columns, strict=True)
            )
            widget.add_row(*cells)
        if table.rows:
            widget.cursor_coordinate = Coordinate(min(where.row, len(table.rows) - 1), 0)
            widget.scroll_to(y=top, animate=False)


def _title(column: Column) -> Text:
    return Text(column.title, justify="right" if column.number else "left")
