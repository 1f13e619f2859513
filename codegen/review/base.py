"""What a document under review is compared with."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from codegen import git

VARIABLE = "TAPEWIRE_REVIEW_BASE"
"""Names the base in the environment; the command line wins."""


_DOCUMENTS = (":(top,glob)**/*.yaml", ":(top,glob)**/*.yml", ":(top,glob)**/*.json")
"""Where a document that has moved may have been, as git's patterns."""
_NAMES_ITS_VERSION = r"""^[ \t{]*["']?asyncapi["']?[ \t]*:"""


class NoBaseError(Exception):
    """There is nothing to compare with; the text says why in one line, and what to do."""


class NoPastError(NoBaseError):
    """There is nothing to compare with since nothing came before: nobody can break."""


@dataclass(frozen=True, slots=True)
class Base:
    """A document of the past."""

    reference: str
    """A file, or `REVISION:path` with the path from the repository's root."""
    name: str
    """How people call it: `main at 1a2b3c4d`."""
    revision: str | None = None
    """The commit; None where the base is a file."""


def choose(
    document: Path,
    wanted: str | None = None,
    release: Path | None = None,
    files: Iterable[Path] | None = None,
) -> Base:
    """What to compare a document with.

    That is where this branch left the one that is `wanted`, or else the main branch: `origin/main`, `main`, what
    `origin/HEAD` names, `origin/master`, `master`; under GitHub's actions, the branch that a pull request goes to.
    Who is on that branch has what is not committed compared with what is; and where all is committed, with the last
    `release`, else with the commit before. What is not committed is looked for beside the document and among the
    `files` that it consists of; where these are not known, everywhere.

    Raises:
        NoBaseError: there is no such revision.
        NoPastError: there is no repository, or no history.

    """
    if wanted and Path(wanted).is_file():
        return Base(wanted, wanted)
    folder = document.absolute().parent
    top = Path(_git(folder, "rev-parse", "--show-toplevel"))
    path = _within(top, document)
    if path is None:
        raise NoBaseError(f"{document.as_posix()} is outside of the repository {top.as_posix()}")
    if wanted and (there := _named(top, wanted)) is not None:
        return there
    head = _commit(folder, "HEAD")
    name = wanted or next((one for one in _usual(folder) if _commit(folder, one)), None)
    if name is None and head is None:
        raise NoPastError("nothing has been committed here yet")
    if name is None:
        raise NoBaseError(
            "there is no branch main here, nor origin/main, nor a master: fetch it, or name another with --base"
        )
    if not _commit(folder, name):
        raise NoBaseError(f"there is no revision {name}")
    revision = _try(folder, "merge-base", name, "HEAD") or _git(folder, "rev-parse", f"{name}^{{commit}}")
    if wanted or head is None or revision != head or not _is_on(folder, name):
        return _at(revision, path, f"{name} at {revision[:8]}")
    if _differs(top, path, files):
        return _at(head, path, f"what is committed, {head[:8]}")
    if release is not None:
        return Base(release.as_posix(), f"the release {release.stem}")
    if (before := _commit(folder, "HEAD~")) is not None:
        return _at(before, path, f"the commit before, {before[:8]}")
    if _try(folder, "rev-parse", "--is-shallow-repository") == "true":
        raise NoBaseError("this is all that was fetched: fetch more, or name a document with --base")
    raise NoPastError("this is the first commit")


def follow(base: Base, document: Path) -> Base:
    """The base with the document's place at that time, if it has moved since.

    Raises:
        NoPastError: there was no such document.
        NoBaseError: it cannot be told whether there was one under another name.

    """
    if base.revision is None:
        return base
    top = Path(_git(document.absolute().parent, "rev-parse", "--show-toplevel"))
    path = base.reference.partition(":")[2]
    if _is_there(top, base.revision, path):
        return base
    before, gone = _moved(top, base.revision, path)
    if before is not None:
        moved = _at(base.revision, before, f"{base.name} (there: {before})")
        return replace(base, reference=moved.reference, name=moved.name)
    if gone:
        raise NoBaseError(
            f"there was no {path} at {base.name}, and {gone[0]} is gone since: if that is what it was, "
            f"name it with --base {base.revision[:10]}:{gone[0]}"
        )
    raise NoPastError(f"there was no {path} at {base.name}: all of it is new")


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
def checked_out(base: Base, document: Path, *, whole: bool = False) -> Iterator[Path]:
    """The document as it was at a base, in a folder of its own with all that lies beside it, or in the repository."""
    if base.revision is None:
        yield Path(base.reference)
        return
    folder = document.absolute().parent
    top = Path(_git(folder, "rev-parse", "--show-toplevel"))
    path = base.reference.partition(":")[2]
    beside = "." if whole else Path(path).parent.as_posix()
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


