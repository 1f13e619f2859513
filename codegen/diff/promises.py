"""What a channel promises of its updates: delivery, history, snapshots, and what they add up to."""

from __future__ import annotations

from codegen.contract import Channel, Json, State
from codegen.diff.changes import Verdict
from codegen.diff.channel_notes import ChannelNotes
from codegen.diff.words import code


class PromiseChanges(ChannelNotes):
    """Compares what the same channel promises in two contracts."""

    def compare(self, old: Channel, new: Channel) -> None:
        """Note every change."""
        self._delivery(old, new)
        self._history(old, new)
        self._snapshot(old, new)
        self._state(old, new)

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


def _state(state: State | None) -> Json:
    if state is None:
        return None
    return {"key": state.key, "value": state.value, "lists": dict(state.lists), "checksum": state.checksum}
