"""Who follows what, and what fails when: all by the seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from tests.stress.nodes.terms import ACCOUNTS, SYMBOLS

KINDS: Final = {
    "valkey killed": 4,
    "valkey paused": 4,
    "valkey flushed": 3,
    "valkey out of memory": 3,
    "node killed": 4,
    "node drained": 4,
    "node paused": 2,
    "publisher killed": 3,
    "publisher paused": 1,
    "connections cut": 4,
}
"""What fails, and how often for each other."""

LONGEST: Final = 3.5
"""Seconds that something is away."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something fails, and is there again after a while."""

    after: float
    """Seconds since the fault before it began."""
    kind: str
    lasts: float
    """Seconds."""
    node: int
    """Which one, where it is one."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one client does."""

    name: str
    seed: int
    symbols: tuple[str, ...]
    """Whose trades, bars and books it follows."""
    grants: tuple[tuple[str, ...], ...]
    """Accounts that its tokens grant, one token after another, and again from the first; empty: it has none."""
    slow: bool
    """Whether its way stands still now and then for longer than the server puts up with."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One run."""

    seed: int
    seconds: float
    """For which faults go on."""
    clients: int = 10
    spies: int = 4

    def faults(self) -> list[Fault]:
        """In order; each kind comes once before any comes by chance, where there is time for that."""
        random = Random(f"{self.seed} faults")
        first = list(KINDS)
        random.shuffle(first)
        faults: list[Fault] = []
        at = 0.0
        while True:
            # Now and then while another has not passed yet.
            after = random.uniform(0.1, 0.6) if random.random() < 0.25 else random.uniform(0.8, 3.0)
            at += after
            if at > self.seconds:
                return faults
            [kind] = [first.pop()] if first else random.choices(list(KINDS), list(KINDS.values()))
            lasts = random.choice((0.0, random.uniform(0.05, 1.0), random.uniform(1.0, LONGEST)))
            faults.append(Fault(after, kind, lasts, random.randrange(2)))

    def wanted(self) -> list[Wanted]:
        """The clients: some without token, others whose tokens grant now this, now that."""
        random = Random(f"{self.seed} clients")
        clients = []
        for number in range(self.clients):
            grants: tuple[tuple[str, ...], ...] = ()
            if number % 3:
                tokens = random.choice((1, 3, 4))
                grants = tuple(
                    tuple(sorted(random.sample(ACCOUNTS, random.randint(1, 3)))) for _ in range(tokens)
                )
            symbols = tuple(random.sample(SYMBOLS, random.randint(1, 3)))
            slow = number % 7 == 3
            name = f"client{number}"
            clients.append(Wanted(name, random.getrandbits(32), ("HOT",) if slow else symbols, grants, slow))
        return clients
