"""Who numbers publications and keeps what topics hold: this process, or a Redis that many share."""

from service.broker.base import Broker, BrokerState, BrokerStatus, BrokerUnavailable, Numbered, Receiver, Seed
from service.broker.memory import MemoryBroker

__all__ = [
    "Broker",
    "BrokerState",
    "BrokerStatus",
    "BrokerUnavailable",
    "MemoryBroker",
    "Numbered",
    "Receiver",
    "Seed",
]
