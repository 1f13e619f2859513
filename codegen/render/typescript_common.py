"""What the clients of both kinds of document are described with."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.contract import Channel, Contract, Json, Message
from codegen.render.typescript_types import literal

OBJECT_MEMBERS = frozenset(
    {
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "prototype",
        "then",
        "toLocaleString",
        "toString",
        "valueOf",
    }
)
"""Names that every class has already, or that would make it something else."""


@dataclass(frozen=True, slots=True)
class UnionView:
    """All that one side of a socket sends."""

    name: str
    description: str
    members: tuple[str, ...]


_STOP = (1002, 1003, 1007, 1008, 1009, 1010)
"""Close codes that say that the client is at fault, unless a contract says otherwise."""


def close_advice(contract: Contract) -> tuple[str, str]:
    """What a client does about close codes, as the field of the run-time's `CloseAdvice` and its expression.

    It stops after those of 4500 to 4999 that the contract does not have reconnect, and of all others after those that
    mean stop: first the contract's, then what the contract leaves open.
    """
    listed = {item.code: item.client for item in contract.close_codes}
    stop: list[Json] = [c for c, client in listed.items() if client == "stop" and not 4500 <= c < 5000]
    stop += [code for code in _STOP if code not in listed]
    retry: list[Json] = [c for c, client in listed.items() if client == "reconnect" and 4500 <= c < 5000]
    listing = f"{literal(stop)}.includes(code) || " if stop else ""
    but = f" && !{literal(retry)}.includes(code)" if retry else ""
    return "stops", f"(code) => {listing}(code >= 4500 && code < 5000{but})"


def message_unions(prefix: str, channels: tuple[Channel, ...]) -> tuple[UnionView, UnionView]:
    """What clients send over some channels, and what the server does."""
    sent = dict.fromkeys(f"models.{m.schema}" for channel in channels for m in channel.client_to_server)
    heard = dict.fromkeys(f"models.{m.schema}" for channel in channels for m in channel.server_to_client)
    return (
        UnionView(f"{prefix}ClientMessage", "Everything that clients send.", tuple(sent)),
        UnionView(f"{prefix}ServerMessage", "Everything that the server sends.", tuple(heard)),
    )


def message_description(message: Message) -> str:
    """What a message is for; its name where the document does not say."""
    named = message.title if message.title != message.key else f"Message `{message.key}`."
    return message.description or named


def tag_of(message: Message) -> str:
    """The value by which a message is told, as an expression."""
    return literal(message.tag.value if message.tag else message.key)


def free(name: str, suffix: str, taken: set[str]) -> str:
    """A member's name that nothing else in the class has."""
    while name in taken:
        name += suffix
    taken.add(name)
    return name
