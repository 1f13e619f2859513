"""The life of topics, for those who feed them."""

from __future__ import annotations

from generated.topics import Topic


class TopicUnavailable(Exception):
    """A topic cannot be served: raised by `topic_opened`; the subscriber is answered with its code."""

    def __init__(self, message: str, *, retryable: bool, code: str = "unavailable") -> None:
        """`code` is one of the contract's: `unknown_symbol`, `unknown_resolution`, `unavailable`."""
        super().__init__(message)
        self.code = code
        self.message = message
        """Why, for the subscriber."""
        self.retryable = retryable
        """Whether subscribing again later may succeed."""


class TopicListener:
    """Hears of topics. All methods are called on the event loop, must not block, and may publish.

    What is published from within them reaches a new subscriber after the answer to its request.
    """

    def accepts(self, topic: Topic) -> None:
        """Whether a topic exists: TopicUnavailable turns its subscriber away before anything is opened for it.

        Asked only where many processes share a broker, and there of the one that somebody subscribes at.
        """

    def topic_opened(self, topic: Topic) -> None:
        """The first subscriber of a topic came. TopicUnavailable turns it away."""

    def topic_subscribers(self, topic: Topic, count: int) -> None:
        """An open topic has this many subscribers now; called after each change, first and last too."""

    def topic_closed(self, topic: Topic) -> None:
        """Nobody has listened to a topic for the grace period; called once for each `topic_opened`."""

    def topic_base_wanted(self, topic: Topic) -> None:
        """What an open topic holds has been lost, so that changes to it mean nothing: publish the whole.

        Called where a broker says so, again for each change that it had to refuse; of topics too that are open only
        in other processes that share the broker.
        """
