"""The ways to spread the shards on which the rows run, and how a row chooses among them.

Nodes are dear: the worlds with several settings are dealt over the topologies, so that each world meets several and
each topology several worlds; three nodes with two copies meet all settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

SHARDS = 12


@dataclass(frozen=True, slots=True)
class Spread:
    """How many nodes in all, copies per group, and groups."""

    nodes: int
    copies: int
    groups: int


TOPOLOGIES = {
    "two": Spread(2, 1, 1),
    "three": Spread(3, 2, 1),
    "groups": Spread(4, 1, 2),
    "seven": Spread(7, 1, 1),
}
"""Nodes that keep two copies answer for other shards in turn; of two groups one answers, then the other."""
DEFAULT = ("two", "seven")
"""Where the rows with a world of their own run."""
DEALT = {
    "two": ("lonely", "gap"),
    "three": ("plain", "ranked", "narrow", "changed"),
    "groups": ("ranked",),
    "seven": ("plain", "narrow"),
}


def on(*names: str) -> pytest.MarkDecorator:
    """The row runs on these topologies alone."""
    assert set(names) <= set(TOPOLOGIES), names
    return pytest.mark.parametrize("ground", names, indirect=True, scope="session")


def over(*worlds: str, marks: Mapping[str, pytest.MarkDecorator] | None = None) -> pytest.MarkDecorator:
    """The row runs over each of these worlds, on the topologies to which the world is dealt. `marks` are of worlds."""
    pairs = [(name, world) for name, dealt in DEALT.items() for world in worlds if world in dealt]
    others = {world for world in worlds if not any(world in dealt for dealt in DEALT.values())}
    pairs += [(name, world) for name in DEFAULT for world in worlds if world in others]
    cases = [pytest.param(*pair, marks=(marks or {}).get(pair[1], ())) for pair in pairs]
    return pytest.mark.parametrize(("ground", "world"), cases, indirect=["ground"], scope="session")
