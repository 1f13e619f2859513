"""What must not be read in a log: secrets and payloads; and characters that would forge lines of it.

The code logs neither. This is the second lock: texts of exceptions and of libraries pass through here too.
"""

from __future__ import annotations

import re

HIDDEN = "[hidden]"

_NAMES = r"authorization|passwords?|passwd|secret|token|cookie|credentials?|api[_-]?key|private[_-]?key"

_SECRET_NAME = re.compile(rf"(?:{_NAMES}|payload|frame|body)$", re.IGNORECASE)

_LOOK = 65_536
"""Characters that are looked through; what follows is not shown either."""

# None of them may take more than linear time: what they look through may be a client's.
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END[A-Z ]*-----|\Z)", re.DOTALL), HIDDEN),
    # A JSON Web Token, whole or torn.
    (re.compile(r"eyJ[\w-]{4,}(?:\.[\w-]*){0,4}", re.ASCII), HIDDEN),
    (re.compile(r"\b(bearer|basic)(\s{1,8})[\w.~+/=-]{6,}", re.IGNORECASE | re.ASCII), rf"\1\2{HIDDEN}"),
    # Who is named in a URL, with the password.
    (re.compile(r"(\w://)[^\s/?#]*@", re.ASCII), rf"\1{HIDDEN}@"),
    # In JSON and in a dictionary, however often it was quoted.
    (
        re.compile(
            rf"({_NAMES})(\\*[\"']\s{{0,8}}:\s{{0,8}})(?:b?\\*\"[^\"]*\"?|b?\\*'[^']*'?|[^\s,}}\]]+)",
            re.IGNORECASE,
        ),
        rf"\1\2{HIDDEN}",
    ),
    (
        re.compile(rf"({_NAMES})(=|%3D)(?:\"[^\"]*\"?|'[^']*'?|[^\s,;&)\]}}'\"]+)", re.IGNORECASE),
        rf"\1\2{HIDDEN}",
    ),
    (re.compile(r"\b((?:proxy-)?authorization|(?:set-)?cookie): *[^\r\n]+", re.IGNORECASE), rf"\1: {HIDDEN}"),
    # Pydantic quotes what it refuses.
    (re.compile(r"input_value=.{0,400}?(?=, input_type=|\]|$)", re.DOTALL), f"input_value={HIDDEN}"),
)


def is_secret(name: str) -> bool:
    """Whether a field of this name is not to be shown."""
    return _SECRET_NAME.search(name) is not None


def hide(text: str) -> str:
    """A text without what looks like a secret."""
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def safe(text: str, longest: int, *, lines: bool = False) -> str:
    """A text as it may stand in a log: nothing secret, no character that is not printed, so many at most.

    With `lines`, line feeds stay what they are.
    """
    whole = len(text)
    text = hide(text[:_LOOK])
    if whole > _LOOK or len(text) > longest:
        shown = text[:longest]
        text = f"{shown}… ({whole - len(shown)} characters more)"
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or (lines and one == "\n") else _escaped(one) for one in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
