"""What the generator's clients send: files in the format that plan.h reads."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from tests.bench.rows import Row

Protocol = Literal["envelope", "quotes", "list", "nats"]
"""How a server is asked for topics: a request for each (for bars, or for quotes), all in one list, or in NATS's own
words."""

Position = tuple[str, int]
"""Epoch and number of the last update that a client has."""

_SEED = 3


def write_plan(path: Path, clients: Sequence[Sequence[bytes]]) -> None:
    """A turn of frames for each client; clients beyond them start over."""
    numbers = struct.Struct("=I")
    with path.open("wb") as file:
        file.write(numbers.pack(len(clients)))
        for frames in clients:
            file.write(numbers.pack(len(frames)))
            for frame in frames:
                file.write(numbers.pack(len(frame)) + frame)


def topics_of_clients(row: Row) -> list[list[int]]:
    """The topics of each client: all of them, or a choice of its own, the same in every run."""
    if row.own:
        return [[number % row.topics] for number in range(row.clients)]
    if row.topics_each == row.topics:
        return [list(range(row.topics))]
    choice = random.Random(_SEED)
    return [sorted(choice.sample(range(row.topics), row.topics_each)) for _ in range(row.clients)]


def subscriptions(topics: Sequence[int], protocol: Protocol) -> list[bytes]:
    """The frames in which a client asks for these topics."""
    if protocol == "list":
        return [json.dumps({"subscribe": topics}).encode()]
    if protocol == "nats":
        asked = "".join(f"SUB {subject(number)} {number + 1}\r\n" for number in topics)
        return [f'CONNECT {{"verbose":false,"pedantic":false}}\r\n{asked}PING\r\n'.encode()]
    if protocol == "quotes":
        return [quotes_request(number) for number in topics]
    return [request(number) for number in topics]


def request(number: int) -> bytes:
    """One subscribe request of Tapewire's contract, which FastWS's users write alike."""
    payload = {"symbol": f"SY{number:02}", "resolution": "1"}
    return json.dumps({"type": "bars.subscribe", "payload": payload}, separators=(",", ":")).encode()


def quotes_request(number: int, position: Position | None = None) -> bytes:
    """Ask for a symbol's quotes, anew or from a position on."""
    message: dict[str, object] = {"type": "quotes.subscribe", "payload": {"symbol": f"SY{number:02}"}}
    if position is not None:
        message["recover"] = {"epoch": position[0], "seq": position[1]}
    return json.dumps(message, separators=(",", ":")).encode()


def subject(number: int) -> str:
    """A topic's name at NATS, where a colon means nothing and a dot parts."""
    return f"bars.SY{number:02}.1"
