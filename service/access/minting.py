"""Development keys, and tokens made with them. Nothing here signs with any other key."""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import jwt

from service.access.keys import DEVELOPMENT_MARK, Key, is_development, key_of_jwk, read_bytes
from service.access.problems import KeyProblem

_SAYS: Final = "For development. Whoever has it can be anybody; no production system is to accept its tokens."
_LONGEST: Final = 30 * 86_400
"""Seconds that a development token may be valid."""
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def new_development_key(path: Path) -> Key:
    """Make a key, in a file that only its owner reads. Raises KeyProblem, also where there is a file already."""
    secret = secrets.token_bytes(48)
    document = {
        DEVELOPMENT_MARK: _SAYS,
        "kty": "oct",
        "use": "sig",
        "alg": "HS256",
        "kid": f"development-{secrets.token_hex(4)}",
        "k": base64.urlsafe_b64encode(secret).decode().rstrip("="),
    }
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyProblem(f"{path} is there already, and is left as it is") from None
    except OSError as error:
        raise KeyProblem(f"{path} cannot be written: {error.strerror}") from None
    with os.fdopen(descriptor, "w") as file:
        json.dump(document, file, indent=2)
        file.write("\n")
    return development_key(path)


_MINTED: Final = (
    "tokens are minted with nothing else: production tokens come from whoever signs the users in "
    "(python -m service token --new-key FILE makes a development key)"
)


def development_key(path: Path, *, instead: str = _MINTED) -> Key:
    """The development key in a file. Raises KeyProblem for any other key, and says what to do `instead`."""
    data = read_bytes(path)
    if not is_development(data):
        raise KeyProblem(f"{path} is no development key; {instead}")
    document = json.loads(data)
    del document[DEVELOPMENT_MARK]
    return key_of_jwk(document, str(path), secrets=True)


def seconds_of(text: str) -> int:
    """A length of time such as `90s`, `15m`, `1h`, `7d`. Raises ValueError for another, or for over 30 days."""
    found = re.fullmatch(r"([1-9][0-9]{0,8})([smhd])", text)
    if found is None:
        raise ValueError("give a time such as 90s, 15m, 1h or 7d, 30d at most")
    seconds = int(found[1]) * _UNITS[found[2]]
    if seconds > _LONGEST:
        raise ValueError("a development token is valid for 30d at most")
    return seconds


def mint(
    key: Key,
    subject: str,
    *,
    accounts: Sequence[str] = (),
    scopes: Sequence[str] = (),
    expires_in: float = 3600.0,
    issuer: str | None = None,
    audience: str | None = None,
) -> str:
    """A token signed with a development key, valid for so many seconds from now."""
    assert isinstance(key.material, bytes)
    now = int(time.time())
    claims: dict[str, object] = {"sub": subject, "iat": now, "exp": now + int(expires_in)}
    if scopes:
        claims["scope"] = " ".join(scopes)
    if accounts:
        claims["accounts"] = list(accounts)
    if issuer is not None:
        claims["iss"] = issuer
    if audience is not None:
        claims["aud"] = audience
    return jwt.encode(claims, key.material, key.algorithm, headers={"kid": key.kid} if key.kid else None)
