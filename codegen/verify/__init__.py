"""Tries a contract on a running server, and tells what the server does against it."""

from __future__ import annotations

import asyncio

from codegen.pipeline import Understood
from codegen.verify.addresses import socket_of
from codegen.verify.collecting import Collection
from codegen.verify.link import UnreachableError
from codegen.verify.options import Options
from codegen.verify.report import Finding, Report, Tried, Violation
from codegen.verify.rules import RULES
from codegen.verify.sight import Sight
from codegen.verify.strategies import MissingToolsError

__all__ = [
    "RULES",
    "Finding",
    "MissingToolsError",
    "Options",
    "Report",
    "Tried",
    "UnreachableError",
    "Violation",
    "tried",
    "verify",
]


def verify(understood: Understood, url: str, options: Options | None = None) -> Report:
    """Try a contract on the server at a `ws://` or `wss://` address.

    Raises:
        UnreachableError: there is no server, or it lets nobody in.
        MissingToolsError: what makes values up is not installed.

    """
    return asyncio.run(tried(understood, url, options))


async def tried(understood: Understood, url: str, options: Options | None = None) -> Report:
    """The same within a running event loop."""
    from codegen.verify.enveloped import Trial  # noqa: PLC0415 - imports what it tries with
    from codegen.verify.pathwise import trial_of_paths  # noqa: PLC0415

    chosen = options or Options()
    sight = Sight(understood)
    collection = Collection(sight, chosen, url)
    loop = asyncio.get_running_loop()
    began = loop.time()
    if sight.contract.envelope is not None:
        await Trial(sight, chosen, socket_of(sight, url), collection).run()
    else:
        await trial_of_paths(sight, chosen, url, collection)
    return collection.report(loop.time() - began)
