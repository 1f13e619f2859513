"""Prints what a mock of the own document answers and sends, times aside: run by a test, in a process of its own."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tests.codegen.mock.mocked import SPEC, mocked, raw

SELECTIONS: dict[str, dict[str, object]] = {
    "quotes": {"symbol": "MSFT"},
    "trades": {"symbol": "BTCUSD"},
    "orderbook": {"symbol": "AAPL", "depth": 10},
}
TIMES = ("ts", "time", "epoch_ms")


def timeless(value: Any) -> Any:  # noqa: ANN401 - JSON
    """A value without times."""
    if isinstance(value, dict):
        return {name: timeless(item) for name, item in value.items() if name not in TIMES}
    return [timeless(item) for item in value] if isinstance(value, list) else value


async def main() -> None:
    """Ask for some of everything."""
    async with mocked(rate=100, seed=5, path=SPEC) as mock, raw(mock) as client:
        print(json.dumps(await client.ask({"type": "symbols.list", "payload": {}})))
        for channel, selection in SELECTIONS.items():
            answer = await client.ask({"type": f"{channel}.subscribe", "payload": selection})
            print(json.dumps(timeless(answer)))
            for update in await client.take(20, f"{channel}.update"):
                print(json.dumps(timeless(update)))
            await client.ask({"type": f"{channel}.unsubscribe", "payload": selection})


if __name__ == "__main__":
    asyncio.run(main())
