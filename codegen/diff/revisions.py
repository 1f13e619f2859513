"""Documents to compare: files, and files as they are at a revision of a git repository."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TypeVar

from codegen import git
from codegen.diagnostics import DocumentError
from codegen.document import Document, Location, SourceFile
from codegen.pipeline import Understood, understand

DEFAULT = "spec/asyncapi.yaml"
"""The document that is meant where none is named."""

T = TypeVar("T")


class UnknownReferenceError(Exception):
    """There is no such file or revision; the text says in one line what is missing."""


def read(reference: str) -> Understood:
    """The document that a reference names: a file, or `REVISION:path` as git has it.

    A path behind a revision is that from the repository's root, or, if it begins with `./` or `../`, from the working
    folder; an empty revision means what is staged. Everything that the document refers to is taken from the same
    revision, and findings name it as `main:spec/asyncapi.yaml:41:7`.

    Raises:
        UnknownReferenceError: there is no such file or revision.
        DocumentError: something is wrong with the document.

    """
    revision, path = split(reference)
    if revision is None:
        if Path(path).is_dir():
            raise UnknownReferenceError(f"{reference} is a folder; name a document in it")
        if not Path(path).is_file():
            raise UnknownReferenceError(_missing(reference))
        return _understood(path)
    return _at_revision(revision, path)


_BESIDE = frozenset({"x-typescript", "x-releases"})
"""Findings about files beside a document that the comparison can do without."""


def _understood(path: str | Path) -> Understood:
    """A document that may be a copy which somebody took from its place, as a published one is."""
    try:
        return understand(path)
    except DocumentError as error:
        errors = [finding for finding in error.diagnostics if finding.severity == "error"]
        if any(finding.rule not in _BESIDE for finding in errors):
            raise
    return understand(path, alone=True)


def pair(old: str, new: str | None) -> tuple[str, str]:
    """Both references in full: what a bare revision or a missing second one leaves open is taken from the other.

    `main:` and `main` mean the other document at that revision; a missing second one means the first one's file as it
    is in the working folder, and where the first is a file, the default document.

    Raises:
        UnknownReferenceError: git is asked for, and there is no repository.

    """
    if new is None:
        revision, path = split(old)
        new = DEFAULT if revision is None or not path else _in_working_folder(path)
    return _whole(old, new), _whole(new, old)


def split(reference: str) -> tuple[str | None, str]:
    """Revision and path; the revision is None where a file is meant, the path empty where none is named."""
    if Path(reference).exists() or not reference:
        return None, reference
    revision, colon, path = reference.partition(":")
    # `C:\spec.yaml` is a path, though that drive may not be there.
    if colon and not (len(revision) == 1 and path[:1] in ("\\", "/")):
        return revision, path
    if not colon and not _is_file_name(reference) and _is_revision(reference):
        return reference, ""
    return None, reference


def _whole(reference: str, other: str) -> str:
    revision, path = split(reference)
    if revision is None or path:
        return reference
    other_revision, other_path = split(other)
    if other_revision is None:
        other_path = _in_repository(other_path or DEFAULT)
    return f"{revision}:{other_path or DEFAULT}"


def _is_file_name(reference: str) -> bool:
    """Whether a name can only be a document's; tags have dots too, and branches slashes."""
    return Path(reference).suffix.lower() in (".yaml", ".yml", ".json")


def _missing(reference: str) -> str:
    if _is_file_name(reference):
        return f"there is no file {reference}"
    return f"there is neither a file nor a revision {reference}"


# --- git ---


def _git(*arguments: str, folder: Path | None = None, **environment: str) -> bytes:
    try:
        done = git.run(*arguments, folder=folder, **environment)
    except git.GitMissingError:
        raise UnknownReferenceError("git is not installed, so there are no revisions to read") from None
    if done.returncode:
        raise UnknownReferenceError(git.told(done)[-1])
    return done.stdout


def _top() -> Path:
    try:
        return Path(os.fsdecode(_git("rev-parse", "--show-toplevel").rstrip(b"\n")))
    except UnknownReferenceError as error:
        if "not a git repository" in str(error):
            raise UnknownReferenceError(
                "there is no git repository here, so there are no revisions to read"
            ) from None
        raise


def _is_revision(name: str) -> bool:
    try:
        _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{tree}}")
    except UnknownReferenceError:
        return False
    return True


def _in_repository(path: str) -> str:
    """A file of the working folder by its path from the repository's root."""
    absolute = Path(os.path.normpath(Path(path).absolute()))
    top = _top()
    for candidate in (absolute, Path(os.path.realpath(absolute))):
        if candidate.is_relative_to(top):
            return candidate.relative_to(top).as_posix()
    raise UnknownReferenceError(f"{path} is outside of the repository {top.as_posix()}")


