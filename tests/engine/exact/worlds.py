"""Worlds by seed: documents, settings, changes. All have the same fields; what settings say of them differs.

Kept out, because no merge decides them and the rows look at them one by one: the number 1 beside the text "1" in one
facet, several spellings of one facet value (exact-merge 3B-17, 18).
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.engine.dictionary import words_of
from tests.engine.exact.settings import made as made_settings
from tests.engine.exact.words import Vocabulary

Document = dict[str, Any]
COLORS = ["red", "green", "blue", "dark red", "black", "white", "teal", "gold"]
TAGS = ["new", "old", "hot", "cold", "sale", "rare", "used", "lost"]
DIMENSIONS = 4
FREQUENT = 40
"""In so many documents is a word that every node of a few has often."""
REPLACED = 0.02
"""In so many changed worlds with ties is a document written again: it then moves among them (exact-merge 2.8)."""
SIZES = (1, 12, 60, 250, 250, 600, 600, 1500, 1500, 4000)
"""How many documents a world has: from one to thousands, since effects of the vocabulary grow with it."""


@dataclass(frozen=True, slots=True)
class World:
    """What an index is made of. `moved` are ids written again, or written after others were deleted.

    `changes` are (method, path below the index, body), in order, after the documents.
    """

    seed: str
    uid: str
    vocabulary: Vocabulary
    documents: list[Document]
    settings: dict[str, Any]
    changes: tuple[tuple[str, str, Any], ...]
    moved: frozenset[str]

    @property
    def ranks(self) -> list[str]:
        """Frequent words of the titles, each at least three times as frequent as the next."""
        counts = Counter(word for each in self.documents for word in set(words_of(each["title"])))
        chosen: list[str] = []
        for word, count in counts.most_common():
            if count >= FREQUENT and (not chosen or counts[chosen[-1]] >= 3 * count):
                chosen.append(word)
        return chosen

    @property
    def ids(self) -> list[Any]:
        return [document["id"] for document in self.documents]


def make(seed: str, uid: str) -> World:
    """The world of a seed."""
    chance = random.Random(f"world {seed}")
    count = chance.choice(SIZES)
    vocabulary = Vocabulary(chance, max(20, min(count * 2, 6000)))
    documents = [document(chance, vocabulary, number) for number in range(count)]
    settings = made_settings(chance, vocabulary)
    changes, moved = _changes(chance, vocabulary, documents, settings)
    return World(seed, uid, vocabulary, documents, settings, changes, moved)


def document(chance: random.Random, vocabulary: Vocabulary, number: int) -> Document:
    """One document; every third has a text as its id, which narrowing must hash without its case."""
    title = vocabulary.some(chance, 1, 6)
    made: Document = {"id": f"Doc-{number}" if number % 3 == 0 else number, "serial": number, "title": " ".join(title)}
    parts = _parts(chance, vocabulary)
    made |= {name: value for name, value in parts.items() if chance.random() < 0.75}
    if "embedded" in made:
        made["_vectors"] = {"made": made.pop("embedded")}
    else:
        made["_vectors"] = {"made": None}
    return made


def _parts(chance: random.Random, vocabulary: Vocabulary) -> Document:
    return {
        "body": " ".join(vocabulary.some(chance, 0, 18)),
        "n": chance.choice([chance.randint(-5, 40), round(chance.uniform(-3, 3), 1), None, [1, 5], []]),
        "year": chance.randint(1950, 2025),
        "color": chance.choice(COLORS),
        "name": chance.choice(vocabulary.words).capitalize(),
        "mixed": chance.choice([3, 7.5, "x", "y", True, None, [], {}, ["x", 3], "z z"]),
        "tags": chance.sample(TAGS, chance.randint(0, 3)),
        "deep": {"a": " ".join(vocabulary.some(chance, 1, 2)), "b": chance.choice([1, [2, 3], None])},
        "open": chance.random() < 0.5,
        "group": f"g{chance.randint(1, 60)}",
        "_geo": {"lat": round(chance.uniform(-70, 70), 4), "lng": round(chance.uniform(-170, 170), 4)},
        "embedded": vector(chance),
    }


def vector(chance: random.Random) -> list[float]:
    """A direction in short decimals."""
    return [round(chance.uniform(-1, 1), 3) for _ in range(DIMENSIONS)]


def _changes(
    chance: random.Random, vocabulary: Vocabulary, documents: list[Document], settings: dict[str, Any]
) -> tuple[tuple[tuple[str, str, Any], ...], frozenset[str]]:
    """Some worlds see updates and deletes. Where their own rules leave ties, at most one document is written again."""
    if len(documents) < 12 or chance.random() < 0.6:
        return (), frozenset()
    ids = [each["id"] for each in documents]
    gone = chance.sample(ids, len(ids) // 12)
    ordered = "serial:asc" in settings["rankingRules"]
    written = chance.sample(ids, len(ids) // 10 if ordered else chance.random() < REPLACED)
    fresh = [document(chance, vocabulary, _number(each)) for each in written]
    changes: list[tuple[str, str, Any]] = [("POST", "/documents/delete-batch", gone)]
    if written:
        changes.append(("POST", "/documents", fresh))
        changes.append(("PUT", "/documents", [{"id": each, "color": "pink"} for each in written[::2]]))
    return tuple(changes), frozenset(map(str, written))


def _number(document_id: Any) -> int:
    return int(str(document_id).removeprefix("Doc-"))
