"""Send the service what a client might, at random: texts, envelopes, tokens, frames, handshakes.

The service is started on a free port of 127.0.0.1, with simulated accounts and a development key, of which there
are good tokens among the bad ones; a quarter of the inputs go to one where nobody is anonymous. Nobody may be told
of an account that the connection's own token does not grant. Every text has to be answered by one message, never with
`internal`; every connection has to end when its client does; somebody who behaves is served all the while; the log
has no error and no traceback; memory does not grow. Exit code 1 says that something of this did not hold.

Examples:
  python -m tests.fuzz                              100,000 inputs by a seed of the day, under half a minute
  python -m tests.fuzz --inputs 1000000 --seed 7
  python -m tests.fuzz --show 20 --seed 7           print some inputs, and send nothing

"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

import uvloop

from tests.fuzz import texts, wire
from tests.fuzz.purse import Purse
from tests.fuzz.run import Plan, Report, run
from tests.fuzz.server import serving


async def fuzz(plan: Plan, log: Path) -> Report:
    """Start the service, and send."""
    async with serving(log, plan.purse, anonymous=plan.anonymous) as server:
        return await run(plan, server, lambda line: print(line, flush=True))


def summary(report: Report, seconds: float) -> str:
    """Figures and findings."""
    lines = ["", f"{report.total} inputs in {seconds:.0f} s: " + _counts(report.sent)]
    lines.append("answers: " + _counts(report.answers))
    for what, times in report.findings.most_common():
        lines.append(f"\n{what}: {times} times")
        lines += [f"  {example[:3000]}" for example in report.examples[what]]
    return "\n".join(lines)


def _counts(counter: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counter.items(), key=lambda one: -one[1]))


def main() -> int:
    """Parse the arguments, run, tell; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=100_000, help="how many (default: 100000)")
    parser.add_argument(
        "--seed", type=int, default=int(time.time() // 86_400), help="default: one for each day"
    )
    parser.add_argument("--log", type=Path, help="where the server's log goes (default: a temporary file)")
    parser.add_argument("--show", type=int, metavar="N", help="print N texts and N byte strings, and end")
    given = parser.parse_args()
    if given.inputs < 40:
        parser.error("give --inputs of 40 or more")
    if given.show is not None:
        chance = random.Random(given.seed)
        for _ in range(given.show):
            print(texts.text(chance)[:500])
            print(repr(wire.conversation(chance))[:500])
        return 0
    log = given.log or Path(tempfile.mkdtemp(prefix="fuzz-")) / "server.log"
    again = f"python -m tests.fuzz --seed {given.seed} --inputs {given.inputs}"
    print(f"{again}\nserver's log: {log}", flush=True)
    began = time.monotonic()
    found = False
    key = Path(tempfile.mkdtemp(prefix="fuzz-")) / "development-key.json"
    purse = Purse(key)
    for anonymous, inputs in ((True, given.inputs - given.inputs // 4), (False, given.inputs // 4)):
        print(f"\n--anonymous {'on' if anonymous else 'off'}", flush=True)
        plan = Plan(given.seed, inputs, purse=purse, anonymous=anonymous)
        report = uvloop.run(fuzz(plan, log if anonymous else log.with_suffix(".off.log")))
        print(summary(report, time.monotonic() - began))
        found = found or bool(report.findings)
    if found:
        print(f"\nTo run it again: {again}")
        return 1
    print("\nEverything holds.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
