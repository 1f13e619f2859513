"""What a token must grant to those who use a channel (`x-access`), beside what lets clients in at all."""

from __future__ import annotations

from codegen.contract import Access, Channel, Json
from codegen.diff.channel_notes import ChannelNotes
from codegen.diff.words import code, joined

_ANY = Access((), None)


class GrantChanges(ChannelNotes):
    """Compares what the same channel asks of tokens in two contracts."""

    def compare(self, old: Channel, new: Channel) -> None:
        """Note every change; whether a token is needed at all is for the operation's `security`."""
        before, after = old.access or _ANY, new.access or _ANY
        narrower = [code(scope) for scope in after.scopes if scope not in before.scopes]
        if after.parameter not in (None, before.parameter):
            narrower.append(f"the topic's {code(after.parameter)}")
        does = "subscribe to" if new.is_topic else "use"
        if narrower:
            self._note(
                "breaking",
                "access-narrowed",
                f"clients that {does} {code(new.name)} are refused unless their token grants {joined(narrower)}",
                old=old,
                new=new,
                before=_told(before),
                after=_told(after),
                field="x-access",
                direction="client_to_server",
            )
        elif before != after:
            self._note(
                "compatible",
                "access-widened",
                f"clients that {does} {code(new.name)} are let in as before, and others too: a token has to grant less",
                old=old,
                new=new,
                before=_told(before),
                after=_told(after),
                field="x-access",
                direction="client_to_server",
            )


def _told(access: Access) -> Json:
    scopes: list[Json] = list(access.scopes)
    return {"scopes": scopes, "parameter": access.parameter}
