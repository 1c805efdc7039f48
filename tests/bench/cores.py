"""Who runs on which core: the server under test has one for itself, everything around it shares the others.

One worker can use one core. On a machine of few cores the stub nodes and the load would otherwise take turns with it,
and a server that calls three nodes would pay for their time as well.
"""

from __future__ import annotations

import os
from pathlib import Path

_ALL = sorted(os.sched_getaffinity(0))
SERVER = frozenset(_ALL[:1])
OTHERS = frozenset(_ALL[1:] or _ALL)


def keep(pid: int, cores: frozenset[int]) -> None:
    """Hold a process, its threads and all below it on these cores."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), cores)
        for child in (task / "children").read_text().split():
            keep(int(child), cores)
