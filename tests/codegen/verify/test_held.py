"""The checksum of keyed lists, computed anew from what the contract says of it."""

from __future__ import annotations

import struct
from random import Random
from zlib import crc32

import pytest

from codegen.contract import State
from codegen.runtime.python.state import number_text as generated_text
from codegen.verify.held import Held, number_text

RULE = State("price", "size", (("bids", "descending"), ("asks", "ascending")), 2)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (7, "7"),
        (91249.5, "91249.5"),
        (0.1, "0.1"),
        (1e-6, "0.000001"),
        (1.5e-7, "1.5e-7"),
        (1e-7, "1e-7"),
        (1e21, "1e+21"),
        (123456789012345680000.0, "123456789012345680000"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (5e-324, "5e-324"),
        (-12.25, "-12.25"),
        (100.0, "100"),
    ],
)
def test_numbers_are_written_as_ecmascript_does(number: float, text: str) -> None:
    """ECMA-262's Number::toString."""
    assert number_text(number) == text


def test_two_ways_to_write_numbers_agree() -> None:
    """Here, and in the generated clients: on doubles of all sizes."""
    random = Random(5)
    for _ in range(20_000):
        number = struct.unpack("d", random.randbytes(8))[0]
        if number == number and abs(number) != float("inf"):
            assert number_text(number) == generated_text(number)


def test_the_example_of_the_guide() -> None:
    """A snapshot, and a change that replaces one entry and takes another away."""
    held = Held(RULE)
    levels = {
        "bids": [{"price": 91250, "size": 0.5}, {"price": 91249.5, "size": 1.25}],
        "asks": [{"price": 91250.5, "size": 0.3}, {"price": 91252, "size": 2}],
    }
    assert held.apply(levels, snapshot=True)  # type: ignore[arg-type]
    assert held.checksum() == 270461946
    change = {"bids": [{"price": 91249.5, "size": 1.5}], "asks": [{"price": 91250.5, "size": 0}]}
    assert held.apply(change, snapshot=False)  # type: ignore[arg-type]
    assert held.text() == "91250:0.5,91249.5:1.5|91252:2"
    assert held.checksum() == crc32(held.text().encode()) == 863113931


@pytest.mark.parametrize("body", [None, [], {}, {"bids": [], "asks": 1}, {"bids": [1], "asks": []}])
def test_what_is_no_list_of_entries_is_told_apart(body: object) -> None:
    """Then nothing is known of what is held."""
    assert not Held(RULE).apply(body, snapshot=True)  # type: ignore[arg-type]
