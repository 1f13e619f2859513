"""Names, times, secrets and servers: what a rule takes for one, and what not."""

from __future__ import annotations

import base64
import json
import random
from pathlib import Path

import pytest

from codegen.contract import Json
from codegen.lint import Config, lint
from codegen.load import load
from tests.codegen.lint.documents import found, payload, write

DOCUMENTS = Path(__file__).resolve().parents[1] / "documents"


def _jwt(signature: int) -> str:
    """A token whose signature has so many bytes."""
    parts = [b'{"alg":"HS256"}', b'{"sub":"1"}', bytes(range(signature))]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (_jwt(32), "a JSON Web Token"),
        (_jwt(9), None),
        ("AKIA" + "Q3EGWV7ZK2LRTM5P", "an AWS access key"),
        ("AKIA" + "IOSFODNN7EXAMPLE", None),
        ("gh" + "p_16C7e42F292c6912E7710c838347Ae178B4a", "a GitHub token"),
        ("xox" + "b-2468097531-kTqWzRmPvL", "a Slack token"),
        ("-----BEGIN RSA PRIVATE " + "KEY-----\nMIIEowIBAAKCAQEA7bq", "a private key"),
        ("-----BEGIN PUBLIC KEY-----\nMIIEowIBAAKCAQEA7bq", None),
        ("Authorization: Bearer " + "mF9kB5f41JqMsT7vQ2xR", "a bearer token"),
        ("Authorization: Bearer <token>", None),
        ("Authorization: Bearer your-token-goes-here-please", None),
        ("sk" + "-proj-4kQ9vT2mXz7LpRw1Yb6NcHs8DfGj3AaE", "an API key"),
        ("sk" + "-circle-that-turns-while-the-page-loads-still", None),
        ("SG" + ".q8Wm2Zr5Tk9Lx4Vb7Nc1Hj.Rf3Yp6Dg8Qs2Mw5Zt9Kx4Lb7Vn1Cj3Hr6Fp8Yd2Gq5S", "a SendGrid key"),
        ("SK" + "b209b22ec69c7fc323bdde269fd35b55", "a Twilio key"),
        ("2575480" + "20:AAPthIhFYTMEHeHpA2swoXl3OaRdN6uI66D", "a Telegram token"),
        ("ya29" + ".Y6Kt73GYCNNCzjqXMxQviBfMjRZNls58xm", "a Google access token"),
        ("dop" + "_v1_" + "2b355f235f79c7f7" * 4, "a DigitalOcean token"),
        ("shp" + "at_81954d42b04d469f2c558c9ca5c1d080", "a Shopify token"),
        ("h" + "f_t9Yjfkh2M0aooJaE6TIl40CUT36R7Syv2l", "a Hugging Face token"),
        ("Account" + "Key=" + "nbE4B7rvWz" * 8 + "k3Lp9Q==", "an Azure key"),
        (
            "https://hooks.slack" + ".com/services/THZC5YF1N/BKVS4U07N/PZRZrv7z9Qm2Wk5Tb8Lx",
            "the address of a webhook",
        ),
        ("Authorization: Basic " + "bWFyaWE6VHIwdWI0ZG9yMw==", "a name with its password"),
        ("Authorization: Basic dXNlcjpwYXNzd29yZA==", None),
        ("a basic knowledge of trade", None),
        ("5681aab55611518f364cffabdc1154b797b6bcb376b5600369af19c54cebb0e4", None),
        ("wss://maria:Tr0ub4dor3@chat.example.com", "a password in a URL"),
        ("wss://<user>:<password>@chat.example.com", None),
        ("wss://chat.example.com:8080/a@b", None),
    ],
)
def test_secrets_of_known_forms(text: str, kind: str | None, tmp_path: Path) -> None:
    """Anywhere in a document; what says of itself that it is none is let pass."""
    path = write(tmp_path, f"x-notes: {json.dumps(text)}\nchannels: {{}}\n")
    told = [one.message for one in found(path, "secret-in-document")]
    assert len(told) == (kind is not None)
    assert all(f"here is {kind} (" in one and text not in one for one in told)


def test_of_a_long_text_the_line_of_a_secret_is_told(tmp_path: Path) -> None:
    """The finding stands where the text begins, which is where a comment can suppress it."""
    path = write(
        tmp_path, "x-notes: |\n  One line.\n\n  wss://maria:Tr0ub4dor3@chat.example.com\nchannels: {}\n"
    )
    (said,) = found(path, "secret-in-document")
    assert (said.source.line, "(Tr0u… in line 6)" in said.message) == (3, True)


