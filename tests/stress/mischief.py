"""What clients do who break the rules, and how each has to end."""

from __future__ import annotations

import asyncio
from random import Random

from tests.frames import BINARY, CONT, PING, TEXT, frame
from tests.stress import terms
from tests.stress.peer import Peer, handshake
from tests.stress.session import FLOOD_PATIENCE
from tests.stress.world import CALM, World

_NONSENSE = (
    b"nonsense",
    b"{",
    b"[]",
    b"null",
    b'{"type":"no.such"}',
    b'{"type":7}',
    b'{"type":"bars.subscribe","payload":{"symbol":"AAPL","resolution":"7X"}}',
    b'{"type":"bars.subscribe","payload":[]}',
    b'{"type":"bars.subscribe"}',
    b'{"type":"ping","id":{}}',
    b'{"type":"bars.subscribe","payload":{"symbol":"\\ud800"}}',
    b"[" * 5000,
)

_BROKEN: dict[str, tuple[bytes, int]] = {
    "bad UTF-8": (frame(TEXT, b"\xff\xfe"), 1007),
    "bad UTF-8 in fragments": (frame(TEXT, b"\xf4", final=False) + frame(CONT, b"\x90\x80"), 1007),
    "oversize": (frame(TEXT, b" " * (terms.MAX_MESSAGE + 1)), 1009),
    "oversize announced": (frame(BINARY, b"x" * 50_000, length=2**40), 1009),
    "oversize in fragments": (
        frame(TEXT, b" " * 9000, final=False) + frame(CONT, b" " * 9000, final=False),
        1009,
    ),
    "unmasked": (b"\x81\x02{}", 1002),
    "reserved bits": (frame(TEXT | 0x30, b"{}"), 1002),
    "unknown opcode": (frame(3, b"{}"), 1002),
    "continuation of nothing": (frame(CONT, b"{}"), 1002),
    "long control frame": (frame(PING, b"x" * 126), 1002),
    "fragmented control frame": (frame(PING, final=False), 1002),
}


async def talker_of_nonsense(world: World, random: Random) -> None:
    """Makes mistakes: a few are answered, and a stream of them ends the connection by 4501."""
    session = await world.session("talker of nonsense", random, forgiving=True)
    if session is None:
        return
    await session.subscribe(random.choice(CALM))
    few = random.random() < 0.5
    mistakes = random.randint(1, terms.MAX_ERRORS - 5) if few else terms.MAX_ERRORS + 5
    for _ in range(mistakes):
        if random.random() < 0.2:
            session.peer.write(frame(BINARY, b"\0\1\2"))
        else:
            session.peer.text(random.choice(_NONSENSE))
    if not few:
        await session.ends({4501})
        return
    if await session.answered(session.ask("ping")) is not None:
        answered = sum(session.refusals.values())
        if answered != mistakes:
            session.report.violation(
                "answered", f"{session.name}: {answered} answers to {mistakes} mistakes: {session.refusals}"
            )
        await session.leave()
    else:
        session.still_open("its mistakes are few")


async def breaker(world: World, random: Random) -> None:
    """Breaks the WebSocket protocol, perhaps right behind a request, perhaps going on and on."""
    kind = random.choice(list(_BROKEN))
    data, code = _BROKEN[kind]
    session = await world.session(f"breaker: {kind}", random, forgiving=True)
    if session is None:
        return
    await session.subscribe(random.choice(CALM))
    goes_on = random.random() < 0.3
    if random.random() < 0.3:
        session.ask("ping")
    session.peer.write(data)
    if goes_on:
        session.peer.write(random.randbytes(100_000))
    await session.ends({code})


