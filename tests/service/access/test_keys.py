"""Keys: what can be used, and in which sentence the rest is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey

from service.access.gate import access_of
from service.access.keys import key_of_file, keys_of_jwks
from service.access.minting import development_key, mint, new_development_key, seconds_of
from service.access.problems import KeyProblem
from service.access.sources import FixedKeys
from service.access.verifier import Verifier
from service.cli import main
from service.settings import Settings
from tests.service.access.issuing import ALGORITHMS, SECRET, Issuer, issuer, jwks


def held(folder: Path, data: bytes) -> Path:
    """A file that holds this."""
    path = folder / "key"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_a_key_is_decides_its_algorithm(algorithm: str, tmp_path: Path) -> None:
    """A file with a key says nothing of algorithms; each kind has one."""
    key = key_of_file(issuer(algorithm).file(tmp_path))
    assert (key.algorithm, key.kid) == (algorithm, None)
    with_space = held(tmp_path, b"\n" + issuer(algorithm).public + b"\r\n")
    assert key_of_file(with_space).algorithm == algorithm


def test_a_line_end_is_no_part_of_a_secret(tmp_path: Path) -> None:
    """An editor puts one there; a secret that is no text is taken as it is."""
    assert key_of_file(held(tmp_path, SECRET + b"\n")).material == SECRET
    beyond = "Grüße aus Köln: 0123456789 äöüß ÄÖÜ".encode()
    assert key_of_file(held(tmp_path, beyond + b"\r\n")).material == beyond
    binary = bytes(range(128, 168)) + b"\n"
    assert key_of_file(held(tmp_path, binary)).material == binary


WEAK = Issuer("RS256", rsa.generate_private_key(public_exponent=65537, key_size=1024))
OTHER_CURVE = Issuer("ES256", ec.generate_private_key(ec.SECP384R1()))
OTHER_KIND = Issuer("EdDSA", Ed448PrivateKey.generate())


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "too short: 0 bytes, HS256 needs at least 32"),
        (b"hunter2", "too short: 7 bytes"),
        (b"x" * 31, "too short: 31 bytes"),
        (b"a" * 64, "too weak"),
        (issuer("RS256").pem, "holds a private key"),
        (issuer("EdDSA").pem, "holds a private key"),
        (
            b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----",
            "private key for SSH; give a public key in PEM",
        ),
        (issuer("RS256").public + issuer("ES256").public, "several keys; --token-key takes one, --jwks-file"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "holds a certificate"),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "no public key that can be read"),
        (b"-----BEGIN PUBLIC KEY-----", "no public key that can be read"),
        (b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample alice@example", "a key for SSH"),
        (jwks(issuer("RS256")), "--jwks-file"),
        (WEAK.public, "has 1024 bits"),
        (OTHER_CURVE.public, "secp384r1; ES256 needs P-256"),
        (OTHER_KIND.public, "of a kind that is not used here"),
        (b"x" * 300_000, "too large"),
    ],
)
def test_what_is_no_key_is_refused(data: bytes, complaint: str, tmp_path: Path) -> None:
    """In a sentence that says what to do, and none of what is in the file."""
    path = held(tmp_path, data)
    with pytest.raises(KeyProblem, match=complaint) as caught:
        key_of_file(path)
    assert str(path) in str(caught.value)
    assert not data or data.decode()[:40] not in str(caught.value)


@pytest.mark.parametrize("option", ["--token-key", "--jwks-file", "--development-key"])
def test_a_start_without_a_usable_key_fails(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With exit code 1 and one line, before anything listens."""
    monkeypatch.setattr("service.logs.configure", lambda *_, **__: None)
    for path, complaint in (
        (tmp_path / "absent", "there is no file"),
        (tmp_path, "cannot be read: Is a directory"),
        (held(tmp_path, b"hunter2"), ""),
    ):
        assert main(["serve", "--port", "0", option, str(path)]) == 1
        told = capsys.readouterr().err
        assert complaint in told
        assert "hunter2" not in told
        assert len(told.splitlines()) == 1


