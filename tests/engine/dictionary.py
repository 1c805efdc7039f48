"""The words of an index, and what a node may make of a query's words: evidence for the effects of exact-merge 3A.

A plain reading of the engine: words are what stands between separators, folded; distances are Damerau's, a wrong first
letter counts twice. It tells whether an effect is possible, never what it does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from tests.harness.client import Engine, Json

CAPS = {1: 150, 2: 50}
"""How many words one and two letters away a node looks at."""
TABLED = 100
"""How many words must begin with a prefix for a node to keep a table of it."""
MOST_GRAMS = 3
_WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """The words of a text, folded as the engine folds Latin ones."""
    plain = unicodedata.normalize("NFKD", text)
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _WORD.findall(kept.lower())


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case bool() | int() | float():
            yield str(value)
        case list():
            yield " ".join(text for each in value for text in _texts(each))
        case dict():
            for each in value.values():
                yield from _texts(each)


@dataclass(frozen=True, slots=True)
class Dictionary:
    """All words of an index's documents, and the pairs that stand next to each other somewhere."""

    words: frozenset[str]
    pairs: frozenset[tuple[str, str]]

    def begun_by(self, prefix: str) -> int:
        """How many words begin so."""
        return sum(word.startswith(prefix) for word in self.words)

    def near(self, word: str, *, prefix: bool) -> dict[int, int]:
        """How many words are exactly one and two letters away; of a prefix, how many begin with what is."""
        counts = {1: 0, 2: 0}
        for other in self.words:
            away = distance(word, other, prefix=prefix)
            if away in counts:
                counts[away] += 1
        return counts

    def splits(self, word: str) -> int:
        """In how many ways the word is two words that stand next to each other somewhere."""
        return sum((word[:at], word[at:]) in self.pairs for at in range(1, len(word)))

    def has_near(self, word: str, most: int, *, prefix: bool) -> bool:
        """Whether some word is at most so many letters away."""
        return any(distance(word, other, prefix=prefix) <= most for other in self.words)


def distance(word: str, other: str, *, prefix: bool) -> int:
    """Letters changed, added, dropped or swapped, 3 for all beyond 2; of a prefix, to the best beginning of `other`."""
    if abs(len(word) - len(other)) > 2 and (not prefix or len(other) < len(word)):
        return 3
    ends = range(max(1, len(word) - 2), min(len(other), len(word) + 2) + 1) if prefix else (len(other),)
    least = min((_damerau(word, other[:end]) for end in ends), default=3)
    return least if word[0] == other[0] or not least else min(3, least + 1)


def _damerau(left: str, right: str) -> int:
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > 2:
            return 3
    return min(3, row[-1])


@lru_cache(maxsize=8)
def _read(engine: Engine, index: str, _: Any) -> Dictionary:
    listed = engine.ask("POST", f"/indexes/{index}/documents/fetch", {"limit": 100_000}).body
    words: set[str] = set()
    pairs: set[tuple[str, str]] = set()
    for text in (text for document in listed["results"] for text in _texts(document)):
        found = words_of(text)
        words.update(found)
        pairs.update(pairwise(found))
    return Dictionary(frozenset(words), frozenset(pairs))


def read(engine: Engine, index: str) -> Dictionary:
    """The dictionary of an index as it is now: read once for each state of it."""
    stamp = engine.get(f"/indexes/{index}")["updatedAt"]
    return _read(engine, index, stamp)


@dataclass(frozen=True, slots=True)
class Query:
    """A query's words, and what the index's settings say of typos."""

    words: tuple[str, ...]
    open_end: bool
    one: int
    two: int

    def typos(self, word: str) -> int:
        """How many typos a word of this length may have."""
        return (len(word) >= self.one) + (len(word) >= self.two)

    @property
    def terms(self) -> list[tuple[str, bool]]:
        """Every word and concatenation, and whether it may be a beginning."""
        found = []
        for size in range(1, MOST_GRAMS + 1):
            for at in range(len(self.words) - size + 1):
                found.append(("".join(self.words[at : at + size]), self.open_end and at + size == len(self.words)))
        return found


def query_of(text: str, tolerance: Json) -> Query:
    """What a node reads in `q`. `tolerance` is the setting `typoTolerance`."""
    sizes = tolerance["minWordSizeForTypos"] if tolerance["enabled"] else {"oneTypo": 1000, "twoTypos": 1000}
    open_end = bool(text) and not text[-1].isspace() and text[-1] != '"'
    return Query(tuple(words_of(text)), open_end, sizes["oneTypo"], sizes["twoTypos"])


def capped(query: Query, dictionary: Dictionary) -> bool:
    """3A-1 and 2: whether some word has more neighbours, or begins more words, than a node looks at."""
    for word, prefix in query.terms:
        most = query.typos(word)
        counts = dictionary.near(word, prefix=prefix) if most else {}
        if any(counts[away] >= CAPS[away] for away in range(1, most + 1)):
            return True
        if prefix and dictionary.begun_by(word) >= 1000:
            return True
    return False


def concatenated(query: Query, dictionary: Dictionary) -> bool:
    """3A-5: whether several words of the query, written as one, are a word of the index or near one."""
    return any(
        dictionary.has_near(word, query.typos(word), prefix=prefix) for word, prefix in query.terms[len(query.words) :]
    )


def tabled(query: Query, dictionary: Dictionary) -> bool:
    """3A-3: whether a node keeps a table of what begins with the last word."""
    last = query.words[-1] if query.words and query.open_end else ""
    return 0 < len(last.encode()) <= 4 and dictionary.begun_by(last) >= TABLED


def split_twice(query: Query, dictionary: Dictionary) -> bool:
    """3A-4: whether some word is two words in more than one way."""
    return any(dictionary.splits(word) >= 2 for word in query.words)