async def pinger(world: World, random: Random) -> None:
    """Sends thousands of pings at once; they are answered, the last at least, at nobody else's cost."""
    session = await world.session("pinger", random)
    if session is None:
        return
    pings = random.randint(1_000, 5_000)
    session.peer.write(frame(PING, b"x" * random.randint(0, 20)) * pings)
    session.peer.write(frame(PING, b"the last"))
    await session.answered(session.ask("ping"), within=FLOOD_PATIENCE)
    for _ in range(20):
        # Pongs of a peer that does not keep up may be left out (RFC 6455, 5.5.3), but not the last.
        await session.answered(session.ask("ping"))
        if session.peer.last_pong == b"the last" or session.peer.ended.done():
            break
        await asyncio.sleep(0.1)
    if session.still_open("pings are no mistake"):
        if session.peer.last_pong != b"the last" or session.peer.pongs > pings + 1:
            session.report.violation(
                "answered", f"{session.name}: {session.peer.pongs} pongs for {pings} pings, not the last"
            )
        await session.leave()


async def deaf_pinger(world: World, random: Random) -> None:
    """Sends pings without end and reads no pong, until it has had enough."""
    session = await world.session("deaf pinger", random, receive_buffer=4096)
    if session is None:
        return
    session.peer.stall()
    for _ in range(20):
        session.peer.write(frame(PING, b"x" * 125) * 500)
        await world.pause(random, 0.0, 0.1)
    session.peer.vanish()


async def hurried(world: World, random: Random) -> None:
    """Sends far more requests than allowed, where that is limited: refusals, then the end by 4006."""
    limited = terms.has("messages_per_second")
    session = await world.session("hurried", random, forgiving=True)
    if session is None:
        return
    requests = 15 * terms.MESSAGES_PER_SECOND
    for _ in range(requests):
        session.ask("ping")
    if limited:
        await session.ends({4006}, within=FLOOD_PATIENCE)
        if not session.refusals.get("rate_limited"):
            session.report.violation(
                "answered", f"{session.name}: no refusal by rate_limited: {session.refusals}"
            )
        return
    await session.answered(session.ask("ping"), within=FLOOD_PATIENCE)
    if session.still_open("requests are not limited"):
        await session.leave()


async def greedy(world: World, random: Random) -> None:
    """Subscribes to more topics than allowed, where that is limited: the rest is refused."""
    limited = terms.has("subscriptions_per_connection")
    session = await world.session("greedy", random, forgiving=limited)
    if session is None:
        return
    too_many = 10
    for number in range(terms.MOST_SUBSCRIPTIONS + too_many):
        last = session.ask("bars.subscribe", f'{{"symbol":"G{number}"}}')
    await session.answered(last)
    expected = {"too_many_subscriptions": too_many} if limited else {}
    if session.refusals != expected:
        session.report.violation("answered", f"{session.name}: refused {session.refusals}, not {expected}")
    if session.still_open("asking for too much is no reason to close"):
        await session.leave()


async def dripper(world: World, random: Random) -> None:
    """Sends its handshake byte by byte, and may give up in the midst of it."""
    world.report.counts["dripper"] += 1
    data = handshake()
    end = random.choice((len(data), random.randint(1, len(data) - 1)))
    peer = await Peer.connect(world.server.port, lambda _: None, first=b"")
    step = random.randint(1, 8)
    for at in range(0, end, step):
        peer.write(data[at : min(at + step, end)])
        await asyncio.sleep(min(0.01, world.left))
    await world.pause(random, 0.0, 0.3)
    peer.vanish() if random.random() < 0.5 else peer.transport.close()


async def no_websocket(world: World, random: Random) -> None:
    """Sends what is no handshake; the connection ends, or is given up."""
    world.report.counts["no WebSocket"] += 1
    first = random.choice(
        (
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            random.randbytes(200),
            b"GET / HTTP/1.1\r\n\r\n",
            handshake().replace(b"Version: 13", b"Version: 8"),
            handshake().replace(b"/api/v1/ws", b"/nowhere"),
            handshake().replace(b"\r\n\r\n", b"\r\n" + b"X-A: b\r\n" * 300 + b"\r\n"),
            handshake() + frame(TEXT, b'{"type":"ping"}'),
        )
    )
    peer = await Peer.connect(world.server.port, lambda _: None, first=first)
    await asyncio.wait([peer.ended], timeout=min(1.0, world.left))
    peer.transport.abort()
