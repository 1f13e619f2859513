"""Channels: which there are, and what they are called."""

from __future__ import annotations

import re

from codegen.contract import Channel, Json
from codegen.diff.changes import Direction
from codegen.diff.channel_notes import ChannelNotes
from codegen.diff.grants import GrantChanges
from codegen.diff.matching import Pairs
from codegen.diff.notes import Notes, value_at
from codegen.diff.parameters import ParameterChanges
from codegen.diff.payloads import PayloadChanges
from codegen.diff.promises import PromiseChanges
from codegen.diff.words import code

_PARAMETER = re.compile(r"\{([^{}]*)\}")


class ChannelChanges(ChannelNotes):
    """Compares all channels of two contracts."""

    def __init__(self, notes: Notes, pairs: Pairs, payloads: PayloadChanges) -> None:
        super().__init__(notes)
        self._pairs = pairs
        self._payloads = payloads

    def compare(self) -> None:
        """Note every change."""
        for channel in self._pairs.removed_channels:
            self._removed(channel)
        for channel in self._pairs.added_channels:
            what = "subscribe to" if channel.is_topic else "use"
            self._note(
                "compatible",
                "channel-added",
                f"clients may {what} {code(channel.address)} now; nobody has to",
                old=None,
                new=channel,
                before=None,
                after=channel.address,
            )
        promises, grants = PromiseChanges(self._notes), GrantChanges(self._notes)
        parameters = ParameterChanges(self._notes, self._payloads)
        for old, new in self._pairs.channels:
            self._address(old, new)
            self._names(old, new)
            promises.compare(old, new)
            grants.compare(old, new)
            parameters.compare(old, new)
            self._deprecated(old, new)

    def _removed(self, channel: Channel) -> None:
        moved = {id(old.channel) for old, _ in self._pairs.messages}
        directions = [d for d in _DIRECTIONS if getattr(channel, d)]
        messages = tuple(m.key for d in directions for m in getattr(channel, d))
        if id(channel) in moved and not any(s.channel is channel for s in self._pairs.removed_messages):
            self._note(
                "dangerous",
                "channel-removed",
                f"nothing changes on the wire, for all messages of {code(channel.address)} are those of other channels "
                "now, but code that uses what is generated for it has to change",
                old=channel,
                new=None,
                before=channel.address,
                after=None,
                scope="code",
            )
            return
        if channel.is_topic:
            reason = f"clients that subscribe to {code(channel.address)} are refused: there is no such channel any more"
        elif self._notes.enveloped:
            reason = (
                f"clients that send or wait for messages of {code(channel.address)} are refused, or wait in vain: "
                "there is no such channel any more"
            )
        else:
            reason = (
                f"clients that connect to {code(channel.address)} are refused: there is no such path any more"
            )
        direction = directions[0] if len(directions) == 1 else None
        self._note(
            "breaking",
            "channel-removed",
            reason,
            old=channel,
            new=None,
            before=channel.address,
            after=None,
            direction=direction,
            messages=messages,
        )

    # --- what it is called ---

    def _address(self, old: Channel, new: Channel) -> None:
        if old.address == new.address:
            return
        fixed = [_PARAMETER.sub("{}", channel.address) for channel in (old, new)]
        if fixed[0] == fixed[1]:
            pairs = [
                f"{code(one.name)} is {code(other.name)} now"
                for one, other in zip(old.parameters, new.parameters, strict=False)
                if one.name != other.name
            ]
            self._note(
                "dangerous",
                "parameter-renamed",
                f"nothing changes on the wire, but code that names parameters of {code(new.name)} has to change: "
                + ", ".join(pairs),
                old=old,
                new=new,
                before=old.address,
                after=new.address,
                scope="code",
            )
            return
        if not self._notes.enveloped:
            self._note(
                "breaking",
                "address-changed",
                f"clients that connect to {code(old.address)} are refused: the channel is at {code(new.address)} now",
                old=old,
                new=new,
                before=old.address,
                after=new.address,
                direction="client_to_server",
            )
        elif new.is_topic or old.is_topic or new.updates:
            self._note(
                "breaking",
                "address-changed",
                f"clients that take {code(old.address)} for the topic of what they receive know none of these "
                f"updates: their topic is {code(new.address)} now",
                old=old,
                new=new,
                before=old.address,
                after=new.address,
                direction="server_to_client",
            )
        else:
            self._note(
                "compatible",
                "address-changed",
                f"no message carries the address of {code(new.name)}, so clients cannot tell",
                old=old,
                new=new,
                before=old.address,
                after=new.address,
                scope="code",
            )

    def _names(self, old: Channel, new: Channel) -> None:
        if old.name != new.name:
            self._note(
                "breaking",
                "channel-name-changed",
                f"nothing changes on the wire, but code that uses {code(old.name)} of the generated clients no longer "
                f"compiles: it is called {code(new.name)} now",
                old=old,
                new=new,
                before=old.name,
                after=new.name,
                field="x-name",
                scope="code",
            )
        if old.hook != new.hook and (old.is_topic or new.is_topic):
            self._note(
                "breaking",
                "hook-name-changed",
                f"nothing changes on the wire, but components that call {code(old.hook)} no longer compile: "
                f"the hook is called {code(new.hook)} now",
                old=old,
                new=new,
                before=old.hook,
                after=new.hook,
                field="x-hook",
                scope="code",
            )

    # --- the end of a life ---

    def _deprecated(self, old: Channel, new: Channel) -> None:
        before, after = (
            _deprecated(value_at(side.document, channel.place))
            for side, channel in ((self._notes.old, old), (self._notes.new, new))
        )
        if after and not before:
            self._note(
                "compatible",
                "channel-deprecated",
                f"clients may go on using {code(new.name)} for now, but ought to leave it",
                old=old,
                new=new,
                before=before,
                after=after,
            )


_DIRECTIONS: tuple[Direction, ...] = ("client_to_server", "server_to_client")


def _deprecated(value: Json) -> bool:
    return isinstance(value, dict) and (value.get("deprecated") is True or bool(value.get("x-deprecated")))
