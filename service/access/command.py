"""`python -m service token`: makes development keys, and tokens for trying things out."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_KEY_VARIABLE = "TAPEWIRE_DEVELOPMENT_KEY"

_EPILOG = """\
examples:
  {program} token --new-key dev-key.json
  {program} serve --accounts simulate --development-key dev-key.json
  {program} token --key dev-key.json --subject alice --account A1 --expires 8h

The token is the only line on standard output. Only a development key signs here, and such a key says in its file
that it is one; production tokens come from whoever signs the users in.

exit code: 0 when done, 1 where the key cannot be used, 2 for options that make no sense
"""


def add_token(commands: argparse._SubParsersAction[Any], program: str) -> None:
    """Add the command to a command line."""
    parser = commands.add_parser(
        "token",
        usage=f"{program} token --key FILE --subject NAME [options], or {program} token --new-key FILE",
        help="make a development key, or a token with one",
        description="Make a token for development, or the key that it is made with.",
        epilog=_EPILOG.format(program=program),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    # A time below nothing is a value that is wrong, not an option that there is not.
    parser._negative_number_matcher = re.compile(r"-\d")
    parser.add_argument("--new-key", metavar="FILE", help="make a development key in a new file, and leave")
    parser.add_argument(
        "--key",
        metavar="FILE",
        help=f"the development key to sign with (default: ${_KEY_VARIABLE})",
    )
    parser.add_argument("--subject", metavar="NAME", help="whose token it is (sub)")
    parser.add_argument(
        "--account",
        metavar="ID",
        action="append",
        default=[],
        help="an account that may be read; repeat it for more",
    )
    parser.add_argument(
        "--scope",
        metavar="SCOPE",
        action="append",
        default=[],
        help="what may be done; may be repeated (default: account:read where an account is given)",
    )
    parser.add_argument(
        "--expires", metavar="TIME", help="how long it is valid: 90s, 15m, 1h, 7d; 30d at most (default: 1h)"
    )
    parser.add_argument(
        "--issuer", metavar="ISS", help="who issued it (iss), where the service asks for that"
    )
    parser.add_argument(
        "--audience", metavar="AUD", help="for whom it is (aud), where the service asks for that"
    )


class _WrongOptions(Exception):
    """Options that make no sense, in a sentence."""


def run_token(given: Mapping[str, Any], program: str) -> int:
    """Do what was asked for; returns the exit code."""
    # Imported late, so that --help and a wrong option answer at once.
    from service.access.problems import KeyProblem  # noqa: PLC0415

    option = "--new-key" if given["new_key"] else "--key" if given["key"] else _KEY_VARIABLE
    try:
        _check_files(given)
        print(_new_key(given) if given["new_key"] else _token(given))
    except _WrongOptions as wrong:
        print(f"{program} token: {wrong}", file=sys.stderr)
        return 2
    except KeyProblem as problem:
        print(f"{program} token: {option}: {problem}", file=sys.stderr)
        return 1
    return 0


def _check_files(given: Mapping[str, Any]) -> None:
    for name in ("new_key", "key"):
        if given[name] == "":
            raise _WrongOptions(f"--{name.replace('_', '-')}: a file's name is missing")


def _new_key(given: Mapping[str, Any]) -> str:
    from service.access.minting import new_development_key  # noqa: PLC0415

    path = Path(given["new_key"])
    others = [name for name, value in given.items() if name != "new_key" and value]
    if others:
        raise _WrongOptions(f"--new-key makes a key and no token; leave out --{', --'.join(others)}")
    new_development_key(path)
    return f"{path} is a development key; serve --development-key {path} accepts its tokens"


def _token(given: Mapping[str, Any]) -> str:
    from service.access.minting import development_key, mint, seconds_of  # noqa: PLC0415
    from service.access.verifier import MOST_CHARACTERS  # noqa: PLC0415

    named, subject, expires = (
        given["key"] or os.environ.get(_KEY_VARIABLE),
        given["subject"],
        given["expires"],
    )
    if not named:
        raise _WrongOptions("say which development key to sign with: --key FILE (--new-key FILE makes one)")
    if not subject:
        raise _WrongOptions("say whose token it is: --subject NAME")
    _check_names(subject, given["account"])
    try:
        seconds = seconds_of("1h" if expires is None else expires)
    except ValueError as error:
        raise _WrongOptions(f"--expires {expires!r:.80}: {error}") from None
    token = mint(
        development_key(Path(named)),
        subject,
        accounts=given["account"],
        scopes=given["scope"] or (["account:read"] if given["account"] else []),
        expires_in=seconds,
        issuer=given["issuer"],
        audience=given["audience"],
    )
    if len(token) > MOST_CHARACTERS:
        raise _WrongOptions(
            f"the token would have {len(token)} characters; {MOST_CHARACTERS} at most are read"
        )
    return token


def _check_names(subject: str, accounts: Sequence[str]) -> None:
    """Raise _WrongOptions for what the service would not take."""
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415

    from generated.models import AccountId  # noqa: PLC0415
    from service.access.verifier import LONGEST_NAME  # noqa: PLC0415

    if len(subject) > LONGEST_NAME:
        raise _WrongOptions(f"--subject has {len(subject)} characters; {LONGEST_NAME} at most are read")
    contract: TypeAdapter[str] = TypeAdapter(AccountId)
    for account in accounts:
        try:
            contract.validate_python(account)
        except ValidationError as error:
            wanted = "give one account; repeat the option for more"
            if "," not in account:
                wanted = f"is no account: {error.errors()[0]['msg'].removeprefix('String ')}"
            raise _WrongOptions(f"--account {account!r:.80}: {wanted}") from None
