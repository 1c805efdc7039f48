"""Golden plans: blocks of text that hold a case (settings, topology, what is asked) and the plan that it must become.

    == what the case shows
    topology 3 nodes, 6 shards          # `2 groups` and `2 copies` where there are more than one
    settings {"displayedAttributes": ["title"]}
    search   {"q": "x"}
    --
    n0 (0, 3) {...}                     # the body for a node and its shards; `shards(0, 3)` stands for the selector
    merge {...}                         # what the recipe holds besides defaults

Files are read and written here; the plan is made and told by `telling`. `pytest --update-golden` writes what is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
_DIVIDER = "--"
_TITLE = "== "


@dataclass
class Case:
    """`given` are the lines above the divider by their first word, `plan` those below it."""

    title: str
    given: dict[str, str] = field(default_factory=dict)
    plan: list[str] = field(default_factory=list)

    def written(self) -> str:
        """The block as it stands in its file."""
        width = max(map(len, self.given))
        given = [f"{word:{width}} {text}" for word, text in self.given.items()]
        return "\n".join([_TITLE + self.title, *given, _DIVIDER, *self.plan]) + "\n"


def read(text: str) -> tuple[str, list[Case]]:
    """What stands above the first case, and the cases."""
    head, *blocks = text.split(f"\n{_TITLE}")
    return head.strip() + "\n", [_case(block) for block in blocks]


def _case(block: str) -> Case:
    title, *lines = block.strip().splitlines()
    divider = lines.index(_DIVIDER) if _DIVIDER in lines else len(lines)
    given = dict(_pair(line) for line in lines[:divider])
    return Case(title, given, lines[divider + 1 :])


def _pair(line: str) -> tuple[str, str]:
    word, _, text = line.partition(" ")
    return word, text.strip()
