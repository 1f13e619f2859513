"""Which numbers and texts are times, so far as names and descriptions tell."""

from __future__ import annotations

import re

from codegen.contract import Json, SchemaDict

_NAMES = re.compile(
    r"(^|_|start|end)(time|timestamp|ts|datetime|created|updated|sent|received|at|epoch_ms|timestamp_ms|when)$",
    re.IGNORECASE,
)
_UNITS = (("millisecond", 1000), ("microsecond", 10**6), ("nanosecond", 10**9), ("second", 1))
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def ticks(name: str, schema: SchemaDict, example: Json = None) -> int:
    """How many of a number's units a second has where it is a time since 1970: 1, 1000, …; 0 where it is none."""
    plain = _CAMEL.sub("_", name).lower()
    said = f"{schema.get('description', '')} {schema.get('title', '')}".lower()
    is_unix = "unix" in said or "since 1970" in said or "epoch" in said.split()
    if isinstance(example, int | float) and not isinstance(example, bool):
        for unit in (1, 1000, 10**6, 10**9):
            if 10**9 * unit <= example < 4 * 10**9 * unit and (is_unix or _NAMES.search(plain)):
                return unit
        return 0
    if not (is_unix or (_NAMES.search(plain) and plain not in ("sent", "received"))):
        return 0
    for word, unit in _UNITS:
        if word in said:
            return unit
    return 1000
