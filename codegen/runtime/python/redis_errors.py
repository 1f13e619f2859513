"""What publishing over the broker raises.

BrokerError
├── BrokerUnavailable      it was tried for as long as it may take; whether it was carried out is not known
│   └── BrokerOutOfMemory  since Redis has no memory left
├── BrokerRefused          Redis will not, however often it is asked: wrong password, no permission, no such command
├── SnapshotNeeded         it changes what nobody has told the whole of: publish that first, with `snapshot=True`
├── PublicationLost        others after it were carried out and it was not; readers were told of a hole
├── BrokerQueueFull        too much waits to be sent already; this was not taken
└── PublisherClosed        the publisher was not opened yet, or is closed (also a RuntimeError)

After each of the first four the next publication of the topic is numbered as if this one had been sent; readers of
the topic are told that there is a hole, where there is one.
"""

from __future__ import annotations

from .errors import WireError


class BrokerError(WireError):
    """Root of all errors of publishing over the broker."""


class BrokerUnavailable(BrokerError):
    """Redis could not be reached, or did not answer, for as long as a publication may take."""


class BrokerOutOfMemory(BrokerUnavailable):
    """Redis had no memory left for as long as a publication may take; nothing of it was carried out."""


class BrokerRefused(BrokerError):
    """Redis does not let this be done, and would not the next time either."""


class SnapshotNeeded(BrokerError):
    """An update changes keyed lists of which Redis has no beginning; it was not carried out.

    So it is with the first update of a topic, and after Redis was restarted or flushed, or publications were lost.
    Publish the whole with `snapshot=True`, then go on.
    """

    def __init__(self, topic: str) -> None:
        super().__init__(f"{topic} has no beginning: publish the whole with snapshot=True first")
        self.topic = topic
        """The topic's address."""


class PublicationLost(BrokerError):
    """It was not carried out though later ones of its topic were; readers were told that there is a hole."""


class BrokerQueueFull(BrokerError):
    """More waits to be sent than the options allow; this was not taken, and nothing is missing because of it."""


class PublisherClosed(BrokerError, RuntimeError):
    """Nothing can be published before the publisher was opened, or after it was closed."""
