"""Close codes: which there are, and what they ask of clients."""

from __future__ import annotations

from codegen.contract import CloseCode, Contract, Json
from codegen.diff.changes import Verdict
from codegen.diff.notes import Notes, found
from codegen.diff.words import code
from codegen.document import Location


class CloseCodeChanges:
    """Compares the close codes of two contracts."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._old, self._new = notes.old.contract, notes.new.contract

    def compare(self) -> None:
        """Note every change."""
        before = {code.code: code for code in self._old.close_codes}
        after = {code.code: code for code in self._new.close_codes}
        for number in dict.fromkeys((*before, *after)):
            old, new = before.get(number), after.get(number)
            if new is None and old is not None:
                self._note(
                    "compatible",
                    "close-code-removed",
                    f"clients that know {number} ({old.name}) may never see it again",
                    old,
                    None,
                )
            elif old is None and new is not None:
                self._added(new)
            elif old is not None and new is not None:
                self._changed(old, new)

    def _added(self, new: CloseCode) -> None:
        ruled = "reconnect" if 4000 <= new.code < 4500 else "stop" if 4500 <= new.code < 5000 else None
        if ruled == new.client:
            reason = f"clients that do not know {new.code} ({new.name}) {new.client}, as its range says, and rightly"
            self._note("compatible", "close-code-added", reason, None, new)
        else:
            do = (
                f"{ruled}, as its range says"
                if ruled
                else "do whatever they do with codes that they do not know"
            )
            reason = f"clients that do not know {new.code} ({new.name}) {do}, though they are to {new.client}"
            self._note("dangerous", "close-code-added", reason, None, new)

    def _changed(self, old: CloseCode, new: CloseCode) -> None:
        if old.client != new.client:
            does = {
                "stop": f"clients that stop for good at {old.code} ({old.name}) are meant to come back now",
                "reconnect": f"clients that come back after {old.code} ({old.name}) do so in vain: they ought to stop",
            }
            self._note("breaking", "close-code-meaning-changed", does[old.client], old, new)
        elif old.name != new.name:
            self._note(
                "dangerous",
                "close-code-renamed",
                f"nothing changes on the wire, but code that uses the constant of {old.code} has to change "
                f"{code(old.name)} to {code(new.name)}",
                old,
                new,
                code_only=True,
            )

    def _note(
        self,
        verdict: Verdict,
        kind: str,
        reason: str,
        old: CloseCode | None,
        new: CloseCode | None,
        *,
        code_only: bool = False,
    ) -> None:
        one = new or old
        assert one is not None
        self._notes.note(
            verdict,
            kind,
            reason,
            subject=f"close code {one.code}",
            direction="server_to_client",
            old=_code(old),
            new=_code(new),
            at=(
                _code_place(self._notes.old.document.root, self._old, old, self._notes, 0),
                _code_place(self._notes.new.document.root, self._new, new, self._notes, 1),
            ),
            scope="code" if code_only else "wire",
        )


def _code(code: CloseCode | None) -> Json:
    return None if code is None else {"code": code.code, "name": code.name, "client": code.client}


def _code_place(
    root: Location, contract: Contract, code: CloseCode | None, notes: Notes, side: int
) -> Location | None:
    if code is None:
        return None
    document = (notes.old, notes.new)[side].document
    return found(document, "x-close-codes", contract.close_codes.index(code))
