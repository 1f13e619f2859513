"""A short run of the stress, so that what it checks is looked at with every change."""

from __future__ import annotations

from pathlib import Path

from tests.stress.__main__ import summary
from tests.stress.run import Plan, run


async def test_everything_holds_under_stress(tmp_path: Path) -> None:
    """Forty clients in two waves, most of them ill-behaved, break none of the invariants."""
    report = await run(Plan(seed=1, clients=40, waves=2, seconds=3.6), tmp_path / "server.log", print)
    assert not report.times, summary(report)
