"""Who may: what changes for clients where a channel asks for a token, or for more of one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen.diff import compare_contracts
from tests.codegen.diff.editing import Edits, edited

WIND = "/channels/wind:{station}"
SCHEMES: Edits = {"/components/securitySchemes": {"pass": {"type": "http", "scheme": "bearer"}}}
NEEDED: Edits = {**SCHEMES, f"{WIND}/publish/security": [{"pass": []}]}


def granting(**access: Any) -> Edits:  # noqa: ANN401, as in the document
    """A document whose first channel asks this of a token."""
    return {**NEEDED, f"{WIND}/x-access": access}


def notice(action: str) -> dict[str, Any]:
    """A message by which a server takes something back."""
    text = {"type": "string"}
    body = {"type": "object", "required": ["code", "message"], "properties": {"code": text, "message": text}}
    properties = {"type": {"const": action}, "topic": text, "payload": body}
    payload = {"type": "object", "required": ["type", "topic", "payload"], "properties": properties}
    return {"name": action, "x-action": action, "payload": payload}


def telling(*actions: str) -> Edits:
    """A document whose server takes topics back in these ways."""
    listed = [
        {"$ref": f"#/components/messages/{name}"} for name in ("pong", "login.response", "going", "error")
    ]
    return {"/channels/session/subscribe/message/oneOf": [*listed, *map(notice, actions)]}


LASTS: Edits = {"/components/schemas/Done/properties/lasts_ms": {"type": "integer"}}
EXPIRES: Edits = {**LASTS, "/x-authenticate/expires": "lasts_ms"}


@pytest.mark.parametrize(
    ("old", "new", "verdict", "kind", "words"),
    [
        (SCHEMES, NEEDED, "breaking", "security-added", "without credentials are refused"),
        (NEEDED, SCHEMES, "compatible", "security-removed", "let in as before"),
        (NEEDED, granting(scopes=["a"]), "breaking", "access-narrowed", "unless their token grants `a`"),
        (granting(scopes=["a"]), granting(scopes=["a", "b"]), "breaking", "access-narrowed", "grants `b`"),
        (granting(scopes=["a"]), granting(parameter="station"), "breaking", "access-narrowed", "topic's `station`"),
        (granting(scopes=["a", "b"]), granting(scopes=["b"]), "compatible", "access-widened", "grant less"),
        (granting(parameter="station"), NEEDED, "compatible", "access-widened", "grant less"),
        ({}, telling("reset"), "dangerous", "message-added", "hold on to what is void"),
        ({}, telling("close"), "dangerous", "message-added", "in vain"),
        (telling("reset"), {}, "compatible", "message-removed", "nobody waits for it"),
        (LASTS, EXPIRES, "compatible", "authentication-expiry-changed", "nobody has to look"),
        (EXPIRES, LASTS, "dangerous", "authentication-expiry-changed", "no longer learn"),
    ],
)  # fmt: skip
def test_who_is_let_in(old: Edits, new: Edits, verdict: str, kind: str, words: str, tmp_path: Path) -> None:
    """More that is asked breaks those who have not got it; less breaks nobody; what is taken back is news."""
    sides = [edited(tmp_path, "topics", edits) for edits in (old, new)]
    changes = [change for change in compare_contracts(*sides).changes if change.scope == "wire"]
    [found] = [change for change in changes if change.kind == kind]
    assert found.verdict == verdict
    assert words in found.reason
    assert {change.verdict for change in changes} <= {verdict, "compatible"}


def test_who_needs_a_token_now_is_told_what_it_must_grant(tmp_path: Path) -> None:
    """A channel that was for everybody and asks for scopes now: both is told."""
    sides = [edited(tmp_path, "topics", edits) for edits in (SCHEMES, granting(scopes=["a"]))]
    kinds = {change.kind for change in compare_contracts(*sides).changes if change.verdict == "breaking"}
    assert kinds == {"security-added", "access-narrowed"}
