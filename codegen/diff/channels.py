"""Channels: which there are, what they are called, and what they promise of their updates."""

from __future__ import annotations

import re

from codegen.contract import Channel, Json, Parameter, State
from codegen.diff.changes import Direction, Scope, Verdict
from codegen.diff.matching import Pairs
from codegen.diff.notes import Notes, found, value_at
from codegen.diff.payloads import PayloadChanges
from codegen.diff.words import code, values
from codegen.document import Location

_PARAMETER = re.compile(r"\{([^{}]*)\}")


class ChannelChanges:
    """Compares all channels of two contracts."""

    def __init__(self, notes: Notes, pairs: Pairs, payloads: PayloadChanges) -> None:
        self._notes = notes
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
        for old, new in self._pairs.channels:
            self._address(old, new)
            self._names(old, new)
            self._delivery(old, new)
            self._history(old, new)
            self._snapshot(old, new)
            self._state(old, new)
            self._parameters(old, new)
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

    # --- what it promises ---

    def _delivery(self, old: Channel, new: Channel) -> None:
        name = code(new.name)
        verdict: Verdict
        if old.delivery != new.delivery:
            match old.delivery, new.delivery:
                case "lossless", _:
                    verdict = "breaking"
                    reason = f"clients that count on every update of {name} miss some when they read slowly"
                    reason += (
                        ": only the latest is kept for them" if new.delivery else ": nothing is promised now"
                    )
                case _, "lossless":
                    verdict = "dangerous"
                    reason = (
                        f"clients that read {name} slowly are closed now, rather than sent the latest update only"
                        if old.delivery
                        else f"clients that read {name} slowly are closed, which the old contract did not say"
                    )
                case _, "conflate":
                    verdict = "dangerous"
                    reason = f"clients that read {name} slowly are sent the latest update only, and miss those between"
                case _:
                    verdict = "dangerous"
                    reason = f"clients that read {name} slowly are no longer promised the latest update"
            self._promise(
                verdict,
                "delivery-changed",
                reason,
                old=old,
                new=new,
                before=old.delivery,
                after=new.delivery,
                field="x-delivery",
            )
        elif old.delivery_key != new.delivery_key:
            if old.delivery_key is None:
                verdict = "compatible"
                reason = f"slow readers of {name} are sent more: the latest of each {code(new.delivery_key)}"
            else:
                verdict = "breaking"
                now = f"of each {code(new.delivery_key)}" if new.delivery_key else "of all"
                reason = (
                    f"clients that read {name} slowly and count on the latest of each {code(old.delivery_key)} are "
                    f"sent the latest {now} only"
                )
            self._promise(
                verdict,
                "delivery-key-changed",
                reason,
                old=old,
                new=new,
                before=old.delivery_key,
                after=new.delivery_key,
                field="x-delivery",
            )

    def _history(self, old: Channel, new: Channel) -> None:
        before, after = old.history or 0, new.history or 0
        name = code(new.name)
        if after < before:
            verdict: Verdict = "dangerous"
            reason = f"clients that come back to {name} after more than {after} updates cannot recover" + (
                f", though they could after up to {before}"
                if after
                else ": no updates are kept for them any more"
            )
        elif after > before:
            verdict = "compatible"
            reason = (
                f"clients that come back to {name} recover from longer absences: {after} updates are kept"
            )
        else:
            return
        self._promise(
            verdict,
            "history-changed",
            reason,
            old=old,
            new=new,
            before=old.history,
            after=new.history,
            field="x-history",
        )

    def _snapshot(self, old: Channel, new: Channel) -> None:
        before, after = old.snapshot, new.snapshot
        if before == after:
            return
        name = code(new.name)
        envelope = self._notes.old.contract.envelope
        if before is None and after == "recover" and envelope is not None and envelope.recover is None:
            verdict: Verdict = "compatible"
            reason = f"only clients that ask to recover are sent what {name} holds, and none could ask before"
        elif before is None or after == "subscribe":
            when = "at first" if after == "subscribe" else "when they could not recover"
            verdict = "dangerous"
            reason = f"subscribers of {name} are sent what the topic holds {when}, which clients may take for an update"
        else:
            verdict = "breaking"
            when = "unless they asked to recover in vain" if after else "at all"
            reason = (
                f"clients that wait for what {name} holds are not sent it {when}, and know only what changes"
            )
        self._promise(
            verdict,
            "snapshot-changed",
            reason,
            old=old,
            new=new,
            before=before,
            after=after,
            field="x-snapshot",
        )

    def _state(self, old: Channel, new: Channel) -> None:
        before, after = old.state, new.state
        if before == after:
            return
        name = code(new.name)
        verdict: Verdict = "breaking"
        if before is None:
            reason = (
                f"clients that take updates of {name} for the whole are wrong: they change keyed lists now"
            )
        elif after is None:
            reason = f"clients that fold the updates of {name} into keyed lists are wrong: each stands for itself now"
        elif (before.key, before.value, before.lists) != (after.key, after.value, after.lists):
            reason = (
                f"clients that fold the updates of {name} by the old rule hold something wrong from now on"
            )
        elif before.checksum is None:
            verdict = "compatible"
            reason = f"clients may check what they hold of {name} against a checksum now; nobody has to"
        elif after.checksum is None:
            verdict = "dangerous"
            reason = (
                f"clients that check what they hold of {name} no longer can, and do not see when it is wrong"
            )
        else:
            reason = (
                f"clients that compute the checksum of {name} over {before.checksum} entries find what they hold "
                f"wrong each time: it covers {after.checksum} now"
            )
        self._promise(
            verdict,
            "state-changed",
            reason,
            old=old,
            new=new,
            before=_state(before),
            after=_state(after),
            field="x-state",
        )

    def _promise(
        self,
        verdict: Verdict,
        kind: str,
        reason: str,
        *,
        old: Channel,
        new: Channel,
        before: Json,
        after: Json,
        field: str,
    ) -> None:
        self._note(
            verdict,
            kind,
            reason,
            old=old,
            new=new,
            before=before,
            after=after,
            field=field,
            direction="server_to_client",
            messages=tuple(message.key for message in new.updates),
        )

    # --- parameters ---

    def _parameters(self, old: Channel, new: Channel) -> None:
        by_name = {parameter.name: parameter for parameter in old.parameters}
        if set(by_name) == {parameter.name for parameter in new.parameters}:
            pairs = [(by_name[parameter.name], parameter) for parameter in new.parameters]
        elif len(old.parameters) == len(new.parameters):
            pairs = list(zip(old.parameters, new.parameters, strict=True))
        else:
            pairs = [(by_name[p.name], p) for p in new.parameters if p.name in by_name]
        for one, other in pairs:
            self._payloads.schema(
                one.place, other.place, "client_to_server", f"{new.name}, parameter {other.name}"
            )
            self._aliases(old, new, one, other)
            self._location(old, new, one, other)

    def _aliases(self, old: Channel, new: Channel, one: Parameter, other: Parameter) -> None:
        before, after = dict(one.aliases), dict(other.aliases)
        if before == after:
            return
        gone = [alias for alias in before if alias not in after]
        turned = [alias for alias in before if alias in after and before[alias] != after[alias]]
        fresh = [alias for alias in after if alias not in before]
        of = f"{code(other.name)} of {code(new.name)}"
        for aliases, verdict, kind, reason in (
            (
                gone,
                "breaking",
                "alias-removed",
                "clients that say {} as {} are refused, or mean another topic",
            ),
            (turned, "breaking", "alias-changed", "clients that say {} as {} mean another topic than before"),
            (fresh, "compatible", "alias-added", "clients may say {} as {} now; nobody has to"),
        ):
            if aliases:
                self._note(
                    "breaking" if verdict == "breaking" else "compatible",
                    kind,
                    reason.format(values(aliases), of),
                    old=old,
                    new=new,
                    before={alias: before[alias] for alias in aliases if alias in before},
                    after={alias: after[alias] for alias in aliases if alias in after},
                    parameter=(one.name, other.name, "x-aliases"),
                    direction="client_to_server",
                )

    def _location(self, old: Channel, new: Channel, one: Parameter, other: Parameter) -> None:
        if one.location == other.location or one.name != other.name:
            return
        before, after = ("/".join(p.location) if p.location else None for p in (one, other))
        self._note(
            "breaking" if one.location and other.location else "dangerous",
            "parameter-location-changed",
            f"clients that say {code(one.name)} of {code(new.name)} at {code(before)} are not understood: it is read "
            f"at {code(after)} now"
            if before and after
            else f"code that makes topics of {code(new.name)} out of requests may have to change: where "
            f"{code(one.name)} stands is {'told' if after else 'told no longer'}",
            old=old,
            new=new,
            before=before,
            after=after,
            parameter=(one.name, other.name, "location"),
            direction="client_to_server",
            scope="wire" if one.location and other.location else "code",
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

    def _note(
        self,
        verdict: Verdict,
        kind: str,
        reason: str,
        *,
        old: Channel | None,
        new: Channel | None,
        before: Json,
        after: Json,
        field: str | None = None,
        parameter: tuple[str, str, str] | None = None,
        direction: Direction | None = None,
        messages: tuple[str, ...] = (),
        scope: Scope = "wire",
    ) -> None:
        channel = new or old
        assert channel is not None
        subject = channel.name if parameter is None else f"{channel.name}, parameter {parameter[1]}"
        self._notes.note(
            verdict,
            kind,
            reason,
            subject=subject,
            direction=direction,
            old=before,
            new=after,
            at=(
                self._place(0, old, field, parameter[0] if parameter else None, parameter),
                self._place(1, new, field, parameter[1] if parameter else None, parameter),
            ),
            messages=messages,
            scope=scope,
        )

    def _place(
        self,
        side: int,
        channel: Channel | None,
        field: str | None,
        name: str | None,
        parameter: tuple[str, str, str] | None,
    ) -> Location | None:
        """Where a channel, or a field of it, is written; the channel itself where the field is not there."""
        if channel is None:
            return None
        document = (self._notes.old, self._notes.new)[side].document
        at = found(document, "channels", channel.address)
        if at is None:
            return channel.place
        inside = document.follow(at)
        ways: list[tuple[str, ...]] = []
        if name is not None and parameter is not None:
            ways += [("parameters", name, parameter[2]), ("parameters", name)]
        if field is not None:
            ways.append((field,))
        for way in ways:
            place = inside.child(*way)
            if document.has(place):
                return place
        return at


_DIRECTIONS: tuple[Direction, ...] = ("client_to_server", "server_to_client")


def _state(state: State | None) -> Json:
    if state is None:
        return None
    return {"key": state.key, "value": state.value, "lists": dict(state.lists), "checksum": state.checksum}


def _deprecated(value: Json) -> bool:
    return isinstance(value, dict) and (value.get("deprecated") is True or bool(value.get("x-deprecated")))
