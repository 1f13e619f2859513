"""What all settings have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ENVIRONMENT_PREFIX = "TAPEWIRE_"

Seconds = Annotated[float, Field(gt=0, le=31_536_000, allow_inf_nan=False)]


class Part(BaseSettings):
    """Settings of one kind; all of them together are `service.settings.Settings`."""

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True
    )
