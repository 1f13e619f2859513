"""The rules of a contract in plain sentences: what its extensions mean for whoever writes a client."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.contract import Channel, Contract, Envelope
from codegen.render.access_words import who_may
from codegen.render.reference_markdown import code
from codegen.render.reference_outline import Outline
from codegen.render.reference_pages import Fact, ParameterRow

TOO_BIG = 1009
"""The close code that RFC 6455 has for a message that is too big."""

_FIELDS = {
    "type": "which message this is",
    "payload": "the message's body, where it has one",
    "id": "chosen by the client for a request, repeated in its answer",
    "topic": "which topic an update is for",
    "seq": "counts the updates of a topic, by one, within an epoch",
    "seq_from": "the first of the updates that this one stands for, where several were folded together",
    "epoch": "names the life of the topic's history",
    "snapshot": "`true` where the payload replaces what the client holds",
    "checksum": "of an update: the CRC-32 of what the client holds after it, where the channel says of what",
    "recover": "of a subscribe request: the last position that the client has",
    "recovered": "of the answer to such a request: whether all that followed is sent",
    "ts": "when the server published, in Unix milliseconds",
}


def envelope_fields(envelope: Envelope) -> dict[str, str]:
    """The envelope's fields that the document names: what each is, and its name on the wire."""
    found = {what: getattr(envelope, what) for what in _FIELDS}
    return {what: name for what, name in found.items() if isinstance(name, str)}


def field_meaning(what: str) -> str:
    """What one of the envelope's fields is for."""
    return _FIELDS[what]


def duration(milliseconds: int) -> str:
    """A length of time as people say it."""
    for size, name in ((3_600_000, "h"), (60_000, "min"), (1000, "s")):
        if milliseconds >= size and milliseconds % size == 0:
            return f"{milliseconds // size} {name}"
    return f"{milliseconds} ms"


def coming_back(envelope: Envelope) -> str:
    """How a client that was away gets what it missed."""
    e = envelope
    folded = f", or `{e.seq_from}` where it is there," if e.seq_from else ""
    return (
        f"A client that was away subscribes again with `{e.recover}`: the `{e.epoch}` and the `{e.seq}` of the last "
        f"update that it has.\n\n"
        f"- Where the server has every update since, it answers `{e.recovered}: true` with that same position, and "
        f"sends them.\n"
        f"- Where it cannot prove that, it answers `{e.recovered}: false` with the topic's position, and the client "
        f"has missed something.\n\n"
        f"After either answer updates go on from its position by one. Where `{e.seq}`{folded} is further from the last "
        f"`{e.seq}` than that, or `{e.epoch}` is another, something was lost on the way: subscribe again with "
        f"`{e.recover}`; the connection may stay open."
    )


def facts(contract: Contract, channel: Channel, outline: Outline) -> Iterator[Fact]:
    """What the document declares of a channel."""
    envelope = contract.envelope
    may = who_may(contract, channel)
    if may:
        yield Fact("Who may", f"{may} See {outline.rule('Authentication', 'authentication')}.")
    if channel.delivery is not None:
        closing = outline.rule("Close codes", "closed")
        yield Fact("Delivery", _delivery(channel, envelope, closing))
    if channel.history is not None:
        back = outline.rule("Coming back", "those who come back")
        yield Fact("History", f"The last {channel.history} updates of a topic are kept for {back}.")
    if channel.snapshot is not None and envelope is not None:
        who = "that has not recovered" if channel.snapshot == "subscribe" else "that asked to recover in vain"
        yield Fact(
            "First update",
            f"A subscriber {who} is first sent what the topic holds, if anything: an update with "
            f"`{envelope.snapshot}: true`, at the position of the answer.",
        )
    if channel.state is not None and envelope is not None:
        yield Fact("What a subscriber holds", _held(channel, envelope))
        if channel.state.checksum:
            yield Fact("Checksum", _checksum(channel, envelope))
    limits = _limits(contract, channel, outline)
    if limits:
        yield Fact("Limits", limits)


