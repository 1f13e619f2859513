"""What the document says of a channel's topics: how updates are delivered, kept, summed up, and applied.

Whether that fits the channel's messages is for `topic_checks` to say.
"""

from __future__ import annotations

from typing import Literal

from codegen.build.channels import ChannelDraft
from codegen.build.context import Context
from codegen.build.names import pascal
from codegen.contract import State
from codegen.document import Location

Delivery = Literal["conflate", "lossless"]
Snapshot = Literal["subscribe", "recover"]
Order = Literal["ascending", "descending"]


def delivery(context: Context, draft: ChannelDraft) -> Delivery | None:
    """`x-delivery.mode`, checked."""
    place = context.at(draft.at, "x-delivery")
    if place is None:
        return None
    match context.text(place, "mode"):
        case "conflate":
            return "conflate"
        case "lossless":
            return "lossless"
        case other:
            context.error(place, "x-delivery", f"`mode` is {other!r}; it must be conflate or lossless")
            return None


def delivery_key(context: Context, draft: ChannelDraft) -> str | None:
    """`x-delivery.key`, checked by itself."""
    place = context.at(draft.at, "x-delivery", "key")
    if place is None:
        return None
    if context.text(draft.at, "x-delivery", "mode") != "conflate":
        context.error(
            place, "x-delivery", "a key says what is kept where updates are conflated; say `mode: conflate`"
        )
    elif context.at(draft.at, "x-state") is not None:
        context.error(place, "x-delivery", "changes are merged by the key of x-state; take this one away")
    return context.text(draft.at, "x-delivery", "key") or None


def history(context: Context, draft: ChannelDraft) -> int | None:
    """`x-history.updates`, checked."""
    place = context.at(draft.at, "x-history")
    return None if place is None else _count(context, place, "x-history", "updates")


def snapshot(context: Context, draft: ChannelDraft) -> Snapshot | None:
    """`x-snapshot`, checked."""
    place = context.at(draft.at, "x-snapshot")
    if place is None:
        return None
    match context.value(place):
        case "subscribe":
            return "subscribe"
        case "recover":
            return "recover"
        case other:
            context.error(place, "x-snapshot", f"{other!r} is neither subscribe nor recover")
            return None


def hook(context: Context, draft: ChannelDraft) -> str:
    """`x-hook`, else one made of the channel's class name."""
    return context.text(draft.at, "x-hook") or f"use{draft.class_name or pascal(draft.name)}"


def state(context: Context, draft: ChannelDraft) -> State | None:
    """`x-state`, checked by itself."""
    place = context.at(draft.at, "x-state")
    if place is None:
        return None
    key, value = context.text(place, "key"), context.text(place, "value")
    lists = tuple(
        (name, order)
        for name, at in context.entries(place, "lists")
        if (order := _order(context, name, at)) is not None
    )
    if not key or not value or not lists:
        context.error(place, "x-state", "`key`, `value` and at least one of `lists` are needed")
        return None
    if key == value:
        context.error(place.child("value"), "x-state", f"{key!r} cannot be both the key and the value")
        return None
    checksum = _count(context, place, "x-state", "checksum") if context.at(place, "checksum") else None
    return State(key, value, lists, checksum)


def _order(context: Context, name: str, at: Location) -> Order | None:
    match context.value(at):
        case "ascending":
            return "ascending"
        case "descending":
            return "descending"
        case other:
            context.error(at, "x-state", f"{name!r} is {other!r}; it must be ascending or descending")
            return None


def _count(context: Context, place: Location, rule: str, name: str) -> int | None:
    value = context.get(place, name)
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    context.error(place, rule, f"`{name}` must be a positive whole number")
    return None
