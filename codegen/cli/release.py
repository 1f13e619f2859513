"""`python -m codegen release`: the document as it is becomes the contract of its version."""

from __future__ import annotations

import argparse
import json

from codegen.cli.arguments import add_document
from codegen.cli.saying import FAULTY, OK, say

HELP = "freeze the document as the release of its version"
EXAMPLES = """\
examples:
  python -m codegen release
      write spec/releases/<version>.json, <version> being what info.version in spec/asyncapi.yaml says
  python -m codegen release other/asyncapi.yaml
      likewise for another document; its x-releases names the folder

Nothing is written when the version has been released with another content, or does not follow from what has changed
since the last release. The next `generate` adds a chapter to changelog.md.

exit codes: 0 written, or released already; 1 refused, or mistakes in the document; 2 wrong usage; 3 a bug of ours
"""
DESCRIPTION = "Keeps the document, in one piece, as the release of the version that it says it is."


def configure(parser: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    add_document(parser)


def run(options: argparse.Namespace) -> int:
    """Release; the exit code."""
    from codegen.diff.releases import ReleaseError, release  # noqa: PLC0415 - --help should not wait for it
    from codegen.diff.reports import summary  # noqa: PLC0415
    from codegen.pipeline import understand  # noqa: PLC0415

    try:
        path, text, comparison = release(understand(options.document))
        if path.exists():
            same = json.loads(path.read_text("utf-8")) == json.loads(text)
            kept = "" if same else "; nothing has changed since that asks for another version"
            print(f"{path.as_posix()}: released already{kept}")
            return OK
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.new")
        temporary.write_text(text, "utf-8")
        temporary.replace(path)
    except ReleaseError as error:
        say(f"error: {error}")
        return FAULTY
    except OSError as error:
        say(f"error: cannot write {error.filename}: {error.strerror}")
        return FAULTY
    since = (
        "the first release"
        if comparison is None
        else f"since {comparison.old_version}: {summary(comparison)}"
    )
    print(f"wrote {path.as_posix()}, {since}")
    return OK
