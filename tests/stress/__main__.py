"""Stress the service with hundreds of clients, most of them ill-behaved, and check what must hold all the same.

A server is started on a free port of 127.0.0.1, with short times and tight bounds. Clients come in waves: some
read to the end of the wave; the others leave, vanish, stall, half-close, fall silent, or send rubbish. After each
wave nothing of them may be left. At the end the server is sent SIGTERM while clients are connected.

The seed decides who does what; the machine decides when exactly. The last wave repeats the second, so that the
memory after both compares. Exit code 1 says that an invariant was broken; the output says which, with examples.

Examples:
  python -m tests.stress                                   a minute with 300 clients, by a seed of the day
  python -m tests.stress --seed 7 --minutes 10 --clients 800
  python -m tests.stress --invariants                      what is checked
  python -m tests.stress recovery --help                   another run: clients whose connections are cut
  python -m tests.stress nodes --help                      another run: two nodes and a broker, all of which fail

"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import uvloop

from tests.stress import terms
from tests.stress.nodes import cli as nodes
from tests.stress.recovery import cli as recovery
from tests.stress.run import Plan, run
from tests.stress.terms import Report

_WAVE = 20.0
"""Seconds; about how long a wave lasts, unless that makes fewer than three."""


def plan_of(seed: int, minutes: float, clients: int) -> Plan:
    """As many waves as fit, at least three."""
    waves = max(3, round(minutes * 60 / _WAVE))
    return Plan(seed, clients, waves, minutes * 60 / waves)


def summary(report: Report) -> str:
    """Figures and findings, a line each."""
    lines = ["", "what clients did"]
    lines += [f"  {count:8}  {name}" for name, count in sorted(report.counts.items())]
    total = sum(report.delays.values())
    parts = ", ".join(f"p{part * 100:g} {report.delay(part)}" for part in (0.5, 0.99, 0.999, 1.0))
    lines += ["", f"updates received by readers: {total}; ms from publishing to receipt: {parts}"]
    lines += [f"memory after each wave, MB: {', '.join(f'{rss:.1f}' for rss in report.rss)}"]
    lines += [
        f"longest lateness of a loop, ms: server {report.server_lag:.0f}, clients {report.own_lag:.0f}",
        "",
    ]
    for name, meaning in terms.INVARIANTS.items():
        times = report.times.get(name, 0)
        lines.append(f"{f'BROKEN {times} times' if times else 'holds':>20}  {name}: {meaning}")
        lines += [f"{'':22}- {example}" for example in report.broken.get(name, [])]
    return "\n".join(lines)


def main() -> int:
    """Parse the arguments, run, tell; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.stress",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--seed", type=int, default=int(time.time() // 86_400), help="default: one for each day"
    )
    parser.add_argument("--minutes", type=float, default=1.0, help="of all waves together (default: 1)")
    parser.add_argument("--clients", type=int, default=300, help="at a time (default: 300)")
    parser.add_argument("--log", type=Path, help="where the server's log goes (default: a temporary file)")
    parser.add_argument("--invariants", action="store_true", help="print what is checked, and end")
    given = parser.parse_args()
    if given.invariants:
        print("\n".join(f"{name}: {meaning}" for name, meaning in terms.INVARIANTS.items()))
        return 0
    if given.minutes <= 0 or given.clients < 5:
        parser.error("give --minutes above 0, and --clients of 5 or more")
    log = given.log or Path(tempfile.mkdtemp(prefix="stress-")) / "server.log"
    again = (
        f"python -m tests.stress --seed {given.seed} --minutes {given.minutes:g} --clients {given.clients}"
    )
    print(f"{again}\nserver's log: {log}", flush=True)
    plan = plan_of(given.seed, given.minutes, given.clients)
    report = uvloop.run(run(plan, log, lambda line: print(line, flush=True)))
    print(summary(report))
    if report.times:
        print(f"\nBroken: {', '.join(report.times)}. To run it again: {again}")
        return 1
    print("\nEverything holds.")
    return 0


if __name__ == "__main__":
    match sys.argv[1:2]:
        case ["recovery"]:
            sys.exit(recovery.main(sys.argv[2:]))
        case ["nodes"]:
            sys.exit(nodes.main(sys.argv[2:]))
        case _:
            sys.exit(main())
