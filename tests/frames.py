"""WebSocket frames as a client sends them, right ones and wrong ones."""

from __future__ import annotations

from struct import pack

try:
    from websockets.speedups import apply_mask
except ImportError:  # the library's wheel for this platform has no compiled part
    from websockets.utils import apply_mask

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

_MASK = b"\x21\x5a\x07\xc3"


def frame(opcode: int, payload: bytes = b"", *, final: bool = True, length: int | None = None) -> bytes:
    """One frame, masked; `opcode` may hold reserved bits, `length` claim another one than the payload has."""
    size = len(payload) if length is None else length
    head = opcode | (0x80 if final else 0)
    if size < 126:
        start = pack("!BB", head, 0x80 | size)
    elif size < 65_536:
        start = pack("!BBH", head, 0x80 | 126, size)
    else:
        start = pack("!BBQ", head, 0x80 | 127, size)
    return start + _MASK + apply_mask(payload, _MASK)
