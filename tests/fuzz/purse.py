"""Tokens that are good, and whether what a connection is told is what its own token grants."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from generated.constants import ACCESS
from service.access.minting import mint, new_development_key

ACCOUNTS: Final = ("DEMO-1", "A1", "A2", "B1")
_SCOPE: Final = "account:read"
_MADE: Final[Sequence[tuple[str, Sequence[str], Sequence[str], float]]] = (
    ("alice", ("A1", "A2"), (_SCOPE,), 86_400),
    ("alice", ("A1",), (_SCOPE, "other"), 86_400),
    ("alice", (), (_SCOPE,), 86_400),
    ("alice", ("A1", "A2"), (), 86_400),
    ("alice", ("B1",), (_SCOPE,), -3600),
    ("bob", ("B1",), (_SCOPE,), 86_400),
    ("bob", ("b1", "B1 ", "B", "*"), (_SCOPE,), 86_400),
    ("demo", ("DEMO-1",), (_SCOPE,), 86_400),
    ("nobody", (), (), 86_400),
)
"""Subject, accounts, scopes and seconds of each token."""

_TOLD: Final = re.compile(rb'"type":"(?:%s)\.update"' % "|".join(ACCESS).encode())
_TOPIC: Final = re.compile(rb'"topic":"((?:%s):[^"]*)"' % "|".join(ACCESS).encode())


@dataclass(frozen=True, slots=True)
class Granted:
    """One token, and what it is good for."""

    token: str
    subject: str
    accounts: frozenset[str]
    """Those whose topics may be read with it."""
    valid: bool
    """Whether it is to be accepted."""


class Purse:
    """Tokens of a development key that the service takes."""

    def __init__(self, key: Path) -> None:
        """`key` is made here, in this file."""
        self.key = key
        signer = new_development_key(key)
        self.tokens = [
            Granted(
                mint(signer, subject, accounts=accounts, scopes=scopes, expires_in=seconds),
                subject,
                frozenset(accounts if _SCOPE in scopes else ()),
                seconds > 0,
            )
            for subject, accounts, scopes, seconds in _MADE
        ]
        self.drawn: list[Granted] = []
        """What was taken, since somebody last cleared this."""

    def draw(self, chance: random.Random, *, valid: bool = False) -> Granted:
        """Any of them; with `valid` one that is accepted."""
        taken = chance.choice([one for one in self.tokens if one.valid or not valid])
        self.drawn.append(taken)
        return taken

    def within(self, text: str) -> Granted | None:
        """The token that a text has in it."""
        return next((one for one in self.tokens if one.token in text), None)


def private(chance: random.Random) -> str:
    """A request about an account, one's own or another's, perhaps with a position that one cannot have."""
    request: dict[str, object] = {
        "type": f"{chance.choice(tuple(ACCESS))}.{chance.choice(('subscribe', 'subscribe', 'unsubscribe'))}",
        "id": chance.randrange(1000),
        "payload": {"account_id": chance.choice((*ACCOUNTS, "a1", "A1 ", "A1:B1", "*", "%41"))},
    }
    if chance.random() < 0.3:
        request["recover"] = {"epoch": f"{chance.randrange(16**10):010x}", "seq": chance.randrange(5)}
    if chance.random() < 0.1:
        request["topic"] = f"account:{chance.choice(ACCOUNTS)}"
    return json.dumps(request)


class Watch:
    """Holds what one connection is told against what its token grants. Answers come in the order of the texts."""

    def __init__(self, purse: Purse | None, shown: Granted | None = None, *, anonymous: bool = True) -> None:
        """`shown` came with the handshake; without `anonymous`, nothing is to be had without a token."""
        self._purse = purse
        self._rights = shown
        self._anonymous = anonymous

    def answered(self, text: str, message: dict[str, object]) -> str | None:
        """What is wrong with the answer to a text; None where nothing is."""
        payload = message.get("payload")
        if isinstance(payload, dict) and payload.get("status") == "error":
            return None
        kind = str(message.get("type"))
        if kind == "session.authenticate.response":
            return self._authenticated(text)
        if self._rights is None and not self._anonymous and kind != "pong":
            return "served without a token"
        if kind.endswith(".subscribe.response") and isinstance(payload, dict):
            return self._of(str(payload.get("topic")))
        return None

    def told(self, message: dict[str, object]) -> str | None:
        """What is wrong with a message that was not asked for; None where nothing is."""
        if message.get("type") == "topic.closed":
            return None
        return self._of(str(message.get("topic")))

    def _authenticated(self, text: str) -> str | None:
        granted = None if self._purse is None else self._purse.within(text)
        if granted is None:
            return "a token was accepted that nobody has made"
        if not granted.valid:
            return "a token was accepted that had run out"
        if self._rights is not None and granted.subject != self._rights.subject:
            return "a connection has changed its user"
        self._rights = granted
        return None

    def _of(self, topic: str) -> str | None:
        channel, _, account_id = topic.partition(":")
        if channel not in ACCESS:
            return None
        if self._rights is None or account_id not in self._rights.accounts:
            return "another's account was told"
        return None


def foreign(data: bytes | bytearray, shown: Iterable[Granted]) -> str | None:
    """A topic in the bytes of a connection that none of the tokens shown on it grants; None where there is none."""
    if not _TOLD.search(data):
        return None
    granted = {account for one in shown if one.valid for account in one.accounts}
    for match in _TOPIC.finditer(data):
        if match[1].decode().partition(":")[2] not in granted:
            return match[1].decode()
    return None
