"""What a socket of its own is sent unasked: the channel's messages in turn, each a little different from its last."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from random import Random

from codegen.mock.alive import Alive
from codegen.mock.kits import ImpossibleError, Kit


class Stream:
    """One connection's messages."""

    def __init__(self, kinds: Sequence[Kit], random: Random, log: Callable[[str], None]) -> None:
        self._random = random
        self._log = log
        self._alive: list[tuple[Kit, Alive]] = []
        for kit in kinds:
            examples = list(kit.examples)
            try:
                examples = examples or [kit.make(random) for _ in range(4)]
            except ImpossibleError:
                log(f"{kit.message.key}: no valid message was found; it is not sent")
                continue
            self._alive.append((kit, Alive(kit.schema, examples, random)))
        self._turn = 0

    def next(self) -> bytes | None:
        """The next message; None where there is none to send, ever."""
        if not self._alive:
            return None
        kit, alive = self._alive[self._turn % len(self._alive)]
        self._turn += 1
        value = alive.advance(time.time())
        if not kit.accepts(value):
            value = kit.make(self._random, like=value)
        return json.dumps(value, ensure_ascii=False).encode()
