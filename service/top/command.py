"""`python -m service top`: its options, and what it does with them."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar, cast

from service.settings import ENVIRONMENT_PREFIX

if TYPE_CHECKING:
    from service.metrics.status import Order
    from service.top.source import Source
    from service.top.tables import ClientOrder, TopicOrder

_ADMIN = ENVIRONMENT_PREFIX + "ADMIN"

_DESCRIPTION = """\
Show a running service: totals and rates, topics by subscribers or rate, the slowest clients, connections closed by
code, each process's load. It asks the admin listener, which `serve --admin` opens.
"""

_EPILOG = """\
keys: s r n  topics by subscribers, rate, name      b a i  clients by queued bytes, age, silence
      p      stand still, go on                     tab    the other table              q  quit

exit code: 0, 1 where the service does not answer or textual is missing, 2 for options that make no sense
"""


_Parser = TypeVar("_Parser", bound=argparse.ArgumentParser)


def add_top(commands: argparse._SubParsersAction[_Parser], program: str) -> None:
    """Add the command's options."""
    top = commands.add_parser(
        "top",
        usage=f"{program} top [options] [PLACE]",
        help="show a running service in the terminal",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument(
        "place",
        nargs="?",
        metavar="PLACE",
        default=os.environ.get(_ADMIN),
        help=f"the service's --admin: HOST:PORT, http://HOST:PORT or unix:PATH (default: {_ADMIN})",
    )
    top.add_argument(
        "--once",
        action="store_true",
        help="print what there is, as text, and leave; so it does also where it does not write to a terminal",
    )
    top.add_argument("--json", action="store_true", help="the same as JSON")
    top.add_argument(
        "--interval", type=float, default=1.0, metavar="N", help="seconds between two looks (default: 1)"
    )
    top.add_argument(
        "--topics", choices=("subscribers", "rate", "name"), default="subscribers", help="order of the topics"
    )
    top.add_argument(
        "--clients", choices=("queued", "age", "silent"), default="queued", help="order of the clients"
    )
    top.add_argument(
        "--most", type=int, default=50, metavar="N", help="topics and clients that are shown (default: 50)"
    )


def run_top(given: Mapping[str, object], program: str) -> int:
    """Do it; returns the exit code."""
    from service.top.source import Source, place_named  # noqa: PLC0415, so that --help answers at once

    interval, most = cast("float", given["interval"]), cast("int", given["most"])
    topics, clients = cast("TopicOrder", given["topics"]), cast("ClientOrder", given["clients"])
    wrong = None
    if not given["place"]:
        wrong = f"say where: the --admin of the service, or {_ADMIN}"
    elif not 0.1 <= interval <= 3600:
        wrong = "--interval takes 0.1 to 3600"
    elif not 1 <= most <= 10_000:
        wrong = "--most takes 1 to 10000"
    else:
        try:
            place = place_named(str(given["place"]))
        except ValueError as error:
            wrong = f"{given['place']!r}: {error}"
    if wrong is not None:
        print(f"{program} top: {wrong} (--help tells more)", file=sys.stderr)
        return 2
    source = Source(place, most)
    # A pipe or a file gets one look, too: it cannot show a view that draws over itself.
    if given["once"] or given["json"] or not sys.stdout.isatty():
        try:
            return asyncio.run(_once(source, interval, topics, clients, json=bool(given["json"])))
        except BrokenPipeError:
            # Whoever read has seen enough, as `head` has; nothing is to be written at the end either.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
    try:
        from service.top.view import Top  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"textual", "rich"}:
            raise
        print(
            f"{program} top: the live view needs textual: pip install 'tapewire[top]'; --once does without",
            file=sys.stderr,
        )
        return 1
    Top(source, interval=interval, topics=topics, clients=clients).run()
    return 0


async def _once(
    source: Source, interval: float, topics: TopicOrder, clients: ClientOrder, *, json: bool
) -> int:
    """Look twice, since rates are between two looks."""
    from service.metrics.places import NotAnswered  # noqa: PLC0415
    from service.top.figures import change  # noqa: PLC0415
    from service.top.plain import as_json, as_text  # noqa: PLC0415

    order: Order = "rate" if topics == "rate" else "subscribers"
    try:
        before = await source.look(order)
        await asyncio.sleep(interval)
        status = await source.look(order)
    except NotAnswered as error:
        print(error, file=sys.stderr)
        return 1
    found = change(before, status)
    print(as_json(status, found) if json else as_text(status, found, topics, clients), flush=True)
    return 0
