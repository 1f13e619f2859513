"""Texts that must be something in particular: a URI, an address, a regular expression.

Each check is lenient where standards and tools disagree, and refuses only what none of them takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"\\^`{|}]*\Z")
_URI_REFERENCE = re.compile(r"[^\x00-\x1f]*\Z")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\Z")
_ADDRESS = re.compile(r"(?:[^\x00-\x20\"'<>\\^`{|}]|\{[^\s{}]+\})+\Z")
_ECMA_ONLY = (
    (re.compile(r"\(\?<(?![=!])"), "(?P<"),
    (re.compile(r"\\k<([A-Za-z_]\w*)>"), r"(?P=\1)"),
    (re.compile(r"\\[pP]\{[^}]*\}"), r"\\w"),
    (re.compile(r"\\u\{[0-9A-Fa-f]+\}"), "x"),
    (re.compile(r"\\c[A-Za-z]"), "x"),
    (re.compile(r"\[\^\]"), "."),
)
_PYTHON_ONLY = (
    "look-behind",
    "bad escape",
    "range",
    "unknown extension",
    "possibly",
    "inline flags",
    "global flags",
)
"""What Python's compiler says of expressions that are fine elsewhere."""


def is_uri(text: str) -> bool:
    """Whether a text is an absolute URI."""
    return bool(_URI.match(text))


def is_uri_reference(text: str) -> bool:
    """Whether a text may stand in a `$ref`; keys with spaces are often written as they are."""
    return bool(_URI_REFERENCE.match(text))


def is_email(text: str) -> bool:
    """Whether a text looks like an e-mail address."""
    return bool(_EMAIL.match(text))


def is_address(text: str) -> bool:
    """Whether a text can be a channel's address: no spaces or quotes, and braces in pairs around a name."""
    return bool(_ADDRESS.match(text))


def is_pattern(text: str) -> bool:
    """Whether a text is a regular expression, in ECMAScript's dialect or close to it."""
    for ecma, python in _ECMA_ONLY:
        text = ecma.sub(python, text)
    try:
        re.compile(text)
    except (re.error, OverflowError) as error:
        return any(word in str(error) for word in _PYTHON_ONLY)
    except RecursionError:
        return False
    return True


FORMATS: dict[str, Callable[[str], bool]] = {
    "an absolute URL": is_uri,
    "an e-mail address": is_email,
    "a reference": is_uri_reference,
    "a regular expression": is_pattern,
}
"""Checks by what a text that passes them is called."""
