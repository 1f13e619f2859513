"""From the hub to the wire: what each client is owed, joined by the turn of the event loop, bounded in bytes."""

from service.delivery.lanes import Audience, Lanes
from service.delivery.message import Compression, Notice, Update
from service.delivery.outbox import Bounds, Outbox
from service.delivery.turn import Turn
from service.delivery.ways import AsgiWay, Farewell, LinkWay, Way

__all__ = [
    "AsgiWay",
    "Audience",
    "Bounds",
    "Compression",
    "Farewell",
    "Lanes",
    "LinkWay",
    "Notice",
    "Outbox",
    "Turn",
    "Update",
    "Way",
]
