"""The command that is told with a violation: copied to a shell, it shows it again."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from codegen.pipeline import understand
from codegen.verify import Options, Report, tried
from tests.codegen.verify.meddling import Fault, contract, market, meddling
from tests.codegen.verify.test_paths import Lamps, served

ROOT = Path(__file__).parents[3]


async def again(line: str, folder: Path = ROOT) -> list[tuple[str, str, str]]:
    """What the command shows, run by a shell in a folder: rules, messages, details."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "AUTHORIZATION": "Bearer a b"}
    process = await asyncio.create_subprocess_shell(
        line.replace("python", sys.executable, 1) + " --format json",
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert process.returncode == 1
    return [(one["rule"], one["message"], one["detail"]) for one in json.loads(out)["violations"]]


@pytest.mark.parametrize(
    ("lamps", "rule"),
    [
        (Lamps(lenient=True), "broken-accepted"),
        (Lamps(reading={"event": "weather", "watts": 1}), "push-invalid"),
        (Lamps(fragile=True), "broken-closed"),
    ],
)
async def test_where_channels_are_paths(
    lamps: Lamps, rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the folder that one was in, for a document elsewhere; what is no message's is tried with its channel."""
    document = tmp_path / "my lamps" / "lamps.yaml"
    document.parent.mkdir()
    document.write_bytes(Path(__file__).with_name("lamps.yaml").read_bytes())
    monkeypatch.chdir(document.parent.parent)
    headers = (("Authorization", "Bearer a b"),)
    async with served(lamps) as url:
        options = Options(examples=1, patience=0.4, listen=0.4, headers=headers)
        report = await tried(understand("my lamps/lamps.yaml"), url, options)
        violation = next(one for one in report.violations if one.rule == rule)
        assert "Bearer" not in violation.again  # who we are is nobody else's
        found = await again(violation.again, tmp_path)
    assert (rule, violation.message, violation.detail) in found
    assert set(lamps.tokens) == {"Bearer a b"}


async def test_a_request_without_its_type() -> None:
    """Is tried with the request that it was made of."""
    fault = Fault(incoming=lambda _, __, frame: [] if frame is not None and "type" not in frame else None)
    report = await _report_on(fault, "symbols.list")
    assert "--only symbols.list" in report.violations[0].again


async def _report_on(fault: Fault, *only: str) -> Report:
    async with market() as target, meddling(target, fault) as url:
        report = await tried(contract(), url, Options(examples=0, patience=0.4, listen=0.3, only=only))
        (violation,) = report.violations
        assert (violation.rule, violation.message, violation.detail) in await again(violation.again)
    return report
