"""Formats of texts: what is known of them, texts that have them, and texts that have not.

A format that is not known here counts as one that some texts have and others have not.
"""

from __future__ import annotations

import ipaddress
import re
import uuid
from collections.abc import Callable
from datetime import date

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_TIME = re.compile(
    r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)\Z"
)
_PATTERNS = {
    "email": r"[^\s@]+@[^\s@]+",
    "idn-email": r"[^\s@]+@[^\s@]+",
    "hostname": rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*",
    "idn-hostname": r"[^\s/:@]{1,253}",
    "uri": r"[A-Za-z][A-Za-z0-9+.-]*:[!#-;=?-Z_a-z~\[\]]*",
    "iri": r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"\\^`{|}]*",
    "uri-reference": r"[!#-;=?-Z_a-z~\[\]]*",
    "iri-reference": r"[^\s<>\"\\^`{|}]*",
    "uri-template": r"(?:[^\s<>\"\\^`{|}]|\{[^\s{}]+\})*",
    "json-pointer": r"(?:/(?:[^~/]|~[01])*)*",
    "relative-json-pointer": r"(?:0|[1-9]\d*)(?:#|(?:/(?:[^~/]|~[01])*)*)",
    "duration": r"P(?=.)(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)",
}
_EXAMPLES = {
    "date": ("2020-01-31", "1999-12-01"),
    "time": ("10:20:30Z", "23:59:59+02:00"),
    "date-time": ("2020-01-31T10:20:30Z", "1999-12-01T23:59:59.5+02:00"),
    "email": ("a@example.com", "b@c.de"),
    "idn-email": ("ä@example.com", "a@example.com"),
    "hostname": ("example.com", "a"),
    "idn-hostname": ("bücher.example", "a"),
    "ipv4": ("192.0.2.1", "1.1.1.1"),
    "ipv6": ("2001:db8::1", "::1"),
    "uri": ("https://example.com/a", "a:b"),
    "iri": ("https://example.com/ä", "a:b"),
    "uri-reference": ("/a", "a"),
    "iri-reference": ("/ä", "a"),
    "uri-template": ("/a/{b}", "a"),
    "json-pointer": ("/a/b", ""),
    "relative-json-pointer": ("1/a", "0"),
    "regex": ("^a+$", "a"),
    "uuid": ("123e4567-e89b-12d3-a456-426614174000", "00000000-0000-0000-0000-000000000000"),
    "duration": ("P1D", "PT1H"),
}
OTHERS = (
    "",
    "a",
    "a b",
    "(",
    "{",
    "~",
    '"<>"',
    "\\",
    "1",
    "a.b",
    "ä",
    ":",
    "a:b",
    "%",
    "12:00",
    "2020-02-30",
    "-",
    "()[",
)
"""Texts that have few formats."""
WIDER = {
    "email": {"idn-email"},
    "hostname": {"idn-hostname"},
    "uri": {"uri-reference", "iri", "iri-reference"},
    "iri": {"iri-reference"},
    "uri-reference": {"iri-reference"},
}
"""Formats that hold every text of another one."""


def fits(name: str, text: str) -> bool | None:
    """Whether a text has a format; None where the format is not known."""
    check = _CHECKS.get(name)
    return None if check is None else check(text)


def examples(name: str) -> tuple[str, ...]:
    """Texts that have a format."""
    return _EXAMPLES.get(name, ())


def _parses(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            parse(text)
        except (ValueError, re.error, OverflowError):
            return False
        return True

    return check


def _date(text: str) -> bool:
    return bool(re.match(r"\d{4}-\d\d-\d\d\Z", text)) and _parses(date.fromisoformat)(text)


def _date_time(text: str) -> bool:
    return _date(text[:10]) and text[10:11] in {"T", "t"} and bool(_TIME.match(text[11:]))


def _uuid(text: str) -> bool:
    return len(text) == 36 and all(text[at] == "-" for at in (8, 13, 18, 23)) and _parses(uuid.UUID)(text)


def _matching(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(rf"(?:{pattern})\Z", re.DOTALL)
    return lambda text: bool(compiled.match(text))


_CHECKS: dict[str, Callable[[str], bool]] = {
    **{name: _matching(pattern) for name, pattern in _PATTERNS.items()},
    "date": _date,
    "time": lambda text: bool(_TIME.match(text)),
    "date-time": _date_time,
    "ipv4": _parses(ipaddress.IPv4Address),
    "ipv6": lambda text: "%" not in text and _parses(ipaddress.IPv6Address)(text),
    "regex": _parses(re.compile),
    "uuid": _uuid,
}
