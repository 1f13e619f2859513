"""Clients that try to read what is not theirs, by every way there is, on bare sockets."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import time
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import jwt

from tests.stress.nodes.machines import Node
from tests.stress.nodes.record import PRIVATE
from tests.stress.nodes.terms import ACCOUNTS, TOKEN_GRACE, TOKEN_LEEWAY, Report
from tests.stress.peer import Peer, handshake

Mint = Callable[..., str]
"""A token for a user; further claims by name, such as `accounts`, `scopes`, `expires_in`."""

_PATIENCE = 4.0
_CODES = {None, 1006, 4000, 4003, 4004, 4500}
_TRICKS = ("a1", "A1 ", "A1\u0000", "A1,A2", "*", "A1:A2", "../A1", "A10", "")


class Gone(Exception):
    """The connection is lost, or a node stands still: nothing can be said of the attempt."""


class Spy:
    """One connection, and whether all that comes is its own."""

    peer: Peer

    def __init__(self, name: str, report: Report) -> None:
        self.name = name
        self.granted: frozenset[str] = frozenset()
        """The accounts that may be told of."""
        self.until = float("inf")
        """Until when, by the wall's clock."""
        self.had = 0
        """Private updates."""
        self.closed: dict[str, str] = {}
        """By topic, the code with which the server took it back."""
        self._report = report
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._ids = itertools.count(1)

    @classmethod
    async def connect(cls, name: str, port: int, report: Report, header: str = "") -> Spy:
        """Connect; raises Gone."""
        first = handshake()
        if header:
            first = first.replace(b"\r\n\r\n", f"\r\nAuthorization: {header}\r\n\r\n".encode())
        try:
            async with asyncio.timeout(_PATIENCE):
                spy = cls(name, report)
                spy.peer = await Peer.connect(port, spy.heard, first=first)
                if await spy.peer.opened != 101:
                    raise Gone
        except (OSError, TimeoutError):
            raise Gone from None
        return spy

    def heard(self, text: bytes) -> None:
        """Judge what comes."""
        message = json.loads(text)
        payload = message.get("payload", {})
        topic = str(message.get("topic", ""))
        if message["type"] == "topic.closed":
            self.closed[topic] = payload["code"]
        elif message["type"].endswith(".update"):
            owners = {payload.get("account_id"), topic.rpartition(":")[2]}
            # By the time of publishing: what was delivered in time may have come late.
            if not owners <= self.granted or message["ts"] / 1000 > self.until:
                self._report.violation(
                    "scope", f"{self.name}, granted {sorted(self.granted)}: {text.decode()[:300]}"
                )
            self.had += 1
        elif (waiting := self._answers.pop(message.get("id"), None)) is not None and not waiting.done():
            waiting.set_result(payload)

    async def ask(self, type_: str, payload: dict[str, Any], **more: object) -> str:
        """`ok`, or the code of a refusal. Raises Gone."""
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        self.peer.text(json.dumps({"type": type_, "id": number, "payload": payload, **more}).encode())
        await asyncio.wait([answer, self.peer.ended], timeout=_PATIENCE, return_when="FIRST_COMPLETED")
        if not answer.done():
            raise Gone
        said = answer.result()
        return "ok" if said.get("status") == "ok" else str(said.get("code"))

    async def show(self, token: str, accounts: Sequence[str]) -> str:
        """Authenticate with a token that would grant these."""
        before, self.granted = self.granted, self.granted | frozenset(accounts)
        said = await self.ask("session.authenticate", {"token": token})
        self.granted = frozenset(accounts) if said == "ok" else before
        return said

    async def subscribe(self, channel: str, account: str) -> str:
        """Ask for a private topic, by a position that nobody gave it."""
        recover = {"recover": {"epoch": "0" * 10, "seq": 1}} if len(account) % 2 else {}
        return await self.ask(f"{channel}.subscribe", {"account_id": account}, **recover)

    def expect(self, what: str, said: str, *wanted: str) -> None:
        """Note where an attempt has another answer than it should."""
        self._report.counts["attempts of spies"] += 1
        # A node that has lost its broker says so, once it knows that it may.
        if said not in wanted and not ("ok" in wanted and said == "unavailable"):
            self._report.violation("refused", f"{self.name}: {what} was answered {said}, not {wanted}")


