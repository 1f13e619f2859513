"""Texts: of a format, of a pattern, of a length, or just words."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from codegen.contract import SchemaDict
from codegen.patterns import in_python

WORDS = (
    "amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor", "indigo", "juniper", "kestrel", "lagoon",
    "maple", "nectar", "orchid", "pebble", "quartz", "river", "saffron", "timber", "umber", "willow", "zephyr",
)  # fmt: skip
SENTENCE_NAMES = frozenset(
    {
        "message",
        "description",
        "text",
        "comment",
        "reason",
        "detail",
        "details",
        "summary",
        "content",
        "body",
        "note",
    }
)
_START = datetime(2026, 1, 5, 14, 30, tzinfo=UTC)
_READABLE = string.ascii_letters + string.digits + " -_.:/,"
_TRIES = 60


def text(
    parts: Sequence[SchemaDict], random: Random, name: str, accepts: Callable[[str], bool]
) -> str | None:
    """A text that is accepted: of the parts' format, matching their patterns, as long as they ask; None without."""
    for attempt, candidate in enumerate(_candidates(parts, random, name)):
        if accepts(candidate):
            return candidate
        if attempt == _TRIES:
            break
    return None


def _candidates(parts: Sequence[SchemaDict], random: Random, name: str) -> Iterator[str]:
    patterns = [part["pattern"] for part in parts if isinstance(part.get("pattern"), str)]
    format_ = next((part["format"] for part in parts if isinstance(part.get("format"), str)), None)
    least = max([n for part in parts if isinstance(n := part.get("minLength"), int | float)], default=0)
    most = min([n for part in parts if isinstance(n := part.get("maxLength"), int | float)], default=10**9)
    for attempt in range(_TRIES + 1):
        made: str | None = None
        if format_ is not None and attempt % 4 < (1 if patterns else 3):
            made = formatted(str(format_), random)
        if made is None and patterns and attempt % 8 != 7:
            made = _matching(str(patterns[attempt % len(patterns)]), random, attempt, int(least))
            if (
                len(patterns) > 1 and attempt % 3 == 1
            ):  # one at the beginning, another one at the end, perhaps
                chosen = random.sample(patterns, len(patterns))
                made = "".join(_matching(str(pattern), random, attempt, 0) or "" for pattern in chosen)
            elif made is not None and attempt % 4 == 3:
                made += random.choice(WORDS)  # an expression may be about the beginning alone
        if made is None:
            made = _plain(random, name, attempt)
        if len(made) > most and not (patterns and attempt % 2):
            made = made[: int(most)]
        while len(made) < least and not (patterns and attempt % 2):
            gap = int(least) - len(made)
            made += "a" * gap if patterns or gap > 200 else (" " + random.choice(WORDS))[:gap]
        yield made


_HINTS = (
    (re.compile(r"e?mail$"), "email"),
    (re.compile(r"(url|uri|link|href|image|icon|avatar|photo)$"), "uri"),
    (re.compile(r"(^|_)(date|birthday)$"), "date"),
    (re.compile(r"((^|_)(time|timestamp|datetime|created|updated|at|when))$"), "date-time"),
    (re.compile(r"uuid$|guid$"), "uuid"),
    (re.compile(r"(^|_)(host|hostname|domain)$"), "hostname"),
    (re.compile(r"(^|_)ip(_address)?$"), "ipv4"),
    (re.compile(r"(^|_)(amount|total|balance|rate|cost|fee)$"), "decimal"),
)
"""Which format a text is of, as a rule, that has such a name and says nothing more."""
_USUAL = {
    "currency": ("USD", "EUR", "GBP", "JPY"),
    "country": ("NL", "KE", "JP", "BR"),
    "language": ("en", "nl", "ja", "pt"),
    "locale": ("en-GB", "nl-NL", "ja-JP", "pt-BR"),
    "timezone": ("Etc/UTC", "Europe/Amsterdam", "Asia/Tokyo"),
    "version": ("1.0.0", "1.4.2", "2.1.0"),
    "color": ("#3a7bd5", "#d9534f", "#5cb85c"),
    "phone": ("+1 555 0134", "+1 555 0172"),
    "ts": ("1767623401.000100", "1767624769.000200"),
}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def _plain(random: Random, name: str, attempt: int) -> str:
    words = random.sample(WORDS, 3)
    plain = _CAMEL.sub("_", name).lower()
    if attempt < 2:
        for expression, format_ in _HINTS:
            if expression.search(plain):
                return formatted(format_, random) or words[0]
        usual = _USUAL.get(plain.rpartition("_")[2])
        if usual is not None:
            return random.choice(usual)
    if name.lower() in SENTENCE_NAMES:
        return f"{words[0].capitalize()} {words[1]} {words[2]}."
    return words[0] if attempt < 4 else f"{words[0]}-{random.randint(1, 10 ** (1 + attempt // 5))}"


