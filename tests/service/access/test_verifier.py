"""Tokens: which are accepted, and that nothing in them decides how they are verified."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest

from service.access.keys import Key, key_of_file, keys_of_jwks
from service.access.problems import TokenRefused
from service.access.sources import FixedKeys
from service.access.verifier import MOST_CHARACTERS, Verifier
from tests.service.access.issuing import ALGORITHMS, Issuer, forged, issuer, jwks


def verifier(
    *issuers: Issuer, issuer: str | None = None, audience: str | None = None, leeway: float = 0.0
) -> Verifier:
    """Knows their keys by name."""
    keys = FixedKeys(keys_of_jwks(jwks(*issuers), "test", secrets=True))
    return Verifier(keys, issuer=issuer, audience=audience, leeway=leeway)


async def refusal(judge: Verifier, token: str) -> str:
    """Why a token is refused."""
    with pytest.raises(TokenRefused) as caught:
        await judge.verify(token)
    assert len(token) < 10 or token not in str(caught.value)
    return caught.value.reason


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_each_algorithm_by_file_and_by_set(algorithm: str, tmp_path: Path) -> None:
    """A token signed with any of the four is accepted, its key from a file of its own or from a set."""
    signer = issuer(algorithm, "one")
    by_file = Verifier(FixedKeys([key_of_file(signer.file(tmp_path))]))
    for judge in (by_file, verifier(signer)):
        rights = await judge.verify(signer.token())
        assert (rights.subject, set(rights.scopes), set(rights.accounts)) == (
            "alice",
            {"account:read"},
            {"A1"},
        )
        assert rights.expires_at == pytest.approx(time.time() + 60, abs=5)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_another_key_is_refused(algorithm: str, tmp_path: Path) -> None:
    """The signature of another key of the same kind, and a changed token, are refused."""
    signer, other = issuer(algorithm), issuer(algorithm, number=1)
    judge = Verifier(FixedKeys([key_of_file(signer.file(tmp_path))]))
    assert await refusal(judge, other.token()) == "signature"
    head, _, signature = signer.token().split(".")
    changed = signer.token(accounts=["A2"]).split(".")[1]
    assert await refusal(judge, f"{head}.{changed}.{signature}") == "signature"


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", None, 1, ["HS256"], {"alg": "HS256"}])
async def test_none_is_no_algorithm(alg: object, tmp_path: Path) -> None:
    """A token without a signature, however it spells that, is refused."""
    claims = {"sub": "alice", "exp": int(time.time()) + 60, "accounts": ["A1"], "scope": "account:read"}
    for algorithm in ALGORITHMS:
        judge = Verifier(FixedKeys([key_of_file(issuer(algorithm).file(tmp_path))]))
        header = {"typ": "JWT"} if alg is None else {"alg": alg, "typ": "JWT"}
        assert await refusal(judge, forged(header, claims)) == "algorithm"
        assert await refusal(judge, forged(header, claims, b"x")) == "algorithm"


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
async def test_a_public_key_is_no_secret(algorithm: str, alg: str, tmp_path: Path) -> None:
    """HMAC with the public key, as everybody has it, is refused, with and without the key's name."""
    signer = issuer(algorithm, "one")
    judges = [Verifier(FixedKeys([key_of_file(signer.file(tmp_path))])), verifier(signer)]
    claims = {"sub": "alice", "exp": int(time.time()) + 60, "accounts": ["A1"], "scope": "account:read"}
    digest = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}[alg]
    for header in ({"alg": alg}, {"alg": alg, "kid": "one"}):
        body = forged(header, claims).rstrip(".")
        for secret in (signer.public, signer.public.strip(), json.dumps(signer.jwk()).encode()):
            token = body + "." + _text(hmac.digest(secret, body.encode(), digest))
            for judge in judges:
                assert await refusal(judge, token) == "algorithm"


def _text(data: bytes) -> str:
    return jwt.utils.base64url_encode(data).decode()


