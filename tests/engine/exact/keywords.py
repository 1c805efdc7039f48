"""Requests of keyword search, a category each."""

from __future__ import annotations

import random
from urllib.parse import urlencode

from tests.engine.exact.asking import (
    ATTRIBUTES,
    FACETS,
    Body,
    Maker,
    any_word,
    condition,
    misspelled,
    names,
    order,
    point,
    several,
    spoken,
    title,
    window,
    word,
)
from tests.engine.exact.worlds import World


def placeholder(chance: random.Random, _: World) -> Body:
    return {"q": chance.choice(["", " ", "((", "!"]), **window(chance)} if chance.random() < 0.5 else window(chance)


def one_word(chance: random.Random, world: World) -> Body:
    return {"q": chance.choice([word, any_word])(chance, world), "limit": chance.choice([5, 20, 200])}


def words(chance: random.Random, world: World) -> Body:
    text = several(chance, world) if chance.random() < 0.5 else " ".join(title(chance, world))
    return {"q": text, "limit": chance.choice([5, 20, 200])}


def every_word(chance: random.Random, world: World) -> Body:
    text = several(chance, world, 3) if chance.random() < 0.4 else " ".join(title(chance, world)[:4])
    return {"q": text, "matchingStrategy": "all"}


def last_dropped(chance: random.Random, world: World) -> Body:
    return {"q": f"{several(chance, world, 5)} {any_word(chance, world)}", "matchingStrategy": "last", "limit": 60}


def frequency(chance: random.Random, world: World) -> Body:
    """Words so far apart in frequency that all nodes put them in one order; others are a category of their own."""
    chosen = world.ranks
    if len(chosen) < 2:
        return {"q": word(chance, world), "matchingStrategy": "frequency"}
    picked = chance.sample(chosen, 2)
    return {"q": " ".join(picked), "matchingStrategy": "frequency"}


def any_frequency(chance: random.Random, world: World) -> Body:
    """Any words: nodes often disagree on which of them is rarer, and drop others than one node does (3A-6)."""
    return {"q": " ".join(world.vocabulary.some(chance, 2, 3)), "matchingStrategy": "frequency"}


def typo(chance: random.Random, world: World) -> Body:
    text = misspelled(chance, any_word(chance, world))
    return {"q": text if chance.random() < 0.5 else f"{text} {word(chance, world)}"}


def prefix(chance: random.Random, world: World) -> Body:
    text = any_word(chance, world)[: chance.randint(1, 6)]
    return {"q": text if chance.random() < 0.5 else f"{word(chance, world)} {text}"}


def phrase(chance: random.Random, world: World) -> Body:
    found = title(chance, world)
    start = chance.randrange(len(found))
    inside = " ".join(found[start : start + chance.randint(1, 3)])
    return {"q": f'"{inside}" {chance.choice(["", word(chance, world)])}'.strip()}


def negative(chance: random.Random, world: World) -> Body:
    left, right = word(chance, world), word(chance, world)
    return {"q": chance.choice([f"{left} -{right}", f"-{right}", f'{left} -"{" ".join(title(chance, world)[:2])}"'])}


def filtered(chance: random.Random, world: World) -> Body:
    return {**spoken(chance, world), "filter": condition(chance, world), "limit": 50}


def sort(chance: random.Random, world: World) -> Body:
    return {**spoken(chance, world), "sort": order(chance), **window(chance)}


def geo_sort(chance: random.Random, world: World) -> Body:
    rules = [point(chance), *order(chance)[:1]]
    chance.shuffle(rules)
    return {**spoken(chance, world), "sort": rules}


def facets(chance: random.Random, world: World) -> Body:
    return {**spoken(chance, world), "facets": names(chance, FACETS), "limit": 3}


def form(chance: random.Random, world: World) -> Body:
    return {
        **spoken(chance, world),
        "attributesToHighlight": names(chance, ATTRIBUTES),
        "attributesToCrop": names(chance, ATTRIBUTES),
        "cropLength": chance.randint(0, 8),
        "highlightPreTag": "[",
        "highlightPostTag": "]",
        "showMatchesPosition": chance.random() < 0.5,
    }


def retrieve(chance: random.Random, world: World) -> Body:
    more = {"sort": order(chance)} if chance.random() < 0.3 else {}
    return {**spoken(chance, world), "attributesToRetrieve": names(chance, ATTRIBUTES, 4), **more}


def scores(chance: random.Random, world: World) -> Body:
    flags = chance.choice([(True, False), (False, True), (True, True)])
    text = chance.choice([spoken, words, typo])(chance, world)
    return {**text, "showRankingScore": flags[0], "showRankingScoreDetails": flags[1], "limit": 40}


def threshold(chance: random.Random, world: World) -> Body:
    return {
        **spoken(chance, world),
        "rankingScoreThreshold": chance.choice([0.1, 0.3, 0.6, 0.9, 0.99]),
        **window(chance),
    }


