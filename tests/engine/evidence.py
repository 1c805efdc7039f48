"""What is looked up when two answers differ: the same question on both sides, whole and with details.

Nothing here judges.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.harness.client import Answer, Engine, Json

PAGING = ("limit", "offset", "page", "hitsPerPage")
WHOLE = 5000
SHOWN = {"showRankingScore": True, "showRankingScoreDetails": True}


@dataclass(frozen=True, slots=True)
class Case:
    """A search and the answers of both sides that differ; which documents were written again; the nodes of `many`."""

    engines: tuple[Engine, Engine]
    path: str
    query: Json
    answers: tuple[Answer, Answer]
    moved: frozenset[str] = frozenset()
    nodes: tuple[Engine, ...] = ()

    @property
    def index(self) -> str:
        return self.path.split("/")[2]

    @property
    def place(self) -> tuple[Engine, str]:
        """Where all documents are together."""
        return self.engines[0], self.index

    @property
    def words(self) -> list[str]:
        return str(self.query.get("q") or "").split()

    @property
    def paged(self) -> bool:
        return "page" in self.query or "hitsPerPage" in self.query

    def setting(self, name: str) -> Json:
        """A setting of the index, as the one node tells it."""
        return self.engines[0].get(self.path.replace("/search", f"/settings/{name}"))

    def loose(self) -> bool:
        """Whether the node's own counts are estimates: a threshold, or `distinct` in the query or in the settings."""
        return any(name in self.query for name in ("distinct", "rankingScoreThreshold")) or bool(
            self.setting("distinct-attribute")
        )

    def slice(self) -> slice:
        """Which hits of the whole the page shows."""
        if self.paged:
            number, size = self.query.get("page", 1), self.query.get("hitsPerPage", 20)
            return slice((number - 1) * size, number * size) if number else slice(0, 0)
        start: int = self.query.get("offset", 0)
        return slice(start, start + self.query.get("limit", 20))


@dataclass(frozen=True, slots=True)
class Side:
    """The whole answer of one side: its body, and its hits by id in their order, with scores and details.

    `most` is how many hits the index gives at most.
    """

    body: Json
    hits: dict[str, Json]
    most: int

    @property
    def cut(self) -> bool:
        """Whether the index's limit kept some hits back."""
        return self.most <= len(self.hits) < int(self.body["estimatedTotalHits"])

    def typos(self, key: str) -> int:
        count: int = self.hits[key]["_rankingScoreDetails"].get("typo", {}).get("typoCount", 0)
        return count


@dataclass(frozen=True, slots=True)
class Evidence:
    """Both sides, whole."""

    one: Side
    many: Side

    @property
    def shared(self) -> list[str]:
        return [key for key in self.one.hits if key in self.many.hits]


def whole(case: Case) -> Evidence:
    """Ask both sides without paging, with ids, scores and details; without `distinct` and threshold too."""
    freed = (*PAGING, "rankingScoreThreshold")
    asked = {name: value for name, value in case.query.items() if name not in freed} | {"limit": WHOLE, **SHOWN}
    if case.loose():
        asked["distinct"] = "id"
    if "attributesToRetrieve" in asked and not {"*", "id"} & set(asked["attributesToRetrieve"]):
        asked["attributesToRetrieve"] = [*asked["attributesToRetrieve"], "id"]
    bodies = [engine.ask("POST", case.path, asked).body for engine in case.engines]
    most: int = min(WHOLE, case.setting("pagination")["maxTotalHits"])
    return Evidence(*(Side(body, {_key(hit): hit for hit in body["hits"]}, most) for body in bodies))


def _key(hit: Json) -> str:
    """A hit's id; where that is not displayed, all it shows of the document."""
    if "id" in hit:
        return str(hit["id"])
    return json.dumps({name: value for name, value in hit.items() if not name.startswith("_")}, sort_keys=True)


def belongs(case: Case, evidence: Evidence) -> bool:
    """Whether the answers are the pages of these wholes: else other replicas were asked than for the answers.

    Under `distinct` or a threshold, where hits of the whole are left out, those of a page are still in its order.
    """
    for side, answer in zip((evidence.one, evidence.many), case.answers, strict=True):
        page, hits = list(side.hits.values()), answer.body["hits"]
        if case.loose():
            rest = iter(page)
            if not all(any(_shows(found, hit) for found in rest) for hit in hits):
                return False
        elif not _is_page(page[case.slice()], hits):
            return False
    return True


def _is_page(page: list[Json], hits: list[Json]) -> bool:
    return len(page) == len(hits) and all(_shows(found, hit) for found, hit in zip(page, hits, strict=True))


def _shows(found: Json, hit: Json) -> bool:
    """Whether a hit of the answer is this one; `_formatted` has the id too, where it was not asked for."""
    return all(found.get(name) == value for name, value in hit.items() if name != "_formatted")


def without(answer: Answer, names: tuple[str, ...], *, of_hits: tuple[str, ...] = ()) -> Answer:
    """The answer less some of its fields, and its hits less some of theirs."""
    body: Any = json.loads(answer.raw)
    for name in names:
        body.pop(name, None)
    for hit in body["hits"]:
        for name in of_hits:
            hit.pop(name, None)
    return Answer(answer.status, answer.headers, json.dumps(body).encode())
