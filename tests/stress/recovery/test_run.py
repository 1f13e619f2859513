"""A short run of the recovery stress, so that it is looked at with every change."""

from __future__ import annotations

from pathlib import Path

from tests.stress.recovery.cli import summary
from tests.stress.recovery.plan import Plan
from tests.stress.recovery.run import Run


async def test_nothing_is_lost_without_being_told(tmp_path: Path) -> None:
    """Six minutes of the market, a hundred connections lost: every client ends with what was sent, or was told."""
    report = await Run(Plan(seed=1, hours=0.1, speed=60, clients=6, cuts=100), tmp_path, print).run()
    assert not report.times, summary(report)
    assert report.counts["cuts"] > 20
    assert report.counts["recovers granted"]
    assert report.counts["holes told"]
    assert report.counts["updates of trades"]
    assert report.counts["bars compared in charts"]
    assert report.counts["books compared at the end"]
