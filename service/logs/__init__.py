"""Logging: one line an event, its fields beside it, and on each line the connection it belongs to.

    log = logging.getLogger(__name__)
    log.info(event("closing", code=4004, reason="the client reads too slowly"))

The connection's id travels in a context variable, so that whatever happens on its behalf is logged with it:
its handlers, its timers, what the server says about it.
"""

from service.logs.event import Event, connection_id, event, on_behalf
from service.logs.setup import WORKER_VARIABLE, configure

__all__ = ["WORKER_VARIABLE", "Event", "configure", "connection_id", "event", "on_behalf"]
