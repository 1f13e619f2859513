"""What a token must grant to those who subscribe to the topics of a channel (`x-access` in the contract)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccessRule:
    """Who may: whoever has a valid token that grants all of this."""

    scopes: tuple[str, ...] = ()
    """All of them; empty where any valid token will do."""
    parameter: str | None = None
    """The attribute of a topic whose value the token must name; None where it need not name one."""
