"""Print the bars of a symbol as they form, through the generated client.

python examples/client.py [SYMBOL] [RESOLUTION] [URL]
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime

from pydantic import ValidationError

from generated.client import TradingClient
from generated.constants import DEFAULT_URL
from generated.models import BarsSelection
from generated.runtime.errors import ConnectionLost, RequestError


async def main(symbol: str = "AAPL", resolution: str = "1", url: str = DEFAULT_URL) -> int:
    """Subscribe and print until interrupted; the exit code is 1 if the service refuses."""
    async with TradingClient(url) as client:
        try:
            bars = await client.bars.subscribe(BarsSelection(symbol=symbol, resolution=resolution))
        except RequestError as refusal:
            print(f"{symbol} {resolution}: {refusal}", file=sys.stderr)
            return 1
        async with bars:
            async for bar in bars:
                begin = datetime.fromtimestamp(bar.time / 1000, UTC)
                print(f"{begin:%H:%M:%S}", bar.open, bar.high, bar.low, bar.close, bar.volume)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main(*sys.argv[1:4])))
    except ConnectionLost as loss:
        sys.exit(str(loss))
    except ValidationError as error:
        sys.exit(f"no such bars: {error.errors()[0]['msg']}")
    except KeyboardInterrupt:
        sys.exit(130)
