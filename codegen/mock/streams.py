"""What a socket of its own is sent unasked: the channel's messages in turn, each a little different from its last."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from random import Random

from codegen.contract import Json
from codegen.mock.alive import Alive
from codegen.mock.kits import ImpossibleError, Kit
from codegen.mock.roles import Place, leaves


class Stream:
    """One connection's messages."""

    def __init__(self, kinds: Sequence[Kit], random: Random, log: Callable[[str], None]) -> None:
        self._random = random
        self._log = log
        self._alive: list[tuple[Kit, list[Alive]]] = []
        for kit in kinds:
            try:
                examples = kit.variants(random, 4)
            except ImpossibleError:
                log(f"{kit.message.key}: no valid message was found; it is not sent")
                continue
            shapes: dict[frozenset[Place], list[Json]] = {}
            for example in examples:
                shapes.setdefault(_shape(example), []).append(example)
            self._alive.append((kit, [Alive(kit.schema, alike, random) for alike in shapes.values()]))
        self._turn = 0

    def next(self) -> bytes | None:
        """The next message; None where there is none to send, ever."""
        if not self._alive:
            return None
        kit, shapes = self._alive[self._turn % len(self._alive)]
        # Each shape once before any comes again: whoever watches is soon shown all.
        alive = shapes[self._turn // len(self._alive) % len(shapes)]
        self._turn += 1
        value = alive.advance(time.time())
        if not kit.accepts(value):
            value = kit.make(self._random, like=value)
        return json.dumps(value, ensure_ascii=False).encode()


def _shape(value: Json) -> frozenset[Place]:
    """Which properties a message has, whatever is in them and however many."""
    return frozenset(tuple(part for part in place if isinstance(part, str)) for place, _ in leaves(value))
