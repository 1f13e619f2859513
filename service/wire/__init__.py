"""Uvicorn's WebSocket protocol, and what the service needs of it beyond ASGI.

`receiving` takes what comes, `keepalive` finds dead peers, `protocol` is what the server runs.
"""

from service.wire.protocol import Transport, WireProtocol, transport_of

__all__ = ["Transport", "WireProtocol", "transport_of"]
