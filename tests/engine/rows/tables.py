"""The worlds of the rows: documents, settings, and what happens to some of them after they were written.

Made by fixed chance, so that a row that holds today holds tomorrow; each table is for the rows named beside it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from miroir._merge_core import shard_of
from tests.engine.rows.topologies import SHARDS
from tests.engine.rows.vectors import VECTORS
from tests.engine.special import SPECIAL
from tests.engine.worlds import BASE, FILTERABLE, FIXED, SORTABLE

Document = dict[str, Any]
COUNT = 100
"""How many documents of a fixed world the rows use: comparing whole answers takes most of their time."""


@dataclass(frozen=True, slots=True)
class Table:
    """Documents, settings, and requests (method, path below the index, body) sent one after the other afterwards."""

    documents: list[Document]
    settings: dict[str, Any] = field(default_factory=dict)
    changes: tuple[tuple[str, str, Any], ...] = ()


def _shard(document: Document) -> int:
    return shard_of(str(document["id"]), SHARDS)


def _one_per_shard() -> list[Document]:
    first: dict[int, Document] = {}
    for document in FIXED["plain"].documents:
        first.setdefault(_shard(document), document)
    return list(first.values())


def _changed() -> Table:
    """Replaced, updated, deleted and written again; a number of its own orders all ties, so that nothing is free."""
    documents = [{**each, "serial": number} for number, each in enumerate(FIXED["plain"].documents[:COUNT])]
    rules = ["words", "typo", "proximity", "attribute", "sort", "exactness", "serial:asc"]
    replaced = [{**documents[n], "title": documents[-n]["title"], "n": n % 7} for n in range(3, 40, 4)]
    updated = [{"id": documents[n]["id"], "color": "green", "body": "sun moon"} for n in range(40, 80, 5)]
    gone = [documents[n]["id"] for n in range(1, COUNT, 9)]
    again = [documents[n] for n in range(1, 50, 9)]
    changes = (
        ("POST", "/documents", replaced),
        ("PUT", "/documents", updated),
        ("POST", "/documents/delete-batch", gone),
        ("POST", "/documents/delete", {"filter": "group = g7 OR group = g11"}),
        ("POST", "/documents", again),
    )
    settings = {**BASE, "rankingRules": rules, "sortableAttributes": [*SORTABLE, "serial"]}
    return Table(documents, settings, changes)


def _custom(rules: list[str]) -> Table:
    return Table(FIXED["plain"].documents[:COUNT], {**BASE, "rankingRules": rules})


def _numbered(count: int, make: Callable[[int], Document]) -> list[Document]:
    return [{"id": number, **make(number)} for number in range(count)]


def _frequent(number: int) -> Document:
    """Words so common everywhere that every node puts them in one order of frequency."""
    words = ["common", *(["half"] if number % 2 else []), *(["sixth"] if number % 6 == 0 else [])]
    return {"title": " ".join(words), "serial": number}


def _rare() -> list[Document]:
    """A word that one shard alone has, among others that all have."""
    made = _numbered(240, _frequent)
    for document in [each for each in made if _shard(each) == 3][:5]:
        document["title"] += " solitary"
    return made


def _neighbours() -> list[Document]:
    """200 words one letter away from `abcdefgh`: more than a node looks at (exact-merge 3A-1)."""
    letters = "ijklmnopqrstuvwxyz234567890"[:25]
    words = ["abcdefgh"[:place] + letter + "abcdefgh"[place + 1 :] for place in range(8) for letter in letters]
    return [{"id": n, "title": word} for n, word in enumerate([*words, "abcdefgh", "abcdefgh"])]


def _concatenated() -> list[Document]:
    """`sunflower` in one document only, the two words in many (exact-merge 3A-5a)."""
    titles = ["sun flower", "sun and flower", "flower sun", "sun moon", "a flower", "sun sun flower"]
    return [*_numbered(60, lambda n: {"title": titles[n % 6]}), {"id": 1000, "title": "sunflower"}]


def _split() -> list[Document]:
    """`sunflower` splits in one way, `nowhere` in two whose frequency differs from shard to shard."""
    titles = ["sun flower", "now here", "no where", "now here", "sun and flower", "here now"]
    return _numbered(60, lambda n: {"title": titles[n % 6]})


def _prefixes() -> list[Document]:
    """120 words that begin with `pre`: enough for the table of prefixes on one node, not on each of several."""
    letters = "abcdefghijkl"
    words = [f"pre{a}{b}" for a in letters for b in letters[:10]]
    return [
        {"id": n, "title": f"{word} moon" if n % 2 else f"moon {word}", "other": "alpine gamut"}
        for n, word in enumerate(words)
    ]


def _scattered() -> list[Document]:
    """1,300 places, no two within metres, every thirteenth document without one."""
    chance = random.Random(5)
    made = []
    for number in range(1300):
        place = {"lat": round(chance.uniform(-80, 80), 3), "lng": round(chance.uniform(-179, 179), 3)}
        kept = {"_geo": place} if number % 13 else {}
        made.append({"id": number, "title": chance.choice(["sun", "moon"]), "n": number % 5, **kept})
    return made


def _wide(number: int) -> Document:
    """Thirty attributes; ten long words spread over them, so that the product of all ranks exceeds 32 bits."""
    chance = random.Random(number)
    words = LONG_WORDS[:]
    chance.shuffle(words)
    return {f"a{n}": " ".join(words[n % 10 : n % 10 + 3]) for n in chance.sample(range(30), 6)}


LONG_WORDS = [
    *("wonderful", "tremendous", "marvellous", "astonishing", "incredible"),
    *("magnificent", "splendidly", "gorgeously", "fabulously", "remarkable"),
]
SPELLED = ["Red", "red", "RED", "Bleu", "bleu", "vert"]
GROUPED = {**BASE, "filterableAttributes": [*FILTERABLE, "kinds", "sku"], "sortableAttributes": ["serial"]}


def _grouped(number: int) -> Document:
    """Duplicates over all shards. `serial` leaves no ties; every seventh has no group."""
    chance = random.Random(number)
    kinds = chance.sample(["a", "b", "c", "d", "e", "f"], 2)
    group = {} if number % 7 == 0 else {"group": f"g{number % 23}"}
    return {"title": chance.choice(["sun", "sun moon", "moon"]), "serial": number * 37 % 240, "kinds": kinds, **group}


def _odd_numbers(number: int) -> Document:
    values = [1.0, 1e-7, 0.1, 1e21, 123456789012345678901234567890, -0.0, 2**53 + 1, 1.10, 3.0e2, 5e-324, -1.5e-10]
    return {"title": "sun", "value": values[number % 11], "list": values[number % 5 :], "deep": {"x": [values[3]]}}


_WIDE = {
    "searchableAttributes": [f"a{n}" for n in range(30)],
    "searchCutoffMs": 30000,
    "typoTolerance": {"enabled": False},
}
_RULES = ["words", "typo", "proximity", "attribute", "sort", "exactness"]
TABLES: dict[str, Table] = {
    **{name: Table(world.documents[:COUNT], world.settings) for name, world in FIXED.items()},
    "lonely": Table(_one_per_shard(), BASE),
    "gap": Table([each for each in FIXED["plain"].documents[:COUNT] if _shard(each) != 5], BASE),
    "changed": _changed(),
    "frequent": Table(_numbered(240, _frequent), BASE),
    "rare": Table(_rare(), BASE),
    "neighbours": Table(_neighbours(), BASE),
    "concatenated": Table(_concatenated(), BASE),
    "split": Table(_split(), BASE),
    "prefixes": Table(_prefixes(), BASE),
    "first": _custom(["n:desc", *_RULES]),
    "middle": _custom([*_RULES[:2], "n:asc", *_RULES[2:]]),
    "last": _custom([*_RULES, "color:desc", "n:asc"]),
    "scattered": Table(_scattered(), BASE),
    "near": Table(SPECIAL["near"].documents, SPECIAL["near"].settings),
    "grouped": Table(_numbered(240, _grouped), GROUPED),
    "spelled": Table(_numbered(60, lambda n: {"color": SPELLED[n % 6], "n": n}), BASE),
    "numbers": Table(_numbered(3100, lambda n: {"n": (n % 40) - 3, "open": n < 2000}), BASE),
    "lone-field": Table([*_numbered(40, lambda n: {"title": "sun"}), {"id": 77, "only": {"here": "sun star"}}], BASE),
    "localized": Table(
        [*_numbered(40, lambda n: {"title": "sun moon"}), {"id": 77, "title_fr": "l'étoile du soleil sun"}],
        {**BASE, "localizedAttributes": [{"attributePatterns": ["title_fr"], "locales": ["fra"]}]},
    ),
    "hurried": Table(FIXED["plain"].documents[:COUNT], {**BASE, "searchCutoffMs": 0}),
    "wide": Table(_numbered(40, _wide), _WIDE),
    "odd": Table(_numbered(44, _odd_numbers), BASE),
    **{name: Table(documents, settings) for name, (documents, settings) in VECTORS.items()},
}
SETTINGS = ("plain", "ranked", "narrow")
"""The same kind of documents under three sets of settings."""
EVERY = (*SETTINGS, "lonely", "gap", "changed")
"""And with one document per shard, with an empty shard, and after updates and deletes."""
