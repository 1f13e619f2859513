"""How long a connection lasts: as long as it may be silent, and as long as it may live."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from codegen.contract import Message
from codegen.verify.session import OLD, Session, Try, smallest

if TYPE_CHECKING:
    from codegen.verify.enveloped import Trial

_SHORT = 2.0
"""Seconds that are waited for unasked."""
_LATE = 0.25
"""How much longer than it should a connection may last, as a part of it; and a second."""


async def lasting(trial: Trial, request: Message) -> None:
    """Wait until a silent connection is closed, and one that is not."""
    heartbeat = trial.sight.contract.heartbeat
    if heartbeat is None:
        return
    interval, lifespan = heartbeat.interval_ms / 1000, heartbeat.lifespan_ms / 1000
    if lifespan <= _waited(interval):
        told = f"x-heartbeat: the interval of {interval:g} s, as no connection lives much longer"
        trial.collection.undone[told] = None
    elif _has_time(trial, "interval", interval):
        await _silence(trial, request, interval)
    if _has_time(trial, "lifespan", lifespan):
        await _life(trial, request, lifespan, interval)


def _waited(seconds: float) -> float:
    """How long an end is waited for that is due after so many seconds."""
    return seconds * (1 + _LATE) + 1


def _has_time(trial: Trial, name: str, seconds: float) -> bool:
    """Whether something that lasts so long is to be waited for; if not, why."""
    told = ""
    if seconds > _SHORT and not trial.options.slow:
        told = f"x-heartbeat: the {name} of {seconds:g} s was not waited for (--slow)"
    elif trial.left < _waited(seconds):
        told = f"x-heartbeat: the {name} of {seconds:g} s is longer than was left of --time"
    if told:
        trial.collection.undone[told] = None
    return not told


async def _silence(trial: Trial, request: Message, interval: float) -> None:
    """A connection is kept for as long as it may be silent, and closed soon after."""
    trial.options.progress(f"{interval:g} s of silence")
    session = await trial.open()
    await session.attempt(Try(request, "answer", session.unique(smallest(request, trial.sight))))
    session.awaits_end = True
    loop = asyncio.get_running_loop()
    began = loop.time()
    await session.link.until(lambda: session.link.closed is not None, _waited(interval))
    await _judge(trial, session, "heartbeat", loop.time() - began, interval)


async def _life(trial: Trial, request: Message, lifespan: float, interval: float) -> None:
    """A connection that says something now and then is kept for as long as it may live, and closed soon after."""
    trial.options.progress(f"{lifespan:g} s of a connection")
    session = await trial.open()
    session.awaits_end = True
    while session.link.closed is None and session.age < _waited(lifespan):
        await session.attempt(Try(request, "answer", session.unique(smallest(request, trial.sight))))
        await session.link.until(lambda: session.link.closed is not None, min(interval, lifespan) / 3)
    await _judge(trial, session, "lifespan", session.age, lifespan)


async def _judge(trial: Trial, session: Session, rule: str, lasted: float, wanted: float) -> None:
    """Tell of an end that comes too early or too late, or with a code that there is not."""
    closed, asked = session.link.closed, session.last
    assert asked is not None
    does, key = ("was silent for", "interval_ms") if rule == "heartbeat" else ("lives for", "lifespan_ms")
    place = trial.sight.root("x-heartbeat", key)
    if closed is None:
        told = f"a connection that {does} {lasted:.1f} s, of at most {wanted:g} s, is still open"
        session.watcher.find(rule, asked, told, place=place)
    elif lasted < wanted * OLD:
        told = f"{closed}: a connection that {does} {lasted:.1f} s, of {wanted:g} s that it may"
        session.watcher.find(rule, asked, told, came=str(closed), place=place)
    elif trial.sight.close_codes and closed.code not in trial.sight.close_codes:
        told = f"{closed}, which the contract does not list"
        place = trial.sight.root("x-close-codes")
        session.watcher.find("close-undeclared", asked, told, came=str(closed), place=place)
    await trial.retire(session)
