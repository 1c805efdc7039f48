"""Names that Miroir keeps for itself. Nothing that a client reads or writes may carry them."""

from __future__ import annotations

PREFIX = "_miroir_"
ALIAS_PREFIX = "_miroiR_"
"""Under it a reserved attribute that a client names is sent to nodes: of the same length, and no document has it."""
SHARD = "_miroir_shard"
SEQUENCE = "_miroir_seq"


def is_reserved(name: str) -> bool:
    """Whether a field, attribute or index name is Miroir's own."""
    return name.startswith(PREFIX)


def alias(name: str) -> str:
    """The name sent instead of a reserved one; any other name stays."""
    return ALIAS_PREFIX + name[len(PREFIX) :] if is_reserved(name) else name


def unalias(text: str) -> str:
    """A text of a node with the names that the client used."""
    return text.replace(ALIAS_PREFIX, PREFIX)
