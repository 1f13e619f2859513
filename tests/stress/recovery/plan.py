"""Who follows what, by a seed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

BUSY: Final = ("BTCUSD", "NVDA", "EURUSD", "AAPL")
"""Symbols that many follow, and of which the run knows every trade."""
LONELY: Final = ("TSLA", "META", "MSFT", "GOOGL", "AMZN", "GBPUSD", "USDJPY", "SPY", "ETHUSD", "EURCHF")
"""Symbols that one client follows at most: with it away, their topics close, and begin anew when it is back."""
RESOLUTIONS: Final = ("1S", "5S", "1", "5", "60")
DEPTHS: Final = (10, 25, 100)

HISTORY: Final = {"bars": 60, "quotes": 30, "trades": 150, "orderbook": 80}
"""Updates that the server keeps of a topic; few, so that who is away for a second or two comes too late."""
HEARTBEAT_MS: Final = 1_500
RECONNECT_MS: Final = (20, 300)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run."""

    seed: int
    hours: float
    """Of the market."""
    speed: float
    """How many times real time the market's clock runs."""
    clients: int
    cuts: int
    """How many connections are to be lost, about."""

    @property
    def seconds(self) -> float:
        """How long connections are cut."""
        return self.hours * 3600 / self.speed

    @property
    def mean(self) -> float:
        """Seconds between two troubles of one client, on average, so that all together are as many as wanted."""
        return max(0.05, self.clients * self.seconds / self.cuts - _RECOVERING)

    def settings(self) -> dict[str, Any]:
        """Of the server: short times, tight bounds."""
        return {
            "feed": "simulate",
            "seed": self.seed,
            "speed": self.speed,
            "updates_per_second": 20.0,
            "log_level": "info",
            "topic_grace": 0.6,
            "heartbeat_interval": 4.0,
            "ping_interval": 1.5,
            "ping_timeout": 1.5,
            "lifespan": 12.0,
            "outbox_bytes": 8_192,
            "outbox_patience": 0.5,
            "close_grace": 1.0,
            "drain_window": 0.5,
        }

    def languages(self) -> list[str]:
        """Of each client: two of three are in Python."""
        return ["typescript" if number % 3 == 2 else "python" for number in range(self.clients)]

    def follow(self, number: int) -> list[dict[str, Any]]:
        """What a client follows."""
        random = Random(f"{self.seed} {number}")
        wanted = [
            _wanted("trades", random.choice(BUSY)),
            _wanted("bars", random.choice(BUSY), resolution=random.choice(RESOLUTIONS)),
            _wanted("orderbook", random.choice(BUSY), depth=random.choice(DEPTHS)),
            _wanted("quotes", random.choice(BUSY)),
        ]
        if number < len(LONELY):
            symbol = LONELY[number]
            # Books and quotes cost the market most.
            wanted.append(_wanted("trades", symbol))
            if number % 2:
                wanted += [_wanted("orderbook", symbol, depth=25), _wanted("quotes", symbol)]
        for one in list(wanted):
            match random.randrange(8):
                case 0:
                    one["leaves"] = True
                case 1:
                    # Two parts of a program want the same; one of them comes and goes.
                    wanted.append({**one, "leaves": True})
        if random.random() < 0.5:
            wanted.append(_wanted("bars", random.choice(BUSY), resolution=random.choice(RESOLUTIONS)))
        return wanted

    def client(self, number: int, port: int) -> dict[str, Any]:
        """Everything that a process of clients has to know of one."""
        language = self.languages()[number]
        return {
            "name": f"{language}-{number}",
            "url": f"ws://127.0.0.1:{port}/api/v1/ws",
            "seed": Random(f"{self.seed} {number} dice").getrandbits(32),
            "reconnect_ms": list(RECONNECT_MS),
            "follow": self.follow(number),
        }


_RECOVERING = 0.25
"""Seconds that a trouble and the way back take, about."""


def _wanted(channel: str, symbol: str, **more: object) -> dict[str, Any]:
    return {"channel": channel, "payload": {"symbol": symbol, **more}, "leaves": False}


def process_plan(clients: list[dict[str, Any]], folder: Path) -> dict[str, Any]:
    """The argument of a process of clients."""
    return {"clients": clients, "folder": str(folder), "heartbeat_ms": HEARTBEAT_MS}
