"""What tests of publishing over a real Valkey publish, and what they read of it."""

from __future__ import annotations

from generated.models import Quote, Trade
from generated.runtime.backoff import Backoff
from generated.runtime.redis_outgoing import PublisherOptions
from generated.runtime.redis_protocol import Reading, parse_reading, read_command
from generated.runtime.redis_scripts import READ
from generated.topics import OrderbookTopic, TradesTopic
from tests.valkey import ValkeyServer, execute

TRADES = TradesTopic("A")
QUOTE = Quote(time=5, bid=1, ask=2, bid_size=1, ask_size=1, last=1, change=0)
BOOK = OrderbookTopic("A", "10")
QUICK = PublisherOptions(timeout_s=0.4, socket_timeout_s=0.1, backoff=Backoff(base=0.01, cap=0.05))
PATIENT = PublisherOptions(timeout_s=30.0, socket_timeout_s=0.2, backoff=Backoff(base=0.01, cap=0.05))


def trade(number: int) -> Trade:
    """A trade by its number."""
    return Trade(id=number, price=1, size=1, side="buy", time=number)


def read(server: ValkeyServer, channel: str, address: str) -> Reading:
    """What the server has of a topic."""
    with server.client() as client:
        client.script_load(READ.text)
        return parse_reading(channel, address, execute(client, *read_command(address)))


def told(server: ValkeyServer) -> list[int]:
    """The numbers of the trades in the topic's history."""
    return [
        Trade.model_validate_json(message.publication.payload).id
        for message in read(server, "trades", TRADES.address).history
        if message.publication is not None
    ]