@pytest.mark.parametrize("how", ["--token-key", "--jwks-file", "--development-key", "environment", "token"])
@pytest.mark.parametrize("secret", ["kYFO+9/bX3mQ" * 4, "aB3/" * 90, "q7Zk" * 90, "8kx2vvq\n9zzj3h"])
def test_a_secret_in_place_of_its_file_is_not_shown(
    how: str, secret: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The complaint names the setting that wants a file, and nothing of what was given."""
    monkeypatch.setattr("service.logs.configure", lambda *_, **__: None)
    option = how
    if how == "token":
        option, arguments = "--key", ["token", "--key", secret, "--subject", "alice"]
    elif how == "environment":
        option, arguments = "TAPEWIRE_TOKEN_KEY", ["serve", "--port", "0"]
        monkeypatch.setenv(option, secret)
    else:
        arguments = ["serve", "--port", "0", how, secret]
    assert main(arguments) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"python -m service {arguments[0]}: {option}: ")
    assert not any(secret[at : at + 4] in told for at in range(0, len(secret) - 4, 4))
    assert len(told.splitlines()) == 1


def test_a_file_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Where it is surely a file's name: by its ending, or by a folder that there is."""
    for name in ("dve.json", str(tmp_path / "absent")):
        assert main(["token", "--key", name, "--subject", "alice"]) == 1
        assert f"there is no file {name}" in capsys.readouterr().err


def test_a_service_does_not_speak_of_minting(tmp_path: Path) -> None:
    """Who serves with a key that is none for development is told which setting takes it."""
    with pytest.raises(KeyProblem, match="is no development key; --token-key takes a secret") as caught:
        access_of(Settings(development_key=held(tmp_path, SECRET)))
    assert caught.value.setting == "development_key"


def test_the_log_tells_which_keys_are_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """By kind and name, and which are not, and why; a private key among them is warned of. No key is shown."""
    caplog.set_level("INFO")
    for members, level in (({"use": "enc"}, "INFO"), ({"d": "AQAB"}, "WARNING")):
        caplog.clear()
        document = {"keys": [SIGNER.jwk(), issuer("ES256").jwk(), SIGNER.jwk(kid="two", **members)]}
        access_of(Settings(jwks_file=held(tmp_path, json.dumps(document).encode())))
        used, passed = caplog.records
        assert "count=2 used=\"RS256 'one', ES256\"" in used.getMessage()
        assert "key 3 'two' is " in passed.getMessage()
        assert passed.levelname == level
        assert SIGNER.jwk()["n"] not in caplog.text


def test_origins_as_browsers_spell_them() -> None:
    """A port that goes without saying is left out; `all` is what is so without the setting."""
    assert (
        Settings(origins="https://A.example:443/, http://[::1]:80").origins
        == "https://a.example,http://[::1]"
    )
    assert Settings(origins="http://a.example:8080").origins == "http://a.example:8080"
    assert Settings(origins="all").origins is None


SIGNER = issuer("RS256", "one")


@pytest.mark.parametrize(
    ("members", "complaint"),
    [
        ({"use": "enc"}, "not for verifying"),
        ({"key_ops": ["sign"]}, "not for verifying"),
        ({"key_ops": ["sign"], "d": "AQAB"}, "key 1 'one' is a private key; .* take d, p, q"),
        ({"alg": "RS512"}, "another algorithm than RS256"),
        ({"alg": "none"}, "another algorithm"),
        ({"alg": ["RS256"]}, "another algorithm"),
        ({"kty": "oct", "k": "c2VjcmV0"}, "is a secret, which nobody is to publish"),
        ({"kty": "EC"}, "cannot be read as EC"),
        ({"kty": "OKP", "crv": "X25519", "x": "AA"}, "cannot be read as OKP"),
        ({"kty": ["RSA"]}, "of a kind that is not used"),
        ({"n": 5}, "cannot be read as RSA"),
        (WEAK.jwk(), "1024 bits; it needs 2048"),
        ({"d": "AQAB"}, "is a private key"),
        ({"kid": 7}, "a kid that is no text"),
    ],
)
def test_keys_of_a_set_that_cannot_be_used(members: dict[str, Any], complaint: str) -> None:
    """Each is passed over; a set without any other is refused, with the reasons, and without the keys."""
    bad = SIGNER.jwk(**members)
    with pytest.raises(KeyProblem, match=complaint) as caught:
        keys_of_jwks(json.dumps({"keys": [bad]}).encode(), "the set", secrets=False)
    assert str(caught.value).startswith("the set has no key that can be used")
    assert str(SIGNER.jwk()["n"]) not in str(caught.value)
    found = keys_of_jwks(json.dumps({"keys": [bad, None, SIGNER.jwk()]}).encode(), "the set", secrets=False)
    assert [key.kid for key in found] == ["one"]


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"{}", b'{"keys":{}}', b'{"keys":[]}', b"\xff", b"[" * 100_000]
)
def test_what_is_no_set_is_refused(data: bytes) -> None:
    """Whatever else a server may answer."""
    with pytest.raises(KeyProblem, match=r"^the set "):
        keys_of_jwks(data, "the set", secrets=True)


