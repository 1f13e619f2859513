"""How reasons name things."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from codegen.contract import Json, Message
from codegen.diagnostics import in_code
from codegen.diff.changes import Direction

_LONG = 60


def code(value: Json) -> str:
    """A value between backticks, cut where it is long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if len(text) > _LONG:
        text = text[: _LONG - 1] + "…"
    return in_code(text) if text else '""'


def values(listed: Sequence[Json], most: int = 4) -> str:
    """Some values: `a`, `b` and 3 more."""
    return joined([code(value) for value in listed], most)


def joined(parts: Sequence[str], most: int = 4) -> str:
    """Parts in a sentence: a, b and c; the first ones and how many more where there are many."""
    if len(parts) > most:
        return f"{', '.join(parts[: most - 1])} and {len(parts) - most + 1} more"
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def called(message: Message) -> str:
    """What readers know a message by: its tag, where that is text, else its key."""
    return message.tag.value if message.tag and isinstance(message.tag.value, str) else message.key


def who(direction: Direction | None, messages: Iterable[str] = ()) -> str:
    """The clients that a change concerns: "clients that send `a` and `b`"."""
    named = joined([code(name) for name in messages], 3)
    verb = "send" if direction == "client_to_server" else "receive"
    return f"clients that {verb} {named}" if named and direction else "clients"


def value_path(at: Iterable[str | int]) -> str:
    """The way to a value: `payload.winds[*].knots`."""
    text = ""
    for key in at:
        if key == "*" or isinstance(key, int):
            text += f"[{key}]"
        else:
            text += f".{key}" if text else str(key)
    return text


def sentence(text: str) -> str:
    """A clause with a capital at its beginning and a stop at its end."""
    text = text.strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else text + "."
