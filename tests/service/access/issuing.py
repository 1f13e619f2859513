"""An issuer of tokens, for the tests: keys of all kinds, their files, and tokens right and wrong."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

SECRET = b"0123456789abcdef-0123456789ABCDEF-secret"

ALGORITHMS = ("HS256", "RS256", "ES256", "EdDSA")


@dataclass(frozen=True)
class Issuer:
    """Signs with one key."""

    algorithm: str
    private: Any
    kid: str | None = None

    def token(self, *, headers: dict[str, Any] | None = None, **claims: object) -> str:
        """Alice's token for account A1, valid for a minute, changed by what is given; None leaves a claim out."""
        now = int(time.time())
        told = {
            "sub": "alice",
            "iat": now,
            "exp": now + 60,
            "scope": "account:read",
            "accounts": ["A1"],
            **claims,
        }
        return jwt.encode(
            {name: value for name, value in told.items() if value is not None},
            self.private,
            self.algorithm,
            headers={**({"kid": self.kid} if self.kid else {}), **(headers or {})},
        )

    @property
    def public(self) -> bytes:
        """What verifies its tokens, as a file holds it."""
        if self.algorithm == "HS256":
            return bytes(self.private)
        return bytes(self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    @property
    def pem(self) -> bytes:
        """The private key."""
        return bytes(self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    def jwk(self, **members: object) -> dict[str, Any]:
        """The public key in a set."""
        if self.algorithm == "HS256":
            made: dict[str, Any] = {
                "kty": "oct",
                "k": base64.urlsafe_b64encode(self.private).decode().rstrip("="),
            }
        else:
            kinds: dict[str, Any] = {"RS256": RSAAlgorithm, "ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}
            made = kinds[self.algorithm].to_jwk(self.private.public_key(), as_dict=True)
        made.pop("key_ops", None)
        return {**made, **({"kid": self.kid} if self.kid else {}), **members}

    def file(self, folder: Path) -> Path:
        """What verifies its tokens, in a file."""
        path = folder / f"{self.algorithm}.key"
        path.write_bytes(self.public)
        return path


@cache
def issuer(algorithm: str, kid: str | None = None, number: int = 0) -> Issuer:
    """The same each time; another `number` is another key."""
    if algorithm == "HS256":
        return Issuer(algorithm, SECRET + (b"%d" % number if number else b""), kid)
    if algorithm == "RS256":
        return Issuer(algorithm, rsa.generate_private_key(public_exponent=65537, key_size=2048), kid)
    if algorithm == "ES256":
        return Issuer(algorithm, ec.generate_private_key(ec.SECP256R1()), kid)
    return Issuer(algorithm, Ed25519PrivateKey.generate(), kid)


def forged(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    """A token put together by hand."""
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def jwks(*issuers: Issuer) -> bytes:
    """A set of their keys."""
    return json.dumps({"keys": [one.jwk() for one in issuers]}).encode()
