"""From publications to subscribers: numbering, framing once, and the life of topics."""

from service.hub.hub import Hub, Position, ThreadSafeSink, TooManyTopics
from service.hub.listener import TopicListener, TopicUnavailable

__all__ = ["Hub", "Position", "ThreadSafeSink", "TooManyTopics", "TopicListener", "TopicUnavailable"]
