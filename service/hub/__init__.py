"""From publications to subscribers: numbering, framing once, and the life of topics."""

from service.hub.hub import Hub, TooManyTopics
from service.hub.listener import TopicListener, TopicUnavailable
from service.hub.sinks import ThreadSafeSink
from service.hub.topic import Joined, Position

__all__ = [
    "Hub",
    "Joined",
    "Position",
    "ThreadSafeSink",
    "TooManyTopics",
    "TopicListener",
    "TopicUnavailable",
]
