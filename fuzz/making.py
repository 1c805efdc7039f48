"""Requests as clients may send them, mostly right, and filters as trees that can be written and evaluated."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

NAMES = st.sampled_from(
    ["id", "title", "genre", "a.b", "_geo", "_vectors", "*", "_miroir_shard", "_miroir_seq", "_miroir_", "été", ""]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=8) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
_LISTS = st.lists(NAMES, max_size=4)
_COUNTS = st.integers(0, 50) | st.integers(0, 2**64 - 1)
_SORTS = st.sampled_from(["title:asc", "_geoPoint(1,2):asc", "_miroir_seq:asc", "a.b:desc", "_miroir_shard:desc"])
_CROPS = st.builds(lambda name, length: f"{name}:{length}" if length else name, NAMES, st.integers(0, 9))


@dataclass(frozen=True)
class Condition:
    """A filter: its text, the same with odd space and quotes, and whether a document passes it."""

    text: str
    passes: Callable[[str], bool]


def _value(text: str) -> str:
    """A literal as a filter writes it: quoted where it is no plain word."""
    return text if text.isidentifier() or text.isdigit() else f'"{text}"'


IDS = st.sampled_from(["1", "2", "10", "A", "a", "B-c", "b-C", "x_1", "007", "7", "1e1"])
_LITERALS = IDS | st.sampled_from(["1.0", "2.50", " a ", "1e3", "nope", "\u212a", "10.0"])
_SPACES = st.sampled_from([" ", "  ", "\n"])


def _finds(literal: str, document: str) -> bool:
    """Whether a node finds the id by the literal: as a text without case, and as a number."""
    fold = [unicodedata.normalize("NFKD", text.strip()).lower() for text in (literal, document)]
    if fold[0] == fold[1]:
        return True
    # An id that is written as an integer may be stored as one.
    return document.isdigit() and str(int(document)) == document and _number(literal) == float(document)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


@st.composite
def _leaves(draw: st.DrawFn) -> Condition:
    name = draw(st.sampled_from(["id", '"id"', "'id'", " id"]))
    literal, space = draw(_LITERALS), draw(_SPACES)
    match draw(st.integers(0, 5)):
        case 0 | 1:
            return Condition(f"{name}{space}={space}{_value(literal)}", lambda one: _finds(literal, one))
        case 2:
            many = draw(st.lists(_LITERALS, max_size=4))
            listed = f",{space}".join(map(_value, many))
            return Condition(f"{name} IN{space}[{listed}]", lambda one: any(_finds(each, one) for each in many))
        case 3:
            return Condition(f"{name} != {_value(literal)}", lambda one: not _finds(literal, one))
        case 4:
            return Condition(f"NOT {name} = {_value(literal)}", lambda one: not _finds(literal, one))
        case _:
            # What no id decides may pass any document.
            return Condition(
                draw(st.sampled_from(["genre = id", "_miroir_x = 1", "id EXISTS", "t > 1"])), lambda _: True
            )


def _joined(word: str, judge: Callable[[list[bool]], bool]) -> Callable[[list[Condition]], Condition]:
    def join(parts: list[Condition]) -> Condition:
        text = f" {word} ".join(f"({part.text})" for part in parts)
        return Condition(text, lambda one: judge([part.passes(one) for part in parts]))

    return join


CONDITIONS = st.recursive(
    _leaves(),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map(_joined("AND", all))
        | st.lists(inner, min_size=1, max_size=3).map(_joined("OR", any))
    ),
    max_leaves=6,
)
ANY_TEXT = st.text(max_size=40) | st.text("_miroidse \"'()[],=\\<>!ANDORTI1é", max_size=60)
FILTERS = (
    CONDITIONS.map(lambda one: one.text)
    | ANY_TEXT
    | st.lists(CONDITIONS.map(lambda one: one.text) | st.lists(ANY_TEXT, max_size=2) | ANY_TEXT, max_size=3)
)

_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "q": st.text(max_size=8),
    **dict.fromkeys(("offset", "limit", "page", "hitsPerPage", "cropLength"), _COUNTS),
    "filter": FILTERS,
    "sort": st.lists(_SORTS | st.text(max_size=6), max_size=3),
    "distinct": NAMES,
    **dict.fromkeys(("facets", "attributesToRetrieve", "attributesToSearchOn", "attributesToHighlight"), _LISTS),
    "attributesToCrop": st.lists(_CROPS, max_size=3),
    "matchingStrategy": st.sampled_from(["last", "all", "frequency"]),
    **dict.fromkeys(("showRankingScore", "showRankingScoreDetails", "showMatchesPosition"), st.booleans()),
    "rankingScoreThreshold": st.floats(0, 1),
    "locales": st.just(["eng"]),
}
SEARCHES = st.fixed_dictionaries({}, optional=_FIELDS)
"""Bodies of searches that Miroir takes apart."""
ODD_SEARCHES = st.dictionaries(
    st.sampled_from([*_FIELDS, "hybrid", "vector", "retrieveVectors", "useNetwork", "media"]) | st.text(max_size=5),
    JSON,
    max_size=4,
)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "displayedAttributes": st.just(["*"]) | st.lists(st.sampled_from(["id", "title", "a.b"]), max_size=3),
        "distinctAttribute": st.sampled_from([None, "genre", "a.b"]),
        "filterableAttributes": st.lists(
            st.sampled_from(["genre", "a", {"attributePatterns": ["a*"], "features": {}}]), max_size=2
        ),
        "rankingRules": st.just(["words", "year:desc"]),
        "pagination": st.just({"maxTotalHits": 7}),
        "faceting": st.just({"maxValuesPerFacet": 3, "sortFacetValuesBy": {"*": "count"}}),
    },
)
