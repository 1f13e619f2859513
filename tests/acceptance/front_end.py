"""The sample front end with a package installed in it, as in a checkout of its own: checked and bundled there."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.typescript.packages import NODE, NPM, install

ROOT = Path(__file__).resolve().parents[2]
HERE = Path("examples") / "frontend"
_SKIP = shutil.ignore_patterns("node_modules", "dist", "package-lock.json")


def installed(package: Path, folder: Path) -> Path:
    """The front end, copied below `folder`, in which npm has installed a compiled package; its folder.

    npm packs what it installs, so the front end has no more of the package than whoever gets it from a registry. No
    registry is asked: compiler and bundler are those of the tests, in the versions that the front end asks for.
    """
    front_end = folder / HERE
    shutil.copytree(ROOT / HERE, front_end, ignore=_SKIP)
    beside = folder / "generated" / "typescript"
    if package != beside:
        shutil.copytree(package, beside)
    npm(front_end, "install", "--offline", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund")
    return front_end


def updated(front_end: Path, package: Path, folder: Path) -> Path:
    """A copy of an installed front end in `folder`, with another package in place of the one it had."""
    copy = folder / "front end"
    shutil.copytree(front_end, copy, symlinks=True)
    there = copy / "node_modules" / "trading-client"
    shutil.rmtree(there)
    shutil.copytree(package, there)
    return copy


def npm(folder: Path, *arguments: str) -> None:
    """Run the npm of the Node wheel; its words where it fails."""
    path = os.pathsep.join([str(NODE.parent), os.environ.get("PATH", "")])
    command = [str(NODE), str(NPM), *arguments]
    run = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def type_errors(front_end: Path) -> str:
    """What the compiler says, with the front end's own settings; empty if nothing."""
    command = [str(NODE), str(install() / "typescript" / "bin" / "tsc"), "-p", "."]
    return subprocess.run(command, cwd=front_end, capture_output=True, text=True, check=False).stdout


def bundled(front_end: Path) -> Path:
    """The folder of files that the front end's own build makes; any server of files can show it."""
    for name in ("esbuild", "@esbuild"):
        link = front_end / "node_modules" / name
        if not link.exists():
            link.symlink_to(install() / name)
    run = subprocess.run(
        [str(NODE), "build.mjs"], cwd=front_end, capture_output=True, text=True, timeout=200, check=False
    )
    assert run.returncode == 0, run.stderr
    return front_end / "dist"
