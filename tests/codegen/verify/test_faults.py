"""Each mistake of a server is found, and told of by its own rule alone."""

from __future__ import annotations

import pytest

from codegen.verify import Options, UnreachableError, tried
from tests.codegen.verify.faults import FAULTS
from tests.codegen.verify.meddling import contract, market, report_on


@pytest.mark.parametrize("name", FAULTS)
async def test_a_planted_fault_is_found(name: str) -> None:
    """The rule that the server breaks is reported, and no other; with a frame, a place and a command."""
    planted = FAULTS[name]
    report = await report_on(planted.fault, *planted.only, **planted.options)
    assert report.rules == (planted.rule,), str(report)
    for violation in report.violations:
        assert violation.place is not None
        assert violation.place.file.endswith("asyncapi.yaml")
        assert violation.place.line > 1
        assert "--seed 0" in violation.again


async def test_a_right_server_has_none() -> None:
    """The service itself keeps its contract, in everything that is tried."""
    async with market(speed=1) as url:
        report = await tried(contract(), url, Options(examples=0, patience=10.0))
    assert report.violations == (), str(report)


async def test_a_token_goes_first() -> None:
    """Where the contract has a request for it; a server that refuses it is not tried at all."""
    async with market() as url:
        with pytest.raises(UnreachableError, match="the token was refused"):
            await tried(contract(), url, Options(examples=0, token="t", only=("ping",)))


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        ({"max_message_bytes": 1_000_000}, "limit-size"),
        ({"max_message_bytes": 30_000}, "limit-size"),
        ({"messages_per_second": 1_000_000}, "limit-rate"),
    ],
)
async def test_other_limits_are_found(settings: dict[str, int], rule: str) -> None:
    """A service that is set to take more, or less, than the contract says."""
    async with market(**settings) as url:
        report = await tried(contract(), url, Options(examples=0, patience=5.0, only=("envelope",)))
    assert report.rules == (rule,), str(report)
