"""Search bodies of every category, for the made worlds and for the movies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.engine import worlds

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """What can be asked of the documents of one index. `phrases` are words that stand together somewhere."""

    words: list[str]
    phrases: list[str]
    searchable: list[str]
    conditions: list[str]
    sorts: list[str]
    facets: list[str]
    attributes: list[str]
    distinct: list[str]


MADE = Field(
    words=worlds.WORDS,
    phrases=[f"{left} {right}" for left in worlds.WORDS for right in worlds.WORDS],
    searchable=["title", "body", "deep.a", "*", "tags", "unknown"],
    conditions=[
        "n > 1",
        "n 0 TO 3",
        "n = 2.5",
        "n NOT EXISTS",
        "n IS NULL",
        "color = red",
        "color IN [blue, 'dark red']",
        "color != green",
        "tags = new",
        "NOT tags IN [hot, cold]",
        "tags IS EMPTY",
        "mixed = x",
        "mixed > 3",
        "mixed = true",
        "deep.a = sun",
        "deep.b = 3",
        "open = true OR group = g1",
        "id IN [1, 2, 4, d-3, d-6]",
        "id = D-3 OR id = '4'",
        "id = 2.0 AND (NOT color = red OR n EXISTS)",
        "n > 0 AND (id IN [1, 2, d-6] AND id IN [2, D-6])",
        "id = 1 AND id = 2",
        "_geoRadius(48.85, 2.35, 600000)",
        "_geoBoundingBox([60, 10], [40, -10])",
        "group STARTS WITH g",
    ],
    sorts=["n", "color", "mixed", "name", "deep.a", "group", "id", "_geoPoint(48.85, 2.35)", "_geoPoint(0, 0)"],
    facets=["n", "color", "mixed", "tags", "deep.a", "open", "group", "*"],
    attributes=["id", "title", "body", "n", "deep", "deep.a", "tags", "*", "_geo", "nothing"],
    distinct=["group", "color"],
)
MOVIES = Field(
    words=[],
    phrases=[],
    searchable=["title", "director", "distributor", "*", "unknown"],
    conditions=[
        "year > 2000",
        "year 1990 TO 1995",
        "major_genre = Drama",
        "major_genre IN [Comedy, 'Thriller/Suspense']",
        "imdb_rating >= 8",
        "director = 'steven spielberg'",
        "director NOT EXISTS",
        "director IS NULL AND mpaa_rating = R",
        "mpaa_rating != PG",
        "distributor = 'Warner Bros.' OR year < 1950",
        "id IN [1, 20, 300, 3000]",
    ],
    sorts=["year", "imdb_rating", "title", "director", "us_gross"],
    facets=["major_genre", "year", "director", "imdb_rating", "mpaa_rating", "*"],
    attributes=["id", "title", "director", "year", "us_gross", "*", "nothing"],
    distinct=["director", "major_genre", "year"],
)


def typo(word: str, place: int, letter: str) -> str:
    """A word with one letter changed."""
    place %= len(word)
    return word[:place] + letter + word[place + 1 :]


def _marks() -> st.SearchStrategy[str]:
    """What stands between words, and signs that look like it: the stamps are made of such, and must not be found."""
    return st.text(st.sampled_from("!#%&()*+,./:;?@[]_{}<=>^|$~"), min_size=1, max_size=3)


def spoken(field: Field) -> dict[str, st.SearchStrategy[Body]]:
    """For each category, what is asked for in words."""
    word = st.sampled_from(field.words)
    phrase = st.sampled_from(field.phrases)
    several = st.lists(word, min_size=2, max_size=4)
    wrong = st.builds(typo, word, st.integers(0, 12), st.sampled_from("aeiouxz"))
    return {
        "placeholder": st.sampled_from([{}, {"q": ""}, {"q": "   "}, {"q": "(()"}]),
        "separators": st.builds(lambda a, c: {"q": f"{a} {c}".strip()}, st.sampled_from(["", "sun"]), _marks()),
        "word": word.map(lambda q: {"q": q}),
        "words": several.map(lambda parts: {"q": " ".join(parts)}),
        "prefix": st.builds(lambda w, n: {"q": w[: max(1, n)]}, word, st.integers(1, 5)),
        "prefixes": st.builds(
            lambda ws, n: {"q": " ".join([*ws[:-1], ws[-1][: max(2, n)]])}, several, st.integers(2, 5)
        ),
        "typo": wrong.map(lambda q: {"q": q}),
        "typos": st.builds(lambda a, b: {"q": f"{a} {b}"}, wrong, word),
        "phrase": st.builds(lambda p, w: {"q": f'"{p}" {w}'.strip()}, phrase, st.one_of(st.just(""), word)),
        "negative": st.builds(lambda a, b: {"q": f"{a} -{b}"}, word, word),
        "all": st.one_of(phrase, several.map(" ".join)).map(lambda q: {"q": q, "matchingStrategy": "all"}),
    }


def _flags(names: list[str]) -> st.SearchStrategy[Body]:
    return st.lists(st.sampled_from(names), unique=True).map(lambda chosen: dict.fromkeys(chosen, True))


def extras(field: Field) -> dict[str, st.SearchStrategy[Body]]:
    """For each category, what is asked beside the words."""
    condition = st.sampled_from(field.conditions)
    directed = st.builds(
        lambda name, way: f"{name}:{way}", st.sampled_from(field.sorts), st.sampled_from(["asc", "desc"])
    )
    attributes = st.lists(st.sampled_from(field.attributes), unique=True, max_size=4)
    filters: st.SearchStrategy[Any] = st.one_of(
        condition, st.lists(condition, min_size=1, max_size=3), st.builds(lambda a, b, c: [[a, b], c], *[condition] * 3)
    )
    return {
        "filter": filters.map(lambda value: {"filter": value}),
        "sort": st.lists(directed, min_size=1, max_size=3, unique_by=lambda s: s.split(":")[0]).map(
            lambda value: {"sort": value}
        ),
        "facets": st.lists(st.sampled_from(field.facets), unique=True).map(lambda value: {"facets": value}),
        "window": st.builds(lambda a, b: {"offset": a, "limit": b}, st.integers(0, 60), st.integers(0, 40)),
        "page": st.builds(lambda a, b: {"page": a, "hitsPerPage": b}, st.integers(0, 6), st.integers(0, 15)),
        "retrieve": attributes.map(lambda value: {"attributesToRetrieve": value}),
        "format": st.builds(
            lambda marked, cut, length: {
                "attributesToHighlight": marked,
                "attributesToCrop": cut,
                "cropLength": length,
                "highlightPreTag": "[",
                "highlightPostTag": "]",
                "cropMarker": "…",
            },
            attributes,
            attributes,
            st.integers(0, 6),
        ),
        "shown": _flags(["showRankingScore", "showRankingScoreDetails", "showMatchesPosition"]),
        "threshold": st.sampled_from([0.0, 0.3, 0.7, 0.95, 1.0]).map(lambda value: {"rankingScoreThreshold": value}),
        "distinct": st.sampled_from(field.distinct).map(lambda value: {"distinct": value}),
        "searchOn": st.lists(st.sampled_from(field.searchable), unique=True, min_size=1, max_size=3).map(
            lambda value: {"attributesToSearchOn": value}
        ),
    }


WRONG: list[Body] = [
    {"filter": "nothing = 1"},
    {"filter": "n >"},
    {"filter": ["color = red", "title = x"]},
    {"filter": 3},
    {"sort": ["title:asc"]},
    {"sort": ["n:up"]},
    {"sort": "n:asc"},
    {"facets": ["title"]},
    {"distinct": "title"},
    {"limit": -1},
    {"page": "x"},
    {"q": 3},
    {"attributesToSearchOn": ["unknown"]},
    {"rankingScoreThreshold": 2},
    {"matchingStrategy": "none"},
    {"vector": [1.0]},
    {"locales": ["xx"]},
    {"unknown": 1},
]
RESERVED: list[Body] = [
    {"filter": "_miroir_shard = '(((('"},
    {"filter": ["_miroir_seq EXISTS"]},
    {"filter": "_miroir_shard NOT EXISTS"},
    {"facets": ["_miroir_shard"]},
    {"facets": ["_miroir_*"]},
    {"sort": ["_miroir_seq:desc"]},
    {"distinct": "_miroir_shard"},
    {"attributesToSearchOn": ["_miroir_seq"]},
    {"attributesToRetrieve": ["_miroir_seq", "id"], "limit": 3},
    {"attributesToHighlight": ["_miroir_shard"], "attributesToCrop": ["_miroir_seq"], "q": "sun", "limit": 3},
    {"q": "_miroir_shard"},
]
"""What a client may try with the fields that Miroir keeps for itself: one node has never heard of them."""


@st.composite
def bodies(draw: st.DrawFn, field: Field, most: int = 4) -> tuple[str, Body]:
    """A category (of the words) and a search body with up to `most` extras."""
    kind, strategy = draw(st.sampled_from(sorted(spoken(field).items(), key=lambda item: item[0])))
    body = dict(draw(strategy))
    options = extras(field)
    for name in draw(st.lists(st.sampled_from(sorted(options)), unique=True, max_size=most)):
        body |= draw(options[name])
    return kind, body
