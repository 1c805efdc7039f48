"""What Miroir knows of one index, and of all: immutable snapshots that writers replace and readers only read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

ShardMap = tuple[tuple[str, ...], ...]
"""For each shard, in order, the ids of the nodes that hold it (all groups)."""


@dataclass(frozen=True, slots=True)
class IndexView:
    """One index as searches and writes see it.

    `physical` is its uid on the nodes; clients never see it. `settings` is the client's own view of the settings that
    have been applied, merged over the defaults: never the virtual settings of the nodes. `settings_version` grows with
    each applied change. Times are RFC 3339 texts.
    """

    uid: str
    physical: str
    incarnation: int
    primary_key: str | None
    shards: int
    shard_map: ShardMap
    created_at: str
    updated_at: str
    settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    settings_version: int = 0
    ties: str = "arrival"


@dataclass(frozen=True, slots=True)
class Catalog:
    """All indexes at one moment; `version` grows with every change of any of them."""

    version: int
    indexes: Mapping[str, IndexView]
