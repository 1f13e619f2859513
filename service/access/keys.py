"""Keys that tokens are verified with. What a key is, and nothing that a token says, decides the algorithm."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt import PyJWK
from jwt.algorithms import HMACAlgorithm
from jwt.exceptions import PyJWTError

from service.access.problems import KeyProblem

Material: TypeAlias = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey | bytes

DEVELOPMENT_MARK: Final = "tapewire-development-key"
"""A member of a development key's file: the key says itself that it protects nothing."""

_MOST_BYTES: Final = 262_144
_MOST_KEYS: Final = 64
_LEAST_SECRET: Final = 32
"""Bytes: a secret for HS256 is to be as long as the hash, RFC 7518, 3.2."""
_LEAST_DISTINCT: Final = 8
_LONGEST_PATH: Final = 255
_LIKE_A_FILE: Final = frozenset({".json", ".jwks", ".jwk", ".pem", ".pub", ".key", ".txt", ".secret"})
"""Endings of names that are no secret; none of base64 or hexadecimal digits has one."""
_RSA_BITS: Final = range(2048, 8193)

_MINE: Final[Mapping[str, str]] = {"oct": "HS256", "RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}

ALGORITHMS: Final[Sequence[str]] = tuple(_MINE.values())
"""All that there are here; what else a token says is none."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key, and the one algorithm that it is used with."""

    algorithm: str
    material: Material = field(repr=False)
    kid: str | None = None
    """The name that tokens know it by; None for one that needs no name."""


class KeySet(tuple[Key, ...]):
    """The keys of a set that are used."""

    skipped: Sequence[str] = ()
    """Why others are not, a sentence for each."""
    private: bool = False
    """Whether a private key is among those: a secret that is where it should not be."""


def told(keys: Sequence[Key]) -> str:
    """Which keys they are, for logs: kinds and names."""
    return ", ".join(key.algorithm + (f" {key.kid!r:.80}" if key.kid is not None else "") for key in keys)


def read_bytes(path: Path) -> bytes:
    """What a key's file holds. Raises KeyProblem where it cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        if _shows_no_secret(path):
            raise KeyProblem(f"there is no file {path}") from None
        raise KeyProblem(
            "there is no such file (a file's name is wanted, not what is in it; "
            "what was given may be a secret, and is not shown)"
        ) from None
    except OSError as error:
        name = str(path) if _shows_no_secret(path) else "what was given is no name of a file:"
        raise KeyProblem(f"{name} cannot be read: {error.strerror}") from None
    if len(data) > _MOST_BYTES:
        raise KeyProblem(f"{path} is too large to hold keys")
    return data


def _shows_no_secret(path: Path) -> bool:
    """Whether a path is surely one, and not a secret that was put where its file's name belongs."""
    if len(str(path)) > _LONGEST_PATH or not str(path).isprintable():
        return False
    try:
        if path.exists() or (str(path.parent) not in (".", "/") and path.parent.is_dir()):
            return True
    except OSError:
        return False
    return path.suffix.lower() in _LIKE_A_FILE


def key_of_file(path: Path) -> Key:
    """A secret for HS256, or a public key in PEM for RS256, ES256 or EdDSA. Raises KeyProblem."""
    data = read_bytes(path)
    text = data.strip()
    if b"-----BEGIN " in text or b"---- BEGIN " in text:
        return _key_of_pem(text, path)
    if text.startswith((b"ssh-", b"ecdsa-")):
        raise KeyProblem(f"{path} holds a key for SSH; give a public key in PEM ({_OF_SSH})")
    if text.startswith(b"{"):
        if is_development(text):
            raise KeyProblem(
                f"{path} is a development key; it is given by --development-key, and protects nothing"
            )
        raise KeyProblem(f"{path} holds JSON; a set of keys is given by --jwks-file")
    # An editor's line end is no part of the secret.
    return Key("HS256", strong(text if _is_text(text) else data, str(path)))


def _is_text(data: bytes) -> bool:
    try:
        return data.decode().isprintable()
    except UnicodeDecodeError:
        return False


def strong(secret: bytes, where: str) -> bytes:
    """The secret, where it is one that cannot be guessed. Raises KeyProblem."""
    if len(secret) < _LEAST_SECRET:
        raise KeyProblem(
            f"the secret of {where} is too short: {len(secret)} bytes, HS256 needs at least {_LEAST_SECRET} "
            "(openssl rand -base64 48 makes one)"
        )
    if len(set(secret)) < _LEAST_DISTINCT:
        raise KeyProblem(f"the secret of {where} is too weak: it has hardly more than one character")
    try:
        return HMACAlgorithm(HMACAlgorithm.SHA256).prepare_key(secret)
    except PyJWTError:
        raise KeyProblem(f"{where} holds a public key in a form that is not read; give PEM") from None


def is_development(data: bytes) -> bool:
    """Whether a key's file says of itself that it is for development."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and DEVELOPMENT_MARK in found


_OF_SSH: Final = "of RSA and ECDSA: ssh-keygen -e -m PKCS8 -f KEY; of others it cannot be had"


def _key_of_pem(text: bytes, path: Path) -> Key:
    if b"OPENSSH PRIVATE KEY" in text or b"SSH2" in text:
        raise KeyProblem(f"{path} holds a private key for SSH; give a public key in PEM ({_OF_SSH})")
    if b"PRIVATE KEY" in text:
        raise KeyProblem(
            f"{path} holds a private key; who verifies needs the public one only "
            "(openssl pkey -in PRIVATE -pubout)"
        )
    if b"CERTIFICATE" in text:
        raise KeyProblem(
            f"{path} holds a certificate; give its public key (openssl x509 -in CERTIFICATE -pubkey -noout)"
        )
    if text.count(b"-----BEGIN ") > 1:
        raise KeyProblem(f"{path} holds several keys; --token-key takes one, --jwks-file a set of them")
    try:
        found = load_pem_public_key(text)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyProblem(f"{path} holds no public key that can be read") from None
    if isinstance(found, RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey):
        return Key(_algorithm(found, str(path)), found)
    raise KeyProblem(f"{path} holds a key of a kind that is not used here; use RSA, EC P-256 or Ed25519")


def _algorithm(key: Material, where: str) -> str:
    """The algorithm of a key. Raises KeyProblem for one that is too weak, or of another curve."""
    if isinstance(key, RSAPublicKey):
        if key.key_size not in _RSA_BITS:
            raise KeyProblem(
                f"the RSA key of {where} has {key.key_size} bits; it needs {_RSA_BITS[0]} to {_RSA_BITS[-1]}"
            )
        return "RS256"
    if isinstance(key, EllipticCurvePublicKey):
        if not isinstance(key.curve, SECP256R1):
            raise KeyProblem(f"the EC key of {where} is on {key.curve.name}; ES256 needs P-256")
        return "ES256"
    return "EdDSA" if isinstance(key, Ed25519PublicKey) else "HS256"


def keys_of_jwks(data: bytes, where: str, *, secrets: bool) -> KeySet:
    """Every key of a JWK set that can be used; `secrets` says whether keys for HS256 may be among them.

    Raises KeyProblem where there is none, with the reason for each that is not.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise KeyProblem(f"{where} holds no JSON") from None
    listed = document.get("keys") if isinstance(document, dict) else None
    if isinstance(document, dict) and DEVELOPMENT_MARK in document:
        raise KeyProblem(
            f"{where} is a development key; it is given by --development-key, and protects nothing"
        )
    if not isinstance(listed, list):
        raise KeyProblem(f"{where} holds no JWK set: an object with a list of keys")
    if len(listed) > _MOST_KEYS:
        raise KeyProblem(f"{where} holds {len(listed)} keys, more than the {_MOST_KEYS} that are read")
    keys: list[Key] = []
    reasons: list[str] = []
    for number, jwk in enumerate(listed, 1):
        kid = jwk.get("kid") if isinstance(jwk, dict) else None
        name = f"key {number}" + (f" {kid!r:.80}" if isinstance(kid, str) else "")
        try:
            keys.append(key_of_jwk(jwk, name, secrets=secrets))
        except KeyProblem as problem:
            reasons.append(str(problem))
    if not keys:
        raise KeyProblem(
            f"{where} has no key that can be used" + (f": {'; '.join(reasons[:4])}" if reasons else "")
        )
    found = KeySet(keys)
    found.skipped = reasons
    found.private = any(is_private(jwk) for jwk in listed)
    return found


def is_private(jwk: object) -> bool:
    """Whether a JWK holds a private key."""
    return isinstance(jwk, dict) and jwk.get("kty") != "oct" and "d" in jwk


def key_of_jwk(jwk: object, where: str, *, secrets: bool) -> Key:
    """One JWK. Raises KeyProblem where it cannot be used for verifying."""
    if not isinstance(jwk, dict):
        raise KeyProblem(f"{where} is no object")
    kty, kid, use, operations = jwk.get("kty"), jwk.get("kid"), jwk.get("use"), jwk.get("key_ops")
    algorithm = _MINE.get(kty) if isinstance(kty, str) else None
    if algorithm is None:
        raise KeyProblem(f"{where} is of a kind that is not used here; use RSA, EC P-256, Ed25519 or oct")
    if DEVELOPMENT_MARK in jwk:
        raise KeyProblem(f"{where} is a development key")
    if kid is not None and not isinstance(kid, str):
        raise KeyProblem(f"{where} has a kid that is no text")
    if is_private(jwk):
        raise KeyProblem(
            f"{where} is a private key; who verifies needs the public one only: take d, p, q, dp, dq and qi out"
        )
    if use not in (None, "sig") or (isinstance(operations, list) and "verify" not in operations):
        raise KeyProblem(f"{where} is not for verifying")
    if jwk.get("alg") not in (None, algorithm):
        raise KeyProblem(f"{where} is for another algorithm than {algorithm}")
    if kty == "oct" and not secrets:
        raise KeyProblem(f"{where} is a secret, which nobody is to publish")
    try:
        # What it says of a key that it cannot read holds the key.
        material: Material = PyJWK(jwk, algorithm).key
    except (PyJWTError, ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyProblem(f"{where} cannot be read as {kty}") from None
    if isinstance(material, bytes):
        return Key(algorithm, strong(material, where), kid)
    if _algorithm(material, where) != algorithm:
        raise KeyProblem(f"{where} is not what its kty says")
    return Key(algorithm, material, kid)
