"""Judges tokens. The cryptography is PyJWT's; which key and which algorithm is decided here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import jwt
from jwt.exceptions import (
    ExpiredSignatureError,
    ImmatureSignatureError,
    InvalidAlgorithmError,
    InvalidAudienceError,
    InvalidIssuerError,
    InvalidJTIError,
    InvalidSignatureError,
    InvalidSubjectError,
    InvalidTokenError,
    MissingRequiredClaimError,
    PyJWTError,
)

from service.access.keys import ALGORITHMS, Key
from service.access.problems import Reason, TokenRefused
from service.access.rights import Rights
from service.access.sources import Keys

MOST_CHARACTERS: Final = 16_384
"""Of a token; the contract says the same."""

_MOST_TRIED: Final = 4
"""Keys that are tried for a token that names none."""
LONGEST_NAME: Final = 255
"""Characters of a subject, and of a key's name."""
_MOST_ACCOUNTS: Final = 10_000
_LATEST: Final = 1e11
"""Seconds: a later end of a token is none that a calendar knows."""
_TYPES: Final = frozenset({"jwt", "at+jwt", "application/jwt", "application/at+jwt"})
"""Other types are tokens for something else, signed by the same issuer."""

_OF_KEYS: Final = frozenset({"unknown_key", "algorithm", "signature"})
"""Reasons that another key might do away with."""

_REASONS: Final[Sequence[tuple[type[PyJWTError], Reason]]] = (
    (ExpiredSignatureError, "expired"),
    (ImmatureSignatureError, "not_yet"),
    (InvalidAudienceError, "elsewhere"),
    (InvalidIssuerError, "elsewhere"),
    (MissingRequiredClaimError, "claims"),
    (InvalidAlgorithmError, "algorithm"),
    (InvalidSignatureError, "signature"),
)

_CLAIMS: Final[Sequence[tuple[type[PyJWTError], str]]] = (
    (InvalidAudienceError, "aud"),
    (InvalidIssuerError, "iss"),
    (InvalidSubjectError, "sub"),
    (InvalidJTIError, "jti"),
)
"""What is complained of by claim."""


class Verifier:
    """Turns tokens into rights."""

    def __init__(
        self, keys: Keys, *, issuer: str | None = None, audience: str | None = None, leeway: float = 0.0
    ) -> None:
        """`leeway` is in seconds: how far the issuer's clock may be from this one."""
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self.leeway = leeway
        self._jwt = jwt.PyJWT()

    async def verify(self, token: str) -> Rights:
        """The rights that a token gives. Raises TokenRefused.

        Waits only where the token names a key that is not known, and no nameless one signed it: for the keys to be
        loaded anew.
        """
        header = _header(token)
        kid, algorithm = header.get("kid"), header.get("alg")
        if algorithm not in ALGORITHMS:
            raise TokenRefused("algorithm")
        if named := self._named(kid):
            return self._judged(token, algorithm, named)
        try:
            # First, since an issuer may name its key in tokens only: none of these is to wait for a load.
            return self._judged(token, algorithm, self._meant(kid))
        except TokenRefused as refused:
            if refused.reason not in _OF_KEYS:
                raise
        renewed = (kid is None and bool(self._keys.known)) or await self._keys.renew()
        named = self._named(kid)
        try:
            return self._judged(token, algorithm, named or self._meant(kid))
        except TokenRefused as refused:
            if refused.reason in _OF_KEYS and not named:
                # Its key may be among those that could not be loaded: it is not the token that is bad.
                if not self._keys.known or self._keys.status().state != "ok":
                    raise TokenRefused("no_keys", retryable=True) from None
                if not renewed:
                    raise TokenRefused("unknown_key", retryable=True) from None
            raise

    def _named(self, kid: str | None) -> Sequence[Key]:
        """The keys of that name."""
        return [] if kid is None else [key for key in self._keys.known if key.kid == kid]

    def _meant(self, kid: str | None) -> Sequence[Key]:
        """Where no key has the name: those that may be meant all the same, which is each by a token without any."""
        return [key for key in self._keys.known if kid is None or key.kid is None]

    def _judged(self, token: str, algorithm: object, keys: Sequence[Key]) -> Rights:
        """The rights that a token gives, if one of these keys signed it. Raises TokenRefused."""
        if not keys:
            raise TokenRefused("unknown_key")
        fitting = [key for key in keys if key.algorithm == algorithm]
        if not fitting:
            raise TokenRefused("algorithm")
        return _rights(self._claims(token, fitting[:_MOST_TRIED]))

    def _claims(self, token: str, keys: Sequence[Key]) -> dict[str, Any]:
        for key in keys:
            try:
                return self._jwt.decode(
                    token,
                    key.material,
                    algorithms=[key.algorithm],
                    options={"require": ["exp", "sub"]},
                    issuer=self._issuer,
                    audience=self._audience,
                    leeway=self.leeway,
                )
            except InvalidSignatureError:
                continue
            except (PyJWTError, ValueError, TypeError, OverflowError) as error:
                # The signature is right; what is of another type is told as such, not as run out.
                if (claim := self._ill_typed(token)) is not None:
                    raise TokenRefused("claims", claim=claim) from None
                raise TokenRefused(_reason(error), claim=_claim(error)) from None
        raise TokenRefused("signature")

    def _ill_typed(self, token: str) -> str | None:
        try:
            return ill_typed(self._jwt.decode(token, options={"verify_signature": False}))
        except (PyJWTError, ValueError, TypeError, OverflowError):
            return None  # There are no claims.


