"""Bytes that a client might send: handshakes and frames, right ones, wrong ones, and what is neither."""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence

from tests.frames import BINARY, CLOSE, CONT, PING, PONG, TEXT, frame
from tests.fuzz.purse import Purse
from tests.fuzz.texts import text
from tests.fuzz.tokens import hostile_token

HANDSHAKE = (
    b"GET /api/v1/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
)
_EXTENSIONS: Sequence[bytes] = (
    *(
        b"permessage-deflate",
        b"permessage-deflate; server_max_window_bits=8",
        b"permessage-deflate; client_max_window_bits",
    ),
    *(b"permessage-deflate; x=\x80", b";;;", b"x" * 3000),
)
_LINES: Sequence[bytes] = (
    *(
        b"Origin: http://localhost",
        b"Origin: null",
        b"Origin: \xff",
        b"Authorization: Bearer",
        b"Authorization: Basic YTpi",
    ),
    *(
        b"Sec-WebSocket-Version: 12",
        b"Sec-WebSocket-Key: short",
        b"Sec-WebSocket-Protocol: a, b",
        b"Host: other",
    ),
    *(
        b"Content-Length: 5",
        b"Transfer-Encoding: chunked",
        b"X: " + b"y" * 5000,
        b"X-Forwarded-For: 1.2.3.4",
        b":",
        b"a b: c",
    ),
    *(b"Cookie: " + b"c" * 2000, b"Expect: 100-continue", b"Connection: close", b"Upgrade: h2c"),
)


def conversation(chance: random.Random, purse: Purse | None = None) -> bytes:
    """All that a client sends on one connection before it goes away; good tokens are drawn from the `purse`."""
    return _handshake(chance, purse) + b"".join(_frames(chance, purse) for _ in range(chance.randrange(5)))


def handshake(token: str | None) -> bytes:
    """A handshake as it should be, with a token where there is one."""
    return (
        HANDSHAKE + (b"" if token is None else b"Authorization: Bearer " + token.encode() + b"\r\n") + b"\r\n"
    )


def _handshake(chance: random.Random, purse: Purse | None) -> bytes:
    lines = HANDSHAKE
    if chance.random() < 0.3:
        lines += b"Sec-WebSocket-Extensions: " + chance.choice(_EXTENSIONS) + b"\r\n"
    if chance.random() < 0.2:
        token = hostile_token(chance).encode("utf-8", "replace").replace(b"\r", b"").replace(b"\n", b"")
        lines += b"Authorization: Bearer " + token + b"\r\n"
    if purse is not None and chance.random() < 0.3:
        lines += b"Authorization: Bearer " + purse.draw(chance).token.encode() + b"\r\n"
    if chance.random() < 0.2:
        lines += chance.choice(_LINES) + b"\r\n"
    lines += b"\r\n"
    return _scratched(chance, lines) if chance.random() < 0.15 else lines


def _frames(chance: random.Random, purse: Purse | None) -> bytes:
    """A few frames, or what looks like some."""
    match chance.randrange(9):
        case 0:
            return frame(TEXT, text(chance, purse).encode("utf-8", "replace"))
        case 1:
            return frame(
                chance.randrange(256), chance.randbytes(chance.randrange(200)), final=chance.random() < 0.5
            )
        case 2:
            return frame(
                chance.choice((PING, PONG)),
                chance.randbytes(chance.randrange(160)),
                final=chance.random() < 0.9,
            )
        case 3:
            return frame(CLOSE, _goodbye(chance))
        case 4:
            return _fragments(chance)
        case 5:
            told = frame(chance.choice((TEXT, BINARY)), b"x" * chance.randrange(300))
            return _scratched(chance, told)
        case 6:
            return frame(
                TEXT,
                b"x",
                length=chance.choice((0, 125, 126, 65_535, 65_536, 65_537, 2**31, 2**63, 2**64 - 1)),
            )
        case 7:
            # As a server would: without a mask.
            data = chance.randbytes(chance.randrange(120))
            return bytes([0x80 | TEXT, len(data)]) + data
        case _:
            return chance.randbytes(chance.randrange(64))


def _fragments(chance: random.Random) -> bytes:
    parts = [
        chance.randbytes(chance.randrange(50)) if chance.random() < 0.3 else b'{"type":"ping"'
        for _ in range(3)
    ]
    opcodes = [TEXT, CONT, chance.choice((CONT, TEXT, BINARY, PING))]
    return b"".join(
        frame(opcode, part, final=place == 2 or chance.random() < 0.1)
        for place, (opcode, part) in enumerate(zip(opcodes, parts, strict=True))
    )


def _goodbye(chance: random.Random) -> bytes:
    code = chance.choice(
        (0, 999, 1000, 1001, 1004, 1005, 1006, 1007, 1011, 1015, 2999, 3000, 4000, 4999, 5000, 65_535)
    )
    reason = chance.choice((b"", b"bye", b"\xff\xfe", b"x" * 123, b"x" * 130))
    return chance.choice((b"", b"\x03", struct.pack("!H", code) + reason))


def _scratched(chance: random.Random, data: bytes) -> bytes:
    told = bytearray(data)
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(len(told)) if told else 0
        match chance.randrange(3):
            case 0:
                del told[at : at + chance.randrange(1, 8)]
            case 1:
                told[at:at] = chance.randbytes(chance.randrange(1, 8))
            case _ if told:
                told[at] ^= 1 << chance.randrange(8)
    return bytes(told)
