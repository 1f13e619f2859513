"""The parts of a channel's address that vary: their values, other spellings of these, and where requests say them."""

from __future__ import annotations

from codegen.contract import Channel, Parameter
from codegen.diff.channel_notes import ChannelNotes
from codegen.diff.notes import Notes
from codegen.diff.payloads import PayloadChanges
from codegen.diff.words import code, values


class ParameterChanges(ChannelNotes):
    """Compares the parameters of the same channel in two contracts."""

    def __init__(self, notes: Notes, payloads: PayloadChanges) -> None:
        super().__init__(notes)
        self._payloads = payloads

    def compare(self, old: Channel, new: Channel) -> None:
        """Note every change."""
        by_name = {parameter.name: parameter for parameter in old.parameters}
        if set(by_name) == {parameter.name for parameter in new.parameters}:
            pairs = [(by_name[parameter.name], parameter) for parameter in new.parameters]
        elif len(old.parameters) == len(new.parameters):
            pairs = list(zip(old.parameters, new.parameters, strict=True))
        else:
            pairs = [(by_name[p.name], p) for p in new.parameters if p.name in by_name]
        for one, other in pairs:
            self._payloads.schema(
                one.place,
                other.place,
                "client_to_server",
                f"parameter {code(other.name)} of {code(new.name)}",
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
