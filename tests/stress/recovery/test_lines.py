"""A relay that is no good one does to frames what it says, and to nothing else."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from random import Random

from tests.clients.scripted import framed
from tests.stress.recovery.frames import Mangler

HEAD = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"


def update(number: int) -> bytes:
    """An update's frame, some of them long."""
    return framed(f'{{"type":"trades.update","topic":"trades:X","seq":{number}}}' + " " * (number % 7 * 60))


def numbers(octets: bytes) -> list[int]:
    """Which updates these frames are."""
    found = []
    while octets:
        long = octets[1] == 126
        size = 4 + int.from_bytes(octets[2:4], "big") if long else 2 + octets[1]
        found.append(json.loads(octets[4 if long else 2 : size])["seq"])
        octets = octets[size:]
    return found


def test_frames_are_lost_doubled_and_swapped() -> None:
    """In pieces of any size: whole frames come out, in an order of which every difference is counted."""
    for seed in range(30):
        random, counts = Random(seed), Counter[str]()
        mangler = Mangler(random, counts)
        octets, out = HEAD + b"".join(update(number) for number in range(400)), b""
        while octets:
            size = random.randrange(1, 300)
            out += mangler.take(octets[:size])
            octets = octets[size:]
        mangler.well = True
        out += mangler.take(update(400))
        assert out.startswith(HEAD)
        got = numbers(out.removeprefix(HEAD))
        times = Counter(got)
        assert sum(times[number] == 0 for number in range(401)) == counts["updates lost on the way"]
        assert sum(times[number] == 2 for number in range(401)) == counts["updates doubled on the way"]
        # Two that are swapped, one after the other, are out of order once; so is what is doubled around one.
        wrong = sum(one > other for one, other in pairwise(got))
        assert wrong <= counts["updates swapped on the way"] + counts["updates doubled on the way"]
        assert wrong or not counts["updates swapped on the way"]


def test_answers_and_goodbyes_are_left_alone() -> None:
    """And whatever comes once it is well again."""
    mangler = Mangler(Random(1), Counter())
    answers = b"".join(framed(f'{{"type":"trades.subscribe.response","id":{n}}}') for n in range(2000))
    assert mangler.take(HEAD + answers) == HEAD + answers
    mangler.well = True
    updates = b"".join(update(number) for number in range(2000))
    assert mangler.take(updates) == updates
