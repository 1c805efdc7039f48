"""What a request is, and the parts that requests of several categories share."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.engine.exact.worlds import World

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ask:
    """One request to either side. The body of a GET is not sent: it says what a POST would ask in its place."""

    category: str
    method: str
    path: str
    body: Body | None

    def with_body(self, body: Body | None) -> Ask:
        return Ask(self.category, self.method, self.path, body)


Maker = Callable[[random.Random, World], Body]

CONDITIONS = [
    "n > 1",
    "n 0 TO 3",
    "n = 2",
    "n NOT EXISTS",
    "n IS NULL",
    "year >= 1990",
    "year 1970 TO 1985",
    "color = red",
    "color IN [blue, 'dark red']",
    "color != green",
    "tags = new",
    "NOT tags IN [hot, cold]",
    "tags IS EMPTY",
    "mixed = x",
    "mixed > 3",
    "mixed = true",
    "deep.b = 3",
    "open = true OR group = g1",
    "_geoRadius(48.85, 2.35, 4000000)",
    "_geoBoundingBox([60, 100], [-40, -10])",
    "group STARTS WITH g1",
    "serial < 100",
    "name EXISTS AND year < 2000",
]
SORTS = ["n", "year", "color", "mixed", "name", "deep.a", "group", "id", "serial"]
FACETS = ["n", "year", "color", "tags", "open", "group", "mixed", "deep.b", "*"]
ATTRIBUTES = ["id", "title", "body", "n", "deep", "deep.a", "tags", "*", "_geo", "nothing", "color", "serial"]


def word(chance: random.Random, world: World) -> str:
    """A word as the world's documents have it: the common ones often."""
    return world.vocabulary.some(chance, 1, 1)[0]


def any_word(chance: random.Random, world: World) -> str:
    """A word of the vocabulary, rare ones as often as common ones."""
    return chance.choice(world.vocabulary.words)


def several(chance: random.Random, world: World, most: int = 4) -> str:
    return " ".join(world.vocabulary.some(chance, 2, most))


def title(chance: random.Random, world: World) -> list[str]:
    """The words of some document's title."""
    return str(chance.choice(world.documents)["title"]).split()


def misspelled(chance: random.Random, text: str) -> str:
    """One letter changed, added, dropped, or two swapped."""
    at = chance.randrange(len(text))
    letter = chance.choice("aeiouxzst")
    match chance.randrange(4):
        case 0:
            return text[:at] + letter + text[at + 1 :]
        case 1:
            return text[:at] + letter + text[at:]
        case 2 if len(text) > 1:
            return text[:at] + text[at + 1 :]
    return text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :]


def spoken(chance: random.Random, world: World) -> Body:
    """Words of some kind, to which other parameters are added."""
    kind = chance.randrange(8)
    if kind == 0:
        return {}
    if kind < 4:
        return {"q": word(chance, world)}
    if kind < 6:
        return {"q": several(chance, world, 3)}
    if kind == 6:
        return {"q": any_word(chance, world)[: chance.randint(1, 5)]}
    return {"q": " ".join(title(chance, world)[:3])}


def condition(chance: random.Random, _: World) -> Any:
    """A filter as a text, or as a list with an OR inside."""
    match chance.randrange(4):
        case 0:
            return [chance.choice(CONDITIONS), [chance.choice(CONDITIONS), chance.choice(CONDITIONS)]]
        case 1:
            return f"({chance.choice(CONDITIONS)}) AND NOT {chance.choice(CONDITIONS)}"
    return chance.choice(CONDITIONS)


def order(chance: random.Random) -> list[str]:
    return [f"{name}:{chance.choice(['asc', 'desc'])}" for name in chance.sample(SORTS, chance.randint(1, 3))]


def point(chance: random.Random) -> str:
    place = (round(chance.uniform(-60, 60), 2), round(chance.uniform(-150, 150), 2))
    return f"_geoPoint({place[0]}, {place[1]}):{chance.choice(['asc', 'desc'])}"


def names(chance: random.Random, among: list[str], most: int = 3) -> list[str]:
    return chance.sample(among, chance.randint(0, most))


def window(chance: random.Random) -> Body:
    if chance.random() < 0.4:
        return {"page": chance.randint(0, 6), "hitsPerPage": chance.randint(0, 25)}
    return {"offset": chance.choice([0, 3, 20, 57, 300]), "limit": chance.choice([0, 1, 5, 20, 100])}
