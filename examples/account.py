"""Print what an account is worth, with a token.

TAPEWIRE_TOKEN="$(python -m service token --key dev-key.json --subject me --account DEMO-1)" \
    python examples/account.py [ACCOUNT] [URL]
"""

from __future__ import annotations

import asyncio
import os
import sys

from generated.client import TradingClient
from generated.constants import DEFAULT_URL
from generated.models import AccountSelection
from generated.runtime.errors import ConnectionLost, RequestError
from generated.runtime.options import ClientOptions


def token() -> str:
    """A token that is good now. A program that runs for longer asks whoever issues tokens."""
    try:
        return os.environ["TAPEWIRE_TOKEN"]
    except KeyError:
        sys.exit("put a token into TAPEWIRE_TOKEN")


async def main(account: str = "DEMO-1", url: str = DEFAULT_URL) -> int:
    """Subscribe and print until interrupted; the exit code is 1 if the account is not for this token."""
    selection = AccountSelection(account_id=account)
    token()
    async with TradingClient(url, options=ClientOptions(token=token)) as client:
        try:
            worth = await client.account.subscribe(selection)
            async for summary in worth:
                print(summary.equity, summary.currency, summary.unrealized_profit, flush=True)
        except RequestError as refusal:  # at once, or later, where the right is taken back
            print(f"{account}: {refusal}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main(*sys.argv[1:3])))
    except ConnectionLost as loss:
        sys.exit(str(loss))
    except KeyboardInterrupt:
        sys.exit(130)
