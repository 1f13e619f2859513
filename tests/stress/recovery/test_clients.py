"""The TypeScript clients' program is as strictly typed as what it uses."""

from __future__ import annotations

import json
from pathlib import Path

from tests.stress.recovery.packages import PROGRAM, SOURCES
from tests.typescript.packages import compile_package


def test_the_program_compiles(tmp_path: Path) -> None:
    """With the generated package, and nothing unused."""
    options = {
        "target": "ES2022",
        "module": "NodeNext",
        "lib": ["ES2022", "DOM"],
        "types": [],
        "strict": True,
        "exactOptionalPropertyTypes": True,
        "noUncheckedIndexedAccess": True,
        "noImplicitReturns": True,
        "noUnusedParameters": True,
        "noEmit": True,
        "paths": {"trading-client": [str(SOURCES / "index.ts")]},
    }
    files = [str(PROGRAM), str(PROGRAM.with_name("node.d.ts"))]
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": files}))
    (tmp_path / "package.json").write_text('{"type": "module"}\n')
    assert compile_package(tmp_path).stdout == ""
