"""Tries a contract without an envelope: a socket for each path, and as much as the document says of each."""

from __future__ import annotations

from codegen.verify.collecting import Collection
from codegen.verify.options import Options
from codegen.verify.sight import Sight


async def trial_of_paths(sight: Sight, options: Options, url: str, collection: Collection) -> None:
    """Try every socket of the document."""
    raise NotImplementedError