def ill_typed(claims: Mapping[str, Any]) -> str | None:
    """The first claim that is not of the type that it is to have, or None; one that is not there is not told of."""
    for name in ("exp", "nbf", "iat"):
        if name in claims and (not isinstance(claims[name], int | float) or isinstance(claims[name], bool)):
            return name
    if not isinstance(claims.get("iss", ""), str):
        return "iss"
    audience = claims.get("aud", "-")
    audiences = audience if isinstance(audience, list) else [audience]
    if not audiences or not all(isinstance(item, str) and item for item in audiences):
        return "aud"
    return None


def _claim(error: Exception) -> str | None:
    """Which claim the library complains of, where it says so."""
    if isinstance(error, MissingRequiredClaimError):
        return error.claim
    return next((name for kind, name in _CLAIMS if isinstance(error, kind)), None)


def _reason(error: Exception) -> Reason:
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return reason
    return "claims" if isinstance(error, InvalidTokenError) else "malformed"


def _header(token: str) -> dict[str, Any]:
    """A token's header, as far as it can be believed before the signature is looked at: not at all.

    Whatever would have the key come from elsewhere (`jku`, `jwk`, `x5u`, `x5c`) is not read by anybody.
    """
    if token != token.strip():
        raise TokenRefused("malformed", message="The token has white space around it.")
    if len(token) > MOST_CHARACTERS or token.count(".") != 2 or not token.isascii():
        raise TokenRefused("malformed")
    try:
        header = jwt.get_unverified_header(token)
    except (PyJWTError, ValueError, TypeError):
        raise TokenRefused("malformed") from None
    if "crit" in header or "b64" in header:
        raise TokenRefused("malformed")
    kind, kid = header.get("typ"), header.get("kid")
    if kind is not None and not (isinstance(kind, str) and kind.lower() in _TYPES):
        raise TokenRefused("malformed")
    if kid is not None and not (isinstance(kid, str) and len(kid) <= LONGEST_NAME):
        raise TokenRefused("malformed")
    return header


def _rights(claims: dict[str, Any]) -> Rights:
    """What claims say, whose signature is right. Raises TokenRefused where they are of another type."""
    if (wrong := ill_typed(claims)) is not None:
        raise TokenRefused("claims", claim=wrong)
    subject, expires = claims["sub"], claims["exp"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_NAME:
        raise TokenRefused("claims", claim="sub")
    if not 0 < expires < _LATEST:
        raise TokenRefused("claims", claim="exp")
    named = "scope" if "scope" in claims else "scp"
    scope = claims.get(named, [])
    scopes = _texts(named, scope.split() if isinstance(scope, str) else scope)
    accounts = _texts("accounts", claims.get("accounts", []), _MOST_ACCOUNTS)
    return Rights(subject, scopes, accounts, expires_at=float(expires))


def _texts(claim: str, value: object, most: int = 1000) -> frozenset[str]:
    # A text is a list of texts to Python, each of one letter.
    if not isinstance(value, list) or len(value) > most or not all(isinstance(item, str) for item in value):
        raise TokenRefused("claims", claim=claim)
    return frozenset(value)
