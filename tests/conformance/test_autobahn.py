"""Autobahn's cases, all but the timed ones (9)."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from pathlib import Path

import pytest
from litestar.types import ASGIApp

from tests.conformance.echo import echo, echo_frames, serving

ROOT = Path(__file__).resolve().parents[2]

INFORMATIONAL = {
    "7.1.6": "a close right behind a large message: whether the message comes back first is left open",
    "7.13.1": "close code 5000, which the standard does not define",
    "7.13.2": "close code 65536, which does not fit into the field",
}
"""Cases that Autobahn itself marks as having no right answer."""

MESSAGES = int(os.environ.get("TAPEWIRE_CONFORMANCE_MESSAGES", "20"))
"""Messages in each compression case. Autobahn's own number is 1000; kosoku gives up on a case after 20 s."""


WAYS = pytest.mark.parametrize("app", [echo, echo_frames], ids=["ASGI", "ready frames"])
"""The ways in and out that there are: ASGI's, and the service's own."""


LATE = "Case did not finish within"
"""What is told of a case that was given up after kosoku's 20 s."""


async def run(app: ASGIApp, *cases: str, deflate: bool) -> dict[str, dict[str, str]]:
    """Run cases against an echo server; the results by the cases' ids."""
    results = await _run(app, *cases, deflate=deflate, at_once=8 if MESSAGES <= 50 else 2)
    if late := [case for case, result in results.items() if LATE in result["why"]]:
        # On a busy machine those with large messages take too long beside others; alone they must not.
        results |= await _run(app, *late, deflate=deflate, at_once=1)
    return results


async def _run(app: ASGIApp, *cases: str, deflate: bool, at_once: int) -> dict[str, dict[str, str]]:
    code, output = await _attempt(app, *cases, deflate=deflate, at_once=at_once)
    if code < 0:
        # The interpreter that runs the cases was aborted once in many runs: that says nothing of the server.
        code, output = await _attempt(app, *cases, deflate=deflate, at_once=at_once)
    assert code == 0
    results = [json.loads(line) for line in output.splitlines()]
    return {result["case"]: result for result in results}


async def _attempt(app: ASGIApp, *cases: str, deflate: bool, at_once: int) -> tuple[int, bytes]:
    """Exit code and output of a process of its own that runs cases, so many at once."""
    async with serving(app, deflate=deflate) as url:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.conformance", url),
            *("--messages", str(MESSAGES), "--concurrency", str(at_once)),
            *("--cases", *cases),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            output, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode is not None
        return process.returncode, output


def shortcomings(results: dict[str, dict[str, str]]) -> list[str]:
    """What is not exactly as the case wants it."""
    return [
        f"{case}: {result['behavior']}, close {result['close']}: {result['why']}"
        for case, result in results.items()
        if (result["behavior"], result["close"]) != ("OK", "OK") and case not in INFORMATIONAL
    ]


@WAYS
async def test_the_protocol_is_kept_to_the_letter(app: ASGIApp, caplog: pytest.LogCaptureFixture) -> None:
    """Cases 1 to 7 and 10 are OK, none merely "non-strict", and a peer's mistakes are no errors in the log."""
    with caplog.at_level(logging.WARNING):
        results = await run(app, "1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*", deflate=False)
    assert len(results) == 247
    assert shortcomings(results) == []
    assert [record.getMessage() for record in caplog.records if record.name != "asyncio"] == []


@pytest.mark.timeout(1200)
@WAYS
async def test_compression_is_kept_to_the_letter(app: ASGIApp) -> None:
    """Cases 12 and 13: messages of all sizes survive permessage-deflate with all parameters on offer."""
    results = await run(app, "12.*", "13.*", deflate=True)
    assert len(results) == 216
    assert shortcomings(results) == []
