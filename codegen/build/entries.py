"""Modules that somebody wrote by hand and that the npm package ships beside its own (`x-typescript.entries`)."""

from __future__ import annotations

from pathlib import Path

from codegen.build.context import Context
from codegen.contract import Entry
from codegen.document import Location
from codegen.vocabulary import TYPESCRIPT_MODULES


def build_entries(context: Context) -> tuple[Entry, ...]:
    """The modules with their texts, in document order; a finding for each that cannot be read."""
    place = context.at(context.root, "x-typescript")
    if place is None:
        return ()
    found = []
    for name, at in context.entries(place, "entries"):
        path = context.value(at)
        if not isinstance(path, str):
            context.error(at, "x-typescript", f"the entry point {name!r} is to be the path of a file")
        elif name in TYPESCRIPT_MODULES:
            context.error(at, "x-typescript", f"the package has a module {name!r} of its own")
        else:
            text = _text(context, at, path)
            if text is not None:
                found.append(Entry(name, path, text))
    return tuple(found)


def _text(context: Context, at: Location, path: str) -> str | None:
    """A file beside the document; the document's own file is named as the working folder sees it."""
    file = Path(context.document.follow(at).file).parent / path
    try:
        text = file.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        context.error(at, "x-typescript", f"there is no file {file.as_posix()}")
    except UnicodeDecodeError:
        context.error(at, "x-typescript", f"{file.as_posix()} is not UTF-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        context.error(at, "x-typescript", f"{file.as_posix()} cannot be read: {reason}")
    else:
        return text if text.endswith("\n") else text + "\n"
    return None
