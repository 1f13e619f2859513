"""What goes beyond the contract's limits, and what is only just within them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from codegen.contract import Message
from codegen.verify.crowding import Topics, connections
from codegen.verify.lasting import lasting
from codegen.verify.session import Session, Try, smallest
from codegen.verify.sight import written
from codegen.verify.watching import Asked

if TYPE_CHECKING:
    from codegen.verify.enveloped import Trial

_MOST_AT_ONCE = 2000
_LARGEST = 4 * 2**20
_MORE = 40
"""Messages beyond what is allowed."""


async def beyond(trial: Trial, others: int) -> None:
    """Try the limits that one client can reach, which has so many other connections."""
    request = _request(trial)
    if request is None:
        trial.collection.undone["limits: no request is simple enough to be sent again and again"] = None
        return
    limits = trial.sight.limits
    if "message_bytes" in limits and not trial.over:
        await _size(trial, request, limits["message_bytes"])
    if "messages_per_second" in limits and not trial.over:
        await _rate(trial, request, limits["messages_per_second"], limits.get("message_burst"))
    if "subscriptions_per_connection" in limits and not trial.over:
        await Topics(trial, limits["subscriptions_per_connection"]).run()
    if "connections_per_address" in limits and not trial.over:
        await connections(trial, request, limits["connections_per_address"], others)
    await lasting(trial, request)


def _request(trial: Trial) -> Message | None:
    """The one that costs least: the heartbeat's, else any without a topic that has an example."""
    heartbeat, sight = trial.sight.contract.heartbeat, trial.sight
    if heartbeat is not None and heartbeat.request is not None:
        return sight.message(heartbeat.request)
    for message in sight.incoming:
        if message.response is not None and message.action is None:
            return message
    return None


async def _size(trial: Trial, request: Message, most: int) -> None:
    """A message of the largest size is answered; one of a byte more closes the connection."""
    if most > _LARGEST:
        trial.collection.undone[f"x-limits: messages of {most} bytes were not sent"] = None
        return
    trial.options.progress(f"messages of {most} bytes, and more")
    session = await trial.open()
    frame = session.unique(smallest(request, trial.sight))
    text = written(frame).ljust(most)
    await session.attempt(Try(request, "answer", frame, raw=text))
    place = trial.sight.root("x-limits", "message_bytes")
    for finding in session.take():
        told = f"a message of {most} bytes, which the contract allows: {finding.detail}"
        asked = session.last
        assert asked is not None
        session.watcher.find("limit-size", asked, told, came=finding.came, place=place)
    await trial.retire(session)

    session = await trial.open()
    codes = trial.sight.close_codes
    one = Try(
        None,
        "refusal",
        raw=text + " ",
        what=f"a message of {most + 1} bytes",
        closes=frozenset({1009, *codes}),
    )
    asked = await session.attempt(one)
    session.take()
    if session.link.closed is None:
        asked.text = asked.text.rstrip() + f" and spaces up to {most + 1} bytes"
        told = f"a message of {most + 1} bytes, of at most {most}, does not close the connection"
        session.watcher.find(
            "limit-size", asked, told, came=written(asked.answer) if asked.answer else "", place=place
        )
    elif session.link.closed.code not in {1009, *codes}:
        asked.text = asked.text.rstrip() + f" and spaces up to {most + 1} bytes"
        told = f"{session.link.closed}, which the contract does not list"
        place = trial.sight.root("x-close-codes")
        session.watcher.find("close-undeclared", asked, told, came=str(session.link.closed), place=place)
    session.told = True
    await trial.retire(session)


async def _rate(trial: Trial, request: Message, rate: int, burst: int | None) -> None:
    """Messages that come faster than allowed are refused, or the connection is closed."""
    most = burst if burst is not None else rate
    if most > _MOST_AT_ONCE // 2:
        trial.collection.undone[f"x-limits: {most} messages at once were not gone beyond"] = None
        return
    trial.options.progress(f"more than {most} messages at once")
    session = await trial.open()
    loop = asyncio.get_running_loop()
    began, took, every = loop.time(), 0.0, list[Asked]()
    while len(every) < _MOST_AT_ONCE and len(every) <= most + took * rate + _MORE:
        part = await _burst(session, request, most if not every else _MORE)
        every += part
        took = loop.time() - began  # the server may have read the last of them as late as this
        if session.link.closed is not None or any(asked.refused or asked.answer is None for asked in part):
            break
    for asked in every:
        trial.count(asked, request.key)
    silent = [asked for asked in every if asked.answer is None]
    refused = sum(asked.refused for asked in every)
    place = trial.sight.root("x-limits", "messages_per_second")
    closed = session.link.closed
    if closed is not None:  # a code that the contract lists is an answer to a flood
        session.told = not trial.sight.close_codes or closed.code in trial.sight.close_codes
    elif silent:
        told = f"of {len(every)} messages at once {len(silent)} were not answered at all"
        session.watcher.find("no-answer", silent[0], told, place=place)
    elif not refused and len(every) <= most + took * rate + 1:
        told = f"x-limits: {len(every)} messages took {took:.1f} s, in which the contract allows them"
        trial.collection.undone[told] = None
    elif not refused:
        told = f"{len(every)} messages in {took:.2f} s were all carried out, {int(most + took * rate)} are allowed"
        session.watcher.find("limit-rate", every[-1], told, came=written(every[-1].answer), place=place)
    for asked in silent:
        session.watcher.lost(asked)
    session.mistakes += refused
    await trial.retire(session)


async def _burst(session: Session, request: Message, count: int) -> list[Asked]:
    """Send so many requests without a pause, and wait until all are answered, or no more answers come."""
    sent: list[Asked] = []
    for _ in range(count):
        one = Try(request, "answer", session.unique(smallest(request, session.sight)))
        sent.append(session.ask(one))
        await session.link.send(one.data, paced=False)
        if session.link.closed is not None:
            break

    def waiting() -> int:
        return sum(asked.answer is None for asked in sent)

    left = len(sent) + 1
    while 0 < waiting() < left:  # as long as answers go on coming
        left = waiting()
        await session.link.until(lambda: waiting() == 0, session.options.patience)
    return sent
