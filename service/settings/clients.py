"""What clients may do, what they are owed, and for how long."""

from __future__ import annotations

from pydantic import Field

from generated.constants import (
    CONNECTIONS_PER_ADDRESS_LIMIT,
    HEARTBEAT_INTERVAL_MS,
    LIFESPAN_MS,
    MESSAGE_BURST_LIMIT,
    MESSAGE_BYTES_LIMIT,
    MESSAGES_PER_SECOND_LIMIT,
    SUBSCRIPTIONS_PER_CONNECTION_LIMIT,
)
from service.settings.part import Part, Seconds


class Clients(Part):
    """What clients may do, what they are owed, and for how long."""

    heartbeat_interval: Seconds = Field(
        default=HEARTBEAT_INTERVAL_MS / 1000,
        description="silence after which a client is closed with 4002; generated clients say something every third "
        "of what the contract says, so shorter than that sends them away again and again",
    )
    lifespan: Seconds = Field(
        default=LIFESPAN_MS / 1000, description="age at which a connection is closed with 4001"
    )
    ping_interval: Seconds = Field(
        default=20.0, description="between two pings of the WebSocket protocol itself"
    )
    ping_timeout: Seconds = Field(default=20.0, description="how long such a ping may stay unanswered")
    max_message_bytes: int = Field(
        default=MESSAGE_BYTES_LIMIT,
        ge=1024,
        le=2**30,
        description="a larger message from a client closes it with 1009",
    )
    messages_per_second: float = Field(
        default=MESSAGES_PER_SECOND_LIMIT,
        gt=0,
        le=1e9,
        allow_inf_nan=False,
        description="faster messages from a client are refused, then close it with 4006",
    )
    message_burst: int = Field(
        default=MESSAGE_BURST_LIMIT,
        ge=1,
        le=10**9,
        description="how many messages a client may send at once after it was silent",
    )
    subscriptions_per_connection: int = Field(
        default=SUBSCRIPTIONS_PER_CONNECTION_LIMIT,
        ge=1,
        description="topics that one connection may have; a subscribe beyond is refused",
    )
    connections: int = Field(
        default=10_000,
        ge=1,
        description="connections in all, of each worker where there are several; one more is closed with 4504",
    )
    connections_per_address: int = Field(
        default=CONNECTIONS_PER_ADDRESS_LIMIT,
        ge=1,
        description="connections from one network address (behind a proxy, that is the proxy's, unless "
        "--forwarded-allow-ips names it), of each worker; one more is closed with 4504",
    )
    outbox_bytes: int = Field(
        default=1_048_576,
        ge=4096,
        le=2**40,
        description="what may wait for a slow client; beyond, channels that conflate keep only the latest of "
        "each topic, and what is still too much then closes it with 4004: allow some 200 bytes a topic",
    )
    outbox_patience: Seconds = Field(
        default=5.0,
        description="how long a client that is over the bound may read nothing; one that reads may be owed "
        "four times the bound",
    )
    fanout_rest: float = Field(
        default=0.002,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="how long, at most, updates rest after a fan-out that took longer than a millisecond (a "
        "quarter of that), so that those of the meantime leave together; 0 is never",
    )
    compress: bool = Field(
        default=False, description="offer permessage-deflate; each message is compressed once for all"
    )
    compress_min_bytes: int = Field(
        default=512, ge=0, le=2**30, description="messages that are shorter go uncompressed all the same"
    )
    max_errors: int = Field(
        default=100, ge=1, description="mistakes that a client may have open before it is closed with 4501"
    )
    errors_forgiven_per_minute: float = Field(
        default=60.0, ge=0, allow_inf_nan=False, description="how fast mistakes are forgotten"
    )
    topic_grace: float = Field(
        default=30.0,
        ge=0,
        le=86_400,
        allow_inf_nan=False,
        description="how long a topic without listeners is still fed, so that who comes back has missed nothing",
    )
    close_grace: Seconds = Field(
        default=5.0,
        description="how long a closed connection may take to read what was sent before it is cut off",
    )
