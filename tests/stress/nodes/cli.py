"""Run two nodes on one Valkey, let all of it fail again and again, and see that nothing is lost in silence.

Two real nodes share a Valkey; a publisher in a process of its own tells it numbered trades, bars, order books and
the updates of four accounts, and writes down where each of them stands. Generated clients follow, each by a way of
its own that ends at whichever node lives; some have tokens that grant now these accounts, now those, and replace
them every few seconds. Spies try to read accounts that are not theirs: without token, with forged, foreign and
expired ones, with ones that grant less than before.

Meanwhile, by the seed: Valkey is killed and comes back empty, is paused, flushed, or out of memory; nodes are
killed, drained and paused; the publisher is killed or stands still; connections are cut, in the middle of frames
too, and some clients do not read for seconds. In the end all is well again, and what everybody was given is compared
with what was published, update by update.

The seed decides what fails when and who follows what; the machine decides how the rest falls out. Exit code 1 says
that an invariant was broken; the output says which, with examples, and where everything was written down.

Examples:
  python -m tests.stress nodes                          a minute of faults, by a seed of the day
  python -m tests.stress nodes --seed 7 --minutes 10
  python -m tests.stress nodes --plan --seed 7          what would fail when
  python -m tests.stress nodes --invariants             what is checked

"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import uvloop

from tests.stress.nodes import terms
from tests.stress.nodes.plan import Plan
from tests.stress.nodes.run import Run
from tests.stress.nodes.terms import Report


def summary(report: Report) -> str:
    """Figures and findings, a line each."""
    lines = ["", "what happened"]
    lines += [f"  {count:8}  {name}" for name, count in sorted(report.counts.items())]
    for name, figures in report.memory.items():
        pairs = zip(figures[::2], figures[1::2], strict=True)
        told = ", ".join(f"{warm:.0f} → {end:.0f}" for warm, end in pairs)
        lines.append(f"memory of {name} when warm and in the end, MB, for each life: {told}")
    lines += [f"the longest that the clients' loop was late, seconds: {report.late:.1f}"]
    lines += [f"seconds from the last fault until all was well: {report.back:.1f}", ""]
    for name, meaning in terms.INVARIANTS.items():
        times = report.times.get(name, 0)
        lines.append(f"{f'BROKEN {times} times' if times else 'holds':>20}  {name}: {meaning}")
        lines += [f"{'':22}- {example}" for example in report.broken.get(name, [])]
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Parse the arguments, run, tell; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.stress nodes",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--seed", type=int, default=int(time.time() // 86_400), help="default: one for each day"
    )
    parser.add_argument("--minutes", type=float, default=1.0, help="of faults (default: 1)")
    parser.add_argument("--clients", type=int, default=10, help="two of three have a token (default: 10)")
    parser.add_argument("--spies", type=int, default=4, help="at a time (default: 4)")
    parser.add_argument(
        "--folder", type=Path, help="where everything is written down (default: a temporary one)"
    )
    parser.add_argument("--plan", action="store_true", help="print what fails when, and run nothing")
    parser.add_argument("--invariants", action="store_true", help="print what is checked, and end")
    given = parser.parse_args(arguments)
    if given.invariants:
        print("\n".join(f"{name}: {meaning}" for name, meaning in terms.INVARIANTS.items()))
        return 0
    if given.minutes <= 0 or given.clients < 1 or given.spies < 0:
        parser.error("give --minutes above 0, --clients of 1 or more, and --spies of 0 or more")
    plan = Plan(given.seed, given.minutes * 60, given.clients, given.spies)
    if given.plan:
        at = 0.0
        for fault in plan.faults():
            at += fault.after
            print(f"{at:7.1f} s  {fault.kind}, for {fault.lasts:.1f} s (node{fault.node})")
        return 0
    folder = given.folder or Path(tempfile.mkdtemp(prefix="nodes-"))
    folder.mkdir(parents=True, exist_ok=True)
    again = (
        f"python -m tests.stress nodes --seed {given.seed} --minutes {given.minutes:g} "
        f"--clients {given.clients} --spies {given.spies}"
    )
    print(f"{again}\nwritten down in: {folder}", flush=True)
    report = uvloop.run(Run(plan, folder, lambda line: print(line, flush=True)).run())
    print(summary(report))
    if report.times:
        print(f"\nBroken: {', '.join(report.times)}. To run it again: {again}")
        return 1
    print("\nEverything holds.")
    return 0
