"""Where a broker is: what may stand in the setting, and what of it may be shown."""

from __future__ import annotations

from generated.runtime import redis_address

MEMORY = "memory"


def check_address(text: str) -> str:
    """The address, which is `memory` or a URL. ValueError, without a word of its password, where it is neither."""
    if text != MEMORY:
        try:
            redis_address.driver_url(text)
        except ValueError as error:
            raise ValueError(str(error).replace("give a URL", "give memory, or a URL", 1)) from None
    return text


def shown(address: str) -> str:
    """The same for logs and health: without user, password and options."""
    return address if address == MEMORY else redis_address.shown(address)
