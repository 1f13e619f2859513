"""Tokens that nobody should accept: forged, bent, torn, or none at all."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
from collections.abc import Mapping, Sequence

_ALGORITHMS: Sequence[object] = (
    *(
        "none",
        "None",
        "NONE",
        "nOnE",
        "HS256",
        "HS384",
        "HS512",
        "RS256",
        "ES256",
        "EdDSA",
        "PS256",
        "hs256",
        "",
    ),
    *(None, 0, True, [], ["HS256"], {"alg": "HS256"}),
)
_SECRETS: Sequence[bytes] = (b"", b"secret", b"\x00" * 32, b"a" * 32, b"-----BEGIN PUBLIC KEY-----")
_TIMES: Sequence[object] = (
    *(0, -1, 1, 4102444800, 2**31, 2**63, 2**64, 1e308, -1e308, 0.5, "4102444800", None, True, [], {}),
)
_NAMES: Sequence[object] = ("user", "", "a" * 10_000, None, 0, [], ["user"], {"sub": "user"}, "\x00", "é")
_KIDS: Sequence[object] = ("", "key", "../../etc/passwd", "'; --", "a" * 4096, None, 0, [], {}, "\x00")


def hostile_token(chance: random.Random) -> str:
    """A token that is no good; never one that anybody could have been given."""
    match chance.randrange(6):
        case 0:
            return _noise(chance)
        case 1:
            return "." * chance.randrange(6)
        case 2:
            return ".".join(_noise(chance) for _ in range(chance.randrange(1, 6)))
        case _:
            return _forged(chance)


def _forged(chance: random.Random) -> str:
    """A token as they are made, signed by somebody who has no key."""
    header: dict[str, object] = {
        "alg": chance.choice(_ALGORITHMS),
        "typ": chance.choice(("JWT", "", None, 1, "JWE")),
    }
    for name, values in (
        ("kid", _KIDS),
        ("jku", ("http://127.0.0.1:9/keys", "file:///etc/passwd")),
        ("jwk", ({"kty": "oct", "k": "c2VjcmV0"}, {}, None)),
        ("crit", (["exp"], [], "exp")),
        ("zip", ("DEF",)),
        ("b64", (False,)),
    ):
        if chance.random() < 0.25:
            header[name] = chance.choice(values)
    claims: dict[str, object] = {
        "sub": "user",
        "exp": 4102444800,
        "accounts": ["DEMO-1"],
        "scope": "account:read",
    }
    for name, values in (("sub", _NAMES), ("exp", _TIMES), ("nbf", _TIMES), ("iat", _TIMES), ("aud", _NAMES)):
        if chance.random() < 0.4:
            claims[name] = chance.choice(values)
    if chance.random() < 0.2:
        claims["accounts"] = chance.choice(("DEMO-1", [1], {"DEMO-1": True}, None, ["A" * 5000]))
    body = _part(header) + "." + (_part(claims) if chance.random() < 0.9 else _noise(chance))
    signature = hmac.new(chance.choice(_SECRETS), body.encode("utf-8", "replace"), hashlib.sha256).digest()
    made = body + "." + chance.choice((_encoded(signature), "", _noise(chance), _encoded(signature) + "="))
    if chance.random() < 0.2:
        at = chance.randrange(len(made) + 1)
        made = made[:at] + chance.choice((".", "=", "\n", " ", "\x00", "é", "+", "/")) + made[at:]
    return made


def _part(value: Mapping[str, object]) -> str:
    return _encoded(json.dumps(value).encode())


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _noise(chance: random.Random) -> str:
    size = chance.choice((0, 1, 3, 4, 20, 200))
    if chance.random() < 0.5:
        return _encoded(chance.randbytes(size))
    return "".join(chr(chance.randrange(1, 0x500)) for _ in range(size))