def _in_working_folder(path: str) -> str:
    """A path behind a revision, as the working folder sees the file today."""
    if path.startswith(("./", "../")):
        return path
    return Path(os.path.relpath(_top() / path)).as_posix()


def _at_revision(revision: str, path: str) -> Understood:
    top = _top()
    if not revision:
        path = path.removeprefix("0:")  # as git calls what is staged and in no conflict
    if path.startswith(("./", "../")):
        path = _in_repository(path)
    path = PurePosixPath(os.path.normpath(path or DEFAULT)).as_posix()
    if revision and not _is_revision(revision):
        raise UnknownReferenceError(f"there is no revision {revision}")
    with tempfile.TemporaryDirectory(prefix="contract-") as name:
        folder = Path(os.path.realpath(name))
        index = {"GIT_INDEX_FILE": str(folder / "index")} if revision else {}
        if revision:
            _git("read-tree", f"{revision}^{{tree}}", folder=top, **index)
        tree = folder / "tree"
        label = f"{revision}:"
        beside = PurePosixPath(path).parent.as_posix()
        if not _check_out(top, tree, beside, index) or not (tree / path).is_file():
            where = f"at {revision}" if revision else "in git's index"
            if (tree / path).is_dir() or path == ".":
                raise UnknownReferenceError(f"{path} {where} is a folder; name a document in it")
            raise UnknownReferenceError(f"there is no {path} {where}{_moved(revision, path, top)}")
        try:
            try:
                return _relabelled(_understood(tree / path), tree, label)
            except DocumentError as error:
                if all(finding.rule != "ref-file" for finding in error.diagnostics):
                    raise
            # It refers to what lies elsewhere in the repository.
            _check_out(top, tree, ".", index)
            return _relabelled(_understood(tree / path), tree, label)
        except DocumentError as error:
            raise DocumentError(_renamed(error.diagnostics, f"{tree.as_posix()}/", label)) from None


def _moved(revision: str, path: str, top: Path) -> str:
    """What to ask for instead, where git sees that the file was called otherwise at a revision; else nothing."""
    if not revision:
        return ""
    try:
        told = _git("diff", "--name-status", "-z", "-M", "--diff-filter=R", revision, "--", folder=top)
    except UnknownReferenceError:
        return ""
    # What happened, the old name, the new one.
    fields = os.fsdecode(told).split("\0")
    before = next((old for old, new in zip(fields[1::3], fields[2::3], strict=False) if new == path), None)
    return f"; it was {before} there: name {revision}:{before}" if before else ""


def _check_out(top: Path, tree: Path, beside: str, index: Mapping[str, str]) -> bool:
    """Write the files below a folder of the index; whether there are any."""
    pattern = [] if beside == "." else [f":(top,literal){beside}"]
    files = _git("ls-files", "-z", "--", *pattern, folder=top, **index)
    if not files:
        return False
    _pipe(files, "checkout-index", "-f", "-z", "--stdin", f"--prefix={tree.as_posix()}/", folder=top, **index)
    return True


def _pipe(given: bytes, *arguments: str, folder: Path, **environment: str) -> None:
    done = subprocess.run(  # noqa: S603 - as above
        ["git", *arguments],  # noqa: S607
        cwd=folder,
        env={**os.environ, "LC_ALL": "C", **environment},
        input=given,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise UnknownReferenceError(lines[-1] if lines else f"git {arguments[0]} failed")


# --- names ---


def _relabelled(understood: Understood, tree: Path, label: str) -> Understood:
    """The same, with every file named as at its revision."""
    prefix = f"{tree.as_posix()}/"
    document = understood.document
    files = {
        label + name.removeprefix(prefix): SourceFile(
            label + name.removeprefix(prefix), file.data, file.positions
        )
        for name, file in document.files.items()
    }

    def moved(at: Location) -> Location:
        return Location(label + at.file.removeprefix(prefix), at.pointer)

    contract = _renamed(understood.contract, prefix, label)
    return Understood(
        Document(
            moved(document.root),
            files,
            {moved(at): moved(target) for at, target in document.references.items()},
        ),
        dataclasses.replace(
            contract, source=moved(document.root).file, document=understood.contract.document
        ),
        _renamed(understood.warnings, prefix, label),
    )


def _renamed(value: T, prefix: str, label: str) -> T:
    """A copy of a value in which every text that begins with, or has in it, the prefix has the label instead."""

    def copy(one: object) -> object:
        if isinstance(one, str):
            return one.replace(prefix, label)
        if isinstance(one, list | tuple):
            return type(one)(map(copy, one))
        if dataclasses.is_dataclass(one) and not isinstance(one, type):
            fields = {field.name: getattr(one, field.name) for field in dataclasses.fields(one)}
            return dataclasses.replace(one, **{name: copy(member) for name, member in fields.items()})
        return one

    return copy(value)  # type: ignore[return-value]
