"""`python -m service token`: makes development keys, and tokens for trying things out."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_KEY_VARIABLE = "TAPEWIRE_DEVELOPMENT_KEY"

_EPILOG = """\
examples:
  {program} token --new-key dev.json
  {program} serve --development-key dev.json
  {program} token --key dev.json --subject alice --account A1 --expires 8h

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
    parser.add_argument(
        "--new-key", metavar="FILE", type=Path, help="make a development key in a new file, and leave"
    )
    parser.add_argument(
        "--key",
        metavar="FILE",
        type=Path,
        help=f"the development key to sign with (default: ${_KEY_VARIABLE})",
    )
    parser.add_argument("--subject", metavar="NAME", help="whose token it is (sub)")
    parser.add_argument(
        "--account",
        metavar="ID",
        action="append",
        default=[],
        help="an account that may be read; may be repeated",
    )
    parser.add_argument(
        "--scope",
        metavar="SCOPE",
        action="append",
        default=[],
        help="what may be done; may be repeated (default: account:read where an account is given)",
    )
    parser.add_argument(
        "--expires", metavar="TIME", default="1h", help="how long it is valid: 90s, 15m, 1h, 7d (default: 1h)"
    )
    parser.add_argument(
        "--issuer", metavar="ISS", help="who issued it (iss), where the service asks for that"
    )
    parser.add_argument(
        "--audience", metavar="AUD", help="for whom it is (aud), where the service asks for that"
    )


def run_token(given: Mapping[str, Any], program: str) -> int:
    """Do what was asked for; returns the exit code."""
    # Imported late, so that --help and a wrong option answer at once.
    from service.access.minting import development_key, mint, new_development_key, seconds_of  # noqa: PLC0415
    from service.access.problems import KeyProblem  # noqa: PLC0415

    def fail(message: str, code: int) -> int:
        print(f"{program} token: {message}", file=sys.stderr)
        return code

    try:
        if given["new_key"] is not None:
            path = given["new_key"]
            new_development_key(path)
            print(f"{path} is a development key; serve --development-key {path} accepts its tokens")
            return 0
        named = given["key"] or os.environ.get(_KEY_VARIABLE)
        if not named:
            return fail("say which development key to sign with: --key FILE (--new-key FILE makes one)", 2)
        if not given["subject"]:
            return fail("say whose token it is: --subject NAME", 2)
        try:
            seconds = seconds_of(given["expires"])
        except ValueError as error:
            return fail(f"--expires {given['expires']!r}: {error}", 2)
        token = mint(
            development_key(Path(named)),
            given["subject"],
            accounts=given["account"],
            scopes=given["scope"] or (["account:read"] if given["account"] else []),
            expires_in=seconds,
            issuer=given["issuer"],
            audience=given["audience"],
        )
    except KeyProblem as problem:
        return fail(str(problem), 1)
    print(token)
    return 0
