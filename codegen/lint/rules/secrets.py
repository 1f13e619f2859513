"""What ought not to be read by everybody who reads the contract."""

from __future__ import annotations

import base64
import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from codegen.contract import Json
from codegen.lint.rule import Option, Options, Rule, Said
from codegen.lint.subject import Subject
from codegen.load import DATA
from codegen.location import Location

_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{2,}\.([A-Za-z0-9_-]*)")
_KINDS = (
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----\s*(\S+)")),
    ("an AWS access key", re.compile(r"\b((?:AKIA|ASIA)[A-Z0-9]{16})\b")),
    ("a GitHub token", re.compile(r"\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,})\b")),
    ("a GitLab token", re.compile(r"\b(glpat-[\w-]{20,})")),
    ("a Slack token", re.compile(r"\b(xox[abeoprs]-[A-Za-z0-9-]{10,})")),
    ("a Stripe key", re.compile(r"\b([sr]k_live_[A-Za-z0-9]{16,})\b")),
    ("a Google API key", re.compile(r"\b(AIza[\w-]{35})\b")),
    ("an npm token", re.compile(r"\b(npm_[A-Za-z0-9]{36})\b")),
    ("a PyPI token", re.compile(r"\b(pypi-[A-Za-z0-9_-]{40,})")),
    ("a SendGrid key", re.compile(r"\b(SG\.[\w-]{22}\.[\w-]{43})")),
    ("a Twilio key", re.compile(r"\b(SK[0-9a-f]{32})\b")),
    ("a Telegram token", re.compile(r"\b(\d{8,10}:AA[\w-]{33})\b")),
    ("a Google access token", re.compile(r"\b(ya29\.[\w-]{30,})")),
    ("a DigitalOcean token", re.compile(r"\b(do[opr]_v1_[a-f0-9]{64})\b")),
    ("a Shopify token", re.compile(r"\b(shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32})\b")),
    ("a Hugging Face token", re.compile(r"\b(hf_[A-Za-z0-9]{34})\b")),
    ("an Azure key", re.compile(r"\bAccountKey=([A-Za-z0-9+/]{86}==)")),
    ("the address of a webhook", re.compile(r"\bhooks\.slack\.com/services/(T\w+/B\w+/\w{20,})")),
    ("the address of a webhook", re.compile(r"\bdiscord(?:app)?\.com/api/webhooks/\d+/([\w-]{60,})")),
    ("an API key", re.compile(r"\b(sk-(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{32,})")),
    # Of these, what says that it is made up is.
    ("a bearer token", re.compile(r"\b[Bb]earer +([A-Za-z0-9._~+/=-]{20,})")),
    ("a password in a URL", re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@{}]+:([^\s/@{}]+)@")),
)
_BASIC = re.compile(r"\b[Bb]asic +([A-Za-z0-9+/]{8,}={0,2})(?![\w+/=])")
_QUERY = re.compile(
    r"[?&]((?:access_?|auth_?|api_?)?(?:token|key|secret|signature|sig))=([^&#\s\"'`<>{}]+)", re.IGNORECASE
)
"""A parameter of a URL that has the name of a secret."""
_PLACEHOLDER = re.compile(
    r"example|sample|placeholder|dummy|fake|changeme|change-me|redacted|replace|insert|your|secret|password"
    r"|token|todo|x{4,}|\*{3,}|\.{3}|…|<[^>]*>|\$?\{[^}]*\}|^test|abcdef|123456|^[\W_]*$",
    re.IGNORECASE,
)
_SECRET_NAME = re.compile(
    r"(?:^|[_.-])(?:token|secret|password|passwd|pwd|passphrase|apikey|api_key|api-key|private_?key"
    r"|access_?key|client_?secret|credentials?|authorization|signature|session_?key)s?$",
    re.IGNORECASE,
)
_NO_SECRET_NAME = re.compile(
    r"(?:page|next|prev(?:ious)?|continu\w+|sync|resume|cancel\w*|cursor|start|end)[_.-]?tokens?$",
    re.IGNORECASE,
)
"""Tokens that say where one is in a list, not who one is."""
_PASSWORD_NAME = re.compile(r"pass(?:word|wd|phrase)|pwd", re.IGNORECASE)
_MASKED = re.compile(r"x{4,}|\*{3,}|[<>{}]|0{6,}", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_RUN = re.compile(r"[A-Za-z0-9+/_=.~-]{16,}\Z")
_SHORTEST_SIGNATURE = 32
"""Bytes of the signature of the weakest algorithm that a JSON Web Token may be signed with."""


def _texts(subject: Subject) -> Iterator[tuple[Location, str, bool]]:
    """Every text in every file, where it stands, and whether it is a sample of what goes over the wire."""
    for file in subject.document.files.values():
        waiting: list[tuple[Location, Json, bool]] = [(Location(file.name), file.data, False)]
        while waiting:
            at, value, is_sample = waiting.pop()
            if isinstance(value, str):
                yield at, value, is_sample
            elif isinstance(value, list):
                waiting += [(at.child(i), item, is_sample) for i, item in enumerate(value)]
            elif isinstance(value, dict):
                named = at.pointer[-1:] == ("properties",)
                waiting += [
                    (at.child(key), member, is_sample or (key in DATA and not named))
                    for key, member in value.items()
                ]


def _known(text: str) -> Iterator[tuple[str, str]]:
    """The secrets in a text whose form tells what they are."""
    for match in _JWT.finditer(text):
        if len(match[1]) * 3 // 4 >= _SHORTEST_SIGNATURE and not _is_placeholder(match[1]):
            yield "a JSON Web Token", match[0]
    for kind, pattern in _KINDS:
        for match in pattern.finditer(text):
            is_jwt = _JWT.match(match[1]) is not None
            if not is_jwt and not _is_placeholder(match[1]):
                yield kind, match[1]
    for match in _BASIC.finditer(text):
        _, colon, password = _decoded(match[1]).partition(":")
        if colon and password and not _is_placeholder(password):
            yield "a name with its password", match[1]


def _decoded(text: str) -> str:
    """The text that base64 says; empty where it says none."""
    try:
        decoded = base64.b64decode(text, validate=True).decode("utf-8")
    except ValueError:
        return ""
    return decoded if decoded.isprintable() else ""


def _made_up(text: str) -> Iterator[tuple[str, str]]:
    """What has the form of a secret and a word in it that says it is an example."""
    for kind, pattern in _KINDS[:-2]:
        for match in pattern.finditer(text):
            if _is_placeholder(match[1]) and not _MASKED.search(match[1]):
                yield kind, match[1]


def _is_mixed(text: str) -> bool:
    """Whether a text is written as passwords are asked to be: long, with letters of both kinds and digits."""
    kinds = (str.isupper, str.islower, str.isdigit)
    return len(text) >= 8 and " " not in text and all(any(map(kind, text)) for kind in kinds)


def _is_placeholder(text: str) -> bool:
    return bool(_PLACEHOLDER.search(text)) or len(set(text)) < 5


def _shown(secret: str) -> str:
    """So much of a secret that one knows which is meant, and no more."""
    return f"{secret[:4]}…"


def _secrets(subject: Subject, options: Options) -> Iterator[Said]:
    allowed = _allowed(options)
    for at, text, _ in _texts(subject):
        for kind, secret in _known(text):
            if secret not in allowed:
                where = _further_down(subject, at, secret)
                yield (
                    at,
                    f"here is {kind} ({_shown(secret)}{where}): take it out, and out of use: it has been read",
                )


def _further_down(subject: Subject, at: Location, secret: str) -> str:
    """The line of a long text in which a secret stands; empty where that is the one that the text begins in."""
    begin = subject.document.source(at).line
    try:
        lines = Path(at.file).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError):
        return ""
    line = next((i for i, line in enumerate(lines[begin - 1 :], begin) if secret in line), begin)
    return f" in line {line}" if line != begin else ""


