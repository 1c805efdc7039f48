"""The filter that keeps a node to the shards that it is asked for: replicas are never counted twice."""

from __future__ import annotations

from functools import lru_cache

from miroir._merge_core import encode_shard
from miroir.core.wire.reserved import SHARD


@lru_cache(maxsize=4096)
def selector(shards: tuple[int, ...]) -> str:
    """It finds exactly the documents of these shards."""
    codes = ", ".join(f'"{encode_shard(shard)}"' for shard in shards)
    return f"{SHARD} IN [{codes}]"
