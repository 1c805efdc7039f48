"""What differs between the generations of nodes, in one table: whatever depends on a node's version asks here.

Everything else is the same to Miroir on all nodes that it speaks to, or passes through. Nodes are told apart by what
they take (`writes.asking`), never by their version number: builds of one's own have any number.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation of nodes.

    `default_rules` are an index's ranking rules when nobody has chosen any. `attribute_rules` rank by where in a
    document words stand; an index has all or none of them, and no node takes the rules of another generation. In the
    ranking details each has an entry of its name: that of `attribute` holds two scores, compared one after the other,
    those of the others one each.
    """

    name: str
    default_rules: tuple[str, ...]
    attribute_rules: tuple[str, ...]


CLASSIC = Generation(
    name="classic",  # seen on 1.15
    default_rules=("words", "typo", "proximity", "attribute", "sort", "exactness"),
    attribute_rules=("attribute",),
)
SPLIT = Generation(
    name="split",  # seen on 1.50, which takes `attribute` still, as the two rules in a row
    default_rules=("words", "typo", "proximity", "attributeRank", "sort", "wordPosition", "exactness"),
    attribute_rules=("attributeRank", "wordPosition"),
)
NEWEST_RULE = SPLIT.attribute_rules[0]
"""A rule that CLASSIC refuses and SPLIT takes."""
