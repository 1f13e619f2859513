"""Git, run as a program: whichever one the user's shell has."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


class GitMissingError(Exception):
    """There is no git on this machine."""


def run(
    *arguments: str, folder: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """What a command of git said and how it ended, in English.

    Raises:
        GitMissingError: git is not installed.

    """
    try:
        return subprocess.run(  # noqa: S603 - git, with arguments of ours
            ["git", *arguments],  # noqa: S607 - whichever git the user's shell has
            cwd=folder,
            env={**os.environ, "LC_ALL": "C", **environment},
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise GitMissingError from None


def told(done: subprocess.CompletedProcess[bytes]) -> list[str]:
    """The lines in which a command that failed said why, what is wrong before how git is used."""
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    fatal = [line.removeprefix("fatal: ") for line in said if line.startswith("fatal: ")]
    return fatal or said or [f"git {done.args[1]} failed"]
