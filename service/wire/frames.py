"""Text messages as WebSocket frames of a server (RFC 6455, section 5.2): unmasked, so the same for everybody."""

from __future__ import annotations

import zlib
from typing import Final

WINDOW_BITS: Final = 12
"""Of the shared compressor: 4 KiB, as much as a message has to look back on."""

_TEXT: Final = 0x81
_TEXT_DEFLATED: Final = 0xC1
_TAIL: Final = b"\x00\x00\xff\xff"


def text_frame(text: bytes) -> bytes:
    """A message, UTF-8, as one frame."""
    return _frame(_TEXT, text)


def text_of(frame: bytes) -> bytes:
    """The message that `text_frame` made a frame of."""
    short = frame[1]
    return frame[2 if short < 126 else 4 if short == 126 else 10 :]


class Deflater:
    """Compresses messages so that each can be read without those before it (RFC 7692, 7.2.3).

    One compressor serves all connections of a loop: a full flush after each message makes it forget, which
    costs a tenth of what a new compressor for each message does.
    """

    __slots__ = ("_compressor",)

    def __init__(self) -> None:
        self._compressor = zlib.compressobj(level=6, wbits=-WINDOW_BITS, memLevel=8)

    def frame(self, text: bytes) -> bytes | None:
        """A message as one compressed frame; None where it would not be shorter than it is."""
        data = self._compressor.compress(text) + self._compressor.flush(zlib.Z_FULL_FLUSH)
        body = data.removesuffix(_TAIL)
        return _frame(_TEXT_DEFLATED, body) if len(body) < len(text) else None


def _frame(first: int, body: bytes) -> bytes:
    size = len(body)
    if size < 126:
        return b"%c%c%b" % (first, size, body)
    if size < 65_536:
        return b"%c\x7e%b%b" % (first, size.to_bytes(2, "big"), body)
    return b"%c\x7f%b%b" % (first, size.to_bytes(8, "big"), body)