@pytest.mark.parametrize("alg", ["RS384", "RS512", "PS256", "ES384", "ES256K", "HS512"])
async def test_an_algorithm_beside_the_keys_own_is_refused(alg: str, tmp_path: Path) -> None:
    """A right signature by another algorithm than the key's is refused."""
    signer = issuer({"R": "RS256", "P": "RS256", "E": "ES256", "H": "HS256"}[alg[0]])
    judge = Verifier(FixedKeys([key_of_file(signer.file(tmp_path))]))
    claims = {"sub": "alice", "exp": int(time.time()) + 60}
    # Where the library does not sign so with this key, the header alone has to do.
    signed = alg[0] not in "EH"
    token = jwt.encode(claims, signer.private, alg) if signed else forged({"alg": alg}, claims, b"x" * 64)
    assert await refusal(judge, token) == "algorithm"


async def test_a_key_in_the_token_is_not_used() -> None:
    """Headers that bring or name a key of the attacker's own (`jwk`, `jku`, `x5u`, `x5c`) change nothing."""
    signer, attacker = issuer("RS256", "one"), issuer("RS256", "one", 1)
    judge = verifier(signer)
    for headers in (
        {"jwk": attacker.jwk()},
        {"jku": "https://attacker.example/jwks.json"},
        {"x5u": "https://attacker.example/cert.pem"},
        {"x5c": ["MIIB"]},
    ):
        assert await refusal(judge, attacker.token(headers=headers)) == "signature"
        assert (await judge.verify(signer.token(headers=headers))).subject == "alice"


@pytest.mark.parametrize(
    "kid",
    [
        "two",
        "../../../../dev/null",
        "/etc/passwd",
        "one\x00",
        "One",
        " one",
        "' OR 1=1",
        "http://a.example/k",
        "",
    ],
)
async def test_a_name_finds_that_key_or_none(kid: str) -> None:
    """A `kid` is compared with the names of the keys, and used for nothing else."""
    signer = issuer("HS256", "one")
    assert await refusal(verifier(signer), signer.token(headers={"kid": kid})) == "unknown_key"


@pytest.mark.parametrize("kid", [1, None, ["one"], {"kid": "one"}, "x" * 300])
async def test_a_name_that_is_none_is_refused(kid: object) -> None:
    """Whatever is no short text."""
    claims = {"sub": "alice", "exp": int(time.time()) + 60}
    token = forged({"alg": "HS256", "kid": kid}, claims, b"x")
    assert await refusal(verifier(issuer("HS256", "one")), token) == "malformed"


async def test_a_name_of_another_kind_of_key() -> None:
    """Two keys of two kinds in one set: each verifies by its own algorithm only."""
    one, two = issuer("RS256", "one"), issuer("ES256", "two")
    judge = verifier(one, two)
    assert (await judge.verify(one.token())).subject == "alice"
    assert (await judge.verify(two.token())).subject == "alice"
    assert await refusal(judge, one.token(headers={"kid": "two"})) == "algorithm"
    assert (await judge.verify(two.token(headers={"kid": "two"}))).subject == "alice"
    unnamed = Issuer("ES256", two.private)
    assert (await judge.verify(unnamed.token())).subject == "alice"


@pytest.mark.parametrize(
    "headers", [{"crit": ["exp"], "exp": 1}, {"crit": []}, {"crit": "b64"}, {"b64": True, "crit": ["b64"]}]
)
async def test_critical_extensions_are_refused(headers: dict[str, Any]) -> None:
    """There are none here that could be meant."""
    claims = {"sub": "alice", "exp": int(time.time()) + 60}
    signer = issuer("HS256")
    body = forged({"alg": "HS256", **headers}, claims).rstrip(".")
    token = body + "." + _text(hmac.digest(signer.private, body.encode(), hashlib.sha256))
    assert await refusal(verifier(signer), token) == "malformed"


