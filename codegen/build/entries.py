"""Modules that somebody wrote by hand and that the npm package ships beside its own (`x-typescript`)."""

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
    found: dict[str, Entry] = {}
    for kind in ("entries", "modules"):
        for name, at in context.entries(place, kind):
            path = context.value(at)
            if not isinstance(path, str):
                context.error(at, "x-typescript", f"the module {name!r} is to be the path of a file")
            elif name in TYPESCRIPT_MODULES or name in found:
                whose = "of its own" if name in TYPESCRIPT_MODULES else "already"
                context.error(at, "x-typescript", f"the package has a module {name!r} {whose}")
            else:
                text = _text(context, at, path)
                if text is not None:
                    found[name] = Entry(name, path, text, exported=kind == "entries")
    return tuple(found.values())


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
