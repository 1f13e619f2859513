"""Where it listens, what it says of itself, and how it ends."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from service.forwarded import Proxies
from service.metrics.places import place_of
from service.settings.part import Part, Seconds


class Serving(Part):
    """Where it listens, what it says of itself, and how it ends."""

    host: str = Field(
        default="127.0.0.1", min_length=1, description="address or name to listen on; 0.0.0.0 is all"
    )
    port: int = Field(default=8000, ge=0, le=65535, description="port to listen on; 0 takes any that is free")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="how much to log"
    )
    log_format: Literal["console", "json"] = Field(
        default="console", description="lines for people, or an object a line for programs"
    )
    log_burst: int = Field(
        default=100,
        ge=0,
        description="events of one kind that are logged one by one in ten seconds; of more, their number is; 0: all",
    )
    forwarded_allow_ips: str = Field(
        default="",
        description="proxies that are believed who their client is (X-Forwarded-For): addresses and networks, "
        "separated by commas; * is everybody that can connect",
    )
    metrics: Literal["public", "admin", "off"] = Field(
        default="public",
        description="where /metrics is: on the public port, only where --admin listens, or nowhere",
    )
    admin: str | None = Field(
        default=None,
        description="where to serve /metrics, health and /internal/status apart from the public port; "
        "unix:PATH is a socket that only this user may open",
    )
    drain_window: float = Field(
        default=10.0,
        ge=0,
        le=3600,
        allow_inf_nan=False,
        description="at the end, clients are advised to come back at a random moment within it",
    )
    drain_batch: int = Field(
        default=500,
        ge=1,
        description="at the end, how many connections are closed at a time, ten times a second",
    )
    drain_deadline: Seconds = Field(
        default=10.0, description="at the end, how long until whoever is left is cut off"
    )

    @field_validator("forwarded_allow_ips")
    @classmethod
    def _addresses(cls, text: str) -> str:
        Proxies.parse(text)
        return text

    @field_validator("admin")
    @classmethod
    def _a_place(cls, text: str | None) -> str | None:
        return None if text is None else str(place_of(text))
