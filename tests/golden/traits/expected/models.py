# Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".
"""The messages and schemas of Traits."""

from __future__ import annotations

from pydantic import BaseModel, StrictStr


class Job(BaseModel):
    """From the trait."""

    task: StrictStr