def _named(top: Path, wanted: str) -> Base | None:
    """The base that `REVISION:path` names; None where it names none."""
    name, _, path = wanted.partition(":")
    revision = _commit(top, name) if name and path else None
    if revision is None or not _is_there(top, revision, path):
        return None
    return _at(revision, path, f"{name} at {revision[:8]} (there: {path})")


def _is_there(top: Path, revision: str, path: str) -> bool:
    return _try(top, "cat-file", "-e", f"{revision}:{path}") is not None


def _within(top: Path, file: Path) -> str | None:
    """A file by its path from the repository's root; None where it lies elsewhere."""
    real, root = Path(os.path.realpath(file)), Path(os.path.realpath(top))
    return real.relative_to(root).as_posix() if real.is_relative_to(root) else None


def _differs(top: Path, path: str, files: Iterable[Path] | None) -> bool:
    """Whether something is not committed of what a document consists of, or of what lies beside it."""
    looked_at = ["."]
    if files is not None:
        within = (_within(top, file) for file in files)
        # Git takes a literal "." for no folder.
        beside = Path(path).parent.as_posix()
        looked_at = [":/" if beside == "." else f":(top,literal){beside}"]
        looked_at += [f":(top,literal){one}" for one in within if one is not None]
    return _try(top, "status", "--porcelain", "--", *looked_at) != ""


def _moved(top: Path, revision: str, path: str) -> tuple[str | None, list[str]]:
    """Where a file was at a revision, or None, and which documents that were there are there no longer."""
    with tempfile.TemporaryDirectory(prefix="contract-index-") as name:
        index = Path(name) / "index"
        real = top / _git(top, "rev-parse", "--git-path", "index")
        if real.is_file():
            shutil.copyfile(real, index)
        # Git looks at files that it was told of only; it is told of a moved one in an index of our own.
        own = {"GIT_INDEX_FILE": str(index)}
        _run(top, "add", "--intent-to-add", "--force", "--", f":(top,literal){path}", **own)
        compared = ("diff", "--no-ext-diff", "-z", revision, "--", *_DOCUMENTS)
        renamed = _names(
            _run(top, *compared[:2], "-M", "--name-status", "--diff-filter=R", *compared[2:], **own)
        )
        gone = _names(
            _run(top, *compared[:2], "--no-renames", "--name-only", "--diff-filter=D", *compared[2:], **own)
        )
    for old, new in zip(renamed[1::3], renamed[2::3], strict=True):
        if new == path:
            return old, []
    # It may have moved in one commit, and have been rewritten in another.
    steps = _names(
        _run(
            *(top, "log", "--follow", "-M", "--name-status", "--diff-filter=R", "-z", "--format="),
            *(f"{revision}..HEAD", "--", path),
        )
    )
    if len(steps) >= 3 and _is_there(top, revision, steps[-2]):
        return steps[-2], []
    if not gone:
        return None, []
    places = (f":(top,literal){one}" for one in gone)
    found = _names(_run(top, "grep", "-lzE", "-e", _NAMES_ITS_VERSION, revision, "--", *places))
    return None, [one.partition(":")[2] for one in found]


def _names(done: subprocess.CompletedProcess[bytes]) -> list[str]:
    """What git prints with `-z`; nothing where it fails."""
    if done.returncode:
        return []
    return [name.strip("\n") for name in os.fsdecode(done.stdout).split("\0") if name.strip("\n")]


def _is_on(folder: Path, name: str) -> bool:
    """Whether this is the branch of that name, rather than one that has nothing of its own yet."""
    here = _try(folder, "symbolic-ref", "--quiet", "--short", "HEAD")
    return here is None or here == name.removeprefix("origin/")


def _usual(folder: Path) -> list[str]:
    """What main branches are called, the likeliest first."""
    target = os.environ.get("GITHUB_BASE_REF")
    default = _try(folder, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    first = f"origin/{target}" if target else None
    named = (first, "origin/main", "main", default, "origin/master", "master")
    return [name for name in named if name]


def _commit(folder: Path, name: str) -> str | None:
    return _try(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")


def _git(folder: Path, *arguments: str) -> str:
    done = _run(folder, *arguments)
    if done.returncode:
        said = git.told(done)
        if any("not a git repository (or any" in line for line in said):
            raise NoPastError("this is no git repository: name a document of the past with --base")
        raise NoBaseError(said[0])
    return done.stdout.decode("utf-8", "replace").strip()


def _try(folder: Path, *arguments: str, strip: bool = True) -> str | None:
    done = _run(folder, *arguments)
    if done.returncode:
        return None
    text = done.stdout.decode("utf-8", "replace")
    return text.strip() if strip else text


def _run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return git.run(*arguments, folder=folder, **environment)
    except git.GitMissingError:
        raise NoBaseError("git is not installed: name a document of the past with --base") from None
