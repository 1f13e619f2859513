"""Files to disk, or to a diff against the disk: the only stage of the generator that changes anything.

The output folder may hold more than what is generated (`node_modules`, a build); a list of the generated
files that lies in it tells which of them may be removed once they are generated no longer.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path, PurePosixPath

MANIFEST = ".generated-files"
"""Name of the list in the output folder."""
_MANIFEST_HEAD = "# What the generator wrote here; it removes what drops out of this list. Do not edit.\n"


class OutputError(Exception):
    """The output folder cannot take the files; the text says which path and why."""


@dataclass(frozen=True, slots=True)
class WriteReport:
    """What `write` did, by path relative to the output folder, in order of path."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]

    def __str__(self) -> str:
        parts = [f"{len(self.written)} written", f"{len(self.unchanged)} unchanged"]
        if self.removed:
            parts.insert(1, f"{len(self.removed)} removed")
        return ", ".join(parts)


def write(files: Mapping[str, str], out: Path) -> WriteReport:
    """Make the output folder hold these files; what is right already is not touched.

    Everything is written beside its place first and then moved there: a full disk leaves the old files.

    Raises:
        OutputError: the folder, or a place in it, cannot be written.

    """
    wanted = {**files, MANIFEST: _manifest(files)}
    with _told(out):
        if out.exists() and not out.is_dir():
            raise OutputError(f"{out} is a file; --out names a folder")
        stale = _stale(files, out)
        changed = [name for name in sorted(wanted) if _current(out / name) != wanted[name]]
        _replace({out / name: wanted[name] for name in changed})
        for name in stale:
            _remove(out / name, out)
    return WriteReport(
        tuple(name for name in changed if name != MANIFEST),
        tuple(stale),
        tuple(sorted(set(files) - set(changed))),
    )


def check(files: Mapping[str, str], out: Path) -> str:
    """What `write` would change, as a unified diff; empty when the folder is up to date.

    Raises:
        OutputError: the folder cannot be read.

    """
    wanted = {**files, MANIFEST: _manifest(files)}
    with _told(out):
        different = differing(files, out)
        # The list of files says no more than the files themselves, where those differ.
        shown = [name for name in different if name != MANIFEST] or different
        return "".join(
            _diff((out / name).as_posix(), _current(out / name), wanted.get(name)) for name in shown
        )


def differing(files: Mapping[str, str], out: Path) -> list[str]:
    """What `write` would write or remove, by path relative to the output folder.

    Raises:
        OutputError: the folder cannot be read.

    """
    wanted = {**files, MANIFEST: _manifest(files)}
    with _told(out):
        names = sorted({*wanted, *_stale(files, out)})
        return [name for name in names if _current(out / name) != wanted.get(name)]


def _diff(name: str, old: str | None, new: str | None) -> str:
    lines = unified_diff(
        (old or "").splitlines(keepends=True),
        (new or "").splitlines(keepends=True),
        name if old is not None else "/dev/null",
        name if new is not None else "/dev/null",
    )
    text = "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
    # An empty file that comes or goes has no line to show.
    return (
        text
        or f"--- {name if old is not None else '/dev/null'}\n+++ {name if new is not None else '/dev/null'}\n"
    )


@contextlib.contextmanager
def _told(out: Path) -> Iterator[None]:
    """Say in one line what the operating system has against it."""
    try:
        yield
    except OSError as error:
        path = error.filename2 or error.filename or out
        reason = error.strerror or str(error)
        raise OutputError(f"cannot write {Path(os.fsdecode(path)).as_posix()}: {reason}") from error


def _manifest(files: Mapping[str, str]) -> str:
    return _MANIFEST_HEAD + "".join(f"{name}\n" for name in sorted(files))


def _stale(files: Mapping[str, str], out: Path) -> list[str]:
    """What an earlier run wrote, is still there, and is not wanted any more."""
    listed = (_current(out / MANIFEST) or "").splitlines()
    return sorted(
        name
        for name in {line for line in listed if line and not line.startswith("#")} - set(files)
        if _is_inside(name) and name != MANIFEST and (out / name).is_file()
    )


def _is_inside(name: str) -> bool:
    """Whether a listed name can only mean something in the folder, whoever wrote the list."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name and ":" not in name


def _current(path: Path) -> str | None:
    """The text of a file; None if there is none."""
    try:
        return path.read_bytes().decode("utf-8", "backslashreplace")
    except FileNotFoundError:
        return None


def _replace(contents: Mapping[Path, str]) -> None:
    staged: dict[Path, Path] = {}
    try:
        for path, text in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                raise OutputError(
                    f"{path.as_posix()} is a folder; a generated file of that name belongs there"
                )
            temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
            staged[temporary] = path
            temporary.write_bytes(text.encode("utf-8"))
        for temporary, path in staged.items():
            temporary.replace(path)
    finally:
        for temporary in staged:
            temporary.unlink(missing_ok=True)


def _remove(path: Path, out: Path) -> None:
    path.unlink(missing_ok=True)
    for folder in path.parents:
        if folder == out or any(folder.iterdir()):
            break
        folder.rmdir()