@pytest.mark.parametrize(
    ("name", "value", "is_suspected"),
    [
        ("token", "9fQ2vL7xB4kT8mZ1pR6w", True),
        ("accessToken", "9fQ2vL7xB4kT8mZ1pR6w", True),
        ("api_key", "9fQ2vL7xB4kT8mZ1pR6w", True),
        ("token", "example-token-of-nobody", False),
        ("token", "short", False),
        ("token", "<token>", False),
        ("token", _jwt(3), False),
        ("next_page_token", "9fQ2vL7xB4kT8mZ1pR6w", False),
        ("id", "9fQ2vL7xB4kT8mZ1pR6w", False),
        ("token", "xxxxxxxxxxxxxxxxxxxxxxxx", False),
        ("password", "Tr0ub4dor", True),
        ("password", "correct horse 1A", False),
        ("password", "changeMe123", False),
        ("id", "AKIA" + "IOSFODNN7EXAMPLE", True),
        ("link", "wss://chat.example.com/ws?token=9fQ2vL7xB4kT8mZ1pR6w", True),
        ("link", "wss://chat.example.com/ws?room=1&apiKey=9fQ2vL7xB4kT8mZ1pR6w", True),
        ("link", "wss://chat.example.com/ws?token=<token>", False),
        ("link", "wss://chat.example.com/ws?key=prices-of-everything", False),
        ("id", "gh" + "p_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", False),
    ],
)
def test_secrets_by_name(name: str, value: str, is_suspected: bool, tmp_path: Path) -> None:
    """Under a name such as `token`, what looks like chance."""
    schema = f"{{type: object, properties: {{{name}: {{type: string, examples: ['{value}']}}}}}}"
    assert bool(payload(tmp_path, schema, "secret-suspected")) == is_suspected


@pytest.mark.parametrize(
    ("name", "schema", "is_told"),
    [
        ("timestamp", "{type: integer}", True),
        ("createdAt", "{type: number, description: When it was made.}", True),
        ("created_at", "{type: integer, description: Unix milliseconds.}", False),
        ("time_ms", "{type: integer}", False),
        ("timeMs", "{type: integer}", False),
        ("time", "{type: string, format: date-time}", False),
        ("ts", "{type: integer, description: 'Seconds since 1970.'}", False),
        ("timeout", "{type: integer}", True),
        ("interval", "{type: integer, description: In seconds.}", False),
        ("times", "{type: integer}", False),
        ("format", "{type: integer}", False),
        ("at", "{type: integer}", False),
    ],
)
def test_units_of_time(name: str, schema: str, is_told: bool, tmp_path: Path) -> None:
    """A number whose name is a time's needs a unit, in its name or in words."""
    whole = f"{{type: object, properties: {{{name}: {schema}}}}}"
    assert bool(payload(tmp_path, whole, "timestamp-unit")) == is_told


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("sentAt", "roomName", "user_name"), ["user_name"]),
        (("sent_at", "room_name", "userName"), ["userName"]),
        (("name", "text", "id"), []),
        (("name", "text", "ID"), []),
        (("sentAt", "name", "text"), []),
        (("userID", "httpURL", "name"), []),
        (("E", "s", "T", "sentAt"), []),
    ],
)
def test_property_names(names: tuple[str, ...], told: list[str], tmp_path: Path) -> None:
    """What most names do is the rule; words that fit several styles decide nothing."""
    schema = "{type: object, properties: {" + ", ".join(f"{name}: {{}}" for name in names) + "}}"
    messages = payload(tmp_path, schema, "property-name-style")
    assert [message.split('"')[1] for message in messages] == told


@pytest.mark.parametrize(
    ("url", "protocol", "is_told"),
    [
        ("ws://chat.example.com", "ws", True),
        ("chat.example.com", "ws", True),
        ("wss://chat.example.com", "wss", False),
        ("ws://localhost:8000/ws", "ws", False),
        ("ws://127.0.0.1", "ws", False),
        ("ws://chat:8000", "ws", False),
        ("ws://10.0.0.7", "ws", False),
        ("mqtt://broker.example.com", "mqtt", False),
    ],
)
def test_servers_in_the_clear(url: str, protocol: str, is_told: bool, tmp_path: Path) -> None:
    """Not on one's own machine, nor in a private network."""
    path = write(tmp_path, f"servers: {{main: {{url: '{url}', protocol: {protocol}}}}}\nchannels: {{}}\n")
    assert bool(found(path, "insecure-server")) == is_told


def test_values_that_grow_are_asked_of_the_server_alone(tmp_path: Path) -> None:
    """A value that clients may send in addition breaks none of them."""
    schema = (
        "{type: object, properties: {code: {type: string, enum: [one, two]}, side: {enum: [left, right]}}}"
    )
    assert len(payload(tmp_path, schema, "enum-may-grow")) == 1
    assert payload(tmp_path, schema, "enum-may-grow", direction="publish") == []
    assert payload(tmp_path, schema.replace("enum: [one", "x-open-enum: [one"), "enum-may-grow") == []


VALUES: tuple[Json, ...] = (
    None,
    True,
    0,
    -1.5,
    "",
    "x",
    [],
    {},
    [1],
    {"$ref": "#/nowhere"},
    [None],
    {"type": 5},
    {"oneOf": []},
    [["a"]],
)


@pytest.mark.parametrize("seed", range(24))
def test_no_document_is_too_odd(seed: int, tmp_path: Path) -> None:
    """Whatever stands in the place of something else, a review comes to its end."""
    chance = random.Random(seed)
    name = chance.choice(["allof.yaml", "traits.yaml", "discriminators.yaml"])
    document = load(DOCUMENTS / name)
    data = json.loads(json.dumps(document.value(document.root)))
    for _ in range(chance.randint(1, 3)):
        holder = data
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            key = chance.choice(keys)
            if not isinstance(holder[key], dict | list) or not holder[key] or chance.random() < 0.15:
                holder[key] = chance.choice(VALUES)
                break
            holder = holder[key]
    path = tmp_path / "asyncapi.json"
    path.write_text(json.dumps(data))
    lint(path, Config())