def _suspects(subject: Subject, options: Options) -> Iterator[Said]:
    """What stands under the name of a secret and looks as if nobody had made it up."""
    allowed = _allowed(options)
    for at, text, is_sample in _texts(subject):
        if text in allowed or any(_known(text)):
            continue
        for kind, secret in _made_up(text):
            yield (
                at,
                f"this has the form of {kind} ({_shown(secret)}), though it says that it is none; scanners do not "
                "read that: mask it with xxxx",
            )
        for match in _QUERY.finditer(text):
            if _is_random(match[2]):
                yield at, _SUSPECTED.format(name=match[1], shown=_shown(match[2]))
        if not is_sample or _is_placeholder(text) or _JWT.match(text):
            continue
        name = _name(at)
        is_run = _is_random(text)
        if name and (is_run or (_PASSWORD_NAME.search(name) and _is_mixed(text))):
            yield at, _SUSPECTED.format(name=name, shown=_shown(text))


_SUSPECTED = 'this looks like a real "{name}" ({shown}); write one that nobody can take for one: <token>, example-token'


def _is_random(text: str) -> bool:
    return (
        bool(_RUN.match(text)) and not _is_placeholder(text) and not _JWT.match(text) and _looks_random(text)
    )


def _allowed(options: Options) -> list[Json]:
    allowed = options["allow"]
    return allowed if isinstance(allowed, list) else []


def _name(at: Location) -> str:
    """The name of a secret under which a sample stands; empty where no name on its way is one."""
    keys = [key for key in at.pointer if isinstance(key, str)]
    while keys and keys[-1] in ("default", "const", "enum", "example", "examples"):
        keys.pop()
    words = _CAMEL.sub("_", keys[-1]) if keys else ""
    if _SECRET_NAME.search(words) and not _NO_SECRET_NAME.search(words):
        return keys[-1]
    return ""


def _looks_random(text: str) -> bool:
    """Whether a text has about as many different characters as chance would give it."""
    counts = Counter(text)
    entropy = -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())
    return entropy >= 3.2 and any(c.isdigit() for c in text) and any(c.isalpha() for c in text)


_OPTIONS = {"allow": Option([], "texts that are no secrets")}
RULES = (
    Rule("secret-in-document", "error", _secrets, _OPTIONS),
    Rule("secret-suspected", "warning", _suspects, _OPTIONS),
)
