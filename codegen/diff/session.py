"""What concerns the one socket: the envelope, heartbeat, limits, and who the client is."""

from __future__ import annotations

from codegen.contract import Envelope
from codegen.diff.changes import Direction, Verdict
from codegen.diff.close_codes import CloseCodeChanges
from codegen.diff.matching import Pairs
from codegen.diff.notes import Notes, found
from codegen.diff.payloads import ENVELOPE_NAMES
from codegen.diff.words import code
from codegen.document import Location

_ONE_WAY: dict[str, Direction] = {
    "recover": "client_to_server",
    **dict.fromkeys(
        ("topic", "seq", "seq_from", "epoch", "snapshot", "checksum", "recovered", "ts"), "server_to_client"
    ),
}
"""Fields of the envelope that only one side sends."""

_LIMITS: dict[str, tuple[Verdict, str]] = {
    "message_bytes": ("breaking", "clients that send messages of more than {} bytes are closed"),
    "messages_per_second": (
        "dangerous",
        "clients that send more than {} messages per second are refused some",
    ),
    "message_burst": ("dangerous", "clients that send more than {} messages at once are refused some"),
    "subscriptions_per_connection": (
        "breaking",
        "clients that subscribe to more than {} topics on one connection are refused",
    ),
    "connections_per_address": (
        "dangerous",
        "clients of which more than {} share one address are closed when they connect",
    ),
    "connections_per_user": (
        "dangerous",
        "users with more than {} connections are closed when they connect",
    ),
}


