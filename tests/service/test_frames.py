"""Frames as the service makes them, read by the library that clients use."""

from __future__ import annotations

import pytest
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN
from websockets.uri import parse_uri

from service.wire import text_frame


@pytest.mark.parametrize("size", [0, 1, 124, 125, 126, 127, 65_534, 65_535, 65_536, 65_537, 1_000_000])
def test_a_frame_of_any_length_reads_back(size: int) -> None:
    """Around each border of the three forms of a length, one text comes out, whole, and nothing is left over."""
    client = ClientProtocol(parse_uri("ws://localhost/"), state=OPEN, max_size=None)
    text = b"x" * size
    client.receive_data(text_frame(text) + text_frame(b"next"))
    first, second = client.events_received()
    assert isinstance(first, Frame)
    assert (first.opcode, bytes(first.data), first.fin) == (Opcode.TEXT, text, True)
    assert isinstance(second, Frame)
    assert bytes(second.data) == b"next"


@pytest.mark.parametrize(("size", "head"), [(125, 2), (126, 4), (65_535, 4), (65_536, 10)])
def test_a_length_is_told_in_as_few_bytes_as_can_be(size: int, head: int) -> None:
    """A receiver may refuse a length that is written longer than it has to be (RFC 6455, 5.2)."""
    assert len(text_frame(b"x" * size)) == head + size
