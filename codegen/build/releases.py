"""What was released: the documents in the folder that `x-releases` names, one for each version."""

from __future__ import annotations

import json
from pathlib import Path

from codegen.build.context import Context
from codegen.contract import Json, Release
from codegen.semver import Version, parse


def build_releases(context: Context) -> tuple[Release, ...]:
    """The releases, the oldest first; a finding for each that cannot be read, or is not what its name says."""
    place = context.at(context.root, "x-releases")
    name = context.value(place) if place is not None else None
    if place is None or not isinstance(name, str):
        return ()
    folder = Path(place.file).parent / name
    if folder.exists() and not folder.is_dir():
        context.error(place, "x-releases", f"{folder.as_posix()} is not a folder")
        return ()
    found: list[tuple[Version, Release]] = []
    # A folder that is not there yet has no releases.
    for file in sorted(folder.glob("*.json")):
        version = parse(file.stem)
        problem, document = _read(file)
        written = _version(document)
        if version is None or str(version) != file.stem:
            problem = f"{file.as_posix()} is to be named after its version, like 1.2.0.json"
        elif not problem and (not isinstance(written, str) or parse(written) != version):
            problem = f"{file.as_posix()} has the version {written!r}, which is not what its name says"
        if problem:
            context.error(place, "x-releases", problem)
        elif version is not None and isinstance(document, dict):
            found.append((version, Release(file.stem, file.as_posix(), document)))
    return tuple(release for _, release in sorted(found, key=lambda pair: pair[0]))


def _read(file: Path) -> tuple[str, Json]:
    """What is wrong with a file, if anything, and what it holds."""
    try:
        document = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        return f"{file.as_posix()} cannot be read: {getattr(error, 'strerror', None) or error}", None
    if not isinstance(document, dict):
        return f"{file.as_posix()} is no document", None
    return "", document


def _version(document: Json) -> Json:
    info = document.get("info") if isinstance(document, dict) else None
    return info.get("version") if isinstance(info, dict) else None
