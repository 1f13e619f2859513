"""The golden cases: one folder a feature, with a document and the files that it gives.

    tests/golden/<case>/asyncapi.yaml    the document, as small as shows the feature
    tests/golden/<case>/expected/…       every generated file but the copied run-time code

`python -m tests.codegen.golden [CASE …]` (or `nox -s accept`) takes today's output as expected.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from codegen.pipeline import generate

GOLDEN = Path(__file__).resolve().parent.parent / "golden"


def cases() -> list[Path]:
    """The folders of all cases, in order of name."""
    return sorted(path.parent for path in GOLDEN.glob("*/asyncapi.yaml"))


def is_copied(name: str) -> bool:
    """Whether a generated file is run-time code, the same for every document."""
    return "runtime/" in name


def outputs(case: Path) -> dict[str, str]:
    """What the case's document gives: all files, run-time code included, by relative path.

    The header names the document as it was given; here that is `asyncapi.yaml`, wherever the checkout lies.
    """
    return {
        name: text.replace(str(case / "asyncapi.yaml"), "asyncapi.yaml").replace(
            f"tests/golden/{case.name}/asyncapi.yaml", "asyncapi.yaml"
        )
        for name, text in generate(case / "asyncapi.yaml").items()
    }


def accept(case: Path) -> list[str]:
    """Make today's output the expected one; returns the names of the files that changed."""
    expected = case / "expected"
    before = {
        path.relative_to(expected).as_posix(): path.read_text(encoding="utf-8")
        for path in expected.rglob("*")
        if path.is_file()
    }
    after = {name: text for name, text in outputs(case).items() if not is_copied(name)}
    shutil.rmtree(expected, ignore_errors=True)
    for name, text in after.items():
        path = expected / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def main(names: list[str]) -> int:
    """Accept the named cases, or all; returns an exit code."""
    known = {case.name: case for case in cases()}
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no such case: {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    for name in names or known:
        changed = accept(known[name])
        print(f"{name}: {', '.join(changed) if changed else 'unchanged'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