def test_a_set_is_bounded() -> None:
    """Keys without end are not read."""
    with pytest.raises(KeyProblem, match="more than the 64"):
        keys_of_jwks(json.dumps({"keys": [SIGNER.jwk()] * 65}).encode(), "the set", secrets=False)


async def test_a_development_key_signs_what_the_service_accepts(tmp_path: Path) -> None:
    """Its tokens name it, and hold what was asked for."""
    key = new_development_key(tmp_path / "dev.json")
    token = mint(key, "alice", accounts=["A1", "A2"], scopes=["account:read"], issuer="me", audience="you")
    judge = Verifier(FixedKeys([development_key(tmp_path / "dev.json")]), issuer="me", audience="you")
    rights = await judge.verify(token)
    assert (rights.subject, set(rights.accounts)) == ("alice", {"A1", "A2"})


def test_a_development_key_says_that_it_is_one(tmp_path: Path) -> None:
    """Its file does, only its owner may read it, and it is never written over."""
    path = tmp_path / "dev.json"
    new_development_key(path)
    assert "tapewire-development-key" in json.loads(path.read_bytes())
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    with pytest.raises(KeyProblem, match="there already"):
        new_development_key(path)
    assert path.read_bytes() == before


def test_a_development_key_is_no_other(tmp_path: Path) -> None:
    """Where a production key is expected, it is refused."""
    path = tmp_path / "dev.json"
    new_development_key(path)
    with pytest.raises(KeyProblem, match="is a development key"):
        key_of_file(path)
    for secrets in (True, False):
        for data in (path.read_bytes(), b'{"keys":[' + path.read_bytes() + b"]}"):
            with pytest.raises(KeyProblem, match="is a development key"):
                keys_of_jwks(data, "the set", secrets=secrets)


