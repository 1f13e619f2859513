"""The command line."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.bench import tools
from tests.bench.catalog import PEERS
from tests.bench.machine import choose_cores, describe
from tests.bench.report import DOCUMENT, as_json, as_table, check_document, update_document
from tests.bench.rounds import Plan, Record, run_rounds
from tests.bench.rows import ROWS

_EPILOG = """\
rows:
{rows}

peers:
{peers}

examples:
  python -m tests.bench                                     everything, five rounds; most of an hour
  python -m tests.bench --quick                             everything once and short: does it work at all?
  python -m tests.bench --row single --peer tapewire --peer fastws --peer limit
  python -m tests.bench --row workers storm handshakes      Tapewire alone: what it costs to do more
  python -m tests.bench --markdown docs/benchmarks.md --json result.json

The server has one core to itself and the generator another; leave both alone meanwhile. Ratios are formed within
a round and then their median is taken, since a machine is not equally fast all the time. Figures without
--peer fastws have no ratio to FastWS, and without --peer limit none to C.

exit code: 0, also where a peer is not installed; 1 where a run failed, such as for a message that did not arrive;
2 for options that make no sense; 130 after Ctrl-C
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code."""
    parser = _parser()
    given = parser.parse_args(arguments)
    plan = Plan(
        rows=[row for row in ROWS if not given.row or row.name in given.row],
        peers=given.peer or list(PEERS),
        rounds=1 if given.quick else given.rounds,
        seconds=0.5 if given.quick else given.seconds,
    )
    if not any(set(row.peers) & set(plan.peers) for row in plan.rows):
        parser.error("none of these peers is in any of these rows")
    try:
        if given.markdown:
            check_document(given.markdown)
        tools.generator()
        cores = choose_cores(given.cpus)
    except (OSError, tools.Unavailable, ValueError) as error:
        print(f"tests.bench: {error}", file=sys.stderr)
        return 1
    os.sched_setaffinity(0, {cores.generator})
    records: list[Record] = []
    try:
        asyncio.run(run_rounds(plan, cores, records))
    except KeyboardInterrupt:
        print(as_table(records))
        print("interrupted; nothing was written, and every process that was started is gone", file=sys.stderr)
        return 130
    about = describe(cores, rounds=plan.rounds, seconds=plan.seconds)
    print(as_table(records))
    if given.json:
        given.json.write_text(json.dumps(as_json(records, about), indent=1) + "\n")
    if given.markdown:
        update_document(given.markdown, records, about)
    return 1 if any(record.failure for record in records) else 0


def _parser() -> argparse.ArgumentParser:
    rows = "\n".join(f"  {row.name:<16} {row.title} ({row.unit})" for row in ROWS)
    peers = "\n".join(f"  {peer.name:<16} {peer.title}" for peer in PEERS.values())
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="How fast updates reach many clients, beside other servers on the same machine.",
        epilog=_EPILOG.format(rows=rows, peers=peers),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add(
        "--rounds",
        type=_positive,
        default=5,
        metavar="N",
        help="how often each is measured, in turn (default: 5)",
    )
    add("--seconds", type=float, default=3.0, metavar="S", help="how long one measurement takes (default: 3)")
    add(
        "--quick",
        action="store_true",
        help="one round of half a second: tells whether all works, not how fast",
    )
    add(
        "--row",
        nargs="+",
        action="extend",
        choices=[row.name for row in ROWS],
        metavar="ROW",
        help="only these",
    )
    add("--peer", nargs="+", action="extend", choices=list(PEERS), metavar="PEER", help="only these")
    add(
        "--cpus",
        metavar="SERVER,GENERATOR[,…]",
        help="the two cores (default: two that are no twins of one core); rows with several servers use those "
        "that are named after them, too (default: all others)",
    )
    add("--json", type=Path, metavar="FILE", help="write every single figure there")
    add(
        "--markdown",
        type=Path,
        metavar="FILE",
        help=f"put the tables between the markers of this file, such as {DOCUMENT}",
    )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("give a number above 0")
    return number
