"""A mock keeps the contract that it is made of, as far as trying it shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.mock import serving
from codegen.pipeline import understand
from codegen.verify import Options, tried

TESTS = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("document", "rules"),
    [
        ("golden/kept-and-held/asyncapi.yaml", ()),
        # A mock closes who is one too many with 4504, which this document's codes do not have.
        ("golden/limits-and-goodbyes/asyncapi.yaml", ("limit-connections",)),
        ("golden/channel-as-path/asyncapi.yaml", ()),
        ("golden/schemas-combined/asyncapi.yaml", ()),
        ("codegen/documents/discriminators.yaml", ()),
        ("codegen/verify/lamps.yaml", ()),
        ("codegen/verify/gates.yaml", ()),
        ("codegen/verify/ovens.yaml", ()),
        ("codegen/verify/parcels.yaml", ()),
    ],
)
async def test_a_mock_keeps_its_contract(document: str, rules: tuple[str, ...]) -> None:
    """Topics under an envelope, limits, paths, unions, tags of all kinds."""
    understood = understand(TESTS / document)
    async with serving(understood, rate=20.0) as mock:
        report = await tried(understood, mock.url, Options(examples=1, patience=10.0, listen=1.0))
    assert report.rules == rules, str(report)
    assert sum(one.received for one in report.tried) > 0
