"""What a document under review is compared with."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "TAPEWIRE_REVIEW_BASE"
"""Names the base in the environment; the command line wins."""


class NoBaseError(Exception):
    """There is nothing to compare with; the text says why in one line, and what to do."""


@dataclass(frozen=True, slots=True)
class Base:
    """A document of the past."""

    reference: str
    """A file, or `REVISION:path` with the path from the repository's root."""
    name: str
    """How people call it: `main at 1a2b3c4d`."""
    revision: str | None = None
    """The commit; None where the base is a file."""


def choose(document: Path, wanted: str | None = None, release: Path | None = None) -> Base:
    """What to compare a document with.

    That is where this branch left the one that is `wanted`, or else the main branch: `origin/main`, `main`; under
    GitHub's actions, the branch that a pull request goes to. Who is on that branch has what is not committed compared
    with what is; and where all is committed, with the last `release`, else with the commit before.

    Raises:
        NoBaseError: there is no such revision, no repository, or no history.

    """
    if wanted and Path(wanted).is_file():
        return Base(wanted, wanted)
    folder = document.absolute().parent
    top = Path(_git(folder, "rev-parse", "--show-toplevel"))
    path = Path(os.path.realpath(document)).relative_to(os.path.realpath(top)).as_posix()
    head = _git(folder, "rev-parse", "HEAD")
    name = wanted or next((one for one in _usual() if _commit(folder, one)), None)
    if name is None:
        raise NoBaseError(
            "there is no branch main here, nor origin/main: fetch it, or name another with --base"
        )
    if not _commit(folder, name):
        raise NoBaseError(f"there is no revision {name}")
    revision = _try(folder, "merge-base", name, "HEAD") or _git(folder, "rev-parse", f"{name}^{{commit}}")
    if wanted or revision != head or not _is_on(folder, name):
        return _at(revision, path, f"{name} at {revision[:8]}")
    if _try(folder, "status", "--porcelain", "--", ".") != "":
        return _at(head, path, f"what is committed, {head[:8]}")
    if release is not None:
        return Base(release.as_posix(), f"the release {release.stem}")
    if (before := _commit(folder, "HEAD~")) is not None:
        return _at(before, path, f"the commit before, {before[:8]}")
    raise NoBaseError("this is the first commit, or all that was fetched: there is nothing to compare with")


def text_at(base: Base, file: Path) -> str | None:
    """What a file of the working folder held at a base; None where it is not known."""
    if base.revision is None:
        return None
    file = file.absolute()
    folder = file.parent
    while not folder.is_dir():
        folder = folder.parent
    return _try(folder, "show", f"{base.revision}:./{file.relative_to(folder).as_posix()}", strip=False)


@contextmanager
def checked_out(base: Base, document: Path) -> Iterator[Path]:
    """The document as it was at a base, in a folder of its own with all that lies beside it."""
    if base.revision is None:
        yield Path(base.reference)
        return
    folder = document.absolute().parent
    top = Path(_git(folder, "rev-parse", "--show-toplevel"))
    path = base.reference.partition(":")[2]
    beside = Path(path).parent.as_posix()
    packed = _run(top, "archive", "--format=tar", base.revision, *([beside] if beside != "." else []))
    if packed.returncode:
        raise NoBaseError(f"there was no {path} at {base.name}")
    with tempfile.TemporaryDirectory(prefix="contract-base-") as name:
        with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
            archive.extractall(name, filter="data")
        yield Path(name) / path


def _at(revision: str, path: str, name: str) -> Base:
    # Findings name the file so, and a line has no room for forty digits.
    return Base(f"{revision[:10]}:{path}", name, revision)


def _is_on(folder: Path, name: str) -> bool:
    """Whether this is the branch of that name, rather than one that has nothing of its own yet."""
    here = _try(folder, "symbolic-ref", "--quiet", "--short", "HEAD")
    return here is None or here == name.removeprefix("origin/")


def _usual() -> list[str]:
    target = os.environ.get("GITHUB_BASE_REF")
    return [*([f"origin/{target}"] if target else []), "origin/main", "main"]


def _commit(folder: Path, name: str) -> str | None:
    return _try(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")


def _git(folder: Path, *arguments: str) -> str:
    done = _run(folder, *arguments)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        if any("not a git repository" in line for line in said):
            raise NoBaseError("this is no git repository: name a document of the past with --base")
        raise NoBaseError(said[-1] if said else f"git {arguments[0]} failed")
    return done.stdout.decode("utf-8", "replace").strip()


def _try(folder: Path, *arguments: str, strip: bool = True) -> str | None:
    done = _run(folder, *arguments)
    if done.returncode:
        return None
    text = done.stdout.decode("utf-8", "replace")
    return text.strip() if strip else text


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 - git, with arguments of ours
            ["git", *arguments],  # noqa: S607 - whichever git the user's shell has
            cwd=folder,
            env={**os.environ, "LC_ALL": "C"},
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise NoBaseError("git is not installed: name a document of the past with --base") from None
