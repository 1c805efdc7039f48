"""Deep pages in two phases (exact-merge 4.1): first which hits there are, then the contents of those of the page.

What a hit shows depends on the query and not on its rank, so the contents are the same in both ways. A document that
changes in between has another `_miroir_seq`, and is not found: then the page is asked for in one phase.

Marks are the exception where a word may be missing: a node looks for misspellings of a word when ranking first needs
them, and marks those that it has looked for. Among the documents of one page alone it may not come to that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from miroir._merge_core import encode_shard
from miroir.core.indexes import IndexView
from miroir.core.planning.leg import Leg
from miroir.core.planning.selector import selector
from miroir.core.wire.reserved import SEQUENCE, SHARD

Stamps = Sequence[tuple[str, str]]
"""Of each hit of a page its `_miroir_shard` and its `_miroir_seq`."""
FROM = 250
"""From so many hits up to the page's end on it pays: measured on documents of 1.5 KB, with and without marks."""
_ONE_WORD = re.compile(r"\s*[A-Za-z]?[a-z]*\s*")
"""No word at all, or surely one: capitals inside, digits and other scripts may begin another."""
_CUT_WORDS = ("localizedAttributes", "dictionary", "separatorTokens")
_MARKS = ("attributesToHighlight", "attributesToCrop")
_OF_CONTENTS = (
    *(*_MARKS, "cropLength", "cropMarker", "highlightPreTag", "highlightPostTag"),
    *("showMatchesPosition", "retrieveVectors"),
)
_OF_RANKING = (
    *("facets", "rankingScoreThreshold", "page", "hitsPerPage", "offset"),
    *("showRankingScore", "showRankingScoreDetails"),
)


@dataclass(frozen=True, slots=True)
class Deep:
    """`leg` asks which hits there are, `contents` makes of the page's stamps the leg that asks for its documents."""

    leg: Leg
    contents: Callable[[Stamps], Leg]


def pays(sent: Mapping[str, Any], depth: int, size: int, settings: Mapping[str, Any]) -> bool:
    """Whether two phases pay for a page of this size that ends so deep, by the body that would be sent otherwise.

    Not where few attributes are retrieved, for then the contents are small; nor where other words might be marked. Nor
    under distinct, which the caller knows: the documents of a page alone could not be asked for without it.
    """
    if depth < FROM or 2 * size > depth:
        return False
    if any(sent.get(name) for name in (*_MARKS, "showMatchesPosition")):
        return _marks_alike(sent, settings)
    return "attributesToRetrieve" not in sent


def _marks_alike(sent: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    """Whether the same words are marked whichever documents are ranked: no document is found without all of them."""
    if sent.get("matchingStrategy") == "all":
        return True
    cut = sent.get("locales") or any(settings.get(name) for name in _CUT_WORDS)
    return not cut and _ONE_WORD.fullmatch(sent.get("q") or "") is not None


def plan_deep(sent: Mapping[str, Any], filters: Sequence[Any], needed: Sequence[str], leg: Leg) -> Deep:
    """Both phases of what `leg` asks in one. `sent` is its body without filters, `needed` what ranking must see."""
    view = leg.views[0]
    ranking = {name: value for name, value in sent.items() if name not in _OF_CONTENTS}
    ranking["attributesToRetrieve"] = [SHARD, SEQUENCE, *needed]

    def first(shards: tuple[int, ...]) -> bytes:
        return orjson.dumps({**ranking, "filter": [*filters, selector(shards)]})

    return Deep(Leg(leg.views, leg.target, first, leg.shards), lambda stamps: _contents(sent, view, leg.target, stamps))


def _contents(sent: Mapping[str, Any], view: IndexView, target: str, stamps: Stamps) -> Leg:
    numbers = _numbers(view.shards)
    wanted: dict[int, list[str]] = {}
    for shard, sequence in stamps:
        wanted.setdefault(numbers[shard], []).append(sequence)
    fields = {name: value for name, value in sent.items() if name not in _OF_RANKING}
    if "attributesToRetrieve" in fields:
        fields["attributesToRetrieve"] = [*fields["attributesToRetrieve"], SEQUENCE]

    def body(shards: tuple[int, ...]) -> bytes:
        sequences = [sequence for shard in shards for sequence in wanted[shard]]
        listed = ", ".join(f'"{sequence}"' for sequence in sequences)
        filters = [f"{SEQUENCE} IN [{listed}]", selector(shards)]
        return orjson.dumps({**fields, "limit": len(sequences), "filter": filters})

    return Leg((view,), target, body, tuple(sorted(wanted)))


@lru_cache(maxsize=16)
def _numbers(shards: int) -> Mapping[str, int]:
    return {encode_shard(shard): shard for shard in range(shards)}