@pytest.mark.parametrize("typ", ["dpop+jwt", "logout+jwt", "secevent+jwt", 5])
async def test_tokens_for_something_else_are_refused(typ: object) -> None:
    """An issuer signs more than access tokens; those of other types are refused."""
    signer = issuer("HS256")
    token = signer.token(headers={"typ": typ})
    assert await refusal(verifier(signer), token) == "malformed"
    assert (await verifier(signer).verify(signer.token(headers={"typ": "at+jwt"}))).subject == "alice"


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c",
        "a.b.c.d.e",
        "é.é.é",
        "Bearer x.y.z",
        "x" * 100,
        "e30.e30.",
        "W10.e30.x",
        "\ud800..",
    ],
)
async def test_what_is_no_token_is_refused(token: str) -> None:
    """Without an exception of any other kind."""
    assert await refusal(verifier(issuer("HS256")), token) in {"malformed", "algorithm"}


async def test_a_long_token_is_not_looked_at() -> None:
    """However right it is."""
    signer = issuer("HS256")
    token = signer.token(accounts=["A" * 30 for _ in range(400)])
    assert len(token) > MOST_CHARACTERS
    assert await refusal(verifier(signer), token) == "malformed"


async def test_deep_headers_end_nothing() -> None:
    """JSON that is nested thousands deep is refused like any other rubbish."""
    deep = jwt.utils.base64url_encode(b'{"alg":' + b"[" * 5000 + b"]" * 5000 + b"}").decode()
    assert await refusal(verifier(issuer("HS256")), f"{deep}.e30.x1") == "malformed"


NOW = 2_000_000_000


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": 1}, "expired"),
        ({"exp": None}, "claims"),
        ({"exp": "soon"}, "malformed"),
        ({"exp": True}, "claims"),
        ({"exp": 1e300}, "claims"),
        ({"exp": 10**400}, "claims"),
        ({"exp": float("inf")}, "malformed"),
        ({"exp": float("nan")}, "malformed"),
        ({"exp": [NOW]}, "malformed"),
        ({"exp": False}, "claims"),
        ({"nbf": "0"}, "claims"),
        ({"nbf": True}, "claims"),
        ({"nbf": "99999999999"}, "claims"),
        ({"iat": "0"}, "claims"),
        ({"aud": []}, "claims"),
        ({"aud": ""}, "claims"),
        ({"aud": [7]}, "claims"),
        ({"aud": {"a": 1}}, "claims"),
        ({"nbf": 99_999_999_999}, "not_yet"),
        ({"iat": 99_999_999_999}, "not_yet"),
        ({"sub": None}, "claims"),
        ({"sub": ""}, "claims"),
        ({"sub": 7}, "claims"),
        ({"sub": "x" * 300}, "claims"),
        ({"accounts": "A1"}, "claims"),
        ({"accounts": {"A1": 1}}, "claims"),
        ({"accounts": ["A1", 2]}, "claims"),
        ({"scope": {"account:read": True}}, "claims"),
        ({"scope": 5}, "claims"),
        ({"aud": "elsewhere"}, "elsewhere"),
    ],
)
async def test_claims_of_another_type_are_refused(claims: dict[str, Any], reason: str) -> None:
    """What cannot be read as it is meant is no token, though its signature is right."""
    signer = issuer("HS256")
    found = await refusal(verifier(signer), signer.token(**claims))
    assert found == reason or (reason == "malformed" and found == "claims")


@pytest.mark.parametrize("claims", [{"iss": 3}, {"iss": None}, {"aud": None}, {"nbf": None}, {"aud": 5}])
async def test_claims_that_the_library_would_not_sign(claims: dict[str, Any]) -> None:
    """Are refused as well, and so is null, which is no way to leave one out."""
    signer = issuer("HS256")
    told = {"sub": "alice", "exp": int(time.time()) + 60, **claims}
    body = forged({"alg": "HS256"}, told).rstrip(".")
    token = body + "." + _text(hmac.digest(signer.private, body.encode(), hashlib.sha256))
    assert await refusal(verifier(signer), token) == "claims"


