"""What the `x-` fields may name: known to `validate`, which reports all else, and to `build`, which reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ENVELOPE_FIELDS: Final = (
    "id",
    "topic",
    "seq",
    "seq_from",
    "epoch",
    "snapshot",
    "checksum",
    "recover",
    "recovered",
    "ts",
)
"""What `x-envelope` may give a name on the wire, beside `type` and `payload`, which every frame's envelope has."""

LIMITS: Final[Mapping[str, str]] = {
    "message_bytes": "The largest message, in bytes, that the server reads.",
    "messages_per_second": "How many messages a client may send in each second, for as long as it likes.",
    "message_burst": "How many messages a client may send at once, after it was silent.",
    "subscriptions_per_connection": "How many topics one connection may be subscribed to.",
    "connections_per_address": "How many connections there may be from one network address.",
    "connections_per_user": "How many connections there may be whose tokens name one user.",
}
"""What `x-limits` may limit, and what is said of it in generated code."""

RESERVED_HOOKS: Final = frozenset({"useClient", "useConnectionState"})
"""What `x-hook` cannot name: hooks that belong to no channel."""

TYPESCRIPT_MODULES: Final = frozenset(
    {"client", "constants", "index", "messages", "models", "react", "runtime", "topics", "vue"}
)
"""What `x-typescript.entries` cannot name: the package's own modules."""
