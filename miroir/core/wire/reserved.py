"""Names that Miroir keeps for itself. Nothing that a client reads or writes may carry them."""

from __future__ import annotations

PREFIX = "_miroir_"
SHARD = "_miroir_shard"
SEQUENCE = "_miroir_seq"


def is_reserved(name: str) -> bool:
    """Whether a field, attribute or index name is Miroir's own."""
    return name.startswith(PREFIX)