def parameters(channel: Channel) -> Iterator[ParameterRow]:
    """The parts of a channel's address that vary."""
    for one in channel.parameters:
        allowed = ", ".join(map(code, one.enum)) or (f"matches {code(one.pattern)}" if one.pattern else "any")
        spelled = ", ".join(f"{code(alias)} for {code(meant)}" for alias, meant in one.aliases)
        yield ParameterRow(
            name=one.name,
            values=f"{allowed}; also spelled {spelled}" if spelled else allowed,
            default="" if one.default is None else code(one.default),
            meaning=one.description,
            stands=code(".".join(one.location)) if one.location else "",
        )


def _delivery(channel: Channel, envelope: Envelope | None, closed: str) -> str:
    if channel.delivery == "lossless":
        slow = f"A subscriber that reads too slowly is {closed}, for it would miss some."
        return f"Lossless: every update is sent. {slow}"
    folded = (
        f", with `{envelope.seq_from}` where it stands for earlier ones too"
        if envelope and envelope.seq_from
        else ""
    )
    if channel.state:
        return (
            f"Conflated: a subscriber that reads too slowly gets one update for all that wait for it, their changes "
            f"merged{folded}."
        )
    if channel.delivery_key:
        return (
            f"Conflated: a subscriber that reads too slowly gets the latest update of each "
            f"{code(channel.delivery_key)}, and where that is still too much the latest of all{folded}."
        )
    return f"Conflated: a subscriber that reads too slowly gets the latest update only{folded}."


def _held(channel: Channel, envelope: Envelope) -> str:
    state = channel.state
    if state is None:
        return ""
    lists = "; ".join(f"{code(name)}, by {code(state.key)} {order}" for name, order in state.lists)
    several = "Lists" if len(state.lists) > 1 else "A list"
    return (
        f"{several}: {lists}. Each item of an update puts its {code(state.value)} at its {code(state.key)}; the value "
        f"0 removes what is there. An update with `{envelope.snapshot}: true` replaces all that is held."
    )


def _checksum(channel: Channel, envelope: Envelope) -> str:
    state = channel.state
    if state is None:
        return ""
    order = ", ".join(code(name) for name, _ in state.lists)
    joined = f"; the lists joined by `|`, in the order {order}" if len(state.lists) > 1 else ""
    return (
        f"`{envelope.checksum}` is the CRC-32 (that of zlib) of a text: of each list the first {state.checksum} items, "
        f"each as `{state.key}:{state.value}`, joined by `,`{joined}. Numbers are written as ECMAScript writes them "
        f"(`0.1`, `25`, `1e-7`). A client that holds something else subscribes again, without "
        f"`{envelope.recover or 'recover'}`."
    )


def _limits(contract: Contract, channel: Channel, outline: Outline) -> str:
    limits = {one.name: one.value for one in contract.limits}
    said = []
    if channel.client_to_server:
        if "message_bytes" in limits:
            beyond = any(one.code == TOO_BIG for one in contract.close_codes)
            larger = f" (a larger one closes the connection with {TOO_BIG})" if beyond else ""
            said.append(f"a message may have {limits['message_bytes']:,} bytes{larger}".replace(",", " "))
        if "messages_per_second" in limits:
            burst = f" ({limits['message_burst']} at once)" if "message_burst" in limits else ""
            said.append(
                f"messages count among the {limits['messages_per_second']} a second{burst} that a client may send"
            )
    if channel.is_topic and "subscriptions_per_connection" in limits:
        said.append(
            f"each topic is one of the {limits['subscriptions_per_connection']} that a connection may have"
        )
    if not said:
        return ""
    text = "; ".join(said)
    see = [
        outline.rule(title, title.lower())
        for title in ("Limits", "Errors", "Close codes")
        if title in outline.rules
    ]
    return f"{text[0].upper()}{text[1:]}. See {', '.join(see)}."
