"""As many topics on a connection, and as many connections, as the contract allows; then one more."""

from __future__ import annotations

import asyncio
from collections import Counter
from math import inf
from typing import TYPE_CHECKING

from codegen.contract import Message
from codegen.verify.link import UnreachableError
from codegen.verify.report import Finding
from codegen.verify.session import OLD, Session, Try, smallest
from codegen.verify.topics import Topic, topics
from codegen.verify.watching import Asked

if TYPE_CHECKING:
    from codegen.verify.enveloped import Trial

_FEW = 100
"""Topics, or connections, that are tried unasked."""
_MOST = 2000
_FILES = 100
"""Files that may be open beside connections."""
_IN_VAIN = 4
"""Topics of a channel in a row that a server may not have, before no more of it are asked for."""
_MORE = 20
"""Topics of a channel that are made up beyond as many as are allowed."""
_LEAVING = 0.5
"""Seconds in which a server may learn that connections were closed."""


def _are_few(trial: Trial, most: int, what: str) -> bool:
    """Whether so many are to be tried; if not, why."""
    if most <= (_MOST if trial.options.slow else _FEW):
        return True
    hint = " (--slow)" if most <= _MOST else ""
    trial.collection.undone[f"x-limits: {most} {what} were not gone beyond{hint}"] = None
    return False


def _open_files() -> float:
    """How many files this process may have open."""
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return inf
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return inf if most == resource.RLIM_INFINITY else most


class Topics:
    """A connection that subscribes to more and more topics."""

    def __init__(self, trial: Trial, most: int) -> None:
        self._trial = trial
        self._most = most
        self._place = trial.sight.root("x-limits", "subscriptions_per_connection")

    async def run(self) -> None:
        """Subscribe to one topic more than is allowed, as far as there are so many."""
        trial, most = self._trial, self._most
        if not _are_few(trial, most, "topics on a connection"):
            return
        if trial.has_one:
            told = f"x-limits: {most} topics on a connection, as one address may have no more than one connection"
            trial.collection.undone[told] = None
            return
        trial.options.progress(f"more than {most} topics on a connection")
        session = await trial.open()
        session.awaits_end = True  # a server may close who wants too much
        granted, vain = 0, Counter[str]()
        for topic in topics(trial.sight, trial.options, most + _MORE):
            if trial.over or self._is_old(session):
                break
            if vain[topic.channel.name] >= _IN_VAIN:
                continue
            asked = await _ask(trial, session, topic)
            if asked.answer is not None and not asked.refused:
                granted, vain[topic.channel.name] = granted + 1, 0
                if granted > most:
                    told = f"{granted} topics were granted to one connection, {most} are allowed"
                    session.watcher.find(
                        "limit-topics", asked, told, came=str(asked.answer), place=self._place
                    )
                    break
            elif self._is_old(session):
                break
            elif await self._is_there(topic):
                self._full(session, asked, granted)
                break
            else:
                vain[topic.channel.name] += 1
        else:
            told = (
                f"x-limits: {most} topics on a connection; no more than {granted} were found that are granted"
            )
            trial.collection.undone[told] = None
        await trial.retire(session)

    def _is_old(self, session: Session) -> bool:
        """Whether the connection has ended of its age; said, if so."""
        if session.link.closed is None or not session.is_spent(OLD):
            return False
        told = f"x-limits: a connection ends sooner than it has {self._most} topics"
        self._trial.collection.undone[told] = None
        return True

    def _full(self, session: Session, asked: Asked, granted: int) -> None:
        """Judge that a topic was refused to this connection, and granted to another."""
        if granted < self._most:
            told = f"topic {granted + 1} on a connection is refused, {self._most} are allowed"
            came = str(asked.answer or session.link.closed or "")
            session.watcher.find("limit-topics", asked, told, came=came, place=self._place)

    async def _is_there(self, topic: Topic) -> bool:
        """Whether a connection that has no other topic is granted this one."""
        probe = await self._trial.open()
        asked = await _ask(self._trial, probe, topic)
        await self._trial.count_out(probe)
        return asked.answer is not None and not asked.refused


async def _ask(trial: Trial, session: Session, topic: Topic) -> Asked:
    asked = await session.attempt(Try(topic.subscribe, "answer", session.unique(topic.frame)))
    trial.count(asked, topic.subscribe.key)
    return asked


async def connections(trial: Trial, request: Message, most: int, others: int) -> None:
    """Open one connection more than is allowed, `others` of which are open already."""
    if not _are_few(trial, most, "connections from one address"):
        return
    if most + _FILES > _open_files():
        told = f"x-limits: {most} connections from one address are more than may be open here (ulimit -n)"
        trial.collection.undone[told] = None
        return
    trial.options.progress(f"more than {most} connections")
    place = trial.sight.root("x-limits", "connections_per_address")
    for is_last in (False, True):
        held: list[Session] = []
        came = ""
        while len(held) + others <= most and not came and not trial.over:
            session, came = await _another(trial, request)
            held += [session] if session is not None else []
        count = len(held) + others
        if trial.over or count == most:
            break
        if any(session.link.closed is not None for session in held):
            told = f"x-limits: connections end sooner than {most} of them are opened"
            trial.collection.undone[told] = None
            break
        if count > most or is_last:
            asked = held[-1].last if held else None
            told = (
                f"{count} connections from one address are kept, {most} are allowed"
                if count > most
                else f"no more than {count} connections from one address are let in, {most} are allowed"
            )
            found = Finding("limit-connections", "", told, asked.text if asked else "", came, place)
            trial.collection.add(found, reproduced=None if count > most else True)
            break
        await _leave(trial, held)  # what was tried before may not be over for the server yet
        await asyncio.sleep(_LEAVING)
    await _leave(trial, held)


async def _another(trial: Trial, request: Message) -> tuple[Session | None, str]:
    """One more connection that is answered; else how it ended."""
    try:
        session = await trial.open()
    except UnreachableError as error:
        return None, str(error)
    session.awaits_end = True
    asked = await session.attempt(Try(request, "answer", session.unique(smallest(request, trial.sight))))
    session.awaits_end = False
    closed, codes = session.link.closed, trial.sight.close_codes
    if closed is None:
        return session, ""
    session.told = True
    if codes and closed.code not in codes:
        place = trial.sight.root("x-close-codes")
        told = f"{closed}, which the contract does not list"
        session.watcher.find("close-undeclared", asked, told, came=str(closed), place=place)
    await trial.retire(session)
    return None, str(closed)


async def _leave(trial: Trial, held: list[Session]) -> None:
    await asyncio.gather(*(trial.retire(session) for session in held))
    held.clear()
