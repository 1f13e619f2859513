"""How many topics and connections there may be, and how long those last: servers that keep it, and others."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from codegen.mock import serving
from codegen.mock.scenario import Scenario
from codegen.pipeline import Understood, understand
from codegen.verify import Options, Report, UnreachableError, tried

GATES = Path(__file__).with_name("gates.yaml").read_text("utf-8")


def gates(*changes: tuple[str, str]) -> Understood:
    """The document with something else in it."""
    text = GATES
    for before, after in changes:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    with TemporaryDirectory() as folder:
        place = Path(folder, "gates.yaml")
        place.write_text(text, "utf-8")
        return understand(place)


async def report_on(contract: Understood, kept: Understood, *only: str, time: float = 60.0) -> Report:
    """What trying a contract tells of a server that keeps another."""
    async with serving(kept, rate=20.0) as mock:
        options = Options(examples=0, patience=5.0, listen=0.3, only=only, time=time)
        return await tried(contract, mock.url, options)


SHORT_LIVED = ("lifespan_ms: 3600000", "lifespan_ms: 1500")


async def test_a_right_server_has_none() -> None:
    """Nothing is left out but what takes an hour."""
    report = await report_on(gates(), gates())
    assert report.violations == (), str(report)
    assert report.undone == ("x-heartbeat: the lifespan of 3600 s was not waited for (--slow)",)


async def test_connections_that_do_not_live_long_are_no_violation() -> None:
    """Whoever tries the contract opens another one in time, and listens anew on another."""
    short = gates(SHORT_LIVED)
    report = await report_on(short, short)
    assert report.violations == (), str(report)
    assert report.undone == ("x-heartbeat: the interval of 1.5 s, as no connection lives much longer",)
    assert {one.message: bool(one.received) for one in report.tried}["moved"]


async def test_limits_that_no_connection_lives_to_see_are_no_violation() -> None:
    """A slow server, whose connections end while others are opened; which limits could not be tried is said."""
    short = gates(("lifespan_ms: 3600000", "lifespan_ms: 600"))
    async with serving(short, rate=20.0, scenario=Scenario(latency=0.25)) as mock:
        options = Options(examples=0, patience=5.0, listen=0.1, only=("envelope",))
        report = await tried(short, mock.url, options)
    assert report.violations == (), str(report)
    assert "x-limits: a connection ends sooner than it has 3 topics" in report.undone
    assert "x-limits: connections end sooner than 6 of them are opened" in report.undone


@pytest.mark.parametrize(
    ("changes", "rule", "said"),
    [
        (
            ("subscriptions_per_connection: 3", "subscriptions_per_connection: 5"),
            "limit-topics",
            "4 topics were",
        ),
        (
            ("subscriptions_per_connection: 3", "subscriptions_per_connection: 2"),
            "limit-topics",
            "topic 3 on",
        ),
        (("connections_per_address: 6", "connections_per_address: 9"), "limit-connections", "7 connections"),
        (("connections_per_address: 6", "connections_per_address: 4"), "limit-connections", "more than 4"),
        (("interval_ms: 1500", "interval_ms: 9000"), "heartbeat", "is still open"),
        (("interval_ms: 1500", "interval_ms: 800"), "heartbeat", "closed with 4002"),
    ],
)
async def test_a_server_that_keeps_another_limit_is_found(
    changes: tuple[str, str], rule: str, said: str
) -> None:
    """None at all, as far as one sees, or a stricter one."""
    report = await report_on(gates(), gates(changes), "envelope")
    also = {"closed"} if rule == "heartbeat" else set()  # whatever else is silent for so long
    assert rule in report.rules, str(report)
    assert set(report.rules) <= {rule, *also}, str(report)
    (violation,) = (one for one in report.violations if one.rule == rule)
    assert said in violation.detail


@pytest.mark.parametrize(("lifespan", "said"), [("3600000", "is still open"), ("1100", "closed with 4001")])
async def test_a_server_whose_connections_live_otherwise_is_found(lifespan: str, said: str) -> None:
    """Longer or not as long as the contract says; what is tried beside it stays clear of it."""
    kept = gates(("lifespan_ms: 3600000", f"lifespan_ms: {lifespan}"))
    report = await report_on(gates(SHORT_LIVED), kept, "envelope")
    assert "lifespan" in report.rules, str(report)
    (violation,) = (one for one in report.violations if one.rule == "lifespan")
    assert said in violation.detail


async def test_topics_that_the_server_does_not_have_are_no_limit() -> None:
    """Where too few are found to reach it, that is said."""
    few = (
        "schema: {type: string, pattern: '^[a-z0-9]{1,6}$'}}\n    publish",
        "schema: {enum: [north, south]}}\n    publish",
    )
    report = await report_on(gates(few), gates(few), "envelope")
    assert report.violations == (), str(report)
    assert any("3 topics on a connection; no more than 2 were found" in line for line in report.undone)


async def test_limits_too_large_to_be_reached_are_told() -> None:
    """With the number that was not tried."""
    many = gates(
        ("subscriptions_per_connection: 3", "subscriptions_per_connection: 100000"),
        ("connections_per_address: 6", "connections_per_address: 100000"),
    )
    report = await report_on(many, many, "envelope")
    assert report.violations == (), str(report)
    assert "x-limits: 100000 topics on a connection were not gone beyond" in report.undone
    assert "x-limits: 100000 connections from one address were not gone beyond" in report.undone


@pytest.mark.parametrize("most", [1, 2])
async def test_so_few_connections_are_kept_to(most: int) -> None:
    """One who tries needs three; where there may not be so many, what is left out is said and nothing is found."""
    few = gates(("connections_per_address: 6", f"connections_per_address: {most}"))
    report = await report_on(few, few)
    assert report.violations == (), str(report)
    received = {one.message: bool(one.received) for one in report.tried}
    assert received["moved"], str(report)
    assert any("were not listened to while" in line for line in report.undone)
    assert any("topics on a connection, as" in line for line in report.undone) == (most == 1)


@pytest.mark.parametrize("most", [1, 2])
async def test_another_limit_shows_where_connections_are_few(most: int) -> None:
    """A server that lets one more in is found, and nothing else."""
    limit = "connections_per_address: 6"
    few = gates((limit, f"connections_per_address: {most}"))
    more = gates((limit, f"connections_per_address: {most + 1}"))
    report = await report_on(few, more, "envelope")
    assert report.rules == ("limit-connections",), str(report)


async def test_a_server_that_is_not_there_is_none_for_few_connections_too() -> None:
    """It is unreachable, not gone."""
    few = gates(("connections_per_address: 6", "connections_per_address: 1"))
    async with serving(few) as mock:
        url = mock.url
    with pytest.raises(UnreachableError):
        await tried(few, url, Options(examples=0))
