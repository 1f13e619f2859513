"""Cut clients' connections at random, thousands of times, and see that each ends with exactly what the server sent.

The real service plays the simulated market faster than real time. Clients of the generated Python and TypeScript
packages follow trades, quotes, order books and bars, each through a line of its own. The lines break: in the middle
of a frame or of the handshake, by a reset or an end, with nobody listening for a while; they stall, so that the
server folds or gives up; they go dead without a word; some lose, double and swap updates. The server sends clients
away, too, by every code after which they may come back, and keeps so little history that many come too late.

In the end the lines are good, the market stands still, and what every client was given is compared with what was
published: trades one by one, order books level by level, charts with the trades folded anew. What is missing must
have been told as a hole, exactly.

The seed decides who follows what and what happens to the lines; the machine decides when exactly. Exit code 1 says
that an invariant was broken; the output says which, with examples, and where everything was written down.

Examples:
  python -m tests.stress recovery                          an hour of the market in a minute
  python -m tests.stress recovery --hours 10 --clients 30 --cuts 20000 --seed 7
  python -m tests.stress recovery --judge FOLDER           compare again what a run has written down
  python -m tests.stress recovery --invariants             what is checked

"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import uvloop

from tests.stress.recovery import terms
from tests.stress.recovery.plan import Plan
from tests.stress.recovery.run import Run, judge_folder
from tests.stress.recovery.terms import Report


def summary(report: Report) -> str:
    """Figures and findings, a line each."""
    lines = ["", "what happened"]
    lines += [f"  {count:8}  {name}" for name, count in sorted(report.counts.items())]
    outages = sorted(report.outages)
    if outages:
        lines.append(
            f"\noutages as clients saw them: {len(outages)}; ms until there was another connection: "
            f"half within {outages[len(outages) // 2]}, the longest {outages[-1]}"
        )
    for process, figures in report.memory.items():
        lines.append(f"memory of {process}, MB: {', '.join(f'{one:.1f}' for one in figures)}")
    lines.append(f"the longest that the server's loop was late, ms: {report.lag:.0f}")
    lines.append("")
    for name, meaning in terms.INVARIANTS.items():
        times = report.times.get(name, 0)
        lines.append(f"{f'BROKEN {times} times' if times else 'holds':>20}  {name}: {meaning}")
        lines += [f"{'':22}- {example}" for example in report.broken.get(name, [])]
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Parse the arguments, run, tell; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.stress recovery",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--seed", type=int, default=int(time.time() // 86_400), help="default: one for each day"
    )
    parser.add_argument("--hours", type=float, default=1.0, help="of the simulated market (default: 1)")
    parser.add_argument("--speed", type=float, default=60.0, help="times real time (default: 60)")
    parser.add_argument(
        "--clients",
        type=int,
        default=18,
        help="two of three in Python, the third in TypeScript (default: 18)",
    )
    parser.add_argument(
        "--cuts", type=int, default=2000, help="how many connections to lose, about (default: 2000)"
    )
    parser.add_argument(
        "--folder", type=Path, help="where everything is written down (default: a temporary one)"
    )
    parser.add_argument("--judge", type=Path, metavar="FOLDER", help="compare what is there, and run nothing")
    parser.add_argument("--invariants", action="store_true", help="print what is checked, and end")
    given = parser.parse_args(arguments)
    if given.invariants:
        print("\n".join(f"{name}: {meaning}" for name, meaning in terms.INVARIANTS.items()))
        return 0
    if given.judge is not None:
        return _tell(judge_folder(given.judge), f"python -m tests.stress recovery --judge {given.judge}")
    if min(given.hours, given.speed, given.cuts) <= 0 or given.clients < 3:
        parser.error("give --hours, --speed and --cuts above 0, and --clients of 3 or more")
    plan = Plan(given.seed, given.hours, given.speed, given.clients, given.cuts)
    folder = given.folder or Path(tempfile.mkdtemp(prefix="recovery-"))
    folder.mkdir(parents=True, exist_ok=True)
    again = (
        f"python -m tests.stress recovery --seed {plan.seed} --hours {plan.hours:g} --speed {plan.speed:g} "
        f"--clients {plan.clients} --cuts {plan.cuts}"
    )
    print(f"{again}\nwritten down in: {folder}", flush=True)
    return _tell(uvloop.run(Run(plan, folder, lambda line: print(line, flush=True)).run()), again)


def _tell(report: Report, again: str) -> int:
    print(summary(report))
    if report.times:
        print(f"\nBroken: {', '.join(report.times)}. To run it again: {again}")
        return 1
    print("\nEverything holds.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
