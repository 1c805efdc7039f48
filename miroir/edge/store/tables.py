"""Every table and counter of the store, each declared once; backends derive their layout from here.

A table maps text keys to bytes, in the order of the keys' UTF-8 bytes. What the bytes mean is said by their owner.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """`name` is a plain lower-case word: it becomes part of SQL and of Redis keys."""

    name: str
    holds: str


TASKS = Table("tasks", "task uid as ten digits -> the task")
OPEN_TASKS = Table("open_tasks", "task uid as ten digits -> empty; exactly the tasks that are not finished")
INDEXES = Table("indexes", "index uid of the client -> the index as reads see it")
COUNTERS = Table("counters", "counter -> the next free number, as decimal text")

TABLES: tuple[Table, ...] = (TASKS, OPEN_TASKS, INDEXES, COUNTERS)

TASK_UIDS = "task_uids"


def incarnations_of(uid: str) -> str:
    """The counter that gives each index of this uid, past and future, a number of its own."""
    return f"incarnation:{uid}"


def sequences_of(physical: str) -> str:
    """The counter behind the stamps of one index, by its name on the nodes, which a client cannot change."""
    return f"sequence:{physical}"
