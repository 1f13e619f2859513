"""What clients do who keep to the contract, or only fail to read, or to leave politely."""

from __future__ import annotations

import asyncio
from random import Random

from tests.stress import terms
from tests.stress.session import Session
from tests.stress.world import CALM, HOT, World

_STALLED = 4096
"""A receive buffer, in bytes, that is soon full."""


async def reader(world: World, random: Random) -> None:
    """Reads to the end of the wave, subscribes and unsubscribes, and gets everything."""
    session = await world.session("reader", random, reads=True)
    if session is None:
        return
    session.talk()
    for symbol in random.sample(CALM, random.randint(2, 6)):
        await session.subscribe(symbol)
    if random.random() < 0.3:
        await session.subscribe(random.choice(HOT))
    while world.left:
        await world.pause(random, 0.3, 1.0)
        if not session.still_open("it reads and is not silent"):
            return
        await _change(session, random)
    await session.complete(await world.counts)
    if session.folded:
        session.report.violation("complete", f"{session.name}: {session.folded} updates were folded")
    await session.leave()


async def _change(session: Session, random: Random) -> None:
    """One request, or several at once."""
    what = random.random()
    symbol = random.choice(CALM)
    if what < 0.4:
        await session.answered(session.ask("ping"))
    elif what < 0.6:
        await session.subscribe(symbol)
    elif what < 0.8:
        await session.unsubscribe(symbol)
    else:
        selection = f'{{"symbol":"{symbol}"}}'
        kinds = [random.choice(("bars.subscribe", "bars.unsubscribe", "ping")) for _ in range(8)]
        asked = [session.ask(kind, None if kind == "ping" else selection) for kind in kinds]
        await session.answered(asked[-1])


async def visitor(world: World, random: Random) -> None:
    """Comes, subscribes, and leaves politely, perhaps at once."""
    session = await world.session("visitor", random)
    if session is None:
        return
    for symbol in random.sample(CALM + HOT, random.randint(0, 4)):
        await session.subscribe(symbol)
    await world.pause(random, 0.0, 1.0)
    if session.still_open("it has done nothing yet"):
        await session.leave()


async def vanisher(world: World, random: Random) -> None:
    """Resets the connection, perhaps with requests on their way."""
    session = await world.session("vanisher", random)
    if session is None:
        return
    for symbol in random.sample(CALM + HOT, random.randint(0, 4)):
        session.ask("bars.subscribe", f'{{"symbol":"{symbol}"}}')
    await world.pause(random, 0.0, 0.6)
    session.peer.vanish()


async def half_closer(world: World, random: Random) -> None:
    """Says that it will send nothing more; the connection ends soon, by whatever code."""
    session = await world.session("half-closer", random, receive_buffer=random.choice((None, _STALLED)))
    if session is None:
        return
    for symbol in random.sample(CALM + HOT, 3):
        session.ask("bars.subscribe", f'{{"symbol":"{symbol}"}}')
    await world.pause(random, 0.0, 0.6)
    if random.random() < 0.3:
        # It does not even read what still comes; the server has to part with it all the same.
        session.peer.stall()
        world.dead.append(session.peer)
    session.peer.half_close()
    if session.peer not in world.dead:
        await session.ends({1000, 1001}, cut=True)


async def silent(world: World, random: Random) -> None:
    """Subscribes and says nothing more: that is the end of it, by 4002, though it answers protocol pings."""
    if world.left < terms.HEARTBEAT + 1:
        return await visitor(world, random)
    session = await world.session("silent", random)
    if session is None:
        return None
    await session.subscribe(random.choice(CALM))
    await session.ends({4002}, within=terms.HEARTBEAT + 8)
    return None


async def staller(world: World, random: Random) -> None:
    """Reads nothing for a while but goes on sending; then reads on, and has lost nothing but what was folded."""
    if world.left < 3:
        return await visitor(world, random)
    session = await world.session("staller", random, receive_buffer=_STALLED)
    if session is None:
        return None
    session.talk()
    for symbol in (*random.sample(HOT, 3), *random.sample(CALM, 3)):
        await session.subscribe(symbol)
    session.peer.stall()
    await asyncio.sleep(min(random.uniform(1.0, 5.0), max(0.0, world.left - 0.5)))
    session.peer.go_on()
    counts = await world.counts
    if not session.still_open("a slow reader of conflated topics is not closed for it"):
        return None
    session.report.counts["updates folded for slow readers"] += session.folded
    await session.complete(counts)
    await session.leave()
    return None


async def dead(world: World, random: Random) -> None:
    """Stops reading and sending for good, with the socket open; the server has to find out."""
    session = await world.session("dead", random, receive_buffer=random.choice((None, _STALLED)))
    if session is None:
        return
    for symbol in (*random.sample(HOT, 2), *random.sample(CALM, 2)):
        await session.subscribe(symbol)
    session.peer.stall()
    world.dead.append(session.peer)
    await world.pause(random, 1.0, 2.0)