@pytest.mark.parametrize(
    "data",
    [
        SECRET,
        issuer("RS256").pem,
        issuer("RS256").public,
        jwks(issuer("HS256")),
        json.dumps(issuer("HS256").jwk()).encode(),
    ],
)
def test_nothing_but_a_development_key_signs(
    data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A production key is refused by a sentence, and no token comes out."""
    assert main(["token", "--key", str(held(tmp_path, data)), "--subject", "alice", "--account", "A1"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "is no development key; tokens are minted with nothing else" in told.err
    assert len(told.err.splitlines()) == 1


async def test_the_command_makes_key_and_token(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token is all that is on standard output; the key may come from the environment."""
    path = str(tmp_path / "dev.json")
    assert main(["token", "--new-key", path]) == 0
    assert path in capsys.readouterr().out
    monkeypatch.setenv("TAPEWIRE_DEVELOPMENT_KEY", path)
    assert main(["token", "--subject", "alice", "--account", "A1", "--expires", "5m"]) == 0
    token = capsys.readouterr().out.removesuffix("\n")
    rights = await Verifier(FixedKeys([development_key(Path(path))])).verify(token)
    assert (rights.subject, set(rights.scopes), set(rights.accounts)) == ("alice", {"account:read"}, {"A1"})


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "--key FILE"),
        (["--key", "x", "--subject", "a" * 256], "--subject has 256 characters; 255 at most"),
        (["--key", "x", "--subject", "a", "--account", "A1,A2"], "repeat the option for more"),
        (["--key", "x", "--subject", "a", "--account", "../A1"], "--account '../A1': is no account"),
        (["--key", "x", "--subject", "a", "--account", ""], "--account '': is no account"),
        (["--key", "x", "--subject", "a", "--expires", "-5m"], "--expires '-5m': give a time such as"),
        (["--new-key", "x", "--subject", "a", "--expires", "1h"], "leave out --subject, --expires"),
        (["--key", "x"], "--subject NAME"),
        (["--new-key", ""], "--new-key: a file's name is missing"),
        (["--key", "", "--subject", "a"], "--key: a file's name is missing"),
        (["--key", "x", "--subject", "a", "--expires", "soon"], "--expires 'soon': give a time such as"),
        (["--key", "x", "--subject", "a", "--expires", "31d"], "30d at most"),
    ],
)
def test_what_the_command_needs(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is missing or wrong is told in one line, with exit code 2."""
    assert main(["token", *arguments]) == 2
    told = capsys.readouterr().err
    assert complaint in told
    assert len(told.splitlines()) == 1


def test_times() -> None:
    """Seconds, minutes, hours, days."""
    assert [seconds_of(text) for text in ("90s", "15m", "1h", "30d")] == [90, 900, 3600, 2_592_000]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--anonymous", "off"], "--anonymous off needs a key"),
        (["--token-issuer", "x"], "--token-issuer needs a key"),
        (
            ["--token-key", "a", "--jwks-file", "b"],
            "give --token-key (TAPEWIRE_TOKEN_KEY) and --jwks-file (TAPEWIRE_JWKS_FILE) one at a time",
        ),
        (["--jwks-url", "ftp://id.example/"], "--jwks-url: give an https:// address"),
        (["--jwks-url", "http://id.example/jwks.json"], "--jwks-url: over http anybody"),
        (["--jwks-url", "http://id.example/jwks.json"], "use https://"),
        (["--jwks-url", "https://a:b@id.example/"], "ends up in logs"),
        (["--jwks-url", "file:///etc/passwd"], "give an https:// address"),
        (["--jwks-url", "http://localhost.id.example/"], "use https://"),
        (["--jwks-url", "https://id.example/a b"], "no spaces"),
        (["--jwks-url", "https://id.example:port/"], "a port from 1 to 65535"),
        (["--jwks-insecure"], "--jwks-insecure is for --jwks-url"),
        (["--jwks-refresh", "5"], "--jwks-refresh is for --jwks-file or --jwks-url"),
        (["--jwks-cooldown", "5", "--token-key", "a"], "--jwks-cooldown is for --jwks-file or --jwks-url"),
        (["--token-grace", "5"], "--token-grace needs a key to verify tokens with"),
        (["--authentication-timeout", "5"], "is for --anonymous off"),
        (["--origins", "example.com"], "is no origin"),
        (["--origins", "https://*.a.example"], "has a wildcard"),
        (["--origins", "https://bücher.example"], "begins with xn--"),
        (["--origins", "https://a.example:x"], "a port from 1 to 65535"),
        (["--origins", "https://u@a.example"], "is no origin"),
        (["--origins", "https://a.example/page"], "is no origin"),
        (["--origins", "*"], "is no origin"),
    ],
)
def test_settings_that_make_no_sense(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each is told in one line, with exit code 2."""
    assert main(["serve", *arguments]) == 2
    told = capsys.readouterr().err
    assert complaint in told
    assert len(told.splitlines()) == 1
