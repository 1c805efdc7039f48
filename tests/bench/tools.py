"""The C programs of the benchmarks, compiled where they are needed, and the stub nodes they make."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.bench.cores import OTHERS, keep
from tests.harness.process import Process

HERE = Path(__file__).parent
RECORDED = sorted((HERE / "recorded").glob("node-*.json"))


@dataclass(frozen=True, slots=True)
class Tools:
    """Paths of the compiled programs."""

    stub: Path
    load: Path


def compiled(folder: Path) -> Tools:
    """Both programs, compiled into a folder. Needs `cc`."""
    made = Tools(folder / "stub_node", folder / "load")
    for program in (made.stub, made.load):
        subprocess.run(["cc", "-O2", "-o", program, HERE / f"{program.name}.c"], check=True)
    return made


def stub_node(tools: Tools, name: str, port: int, body: Path, folder: Path) -> Process:
    """A node that answers every search with the recorded body."""
    process = Process(name, [tools.stub, str(port), body], log=folder / f"{name}.log")
    keep(process.pid, OTHERS)
    return process