class SessionChanges:
    """Compares what two contracts say of connections."""

    def __init__(self, notes: Notes, pairs: Pairs) -> None:
        self._notes = notes
        self._old, self._new = notes.old.contract, notes.new.contract
        self._renamed = {old.message.key: new.message.key for old, new in pairs.messages}

    def compare(self) -> None:
        """Note every change."""
        self._envelope()
        self._heartbeat()
        self._authenticate()
        self._limits()
        CloseCodeChanges(self._notes).compare()
        self._client_name()
        self._entries()

    def _same(self, old: str | None, new: str | None) -> bool:
        """Whether two keys name the same message."""
        return old == new or (old is not None and self._renamed.get(old) == new)

    # --- the envelope ---

    def _envelope(self) -> None:
        before, after = self._old.envelope, self._new.envelope
        if before is None and after is None:
            return
        if before is None or after is None:
            how = (
                "all channels share one socket and every frame is an envelope now"
                if after
                else "every channel is the path of a socket of its own now"
            )
            self._note(
                "breaking",
                "envelope-added" if after else "envelope-removed",
                f"clients that connect and send frames as before are not understood: {how}",
                "x-envelope",
                ("x-envelope",),
                old=before is not None,
                new=after is not None,
            )
            return
        for name in ENVELOPE_NAMES:
            self._field(name, before, after)
        if not self._same(before.error, after.error):
            self._note(
                "breaking",
                "envelope-error-changed",
                f"clients that wait for {code(before.error)} when a frame matches no request are sent "
                f"{code(after.error)}",
                "x-envelope.error",
                ("x-envelope", "error"),
                direction="server_to_client",
                old=before.error,
                new=after.error,
            )

    def _field(self, name: str, before: Envelope, after: Envelope) -> None:
        old, new = getattr(before, name), getattr(after, name)
        if old == new:
            return
        direction = _ONE_WAY.get(name)
        if old is None:
            verdict: Verdict = "compatible"
            kind = "envelope-field-added"
            reason = f"frames may have {code(new)} now, and clients ignore fields that they do not know"
        elif new is None:
            verdict, kind = "breaking", "envelope-field-removed"
            reason = (
                f"clients that send {code(old)} are not understood: it means nothing any more"
                if direction == "client_to_server"
                else f"clients that go by {code(old)} of the frames find it no more"
            )
        else:
            verdict, kind = "breaking", "envelope-field-renamed"
            reason = {
                "client_to_server": f"clients that send {code(old)} are not understood: it is {code(new)} now",
                "server_to_client": f"clients that read {code(old)} of the frames miss it: it is {code(new)} now",
            }.get(
                str(direction),
                f"clients that send and read {code(old)} neither understand nor are understood: it is {code(new)} now",
            )
        self._note(
            verdict,
            kind,
            reason,
            f"x-envelope.{name}",
            ("x-envelope", name),
            direction=direction,
            old=old,
            new=new,
        )

    # --- heartbeat, and who the client is ---

    def _heartbeat(self) -> None:
        before, after = self._old.heartbeat, self._new.heartbeat
        if before == after:
            return
        if after is None:
            self._note(
                "compatible",
                "heartbeat-removed",
                "clients may be silent as long as they like, and signs of life do no harm",
                "x-heartbeat",
                ("x-heartbeat",),
                direction="client_to_server",
                old=before.interval_ms if before else None,
            )
            return
        if before is None or after.interval_ms != before.interval_ms:
            shorter = before is None or after.interval_ms < before.interval_ms
            was = f"every {before.interval_ms} ms" if before else "not at all"
            self._note(
                "breaking" if shorter else "compatible",
                "heartbeat-interval-changed" if before else "heartbeat-added",
                f"clients that give a sign of life {was}, as the old contract has it, are closed after "
                f"{after.interval_ms} ms of silence"
                if shorter
                else f"clients may be silent for longer, {after.interval_ms} ms, and need not",
                "x-heartbeat.interval_ms",
                ("x-heartbeat", "interval_ms"),
                direction="client_to_server",
                old=before.interval_ms if before else None,
                new=after.interval_ms,
            )
        if before is not None and after.lifespan_ms != before.lifespan_ms:
            shorter = after.lifespan_ms < before.lifespan_ms
            self._note(
                "dangerous" if shorter else "compatible",
                "lifespan-changed",
                f"clients are closed, and have to come back, after {after.lifespan_ms} ms already"
                if shorter
                else f"clients keep their connections for longer, up to {after.lifespan_ms} ms",
                "x-heartbeat.lifespan_ms",
                ("x-heartbeat", "lifespan_ms"),
                old=before.lifespan_ms,
                new=after.lifespan_ms,
            )
        if before is not None and not self._same(before.request, after.request):
            self._note(
                "dangerous",
                "heartbeat-request-changed",
                f"clients that send {code(before.request)} as a sign of life are expected to send "
                f"{code(after.request)}"
                if before.request and after.request
                else "clients made from the new contract give another sign of life than those made from the old one",
                "x-heartbeat.request",
                ("x-heartbeat", "request"),
                direction="client_to_server",
                old=before.request,
                new=after.request,
            )

    def _authenticate(self) -> None:
        before, after = self._old.authenticate, self._new.authenticate
        if before is None and after is not None:
            self._note(
                "compatible",
                "authentication-added",
                f"clients that have a token may send it with {code(after)}; nobody has to",
                "x-authenticate",
                ("x-authenticate",),
                direction="client_to_server",
                new=after,
            )
        elif before is not None and not self._same(before, after):
            now = f"with {code(after)}" if after else "not at all"
            self._note(
                "breaking",
                "authentication-changed" if after else "authentication-removed",
                f"clients that say with {code(before)} who they are stay unknown: it is done {now} now",
                "x-authenticate",
                ("x-authenticate", "request"),
                direction="client_to_server",
                old=before,
                new=after,
            )
        elif before is not None and self._old.token != self._new.token:
            self._note(
                "breaking",
                "authentication-token-moved",
                f"clients that give their token as {code(self._old.token)} stay unknown: it is read from "
                f"{code(self._new.token)} now",
                "x-authenticate.token",
                ("x-authenticate", "token"),
                direction="client_to_server",
                old=self._old.token,
                new=self._new.token,
            )
        elif before is not None and self._old.expires != self._new.expires:
            kept = self._old.expires is None
            self._note(
                "compatible" if kept else "dangerous",
                "authentication-expiry-changed",
                f"clients learn from {code(self._new.expires)} when to send another token; nobody has to look"
                if kept
                else "clients that replace their token in time no longer learn "
                f"from {code(self._old.expires)} when that is",
                "x-authenticate.expires",
                ("x-authenticate", "expires"),
                direction="server_to_client",
                old=self._old.expires,
                new=self._new.expires,
            )

    # --- limits ---

    def _limits(self) -> None:
        before = {limit.name: limit.value for limit in self._old.limits}
        after = {limit.name: limit.value for limit in self._new.limits}
        for name in dict.fromkeys((*before, *after)):
            old, new = before.get(name), after.get(name)
            if old == new:
                continue
            severe, told = _LIMITS.get(name, ("dangerous", f"clients beyond {{}} {name} are refused"))
            if new is None or (old is not None and new > old):
                verdict: Verdict = "compatible"
                kind = "limit-raised" if new is not None else "limit-removed"
                reason = f"clients may have more: {name} is " + (f"{new} now" if new is not None else "gone")
            elif old is None:
                verdict, kind = "dangerous", "limit-added"
                reason = f"{told.format(new)}, of which the old contract said nothing"
            else:
                verdict, kind = severe, "limit-lowered"
                reason = f"{told.format(new)}, though up to {old} were allowed"
            self._note(
                verdict,
                kind,
                reason,
                f"x-limits.{name}",
                ("x-limits", name),
                direction="client_to_server",
                old=old,
                new=new,
            )

    # --- what is generated ---

    def _client_name(self) -> None:
        before, after = self._old.client_name, self._new.client_name
        if before != after:
            self._notes.note(
                "breaking",
                "client-name-changed",
                f"nothing changes on the wire, but code that uses {code(before + 'Client')} no longer compiles: it is "
                f"{code(after + 'Client')} now",
                subject="info.x-client-name",
                old=before,
                new=after,
                at=(self._info(0), self._info(1)),
                scope="code",
            )

    def _info(self, side: int) -> Location | None:
        document = (self._notes.old, self._notes.new)[side].document
        return found(document, "info", "x-client-name") or found(document, "info", "title")

    def _entries(self) -> None:
        """Entry points of the npm package, where both documents are read with theirs."""
        before = {entry.name for entry in self._old.entries if entry.exported}
        after = {entry.name for entry in self._new.entries if entry.exported}
        if not before or not after:
            return
        for name in sorted(before - after):
            self._note(
                "breaking",
                "entry-removed",
                f"nothing changes on the wire, but code that imports {code(name)} of the npm package breaks",
                f"x-typescript.entries.{name}",
                ("x-typescript", "entries", name),
                old=name,
                code_only=True,
            )
        for name in sorted(after - before):
            self._note(
                "compatible",
                "entry-added",
                f"code may import {code(name)} of the npm package now",
                f"x-typescript.entries.{name}",
                ("x-typescript", "entries", name),
                new=name,
                code_only=True,
            )

    def _note(
        self,
        verdict: Verdict,
        kind: str,
        reason: str,
        subject: str,
        way: tuple[str, ...],
        *,
        direction: Direction | None = None,
        old: bool | int | str | None = None,
        new: bool | int | str | None = None,
        code_only: bool = False,
    ) -> None:
        before, after = self._notes.old.document, self._notes.new.document
        self._notes.note(
            verdict,
            kind,
            reason,
            subject=subject,
            direction=direction,
            old=old,
            new=new,
            at=(found(before, *way), found(after, *way)),
            scope="code" if code_only else "wire",
        )
