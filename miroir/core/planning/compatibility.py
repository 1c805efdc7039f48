"""Whether the hits of several queries can be put in one order: their ranking rules must compare things of one kind.

A node that is asked would also count the rule that Miroir adds behind all others (exact-merge 2.8), and refuse queries
that a single node takes. So this is decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from miroir.core.wire.errors import MiroirError

_RELEVANCY = "relevancy"
_RULES = {"words", "typo", "proximity", "attribute", "attributeRank", "wordPosition", "exactness"}


class Searched(Enum):
    """What a query searches by."""

    NOTHING = "nothing"
    WORDS = "words"
    VECTORS = "vectors"


@dataclass(frozen=True, slots=True)
class Ranked:
    """How one query ranks: the rules of its index as the client set them, and what of the query changes them."""

    rules: Sequence[str]
    sort: Sequence[str]
    searched: Searched
    all_words: bool = False


def check_compatible(queries: Iterable[tuple[int, Ranked]]) -> None:
    """Raise MiroirError `invalid_multi_search_query_ranking_rules` unless the queries, given with their places in the
    order in which a node carries them out, can be compared.

    Each is compared with the one before it that has the most kinds.
    """
    known: tuple[int, tuple[str, ...]] | None = None
    for place, ranked in queries:
        told = kinds(ranked)
        for one, other in zip(told, known[1] if known else (), strict=False):
            if one != other and known:
                raise _incompatible((known[0], other), (place, one))
        if known is None or len(told) >= len(known[1]):
            known = place, told


def kinds(ranked: Ranked) -> tuple[str, ...]:
    """What the rules of a query compare, in order; relevancy rules that follow each other are one."""
    told: list[str] = []
    rules: set[str] = set()
    fields: set[str] = set()
    for entry in _entries(ranked):
        if entry not in _RULES:
            kind, field = _sorted_by(entry)
            if field not in fields:
                fields.add(field)
                told.append(kind)
        elif ranked.searched is Searched.VECTORS and rules:
            if fields:  # vectors stand for all rules up to here, and nothing is left behind them
                break
        elif _ranks(entry, ranked) and entry not in rules:
            rules.add(entry)
            if told[-1:] != [_RELEVANCY]:
                told.append(_RELEVANCY)
    return tuple(told)


def _entries(ranked: Ranked) -> list[str]:
    """The rules with the query's own sort in its place."""
    rules = list(ranked.rules)
    if "sort" not in rules:
        return rules
    place = rules.index("sort")
    return [*rules[:place], *ranked.sort, *(rule for rule in rules[place:] if rule != "sort")]


def _ranks(rule: str, ranked: Ranked) -> bool:
    """Whether a relevancy rule has something to rank."""
    return ranked.searched is not Searched.NOTHING and not (rule == "words" and ranked.all_words)


def _sorted_by(entry: str) -> tuple[str, str]:
    """The kind of a sort, and what it sorts by: a second sort by the same is none."""
    field, _, direction = entry.rpartition(":")
    if field.startswith("_geoPoint"):
        return f"{direction} distance", "_geoPoint"
    return f"{direction} sort", field


def _incompatible(one: tuple[int, str], other: tuple[int, str]) -> MiroirError:
    return MiroirError(
        "invalid_multi_search_query_ranking_rules",
        f"Inside `.queries[{other[0]}]`: The results of queries #{one[0]} and #{other[0]} are incompatible: where the "
        f"one ranks by {one[1]}, the other ranks by {other[1]}.",
    )
