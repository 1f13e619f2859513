"""Who may."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from service.access.addresses import checked_url, origins_of
from service.settings.part import ENVIRONMENT_PREFIX, Part, Seconds

KEY_SOURCES = ("token_key", "jwks_file", "jwks_url", "development_key")
"""Settings that say what tokens are verified with."""
_WITH_KEYS = ("token_issuer", "token_audience", "token_leeway", "token_grace")
_WITH_SETS = ("jwks_refresh", "jwks_cooldown")


class Access(Part):
    """Who may."""

    token_key: Path | None = Field(
        default=None,
        description="verifies tokens: a secret of 32 bytes or more (HS256), or a public key in PEM (RS256, ES256, "
        "EdDSA)",
    )
    jwks_file: Path | None = Field(
        default=None,
        description="verifies tokens: a JWK set in a file, which is read again when it may have changed",
    )
    # Before the address, since that is judged by it.
    jwks_insecure: bool = Field(
        default=False, description="let --jwks-url be http anywhere; on this machine it may be anyway"
    )
    jwks_url: str | None = Field(
        default=None,
        description="verifies tokens: the https address of a JWK set, which is fetched again in time",
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
        "are answered 403; all lets every page in (default: all)",
    )
    connections_per_user: int = Field(
        default=100, ge=1, description="connections of one user, of each worker; one more is closed with 4504"
    )

    @field_validator("origins")
    @classmethod
    def _origins(cls, text: str | None) -> str | None:
        return None if text is None or text.strip().lower() == "all" else origins_of(text)

    @field_validator("jwks_url")
    @classmethod
    def _trusted(cls, url: str | None, info: ValidationInfo) -> str | None:
        return None if url is None else checked_url(url, insecure=info.data.get("jwks_insecure", False))

    @model_validator(mode="after")
    def _one_source_of_keys(self) -> Self:
        given = [name for name in KEY_SOURCES if getattr(self, name) is not None]
        if len(given) > 1:
            # Either may have been given in either form, and the other one may be in a file that sets variables.
            flags = " and ".join(
                f"--{name.replace('_', '-')} ({ENVIRONMENT_PREFIX}{name.upper()})" for name in given
            )
            raise ValueError(f"tokens are verified by one of them: give {flags} one at a time")
        if self.jwks_insecure and self.jwks_url is None:
            raise ValueError("--jwks-insecure is for --jwks-url, and there is none")
        idle = [name for name in _WITH_SETS if name in self.model_fields_set]
        if idle and self.jwks_file is None and self.jwks_url is None:
            flag = "--" + idle[0].replace("_", "-")
            raise ValueError(f"{flag} is for --jwks-file or --jwks-url, and there is neither")
        if "authentication_timeout" in self.model_fields_set and self.anonymous == "on":
            raise ValueError(
                "--authentication-timeout is for --anonymous off: others may stay without a token"
            )
        needing = [name for name in _WITH_KEYS if name in self.model_fields_set]
        if not given and (needing or self.anonymous == "off"):
            flag = "--anonymous off" if self.anonymous == "off" else "--" + needing[0].replace("_", "-")
            raise ValueError(
                f"{flag} needs a key to verify tokens with: --token-key, --jwks-file, --jwks-url or --development-key"
            )
        return self
