"""Which differences are explained, and by what: the effects of exact-merge 3A and 3B that no merge can remove.

Each excuse is checked on evidence: the same question asked again on both sides with details and without paging. A
difference that no function here explains is a failure; those that one explains are counted, and bounded by the suite.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from typing import Any

from tests.engine.compare import difference
from tests.harness.client import Answer, Engine, Json

_FREED = ("limit", "offset", "page", "hitsPerPage", "facets", "rankingScoreThreshold", "distinct")
ROTATIONS = 6  # searches go to other replicas in turn, whose dictionaries differ: the effect shows on some only
_FORMATS = ("_formatted", "_matchesPosition")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The hits of both sides, by id in their order, with details and without paging."""

    one: dict[str, Json]
    many: dict[str, Json]

    @property
    def shared(self) -> list[str]:
        return [key for key in self.one if key in self.many]

    def typos(self, side: dict[str, Json], key: str) -> int:
        count: int = side[key]["_rankingScoreDetails"].get("typo", {}).get("typoCount", 0)
        return count


def excuse(engines: tuple[Engine, Engine], path: str, query: Json, answers: tuple[Answer, Answer]) -> str | None:
    """Why the answers of (one, many) may differ here; None when they may not."""
    if any(answer.status != 200 for answer in answers):
        return _fields(answers)
    if found := _spelling(answers):
        return found
    if (counts := _counting(answers)) and _loose(engines[0], path, query):
        return counts
    words = str(query.get("q") or "").split()
    if not words:
        return None
    for _ in range(ROTATIONS):
        if found := _vocabulary(words, _evidence(engines, path, query), answers):
            return found
    return _marks(answers)


def _vocabulary(words: list[str], evidence: Evidence, answers: tuple[Answer, Answer]) -> str | None:
    """The effects of 3A, most particular first."""
    return (
        _derivations(evidence)
        or _scale(words, evidence, answers)
        or _prefix_table(words, evidence)
        or _typo_buckets(words, evidence)
    )


def _evidence(engines: tuple[Engine, Engine], path: str, query: Json) -> Evidence:
    bare = {name: value for name, value in query.items() if name not in _FREED}
    bare |= {"limit": 1000, "showRankingScore": True, "showRankingScoreDetails": True, "attributesToRetrieve": ["id"]}
    sides = [engine.ask("POST", path, bare).body["hits"] for engine in engines]
    return Evidence(*({str(hit["id"]): hit for hit in hits} for hits in sides))


def _without(answer: Answer, names: tuple[str, ...], *, of_hits: tuple[str, ...] = ()) -> Answer:
    body = json.loads(answer.raw)
    for name in names:
        body.pop(name, None)
    for hit in body["hits"]:
        for name in of_hits:
            hit.pop(name, None)
    return Answer(answer.status, answer.headers, json.dumps(body).encode())


def _fields(answers: tuple[Answer, Answer]) -> str | None:
    """3B-25: the message of a field that cannot be searched lists the fields that its node knows."""
    same = {(answer.status, answer.code) for answer in answers}
    return "3B-25: fields a node knows" if same == {(400, "invalid_search_attributes_to_search_on")} else None


def _spelling(answers: tuple[Answer, Answer]) -> str | None:
    """3B-17: of several spellings of one facet value, a node shows that of its oldest candidate."""
    folded = []
    for answer in answers:
        body = answer.body
        for name, counts in body.get("facetDistribution", {}).items():
            plain = [(unicodedata.normalize("NFKD", value).strip().lower(), n) for value, n in counts.items()]
            body["facetDistribution"][name] = dict(plain)
        folded.append(Answer(answer.status, answer.headers, json.dumps(body).encode()))
    return "3B-17: spelling of a facet value" if difference(*folded) is None else None


def _loose(one: Engine, path: str, query: Json) -> bool:
    """Whether the node's own counts are estimates: a threshold, or `distinct` in the query or in the settings."""
    if "distinct" in query or "rankingScoreThreshold" in query:
        return True
    return one.get(path.replace("/search", "/settings/distinct-attribute")) is not None


_COUNTS = ("estimatedTotalHits", "facetDistribution", "facetStats")


def _counting(answers: tuple[Answer, Answer]) -> str | None:
    """3B-10, 13, 20: what is counted under `distinct` or a threshold depends on how far each node looked.

    A merged count may be too high, never below what is shown; hits and everything else must be equal, and so must the
    totals of page mode.
    """
    one, many = (_without(answer, _COUNTS) for answer in answers)
    if difference(one, many) is not None:
        return None
    total: Any = answers[1].body.get("estimatedTotalHits", answers[1].body.get("totalHits"))
    enough = total >= len(answers[1].body["hits"])
    return "3B: counts under distinct or a threshold" if enough else None


def _derivations(evidence: Evidence) -> str | None:
    """3A-1 and 3A-4: what a word may be a typo or a split of is cut short by the size of the dictionary."""
    strangers = [(evidence.one, key) for key in evidence.one if key not in evidence.many]
    strangers += [(evidence.many, key) for key in evidence.many if key not in evidence.one]
    if not strangers or any(evidence.typos(side, key) == 0 for side, key in strangers):
        return None
    return "3A-1/4: typo derivations"


def _scale(words: list[str], evidence: Evidence, answers: tuple[Answer, Answer]) -> str | None:
    """3A-5a: a concatenation of two words of the query occurs on some shard, so that the scale of `typo` differs."""
    if len(words) < 2 or list(evidence.one) != list(evidence.many):
        return None
    for key in evidence.shared:
        left, right = (side[key]["_rankingScoreDetails"] for side in (evidence.one, evidence.many))
        if {**left, "typo": None} != {**right, "typo": None} or evidence.typos(evidence.one, key) != evidence.typos(
            evidence.many, key
        ):
            return None
    scores = ("_rankingScore", "_rankingScoreDetails")
    left_answer, right_answer = (_without(answer, (), of_hits=scores) for answer in answers)
    return "3A-5a: scale of typo" if difference(left_answer, right_answer) is None else None


def _prefix_table(words: list[str], evidence: Evidence) -> str | None:
    """3A-3: whether a short last word is in the table of prefixes decides how reversed pairs count."""
    if len(words) < 2 or len(words[-1].strip('"').encode()) > 4 or set(evidence.one) != set(evidence.many):
        return None
    changed = [key for key in evidence.shared if _rule(evidence, key, "proximity")]
    return "3A-3: prefix table" if changed else None


def _typo_buckets(words: list[str], evidence: Evidence) -> str | None:
    """3A-5b to d: inside a bucket with typos, later rules follow the paths that survived on that node."""
    if len(words) < 2 or set(evidence.one) != set(evidence.many):
        return None
    changed = [key for key in evidence.shared if any(_rule(evidence, key, rule) for rule in ("proximity", "exactness"))]
    if not changed or any(evidence.typos(evidence.one, key) == 0 for key in changed):
        return None
    return "3A-5b-d: paths inside a typo bucket"


def _rule(evidence: Evidence, key: str, rule: str) -> bool:
    left, right = (side[key]["_rankingScoreDetails"].get(rule) for side in (evidence.one, evidence.many))
    return bool(left != right)


def _marks(answers: tuple[Answer, Answer]) -> str | None:
    """3A-8: how long a highlighted prefix is depends on the words in the dictionary."""
    one, many = (_without(answer, (), of_hits=_FORMATS) for answer in answers)
    return "3A-8: marked words" if difference(one, many) is None else None
