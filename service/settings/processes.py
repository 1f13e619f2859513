"""How many processes there are, and what joins them."""

from __future__ import annotations

from pydantic import Field, field_validator

from service.broker.address import check_address
from service.settings.part import Part, Seconds


class Processes(Part):
    """How many processes there are, and what joins them."""

    workers: int = Field(
        default=1,
        ge=1,
        le=1024,
        description="processes that serve, each with all that the limits allow; more than one need --broker redis://…",
    )
    broker: str = Field(
        default="memory",
        description="who numbers updates and keeps what topics hold: memory, for one process alone, or a Redis or "
        "Valkey that many share, redis://[user:password@]host:port/db (rediss:// with TLS, unix:///path)",
    )
    broker_timeout: Seconds = Field(
        default=3.0, description="how long the broker may take to answer before it counts as lost"
    )
    broker_queue_bytes: int = Field(
        default=16_777_216,
        ge=65_536,
        le=2**40,
        description="how much of what is published here may wait for a broker that is lost; beyond, it is dropped, "
        "and subscribers are told",
    )
    broker_ttl: float = Field(
        default=3600.0,
        ge=10,
        le=31_536_000,
        allow_inf_nan=False,
        description="how long the broker keeps a topic that nobody publishes to or listens to",
    )
    feed_lease: float = Field(
        default=5.0,
        ge=1,
        le=3600,
        allow_inf_nan=False,
        description="of processes that share a broker one feeds; how long it may be unheard of until another does",
    )

    @field_validator("broker")
    @classmethod
    def _broker_address(cls, text: str) -> str:
        return check_address(text)
