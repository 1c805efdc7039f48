"""Runs all benchmarks and prints them. Ratios are of things measured in this run, in turns, the best of each."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench import merge_bench, stage
from tests.bench.measuring import Speed, measure
from tests.bench.stage import Server
from tests.bench.tools import RECORDED, Tools, compiled

ROUNDS = 5
SECONDS = 6.0
WARM_UP = 2.0


def in_turns(tools: Tools, servers: Sequence[Server]) -> dict[str, list[Speed]]:
    """Each server in each round, so that a slow moment of the machine does not fall on one of them alone."""
    speeds: dict[str, list[Speed]] = {server.name: [] for server in servers}
    for server in servers:
        measure(tools, server.port, server.request, server.pid, WARM_UP)
    for _ in range(ROUNDS):
        for server in servers:
            speeds[server.name].append(measure(tools, server.port, server.request, server.pid, SECONDS))
    return speeds


def table(speeds: dict[str, list[Speed]], base: str) -> Table:
    """Best rate and least CPU of each, and both in relation to `base`."""
    shown = Table(
        "", "searches/s", "ratio", "CPU us each", "ratio", "answer bytes", title="one worker, one search each"
    )
    best = {name: (max(one.rate for one in runs), min(one.cpu_us for one in runs)) for name, runs in speeds.items()}
    for name, (rate, cpu) in best.items():
        ratios = (f"{rate / best[base][0]:.2f}", f"{best[base][1] / cpu:.2f}")
        size = str(speeds[name][-1].body_bytes)
        shown.add_row(name, f"{rate:.0f}", ratios[0], f"{cpu:.0f}", ratios[1], size)
    return shown


def main() -> None:
    console = Console(highlight=False)
    sizes = ", ".join(str(file.stat().st_size) for file in RECORDED)
    console.print(f"Miroir over three stub nodes that answer recorded bodies of {sizes} bytes, against a bare ASGI app")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tools = compiled(folder)
        with stage.miroir(tools, folder) as (front, body), stage.bare(body, folder) as bare:
            speeds = in_turns(tools, (front, bare))
    console.print(table(speeds, "bare app"))
    figures = Table("", "", "", title="the Rust core alone")
    for what, value, unit in merge_bench.run():
        figures.add_row(what, f"{value:.2f}", unit)
    console.print(figures)


if __name__ == "__main__":
    main()
