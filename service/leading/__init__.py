"""Which of several processes feeds, where they share a broker."""

from service.leading.choose import shared_feed
from service.leading.lease import Lease
from service.leading.shared import SharedFeed

__all__ = ["Lease", "SharedFeed", "shared_feed"]
