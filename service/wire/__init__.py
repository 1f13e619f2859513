"""One client's bytes: WebSocket frames, and the ways to a socket. Knows nothing of topics and of the contract.

`handshake` is the HTTP before, `receiving` takes what comes, `keepalive` finds dead peers, `link` is the way out,
`protocol` joins them.
"""

from service.wire.frames import Deflater, text_frame, text_of
from service.wire.handshake import Handshake
from service.wire.inbox import Inbox
from service.wire.link import NOT_DIRECT, Link
from service.wire.protocol import WireProtocol, wire_of
from service.wire.receiving import CountingConfig

__all__ = [
    "NOT_DIRECT",
    "CountingConfig",
    "Deflater",
    "Handshake",
    "Inbox",
    "Link",
    "WireProtocol",
    "text_frame",
    "text_of",
    "wire_of",
]
