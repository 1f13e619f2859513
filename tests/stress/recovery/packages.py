"""The TypeScript clients' program, bundled with the package that the contract gives."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.stress.recovery.plan import HEARTBEAT_MS
from tests.stress.recovery.workers import ROOT
from tests.typescript.packages import NODE, SPEC, install, write_package

PROGRAM = Path(__file__).with_name("clients.ts")
SOURCES = ROOT / "generated" / "typescript" / "src"
_INTERVAL = "  interval_ms: 30000\n"


def bundle(folder: Path) -> Path:
    """Bundle it with a package whose clients notice silence soon; the program that Node runs."""
    spec = shutil.copytree(SPEC.parent, folder / "spec", ignore=shutil.ignore_patterns("node_modules"))
    document = spec / SPEC.name
    text = document.read_text(encoding="utf-8")
    assert _INTERVAL in text
    document.write_text(text.replace(_INTERVAL, f"  interval_ms: {HEARTBEAT_MS}\n"), encoding="utf-8")
    package = write_package(document, folder)
    program = folder / "clients.mjs"
    esbuild = install() / "esbuild" / "bin" / "esbuild"
    command = [
        *(str(NODE), str(esbuild), str(PROGRAM), f"--outfile={program}", "--bundle", "--platform=node"),
        *("--format=esm", "--target=es2022", "--log-level=warning"),
        f"--alias:trading-client={package / 'src' / 'index.ts'}",
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return program
