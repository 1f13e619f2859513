"""Every golden document's package passes the compiler, under its own settings and both versions."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.typescript.packages import (
    COMPILERS,
    NODE,
    ROOT,
    compile_package,
    install,
    peer_types,
    write_package,
)

DOCUMENTS = sorted((ROOT / "tests" / "golden").glob("*/asyncapi.yaml"))
BUDGET = 6 * 1024
"""What the client weighs less than, minified and compressed, in bytes."""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package of each golden document, and one compiler configuration for all."""
    folder = tmp_path_factory.mktemp("golden")
    options: dict[str, object] = {}
    for document in DOCUMENTS:
        package = write_package(document, folder / document.parent.name)
        options = json.loads((package / "tsconfig.json").read_text())["compilerOptions"]
    (folder / "package.json").write_text('{"type": "module"}\n')
    # The sources are ours; what they import of React and Vue is looked at elsewhere.
    configuration = {
        "compilerOptions": {
            **{**options, "noEmit": True, "rootDir": ".", "paths": peer_types()},
            "skipLibCheck": True,
        },
        "include": ["*/typescript/src"],
    }
    (folder / "tsconfig.json").write_text(json.dumps(configuration))
    return folder


@pytest.mark.parametrize("compiler", COMPILERS)
def test_golden_documents(packages: Path, compiler: str) -> None:
    """The compiler has nothing to say."""
    assert compile_package(packages, compiler).stdout == ""


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize(
    ("versions", "skip"),
    [(("react", "vue"), False), (("react-18", "vue-3.3"), True)],
    ids=["newest", "oldest"],
)
def test_peers(trading: Path, tmp_path: Path, versions: tuple[str, str], skip: bool, compiler: str) -> None:
    """What the package says of React and Vue, to be built without them, agrees with what they say themselves.

    The old ones' own declarations are not looked at: today's compilers find fault with them.
    """
    options = {
        **{"noEmit": True, "skipLibCheck": skip, "skipDefaultLibCheck": True},
        "paths": peer_types(*versions),
    }
    extended = {
        "extends": str(trading / "tsconfig.json"),
        "compilerOptions": options,
        "include": [str(trading / "src")],
    }
    configuration = tmp_path / "tsconfig.json"
    configuration.write_text(json.dumps(extended))
    assert compile_package(configuration, compiler).stdout == ""


def test_header_and_layout(packages: Path) -> None:
    """Files say what they come from, and are laid out with care: no stray spaces, no runs of empty lines."""
    for path in packages.rglob("*/typescript/src/*.ts"):
        text = path.read_text(encoding="utf-8")
        assert text.startswith("// Generated from asyncapi.yaml. Do not edit;"), path
        assert not [line for line in text.splitlines() if line != line.rstrip()], path
        assert "\n\n\n" not in text, path
        assert text.endswith("\n"), path
        assert not text.endswith("\n\n"), path


def test_weight(trading: Path, tmp_path: Path) -> None:
    """A page that uses the client loads no more than it has to: the unused falls away, the rest is small."""
    script = """
      import { build } from "ESBUILD";
      import { gzipSync } from "node:zlib";
      const options = { bundle: true, minify: true, format: "esm", target: "es2022", write: false };
      const { outputFiles } = await build({ ...options, entryPoints: ["ENTRY"] });
      const text = outputFiles[0].text;
      console.log(text.length, gzipSync(text, { level: 9 }).length, text.includes("lifespan"));
    """
    module = (install() / "esbuild" / "lib" / "main.js").as_uri()
    program = tmp_path / "weigh.mjs"
    program.write_text(
        script.replace("ESBUILD", module).replace("ENTRY", (trading / "src" / "client.ts").as_posix())
    )
    result = subprocess.run([str(NODE), str(program)], capture_output=True, text=True, check=True)
    minified, size, has_unused = result.stdout.split()
    print(f"client.ts: {minified} bytes minified, {size} compressed, of {BUDGET}")
    assert has_unused == "false"
    assert int(size) <= BUDGET, f"{size} bytes"
