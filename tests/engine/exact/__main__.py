"""The command behind `make exact`: `python -m tests.engine.exact N --seed S`, or one request of one world again."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from tests.engine.compare import difference
from tests.engine.exact.asking import Ask
from tests.engine.exact.questions import CATEGORIES
from tests.engine.exact.run import run, worlds_for
from tests.engine.exact.stage import SPREADS, stages
from tests.engine.exact.tally import Finding, summary, table
from tests.engine.exact.worlds import make
from tests.harness.node import is_stock


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make exact", description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=1000, help="how many requests")
    parser.add_argument("--seed", default="1", help="makes everything; printed")
    parser.add_argument("--only", help="these categories, separated by semicolons")
    parser.add_argument("--world", help="SEED.NUMBER: load this world only, and ask it --ask")
    parser.add_argument("--ask", help='the request, as ["METHOD", "PATH", BODY]')
    return parser.parse_args()


def main() -> int:
    """0 when nothing is unexplained and little is explained."""
    told = _arguments()
    among = tuple(told.only.split(";")) if told.only else CATEGORIES
    console = Console(highlight=False, width=160)
    with tempfile.TemporaryDirectory(prefix="miroir-exact-") as folder:
        if told.world:
            return _again(Path(folder), told.world, json.loads(told.ask), console)
        console.print(
            f"{told.count} requests, seed {told.seed}, {worlds_for(told.count)} worlds, "
            f"{'stock' if is_stock() else 'embedded'} nodes, (nodes, copies) {SPREADS}"
        )
        began = time.monotonic()
        with stages(Path(folder)) as formed:
            tally = run(formed, told.seed, told.count, told=lambda finding: _tell(console, finding), among=among)
    console.print(table(tally))
    for reason, count in tally.by_reason().most_common():
        console.print(f"  {count:5} {reason}")
    console.print(f"{summary(tally)}; {time.monotonic() - began:.0f} s")
    return 0 if tally.good else 1


def _tell(console: Console, finding: Finding) -> None:
    """A finding with the line that repeats it."""
    ask = json.dumps(
        [finding.ask.method, finding.ask.path, finding.ask.body if finding.ask.method == "POST" else None],
        ensure_ascii=False,
    )
    quoted = ask.replace("'", "'\\''")
    console.print(f"[unexplained] {finding.ask.category}: {finding.difference}", markup=False)
    console.print(
        f"  python -m tests.engine.exact --world {finding.seed} --ask '{quoted}'", markup=False, soft_wrap=True
    )


def _again(folder: Path, seed: str, parts: list[object], console: Console) -> int:
    """One request to one world, loaded as in the run; both answers are printed."""
    number = int(seed.rpartition(".")[2])
    world = make(seed, f"x{number}")
    ask = Ask("", str(parts[0]), str(parts[1]), parts[2] if isinstance(parts[2], dict) else None)
    with stages(folder, SPREADS[number % len(SPREADS) :][:1]) as (stage,):
        if number >= len(SPREADS) and "multi-search" in ask.path:
            stage.load(make(f"{seed.rpartition('.')[0]}.{number - len(SPREADS)}", f"x{number - len(SPREADS)}"))
        stage.load(world)
        answers = stage.answers(ask)
        for answer in answers:
            console.print(answer.raw.decode(), markup=False, soft_wrap=True)
        found = difference(*answers)
        console.print(found or "equal", markup=False, soft_wrap=True)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