def _matching(pattern: str, random: Random, attempt: int, least: int) -> str | None:
    try:
        return str(
            _rstr(random, 3 + attempt // 8, least if attempt % 3 == 2 else 0).xeger(in_python(pattern))
        )
    except Exception:  # noqa: BLE001 - an expression that Python, or what makes texts of it, cannot read
        return None


def _generator() -> type[Any]:
    from rstr import Rstr  # noqa: PLC0415 - only where values are made

    class Matching(Rstr):
        """Texts that match: rstr's, kept short, of letters and digits where they do, and in a fixed order."""

        def __init__(self, random: Random, more: int, least: int) -> None:
            super().__init__(random)
            self._more, self._least = more, least
            self._cases = {
                **self._cases,
                "any": lambda _: random.choice(string.ascii_lowercase + string.digits),
                "not_literal": lambda code: random.choice(string.ascii_lowercase.replace(chr(code), "")),
            }

        def _handle_in(self, value: Any) -> Any:  # noqa: ANN401 - as rstr has it
            found = [letter for state in value for letter in self._handle_state(state)]
            if found and found[0] is False:
                refused = set(found[1:])
                found = [letter for letter in _READABLE + string.printable if letter not in refused]
                found = found or [chr(code) for code in range(161, 1000) if chr(code) not in refused]
            alphanumeric = [letter for letter in found if letter.isalnum() and letter.isascii()]
            readable = alphanumeric or [letter for letter in found if letter in _READABLE] or found
            return self._random.choice(readable if self._random.random() < 0.9 else found)

        def _handle_repeat(self, start_range: int, end_range: int, value: Any) -> str:  # noqa: ANN401 - as rstr has it
            least = min(max(int(start_range), self._least), int(end_range))
            times = self._random.randint(least, min(int(end_range), least + self._more))
            return "".join("".join(self._handle_state(state) for state in value) for _ in range(times))

    return Matching


_made: list[type[Any]] = []


def _rstr(random: Random, more: int, least: int) -> Any:  # noqa: ANN401 - a class made when first needed
    if not _made:
        _made.append(_generator())
    return _made[0](random, more, least)


def formatted(format_: str, random: Random) -> str | None:  # noqa: PLR0911, PLR0912 - a table
    """A text of a format; None for a format that is not known."""
    moment = _START + timedelta(seconds=random.randint(0, 86_400))
    word, other = random.sample(WORDS, 2)
    match format_:
        case "date-time" | "datetime":
            return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        case "date":
            return (moment + timedelta(days=random.randint(0, 300))).strftime("%Y-%m-%d")
        case "time":
            return moment.strftime("%H:%M:%SZ")
        case "duration":
            return f"PT{random.randint(1, 59)}M"
        case "uuid":
            return str(UUID(int=random.getrandbits(128), version=4))
        case "email" | "idn-email":
            return f"{word}@{other}.example"
        case "hostname" | "idn-hostname":
            return f"{word}.example"
        case "ipv4" | "ip":
            return f"192.0.2.{random.randint(1, 254)}"
        case "ipv6":
            return f"2001:db8::{random.randint(1, 0xFFFF):x}"
        case "uri" | "iri" | "url":
            return f"https://{word}.example/{other}"
        case "uri-reference" | "iri-reference":
            return f"/{word}/{other}"
        case "uri-template":
            return f"https://{word}.example/{{{other}}}"
        case "json-pointer":
            return f"/{word}/{random.randint(0, 3)}"
        case "relative-json-pointer":
            return f"1/{word}"
        case "regex":
            return f"^{word}"
        case "decimal" | "number":
            return f"{random.randint(1, 999)}.{random.randint(0, 99):02d}"
        case "byte" | "base64":
            return "dGFwZQ=="
        case "int32" | "int64" | "integer":
            return str(random.randint(1, 999))
        case _:
            return None