def distinct(chance: random.Random, world: World) -> Body:
    more = {"facets": ["year"]} if chance.random() < 0.3 else {}
    return {
        **spoken(chance, world),
        "distinct": chance.choice(["group", "color", "name", "year"]),
        **window(chance),
        **more,
    }


def pages(chance: random.Random, world: World) -> Body:
    return {**spoken(chance, world), **window(chance)}


def deep_pages(chance: random.Random, world: World) -> Body:
    return {**spoken(chance, world), "offset": chance.randint(100, 900), "limit": chance.randint(1, 300)}


def search_on(chance: random.Random, world: World) -> Body:
    fields = ["title", "body", "deep.a", "*", "tags", "name"]
    return {**words(chance, world), "attributesToSearchOn": chance.sample(fields, chance.randint(1, 3))}


def locales(chance: random.Random, world: World) -> Body:
    return {**spoken(chance, world), "locales": chance.choice([["eng"], ["fra", "eng"], ["deu"], []])}


def by_id(chance: random.Random, world: World) -> Body:
    """Filters that pin the primary key: in any case, alone or among others."""
    picked = [str(each) for each in chance.choices(world.ids, k=chance.randint(1, 4))]
    shown = [each.upper() if chance.random() < 0.3 else each for each in picked]
    clause = f"id = {shown[0]}" if len(shown) == 1 else f"id IN [{', '.join(shown)}]"
    more = chance.choice(["", f" AND {condition_text(chance)}", " AND id != 3", f" OR {condition_text(chance)}"])
    return {**spoken(chance, world), "filter": clause + more, "facets": ["color"]}


def condition_text(chance: random.Random) -> str:
    return chance.choice(["year > 1980", "color = red", "open = true"])


def displayed(chance: random.Random, world: World) -> Body:
    """What `displayedAttributes` hides is retrieved, marked, sorted by and shown in details all the same."""
    return {
        **spoken(chance, world),
        "attributesToRetrieve": chance.choice([["*"], ["title", "secret", "n"], ["deep"], ["body"]]),
        "attributesToHighlight": chance.choice([["*"], ["body", "title"], []]),
        "sort": order(chance)[:1],
        "showRankingScoreDetails": True,
    }


def mixture(chance: random.Random, world: World) -> Body:
    body = spoken(chance, world)
    for make in chance.sample([filtered, sort, facets, form, retrieve, scores, pages], 3):
        body = {**make(chance, world), **body}
    if "page" in body or "hitsPerPage" in body:
        body.pop("limit", None)
    return body


def refused(chance: random.Random, _: World) -> Body:
    """What a node refuses, Miroir refuses in the same words."""
    wrong: list[Body] = [
        {"filter": "nothing = 1"},
        {"filter": "n >"},
        {"filter": ["color = red", "title = x"]},
        {"sort": ["title:asc"]},
        {"sort": ["n:up"]},
        {"facets": ["title"]},
        {"distinct": "title"},
        {"limit": -1},
        {"page": "x"},
        {"attributesToSearchOn": ["unknown"]},
        {"rankingScoreThreshold": 2},
        {"matchingStrategy": "none"},
        {"vector": [1.0]},
        {"locales": ["xx"]},
        {"unknown": 1},
        {"filter": "_miroir_shard = 1"},
        {"hybrid": {"embedder": "unknown"}, "q": "a"},
    ]
    return {"q": chance.choice(["", "a"]), **chance.choice(wrong)}


def as_get(chance: random.Random, world: World) -> tuple[str, Body]:
    """The GET form of a search, as a query string, and the POST body that asks the same."""
    body = chance.choice([one_word, words, pages, filtered, facets, sort])(chance, world)
    if not isinstance(body.get("filter", ""), str):
        body["filter"] = "year > 1980"
    told = {}
    for name, value in body.items():
        told[name] = ",".join(value) if isinstance(value, list) else value
    return urlencode({name: str(value) for name, value in told.items()}), body


KEYWORDS: dict[str, Maker] = {
    "placeholder": placeholder,
    "word": one_word,
    "words": words,
    "all": every_word,
    "last": last_dropped,
    "frequency": frequency,
    "typo": typo,
    "prefix": prefix,
    "phrase": phrase,
    "negative": negative,
    "filter": filtered,
    "sort": sort,
    "geo sort": geo_sort,
    "facets": facets,
    "format": form,
    "retrieve": retrieve,
    "scores": scores,
    "threshold": threshold,
    "distinct": distinct,
    "pages": pages,
    "deep pages": deep_pages,
    "search on": search_on,
    "locales": locales,
    "by id": by_id,
    "displayed": displayed,
    "mixture": mixture,
    "refused": refused,
}
APPROXIMATE: dict[str, Maker] = {"frequency of any words": any_frequency}
"""Asked only when named: one node and many are known to differ here, and the run is to say how often."""
