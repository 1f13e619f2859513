"""Run Autobahn's cases against a server; prints a JSON object a case, one a line.

`python -m tests.conformance ws://127.0.0.1:9001 --cases '1.*' '7.*'`

A process of its own: the cases were written for Python 2, and to run them kosoku changes the standard library and
the module path of the interpreter that it is in.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json

from kosoku import FailureError, _caseindex, run_fuzzingclient


def shorten(messages: int) -> None:
    """Let each case of 12 and 13 send so many messages instead of a thousand."""
    _caseindex.initialize_shims()
    compression = importlib.import_module("case12_x_x")
    for case in (*compression.Case12_X_X, *compression.Case13_X_X):
        case.COUNT = messages


def main() -> None:
    """Parse the arguments, run, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("url", help="the server, which has to echo: ws://127.0.0.1:9001")
    parser.add_argument("--cases", nargs="+", required=True, help="ids or patterns: 1.1.1, 7.*")
    parser.add_argument("--concurrency", type=int, default=8, help="cases at a time (default: %(default)s)")
    parser.add_argument("--messages", type=int, help="messages in each case of 12 and 13 (default: 1000)")
    given = parser.parse_args()
    if given.messages is not None:
        shorten(given.messages)
    try:
        results = asyncio.run(run_fuzzingclient(given.url, given.cases, concurrency=given.concurrency))
    except FailureError as failure:
        results = failure.results
    for result in results:
        line = {
            "case": result.case_id,
            "behavior": result.behavior.value,
            "close": result.behavior_close.value,
            "why": f"{result.result} {result.result_close}",
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
