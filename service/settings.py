"""What can be set, from where, and what it means.

Each setting is a flag of `python -m service serve` and an environment variable: `--ping-interval` is
`TAPEWIRE_PING_INTERVAL`. A flag wins over the environment, the environment over the default.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from generated.constants import (
    CONNECTIONS_PER_ADDRESS_LIMIT,
    HEARTBEAT_INTERVAL_MS,
    LIFESPAN_MS,
    MESSAGE_BURST_LIMIT,
    MESSAGE_BYTES_LIMIT,
    MESSAGES_PER_SECOND_LIMIT,
    SUBSCRIPTIONS_PER_CONNECTION_LIMIT,
)
from service.access.addresses import checked_url, origins_of
from service.bars.resolution import Resolution
from service.broker.address import MEMORY, check_address
from service.forwarded import Proxies
from service.metrics.places import place_of

ENVIRONMENT_PREFIX = "TAPEWIRE_"

Seconds = Annotated[float, Field(gt=0, le=31_536_000, allow_inf_nan=False)]

_REPLAY_ONLY = ("file", "symbol", "resolution", "rate", "start", "wait_for", "loop", "bad_rows")

_KEY_SOURCES = ("token_key", "jwks_file", "jwks_url", "development_key")
_WITH_KEYS = ("token_issuer", "token_audience")


class Settings(BaseSettings):
    """All settings, checked. Times are in seconds, sizes in bytes.

    Raises pydantic's ValidationError for a value that is not allowed, or for two that contradict each other.
    """

    model_config = SettingsConfigDict(env_prefix=ENVIRONMENT_PREFIX, env_ignore_empty=True, frozen=True)

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

    workers: int = Field(
        default=1,
        ge=1,
        le=1024,
        description="processes that serve, each with all that the limits allow; more than one need --broker redis://…",
    )
    feed: Literal["simulate", "replay", "none"] = Field(
        default="simulate",
        description="where updates come from: a simulated market, a CSV file, or nowhere but the publisher",
    )
    speed: float | Literal["max"] | None = Field(
        default=None,
        description="times real time: 60 plays an hour in a minute (replay: as the rows' times say); "
        "replay also takes max, as fast as can be",
    )

    seed: int = Field(default=1, description="same seed, same market")
    updates_per_second: float = Field(
        default=4.0,
        gt=0,
        le=100,
        allow_inf_nan=False,
        description="how often forming bars, quotes and order books are sent, where they have changed; trades are "
        "sent one by one",
    )

    accounts: Literal["off", "simulate"] = Field(
        default="off",
        description="whether the simulated market has simulated accounts, one for every id that a token names",
    )

    file: Path | None = Field(
        default=None, description="bars (OHLCV) or trades to play; implies --feed replay"
    )
    symbol: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,31}$",
        description="whose rows these are (default: the file's name up to its first - or _, in capitals)",
    )
    resolution: str | None = Field(
        default=None,
        description="length of the rows, where they are bars: 1, 60, 1D (default: the commonest distance between them)",
    )
    rate: float | None = Field(
        default=None,
        gt=0,
        le=1_000_000,
        allow_inf_nan=False,
        description="rows a second, whatever their times (default: 10)",
    )
    start: Literal["on-subscribe", "immediately"] = Field(
        default="on-subscribe", description="play when somebody listens, or at once"
    )
    wait_for: int = Field(
        default=1,
        ge=1,
        description="with on-subscribe: how many subscriptions, to any of its topics, before the first row",
    )
    loop: bool = Field(
        default=False, description="start over after the last row, with times that go on growing"
    )
    bad_rows: Literal["refuse", "skip"] = Field(
        default="refuse",
        description="what to do about a file with bad rows: list them and stop, or list and skip them",
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
    feed_lease: float = Field(
        default=5.0,
        ge=1,
        le=3600,
        allow_inf_nan=False,
        description="of processes that share a broker one feeds; how long it may be unheard of until another does",
    )
    broker_ttl: float = Field(
        default=3600.0,
        ge=10,
        le=31_536_000,
        allow_inf_nan=False,
        description="how long the broker keeps a topic that nobody publishes to or listens to",
    )

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

    token_key: Path | None = Field(
        default=None,
        description="verifies tokens: a secret of 32 bytes or more (HS256), or a public key in PEM (RS256, ES256, "
        "EdDSA)",
    )
    jwks_file: Path | None = Field(
        default=None,
        description="verifies tokens: a JWK set in a file, which is read again when it may have changed",
    )
    jwks_url: str | None = Field(
        default=None,
        description="verifies tokens: the https address of a JWK set, which is fetched again in time",
    )
    jwks_insecure: bool = Field(
        default=False, description="let --jwks-url be http anywhere; on this machine it may be anyway"
    )
    jwks_refresh: Seconds = Field(default=300.0, description="between two loads of a JWK set")
    jwks_cooldown: Seconds = Field(
        default=10.0,
        description="between two loads for the sake of tokens that name an unknown key, at least",
    )
    development_key: Path | None = Field(
        default=None,
        description="accepts tokens of `python -m service token` with this key; for development only",
    )
    token_issuer: str | None = Field(
        default=None, min_length=1, description="who issued a token that is accepted (iss)"
    )
    token_audience: str | None = Field(
        default=None, min_length=1, description="for whom a token is that is accepted (aud)"
    )
    token_leeway: float = Field(
        default=10.0,
        ge=0,
        le=600,
        allow_inf_nan=False,
        description="how far the issuer's clock may be from this one",
    )
    token_grace: float = Field(
        default=30.0,
        ge=0,
        le=3600,
        allow_inf_nan=False,
        description="how long a client whose token has run out may take to send another before it is closed with 4003",
    )
    anonymous: Literal["on", "off"] = Field(default="on", description="whether market data need no token")
    authentication_timeout: Seconds = Field(
        default=10.0,
        description="with --anonymous off: how long a client may take to authenticate before it is closed with 4503",
    )
    origins: str | None = Field(
        default=None,
        description="web pages of which origins may connect, such as https://a.example,https://b.example; others "
        "are answered 403 (default: all)",
    )
    connections_per_user: int = Field(
        default=100, ge=1, description="connections of one user; one more is closed with 4504"
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

    @field_validator("broker")
    @classmethod
    def _broker_address(cls, text: str) -> str:
        return check_address(text)

    @field_validator("forwarded_allow_ips")
    @classmethod
    def _addresses(cls, text: str) -> str:
        Proxies.parse(text)
        return text

    @field_validator("resolution")
    @classmethod
    def _canonical(cls, text: str | None) -> str | None:
        return None if text is None else str(Resolution.parse(text))

    @field_validator("admin")
    @classmethod
    def _a_place(cls, text: str | None) -> str | None:
        return None if text is None else str(place_of(text))

    @field_validator("speed", mode="before")
    @classmethod
    def _number_or_max(cls, speed: object) -> object:
        if speed is None or speed == "max":
            return speed
        try:
            number = float(str(speed))
        except ValueError:
            number = 0.0
        if not 0 < number <= 1_000_000:
            raise ValueError("give a number above 0 and up to 1000000, or max")
        return number

    @field_validator("origins")
    @classmethod
    def _origins(cls, text: str | None) -> str | None:
        return None if text is None else origins_of(text)

    @model_validator(mode="after")
    def _one_source_of_keys(self) -> Self:
        given = [name for name in _KEY_SOURCES if getattr(self, name) is not None]
        if len(given) > 1:
            flags = " and ".join("--" + name.replace("_", "-") for name in given)
            raise ValueError(f"tokens are verified by one of them: give {flags} one at a time")
        if self.jwks_url is not None:
            checked_url(self.jwks_url, insecure=self.jwks_insecure)
        needing = [name for name in _WITH_KEYS if name in self.model_fields_set]
        if not given and (needing or self.anonymous == "off"):
            flag = "--anonymous off" if self.anonymous == "off" else "--" + needing[0].replace("_", "-")
            raise ValueError(
                f"{flag} needs a key to verify tokens with: --token-key, --jwks-file, --jwks-url or --development-key"
            )
        return self

    @model_validator(mode="before")
    @classmethod
    def _file_implies_replay(cls, values: dict[str, object]) -> dict[str, object]:
        return {"feed": "replay", **values} if values.get("file") is not None else values

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.feed == "replay":
            if self.file is None:
                raise ValueError("--feed replay needs --file FILE.csv")
            if self.speed is not None and self.rate is not None:
                raise ValueError("give --speed or --rate, not both")
        else:
            given = [name for name in _REPLAY_ONLY if name in self.model_fields_set]
            if given:
                flags = ", ".join("--" + name.replace("_", "-") for name in given)
                raise ValueError(f"only --feed replay takes {flags}")
        if self.accounts == "simulate" and self.feed != "simulate":
            raise ValueError("--accounts simulate trades on the simulated market: it needs --feed simulate")
        if self.accounts == "simulate" and not any(getattr(self, name) for name in _KEY_SOURCES):
            raise ValueError(
                "--accounts simulate needs a key to judge by who may see them: --development-key, or another"
            )
        if self.metrics == "admin" and self.admin is None:
            raise ValueError("--metrics admin needs --admin HOST:PORT or unix:PATH")
        if self.workers > 1:
            self._fit_for_many()
        if self.broker != MEMORY and self.feed == "simulate" and self.speed not in {None, 1.0}:
            raise ValueError(
                "--broker redis://… takes no --speed with the simulated market: whichever process feeds, its "
                "market has to be at the same moment as the others', which only real time is for all"
            )
        if self.speed == "max" and self.feed != "replay":
            raise ValueError("only --feed replay takes --speed max")
        return self

    def _fit_for_many(self) -> None:
        """ValueError where several processes cannot be one service."""
        if self.broker == MEMORY:
            raise ValueError(
                "--workers above 1 needs --broker redis://…: with the memory broker each process numbers and "
                "remembers updates for itself, and whoever reconnects to another one would miss some unawares"
            )
        if self.feed == "replay":
            raise ValueError(
                "--feed replay takes no --workers above 1: a recording is played by one process; play it in one of "
                "its own (--workers 1) with the same --broker, and serve with --feed none"
            )
        if sys.platform == "win32":
            raise ValueError(
                "--workers above 1 needs a system whose processes inherit sockets; this has none"
            )