@pytest.mark.parametrize("around", ["{}\n", " {}", "{}\r\n", "\t{} "])
async def test_white_space_around_a_token_is_told(around: str) -> None:
    """It is refused, and whoever read it from a file is told what is wrong with it."""
    signer = issuer("HS256")
    with pytest.raises(TokenRefused, match="white space around it"):
        await verifier(signer).verify(around.format(signer.token()))


async def test_scopes_in_either_claim() -> None:
    """`scope` is a text with spaces, `scp` a list or such a text; the first counts where there are both."""
    signer = issuer("HS256")
    for claims in (
        {"scope": "account:read  other"},
        {"scope": None, "scp": ["account:read", "other"]},
        {"scope": None, "scp": "account:read other"},
        {"scope": "account:read other", "scp": ["more"]},
    ):
        assert (await verifier(signer).verify(signer.token(**claims))).scopes == {"account:read", "other"}
    nothing = await verifier(signer).verify(signer.token(scope=None, accounts=None))
    assert (nothing.scopes, nothing.accounts) == (frozenset(), frozenset())


async def test_issuer_and_audience() -> None:
    """Where they are set, a token has to have them; a token for somebody named is not for whoever."""
    signer = issuer("HS256")
    judge = verifier(signer, issuer="https://id.example", audience="tapewire")
    good: dict[str, Any] = {"iss": "https://id.example", "aud": ["other", "tapewire"]}
    assert (await judge.verify(signer.token(**good))).subject == "alice"
    for change in (
        {"iss": "https://id.example/"},
        {"iss": "https://id.example.attacker.example"},
        {"aud": "other"},
        {"aud": ["TAPEWIRE"]},
    ):
        assert await refusal(judge, signer.token(**{**good, **change})) == "elsewhere"
    for name in ("iss", "aud"):
        assert await refusal(judge, signer.token(**{**good, name: None})) == "claims"


@pytest.mark.parametrize(
    ("claims", "claim"),
    [
        ({"exp": None}, "exp"),
        ({"exp": "soon"}, "exp"),
        ({"exp": 1e300}, "exp"),
        ({"sub": None}, "sub"),
        ({"sub": 7}, "sub"),
        ({"nbf": "0"}, "nbf"),
        ({"aud": [7]}, "aud"),
        ({"accounts": "A1"}, "accounts"),
        ({"scope": 5}, "scope"),
        ({"scope": None, "scp": 5}, "scp"),
        ({"iss": None}, "iss"),
        ({"iss": "another"}, "iss"),
        ({"aud": None}, "aud"),
        ({"aud": "another"}, "aud"),
    ],
)
async def test_the_claim_that_is_wrong_is_named(claims: dict[str, Any], claim: str) -> None:
    """To whoever runs the service, not to whoever shows the token."""
    signer = issuer("HS256")
    judge = verifier(signer, issuer="me", audience="you")
    with pytest.raises(TokenRefused) as caught:
        await judge.verify(signer.token(**{"iss": "me", "aud": "you", **claims}))
    assert caught.value.claim == claim
    assert claim not in caught.value.message.split()


async def test_leeway_is_for_clocks_that_differ() -> None:
    """Within it a token that has just run out, or is not valid yet, is accepted; beyond it is not."""
    signer = issuer("HS256")
    now = int(time.time())
    judge = verifier(signer, leeway=30)
    assert (await judge.verify(signer.token(exp=now - 10))).expires_at == now - 10
    assert (await judge.verify(signer.token(nbf=now + 10, iat=now + 10))).subject == "alice"
    assert await refusal(judge, signer.token(exp=now - 60)) == "expired"
    assert await refusal(judge, signer.token(nbf=now + 90)) == "not_yet"


def test_a_key_does_not_tell_its_secret() -> None:
    """Whoever logs a key logs none of it."""
    assert "secret" not in repr(Key("HS256", b"the secret of secrets"))