class Spies:
    """Attempts, one after another, until cancelled."""

    def __init__(self, name: str, seed: str, nodes: Sequence[Node], mint: Mint, report: Report) -> None:
        self._name = name
        self._random = Random(seed)
        self._nodes = nodes
        self._mint = mint
        self._report = report
        self._spy: Spy | None = None
        """The connection of now."""

    async def run(self) -> None:
        """Try this and that."""
        ways = (
            self._without,
            self._forged,
            self._at_the_door,
            self._foreign,
            self._fewer,
            self._other_user,
            self._expiring,
        )
        while True:
            way = self._random.choice(ways)
            try:
                await way()
                self._report.counts[f"spies: {way.__name__.strip('_').replace('_', ' ')}"] += 1
            except Gone:
                self._report.counts["spies: cut short by a fault"] += 1
            finally:
                if self._spy is not None:
                    self._spy.peer.transport.abort()
                self._spy = None
            await asyncio.sleep(self._random.uniform(0.05, 0.5))

    async def _connect(self, header: str = "") -> Spy:
        up = [node for node in self._nodes if node.up]
        if not up:
            raise Gone
        self._spy = await Spy.connect(self._name, self._random.choice(up).port, self._report, header)
        return self._spy

    async def _leave(self, spy: Spy) -> None:
        """Go, now and then without a word."""
        if self._random.random() < 0.5:
            spy.peer.transport.abort()
        else:
            spy.peer.close()
        await asyncio.wait([spy.peer.ended], timeout=_PATIENCE)
        spy.peer.transport.abort()
        if spy.peer.ended.done() and (code := spy.peer.ended.result().code) not in _CODES | {1000}:
            self._report.violation("closed", f"{self._name} with {code}")

    def _two(self) -> tuple[str, str]:
        one, other = self._random.sample(ACCOUNTS, 2)
        return one, other

    async def _without(self) -> None:
        """No token at all."""
        spy = await self._connect()
        for channel in PRIVATE:
            said = await spy.subscribe(channel, self._random.choice(ACCOUNTS))
            spy.expect("a subscribe without token", said, "unauthenticated")
        await self._leave(spy)

    def _forgeries(self) -> list[str]:
        claims = {"sub": "mallory", "accounts": list(ACCOUNTS), "scope": "account:read"}
        now = int(time.time())
        good = self._mint("mallory", accounts=("A1",), scopes=("account:read",))
        head, _, signature = good.split(".")
        body = base64.urlsafe_b64encode(json.dumps({**claims, "exp": now + 999}).encode()).decode()
        kid = jwt.get_unverified_header(good).get("kid")
        return [
            jwt.encode({**claims, "exp": now + 999}, "0" * 48, "HS256", headers={"kid": kid}),
            jwt.encode({**claims, "exp": now + 999}, "0" * 64, "HS512"),
            jwt.encode({**claims, "exp": now + 999}, "", "none"),
            self._mint("mallory", accounts=ACCOUNTS, scopes=("account:read",), expires_in=-600),
            f"{head}.{body.rstrip('=')}.{signature}",
            f"{head}.{body.rstrip('=')}.",
            good[:-3],
            "e30.e30.e30",
            "x",
        ]

    async def _forged(self) -> None:
        """Tokens that nobody signed, after which nothing is open."""
        spy = await self._connect()
        for token in self._random.sample(self._forgeries(), 3):
            said = await spy.ask("session.authenticate", {"token": token})
            spy.expect(f"the forged token {token[:40]}", said, "unauthenticated")
        said = await spy.subscribe(self._random.choice(PRIVATE), self._random.choice(ACCOUNTS))
        spy.expect("a subscribe after a forged token", said, "unauthenticated")
        await self._leave(spy)

    async def _at_the_door(self) -> None:
        """The same at the handshake."""
        token = self._random.choice(self._forgeries())
        spy = await self._connect(f"Bearer {token}")
        await asyncio.wait([spy.peer.ended], timeout=_PATIENCE)
        if not spy.peer.ended.done():
            spy.peer.transport.abort()
            raise Gone
        ending = spy.peer.ended.result()
        if ending.code is not None and ending.code != 4000:
            expired = token.count(".") == 2 and _expired(token)
            spy.expect(
                f"the forged token {token[:40]} at the door", str(ending.code), "4003" if expired else "4500"
            )

    async def _foreign(self) -> None:
        """A good token, and somebody else's account, by its name and by names that are nearly one."""
        spy = await self._connect()
        mine, other = self._two()
        token = self._mint("eve", accounts=(mine,), scopes=("account:read",))
        spy.expect("a good token", await spy.show(token, (mine,)), "ok")
        for channel in PRIVATE:
            spy.expect("a foreign account", await spy.subscribe(channel, other), "forbidden")
        spy.expect("one's own account", await spy.subscribe(self._random.choice(PRIVATE), mine), "ok")
        for trick in self._random.sample(_TRICKS, 3):
            said = await spy.subscribe(self._random.choice(PRIVATE), trick)
            spy.expect(f"the account {trick!r}", said, "forbidden", "bad_payload")
        token = self._mint("eve", accounts=ACCOUNTS, scopes=("account:write",))
        said = await spy.show(token, ())
        spy.expect("a token with another scope", said, "ok")
        said = await spy.subscribe(self._random.choice(PRIVATE), mine)
        spy.expect("a subscribe without the scope", said, "forbidden")
        await asyncio.sleep(self._random.uniform(0.0, 0.3))
        await self._leave(spy)

    async def _fewer(self) -> None:
        """A token that grants less than the one before: what it does not grant is over with its answer."""
        spy = await self._connect()
        mine, other = self._two()
        channel = self._random.choice(PRIVATE)
        both = self._mint("eve", accounts=(mine, other), scopes=("account:read",))
        spy.expect("a good token", await spy.show(both, (mine, other)), "ok")
        had = [await spy.subscribe(channel, account) for account in (mine, other)]
        spy.expect("one's own accounts", had[0], "ok")
        await asyncio.sleep(self._random.uniform(0.0, 0.6))
        less = self._mint("eve", accounts=(mine,), scopes=("account:read",))
        spy.expect("a token that grants less", await spy.show(less, (mine,)), "ok")
        spy.expect("what it grants no more", await spy.subscribe(channel, other), "forbidden")
        if had[1] == "ok":
            spy.expect("what was lost", spy.closed.get(f"{channel}:{other}", "not closed"), "forbidden")
        await asyncio.sleep(self._random.uniform(0.0, 0.6))
        await self._leave(spy)

    async def _other_user(self) -> None:
        """Another user's token on one's own connection."""
        spy = await self._connect()
        mine, other = self._two()
        spy.expect(
            "a good token",
            await spy.show(self._mint("eve", accounts=(mine,), scopes=("account:read",)), (mine,)),
            "ok",
        )
        said = await spy.show(self._mint("bob", accounts=(other,), scopes=("account:read",)), (other,))
        spy.expect("another user's token", said, "forbidden")
        spy.expect("the other's account", await spy.subscribe("orders", other), "forbidden")
        await self._leave(spy)

    async def _expiring(self) -> None:
        """A token that runs out, of a client that has no other."""
        spy = await self._connect()
        mine, _ = self._two()
        token = self._mint("eve", accounts=(mine,), scopes=("account:read",), expires_in=1)
        spy.expect("a good token", await spy.show(token, (mine,)), "ok")
        ends = jwt.decode(token, options={"verify_signature": False})["exp"]
        spy.until = ends + TOKEN_LEEWAY + TOKEN_GRACE + 0.05
        await spy.subscribe("orders", mine)
        await asyncio.wait([spy.peer.ended], timeout=20)
        if not spy.peer.ended.done():
            spy.expect("a token that ran out", "nothing", "4003")
        elif (code := spy.peer.ended.result().code) is not None and code != 4000:
            spy.expect("a token that ran out", str(code), "4003")
        spy.peer.transport.abort()


def _expired(token: str) -> bool:
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return False
    return "exp" in claims and float(claims["exp"]) < time.time()
