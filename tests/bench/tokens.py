"""Tokens of every algorithm that is accepted, and what verifies them; the keys are made anew each time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Algorithm = Literal["HS256", "RS256", "ES256", "EdDSA"]
ALGORITHMS: Final[tuple[Algorithm, ...]] = get_args(Algorithm)

_Private: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

_SECRET: Final = "a-secret-that-only-this-benchmark-has-8203"
_MAKE: Final[dict[str, Callable[[], _Private]]] = {
    "RS256": lambda: rsa.generate_private_key(public_exponent=65_537, key_size=2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}
_VALID: Final = 3600
"""Seconds."""


@dataclass(frozen=True)
class Signer:
    """A key."""

    algorithm: Algorithm
    signs: _Private | str
    verifies: bytes
    """As `--token-key` takes it: the secret, or the public key in PEM."""

    @classmethod
    def of(cls, algorithm: Algorithm) -> Signer:
        """A new key; for RS256 of 2048 bits, for ES256 on P-256, for EdDSA Ed25519."""
        if algorithm == "HS256":
            return cls(algorithm, _SECRET, _SECRET.encode())
        private = _MAKE[algorithm]()
        public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return cls(algorithm, private, public)

    def token(self) -> str:
        """A token as users have them: a name, a scope, an account, an hour."""
        claims = {
            "sub": "alice",
            "exp": int(time.time()) + _VALID,
            "scope": "account:read",
            "accounts": ["A-1"],
        }
        return jwt.encode(claims, self.signs, algorithm=self.algorithm)
